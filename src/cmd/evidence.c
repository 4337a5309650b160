/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/evidence.h"

#include "cmd/command.h"
#include "cmd/host.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "base/usage.h"
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* Whether a second recording of this host can be added to the file. 0 and *ret, or STATUS_ERROR after one line on stderr. */
static int look_before_adding(const char *path, const struct bundle_about *about, struct bundle_look *ret)
{
	const char *why;

	if (bundle_look(path, ret, &why))
		return complain("cannot add to %s: %s", path, why);
	if (ret->about.part != BUNDLE_BASELINE)
		return complain("%s holds no baseline (record --baseline), so that nothing can be added to it", path);
	if (!ret->whole || !ret->holds)
		return complain("the baseline in %s has no end: nothing can be added to it", path);
	if (ret->followed && !ret->bytes)
		return complain("%s holds a second recording already, packed together with its baseline", path);
	if (ret->followed)
		return complain("%s holds a second recording already; for another: head -c %llu %s >NEW, which is its "
				"baseline, and then record --during NEW",
				path, (unsigned long long)ret->bytes, path);
	if (strcmp(ret->about.hostname, about->hostname) != 0)
		return complain("the baseline in %s is of the host %s, and this is %s", path, ret->about.hostname,
				about->hostname);
	if (ret->about.redacted)
		return complain("the baseline in %s is redacted: it has other names than what would be added", path);
	if (!ret->about.netns != !about->netns)
		return complain("the baseline in %s is of %s: record the same now (--netns)", path,
				ret->about.netns ? "one network namespace" : "every network namespace");
	return 0;
}

/*
 * What was recorded while packets were lost does not come back, and neither does the time before: nothing replaces the one,
 * and only another baseline the other. 0, or STATUS_ERROR after one line on stderr.
 */
static int look_before_replacing(const char *path, const struct bundle_about *about)
{
	struct bundle_look look;
	const char *why;

	if (bundle_look(path, &look, &why))
		return 0;
	if (look.during)
		return complain("%s holds what was recorded --during: name another file, or remove it", path);
	if (look.about.part == BUNDLE_BASELINE && about->part != BUNDLE_BASELINE)
		return complain("%s holds a baseline: record --during adds to it; else name another file, or remove it",
				path);
	return 0;
}

static int open_bundle(const char *path, const struct bundle_about *about, struct bundle_writer **ret)
{
	struct bundle_look look;
	int error;

	if (about->part == BUNDLE_DURING ? look_before_adding(path, about, &look) : look_before_replacing(path, about))
		return STATUS_ERROR;
	if (about->part == BUNDLE_DURING)
		error = bundle_append(path, look.bytes, about, ret);
	else
		error = bundle_create(path, about, ret);
	if (error == -EBUSY)
		return complain("cannot add to %s: another program is adding to it", path);
	return error ? complain("cannot write the bundle to %s: %s", path, strerror(-error)) : 0;
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
		.part = settings->part,
	};

	return open_bundle(path, &about, ret);
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

void evidence_note(struct evidence_facts *facts, char *line)
{
	char **slot = vec_add(&facts->notes, EVIDENCE_NOTES_MAX);

	if (slot)
		*slot = line;
	else
		free(line);
}

void evidence_facts_free(struct evidence_facts *facts)
{
	char **note;

	vec_each(&facts->notes, note)
		free(*note);
	vec_free(&facts->notes);
}

/* Takes the bundle over. */
static int use(struct bundle *bundle, const char *path, const char *netns, struct scope *scope, struct watched *ret,
	       struct evidence_facts *ret_facts)
{
	if (evidence_narrow(bundle->objects, &bundle->about, path, netns, scope)) {
		bundle_free(bundle);
		return STATUS_ERROR;
	}
	*ret = (struct watched){
		.objects = bundle->objects,
		.series = bundle->series,
		.result = bundle->end.result,
		.waited_ns = bundle->end.waited_ns,
		.end = watch_end_of(bundle->end.ended),
	};
	*ret_facts = (struct evidence_facts){
		.host = { bundle->about.hostname, bundle->about.kernel, bundle->about.boot_id, bundle->about.cpus },
		.cpu_seconds = bundle->end.cpu_seconds,
		.max_rss_bytes = bundle->end.max_rss_bytes,
		.cut = bundle->cut,
		.skipped = bundle->skipped,
		.part = bundle->about.part,
	};
	return 0;
}

int evidence_load(const char *path, const char *netns, struct scope *scope, struct watched *ret,
		  struct evidence_facts *ret_facts)
{
	struct bundle bundle;
	const char *why;

	if (bundle_read(path, &bundle, &why))
		return complain("cannot read %s: %s", path, why);
	if (use(&bundle, path, netns, scope, ret, ret_facts))
		return STATUS_ERROR;
	if (bundle.followed)
		evidence_note(ret_facts, mem_strdup("the second recording in the file was cut off before its first "
						    "reading: this is the answer from the baseline"));
	else if (bundle.about.part == BUNDLE_BASELINE)
		evidence_note(ret_facts, text_format("this is a baseline, to which nothing was added yet (wheredrop "
						     "record --during %s)",
						     path));
	return 0;
}

int evidence_load_baseline(const char *path, const char *netns, struct scope *scope, struct watched *ret,
			   struct evidence_facts *ret_facts)
{
	struct bundle bundle;
	const char *why;

	if (bundle_read_baseline(path, &bundle, &why))
		return complain("cannot read the baseline in %s: %s", path, why);
	return use(&bundle, path, netns, scope, ret, ret_facts);
}
