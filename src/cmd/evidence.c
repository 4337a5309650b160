/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/evidence.h"

#include "cmd/command.h"
#include "cmd/host.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "base/usage.h"
#include "config.h"

#include <string.h>

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

int evidence_open(const char *path, const struct watch_settings *settings, const struct scope *scope,
		  struct bundle_writer **ret)
{
	const struct host host = host_here();
	const struct bundle_about about = {
		.version = WHEREDROP_VERSION,
		.hostname = host.hostname,
		.kernel = host.kernel,
		.boot_id = host.boot_id,
		.cpus = host.cpus,
		.netns = scope->options.netns,
		.interface = text_or_empty(scope->options.interface),
		.target = text_or_empty(scope->options.target),
		.duration_ns = settings->duration_ns,
		.interval_ns = settings->interval_ns,
		.redacted = settings->redact,
	};
	int error = bundle_create(path, &about, ret);

	return error ? complain("cannot write the bundle to %s: %s", path, strerror(-error)) : 0;
}

void evidence_facts_here(struct evidence_facts *ret)
{
	*ret = (struct evidence_facts){
		.host = host_here(),
		.cpu_seconds = (double)clock_cpu_ns() / (double)NS_PER_S,
		.max_rss_bytes = usage_max_rss_bytes(),
	};
}

int evidence_close(const char *path, struct bundle_writer *writer, const struct watched *watched,
		   const struct evidence_facts *facts)
{
	struct bundle_end end = {
		.ended = watch_end_name(WATCH_CUT),
		.cpu_seconds = facts->cpu_seconds,
		.max_rss_bytes = facts->max_rss_bytes,
	};
	int error;

	if (watched) {
		end.result = watched->result;
		end.ended = watch_end_name(watched->end);
		end.waited_ns = watched->waited_ns;
	}
	error = bundle_close(writer, &end);
	return error ? complain("cannot write the bundle to %s: %s; what is in it can be read", path, strerror(-error))
		     : 0;
}

/* A namespace of the bundle by its name, its number, or the id of a process that was known to live in it. */
static uint64_t netns_in(const struct objects *objects, const char *word)
{
	uint64_t number;
	bool is_number = parse_u64(slice_of(word), &number) == 0 && number;
	const struct object *object;
	uint32_t id;

	each_object(objects, id, object) {
		uint64_t inode = object_netns_inode(object->key.netns);

		if (object->key.kind != OBJECT_NETNS)
			continue;
		if (strcmp(object_text(object, LABEL_NAME), word) == 0 ||
		    strcmp(object_text(object, LABEL_PATH), word) == 0 ||
		    (is_number && (number == inode || number == (uint64_t)object->pid)))
			return inode;
	}
	return 0;
}

static bool has_interface(const struct objects *objects, const char *name)
{
	const struct object *object;
	uint32_t id;

	each_object(objects, id, object) {
		if (object->key.kind == OBJECT_LINK && strcmp(object_text(object, LABEL_NAME), name) == 0)
			return true;
	}
	return false;
}

int evidence_narrow(const struct objects *objects, const struct bundle_about *about, const char *path,
		    const char *netns, struct scope *scope)
{
	struct diagnose_options *options = &scope->options;

	if (netns && strcmp(netns, "all") != 0)
		options->netns = netns_in(objects, netns);
	else
		options->netns = about->netns;
	if (netns && strcmp(netns, "all") != 0 && !options->netns)
		return complain("--netns %s: no such network namespace in %s", netns, path);
	if (about->netns && options->netns != about->netns)
		return complain("--netns %s: %s was recorded in another one only", netns, path);
	if (options->interface && !has_interface(objects, options->interface))
		return complain("--interface %s: no such interface in %s", options->interface, path);
	if (!options->interface && *about->interface)
		options->interface = about->interface;
	if (!options->target && *about->target)
		options->target = about->target;
	return 0;
}

bool evidence_is_bundle(const char *path)
{
	return strcmp(path, "-") != 0 && bundle_is_one(path);
}

void evidence_facts_free(struct evidence_facts *facts)
{
	char **note;

	vec_each(&facts->notes, note)
		free(*note);
	vec_free(&facts->notes);
}

int evidence_load(const char *path, const char *netns, struct scope *scope, struct watched *ret,
		  struct evidence_facts *ret_facts)
{
	struct bundle bundle;
	const char *why;

	if (bundle_read(path, &bundle, &why))
		return complain("cannot read %s: %s", path, why);
	if (evidence_narrow(bundle.objects, &bundle.about, path, netns, scope)) {
		bundle_free(&bundle);
		return STATUS_ERROR;
	}
	*ret = (struct watched){
		.objects = bundle.objects,
		.series = bundle.series,
		.result = bundle.end.result,
		.waited_ns = bundle.end.waited_ns,
		.end = watch_end_of(bundle.end.ended),
	};
	*ret_facts = (struct evidence_facts){
		.host = { bundle.about.hostname, bundle.about.kernel, bundle.about.boot_id, bundle.about.cpus },
		.cpu_seconds = bundle.end.cpu_seconds,
		.max_rss_bytes = bundle.end.max_rss_bytes,
		.cut = bundle.cut,
		.skipped = bundle.skipped,
	};
	return 0;
}
