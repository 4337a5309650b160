/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that two programs show. Today's iptables makes nftables' rules: `nft list ruleset` and `iptables-save` tell of the same
 * ones, and a packet that one of them dropped would be counted twice. nft's are kept, unless iptables says that its own are the
 * old kind, which nft does not show.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <string.h>

struct told_by_nft {
	uint32_t netns;
	const char *counter; /* "rule.packets": each of the two has one of that name */
	const char *table;   /* "ip filter" */
};

#define TOLD_MAX 4096

struct list {
	VEC(struct told_by_nft) told;
};

static bool is_told(const struct list *list, uint32_t netns, const char *counter, const char *table)
{
	const struct told_by_nft *told;

	vec_each(&list->told, told) {
		if (told->netns == netns && strcmp(told->counter, counter) == 0 && strcmp(told->table, table) == 0)
			return true;
	}
	return false;
}

/* What nft counts of which of its tables. */
static void collect(const struct reading *reading, const struct objects *objects, struct list *list)
{
	const struct sample *sample;

	vec_each(&reading->snapshot.samples, sample) {
		const struct object *object = object_get(objects, sample->object);
		const char *table = object_text(object, LABEL_TABLE);
		struct told_by_nft *told;

		if (object->key.kind != OBJECT_RULE || *object_text(object, LABEL_DRIVER) ||
		    is_told(list, object->netns, counter_name(sample->counter), table))
			continue;
		told = vec_add(&list->told, TOLD_MAX);
		if (told)
			*told = (struct told_by_nft){ object->netns, counter_name(sample->counter), table };
	}
}

/* iptables' filter is nft's "ip filter". Policies stay: nft does not count them. */
static bool is_twin(const struct list *list, const struct objects *objects, const struct sample *sample)
{
	const struct object *object = object_get(objects, sample->object);
	const char *tool = object_text(object, LABEL_DRIVER);
	CLEANUP_TEXT struct text table = { 0 };

	if (object->key.kind != OBJECT_RULE || strcmp(object_text(object, LABEL_KIND), "rule") != 0 || !*tool)
		return false;
	text_addf(&table, "%s %s", strcmp(tool, "ip6tables") == 0 ? "ip6" : "ip", object_text(object, LABEL_TABLE));
	return is_told(list, object->netns, counter_name(sample->counter), text_string(&table));
}

/* Whether /proc/net/raw was read. */
static bool has_raw_file(const struct readings *readings)
{
	const struct reading *reading;
	const struct coverage *coverage;

	vec_each(&readings->list, reading) {
		vec_each(&reading->snapshot.coverage, coverage) {
			if (coverage->source == SOURCE_RAW)
				return true;
		}
	}
	return false;
}

/* Raw sockets as ss tells of them, which has no number that the file has, too: the file is kept. */
static void leave_out_raw(struct reading *reading)
{
	const struct coverage *coverage;
	size_t kept = 0;

	vec_each(&reading->snapshot.coverage, coverage) {
		if (coverage->source == SOURCE_RAW)
			return;
	}
	for (size_t i = 0; i < reading->snapshot.samples.count; i++) {
		const struct sample *sample = &reading->snapshot.samples.data[i];

		if (sample->counter != C_RAW_DROPS && sample->counter != C_RAW_RMEM)
			reading->snapshot.samples.data[kept++] = *sample;
	}
	reading->snapshot.samples.count = kept;
}

void readings_settle_twins(struct readings *readings, const struct objects *objects)
{
	struct list list = { 0 };
	struct reading *reading;
	bool raw = has_raw_file(readings);

	vec_each(&readings->list, reading)
		collect(reading, objects, &list);
	vec_each(&readings->list, reading) {
		size_t kept = 0;

		if (raw)
			leave_out_raw(reading);
		for (size_t i = 0; i < reading->snapshot.samples.count && list.told.count; i++) {
			const struct sample *sample = &reading->snapshot.samples.data[i];

			if (reading->old_rules || !is_twin(&list, objects, sample))
				reading->snapshot.samples.data[kept++] = *sample;
		}
		reading->snapshot.samples.count = list.told.count ? kept : reading->snapshot.samples.count;
	}
	vec_free(&list.told);
}
