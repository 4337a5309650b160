/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/baseline.h"

#include "cmd/command.h"

#include "diagnose/diagnose.h"

#include "base/alloc.h"

#include <string.h>

static const struct object *netns_of(const struct objects *objects, uint64_t inode)
{
	const struct object *object;
	uint32_t id;

	each_object(objects, id, object) {
		if (object->key.kind == OBJECT_NETNS && object_netns_inode(object->key.netns) == inode)
			return object;
	}
	return NULL;
}

/* A namespace as the baseline has it: of the same name, or without one of the same number, which another start forgets. 0: none. */
static uint64_t same_netns(const struct object *netns, const struct objects *objects, bool rebooted)
{
	const char *name = netns ? object_text(netns, LABEL_NAME) : "";
	const struct object *object;
	uint32_t id;

	each_object(objects, id, object) {
		if (object->key.kind != OBJECT_NETNS)
			continue;
		if (*name ? strcmp(object_text(object, LABEL_NAME), name) == 0
			  : netns && !rebooted && object->key.netns == netns->key.netns)
			return object_netns_inode(object->key.netns);
	}
	return 0;
}

/* What was asked of the second recording, asked of the baseline. False: it does not have that. */
static bool ask_the_same(const struct diagnosis *diagnosis, const struct diagnose_options *options,
			 const struct baseline *baseline, struct diagnose_options *ret)
{
	uint64_t recorded = ret->netns; /* the only one, or 0 */

	ret->interface = options->interface;
	ret->target = options->target;
	if (!options->netns || recorded)
		return true;
	ret->netns = same_netns(netns_of(series_objects(diagnosis->series), options->netns), baseline->watched.objects,
				baseline->answer.rebooted);
	return ret->netns;
}

static void nothing_to_compare(struct comparison *ret)
{
	char **line = vec_add(&ret->apart, 1);

	if (line)
		*line = mem_strdup("the network namespace that was asked about is not in the baseline");
}

int baseline_compare(const char *path, const struct diagnosis *diagnosis, const struct diagnose_options *options,
		     const struct evidence_facts *facts, struct baseline *ret)
{
	struct compare_side sides[SIDE_COUNT];
	struct scope scope;

	*ret = (struct baseline){ 0 };
	if (scope_find(NULL, NULL, NULL, &scope) ||
	    evidence_load_baseline(path, NULL, &scope, &ret->watched, &ret->facts))
		return STATUS_ERROR;
	ret->answer = (struct answer_baseline){
		.comparison = &ret->comparison,
		.start_wall_ns = series_start_wall_ns(ret->watched.series),
		.seconds = series_seconds(ret->watched.series),
		.rebooted = strcmp(facts->host.boot_id, ret->facts.host.boot_id) != 0,
	};
	if (!ask_the_same(diagnosis, options, ret, &scope.options)) {
		nothing_to_compare(&ret->comparison);
		return 0;
	}
	diagnose(ret->watched.series, &scope.options, &ret->diagnosis);
	sides[SIDE_A] = (struct compare_side){ diagnosis, facts->host.kernel, facts->host.cpus };
	sides[SIDE_B] = (struct compare_side){ &ret->diagnosis, ret->facts.host.kernel, ret->facts.host.cpus };
	compare(sides, &ret->comparison);
	return 0;
}

void baseline_free(struct baseline *baseline)
{
	comparison_free(&baseline->comparison);
	if (baseline->diagnosis.series)
		diagnosis_free(&baseline->diagnosis);
	evidence_facts_free(&baseline->facts);
	watched_free(&baseline->watched);
}
