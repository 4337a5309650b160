/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a bundle says of itself, at the beginning and at the end of a recording; and what a file holds, read without its numbers. */
#include "evidence/bundle_json.h"
#include "evidence/bundle_parts.h"

#include <errno.h>

static enum bundle_part part_of(const char *name)
{
	if (name && strcmp(name, "baseline") == 0)
		return BUNDLE_BASELINE;
	return name && strcmp(name, "during") == 0 ? BUNDLE_DURING : BUNDLE_ALONE;
}

const char *bundle_part_name(enum bundle_part part)
{
	static const char *const names[] = { NULL, "baseline", "during" };

	return names[part];
}

enum source_id bundle_source(const char *name)
{
	enum source_id source = 0;

	while (name && source < SOURCE_COUNT && strcmp(source_id_name(source), name) != 0)
		source++;
	return name ? source : SOURCE_COUNT;
}

static const char *manifest_error(const json_t *json)
{
	const char *format = json_string_value(json_object_get(json, "format"));

	if (!format || strcmp(format, "wheredrop bundle") != 0)
		return "it is no bundle of wheredrop";
	if (number_of(json, "version") > BUNDLE_VERSION)
		return "it was made by a newer wheredrop, whose bundles this one cannot read";
	return NULL;
}

const char *bundle_take_manifest(const struct text *content, struct bundle_about *ret,
				 struct bundle_sources *ret_sources)
{
	json_t *json = json_loadb(text_string(content), content->length, 0, NULL);
	const json_t *host = json_object_get(json, "host"), *asked = json_object_get(json, "asked"), *name;
	const char *error = manifest_error(json);
	size_t i;

	*ret = (struct bundle_about){
		.version = kept(json, "tool"),
		.hostname = kept(host, "hostname"),
		.kernel = kept(host, "kernel"),
		.boot_id = kept(host, "boot_id"),
		.cpus = (unsigned int)number_of(host, "cpus"),
		.netns = wide_of(asked, "netns_inode"),
		.interface = kept(asked, "interface"),
		.target = kept(asked, "target"),
		.duration_ns = number_of(asked, "duration_ns"),
		.interval_ns = number_of(asked, "interval_ns"),
		.redacted = number_of(json, "redacted"),
		.part = part_of(json_string_value(json_object_get(json, "part"))),
	};
	vec_clear(&ret_sources->list);
	json_each(json_object_get(json, "sources"), i, name)
	{
		uint32_t *slot = vec_add(&ret_sources->list, 1000);

		if (slot)
			*slot = bundle_source(json_string_value(name));
	}
	json_decref(json);
	return error;
}

void bundle_take_end(const struct text *content, struct bundle_end *end)
{
	json_t *json = json_loadb(text_string(content), content->length, 0, NULL);

	end->ended = kept(json, "ended");
	end->result.interval_ns = number_of(json, "interval_ns");
	end->result.max_gap_ns = number_of(json, "max_gap_ns");
	end->result.ticks = number_of(json, "ticks");
	end->result.late_ticks = number_of(json, "late_ticks");
	end->result.namespaces = number_of(json, "namespaces");
	end->result.helper_failures = number_of(json, "helper_failures");
	end->result.thinned = (unsigned int)number_of(json, "thinned");
	end->result.stopped = number_of(json, "stopped");
	end->waited_ns = number_of(json, "waited_ns");
	end->max_rss_bytes = number_of(json, "max_rss_bytes");
	end->cpu_seconds = json_number_value(json_object_get(json, "cpu_seconds"));
	json_decref(json);
}

const char *bundle_name_during(const char *name)
{
	size_t length = strlen(BUNDLE_DURING_PREFIX);

	return strncmp(name, BUNDLE_DURING_PREFIX, length) == 0 ? name + length : NULL;
}

/* What the names of the files tell. */
static void look_at(struct bundle_look *look, const char *name)
{
	const char *during = bundle_name_during(name);

	look->followed |= during != NULL;
	if (strcmp(name, BUNDLE_END) == 0)
		look->whole = true;
	else if (during && strncmp(during, BUNDLE_WINDOW_PREFIX, strlen(BUNDLE_WINDOW_PREFIX)) == 0)
		look->during = true;
	else if (strncmp(name, BUNDLE_WINDOW_PREFIX, strlen(BUNDLE_WINDOW_PREFIX)) == 0)
		look->holds = true;
}

/* Where the first recording ends in the file; nowhere when others have packed it together with the second one. */
static void look_at_frame(struct bundle_look *look, const struct bundle_in *in)
{
	bool more;

	bundle_in_frame(in, &look->bytes, &more);
	if (look->followed && !more)
		look->bytes = 0;
	look->followed |= more;
}

int bundle_look(const char *path, struct bundle_look *ret, const char **ret_why)
{
	struct bundle_look look = { 0 };
	struct bundle_sources sources = { 0 };
	const struct text *content;
	struct bundle_in *in;
	const char *name;
	int error = bundle_in_open(path, &in, ret_why);

	if (error)
		return error;
	*ret_why = "it is no bundle of wheredrop";
	if (bundle_in_next(in, &name, &content) && strcmp(name, BUNDLE_MANIFEST) == 0)
		*ret_why = bundle_take_manifest(content, &look.about, &sources);
	/* Only a baseline is followed by anything. */
	while (!*ret_why && look.about.part == BUNDLE_BASELINE && !look.during && bundle_in_next(in, &name, &content))
		look_at(&look, name);
	look_at_frame(&look, in);
	look.whole &= look.bytes || look.followed;
	vec_free(&sources.list);
	bundle_in_close(in);
	if (*ret_why)
		return -EPROTO;
	*ret = look;
	return 0;
}
