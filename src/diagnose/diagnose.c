/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The diagnosis: ledger, detectors, harm, order, coverage, verdict. Everything
 * that a renderer shows is decided here.
 */
#include "diagnose/diagnose.h"

#include "diagnose/detection.h"
#include "diagnose/judge.h"

#include "base/alloc.h"

#include <string.h>

static bool in_scope(const struct detection *detection, const struct finding *finding)
{
	const struct diagnose_options *options = detection->options;
	const struct object *object = object_get(detection->objects, finding->object);
	const struct object *netns = object_netns(detection->objects, object);
	const struct object *link = object_link(detection->objects, object);
	const char *remote = object_text(object, LABEL_REMOTE);

	if (options->netns && netns && object_netns_inode(netns->key.netns) != options->netns)
		return false;
	if (options->interface && link && strcmp(object_text(link, LABEL_NAME), options->interface) != 0)
		return false;
	if (options->target && *remote && !address_is_among(remote, options->target))
		return false;
	return true;
}

/*
 * What a finding weighs. Loss beyond this host is told from symptoms, which a loss proved here may have caused as
 * well: it counts half. Copies and kernel messages that a program missed are no loss of the network.
 */
static uint64_t weight(const struct finding *finding)
{
	if (finding->cause == CAUSE_NETLINK_OVERRUN || finding->cause == CAUSE_RAW_RECEIVE_BUFFER_FULL ||
	    finding->cause == CAUSE_PACKET_SOCKET_OVERFLOW)
		return 0;
	return cause_get(finding->cause)->domain == DOMAIN_PATH ? finding->packets / 2 : finding->packets;
}

/* Harmful ones first, then what lost most. */
static int compare_findings(const void *left, const void *right)
{
	const struct finding *a = *(const struct finding *const *)left, *b = *(const struct finding *const *)right;

	if (a->harmful != b->harmful)
		return a->harmful ? -1 : 1;
	if (weight(a) != weight(b))
		return weight(a) > weight(b) ? -1 : 1;
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence ? -1 : 1;
	return a->cause < b->cause ? -1 : a->cause > b->cause;
}

static void add_to(struct findings *findings, struct finding *finding)
{
	struct finding **slot = vec_add(&findings->list, FINDINGS_MAX);

	if (slot)
		*slot = finding;
	else
		finding_free(finding);
}

static const char *innocent_reason(const struct finding *finding)
{
	switch (cause_get(finding->cause)->class) {
	case CAUSE_PRESSURE:
		return "close to a limit, but nothing was lost";
	case CAUSE_INNOCENT:
		return "it hurts nobody";
	case CAUSE_LOSS:
	case CAUSE_BECAUSE:
		break;
	}
	return harm_why(finding->cause);
}

/* What a loss below its harm rule is called where the same counter has a harmless everyday reason. */
static enum cause harmless_twin(enum cause cause)
{
	static const struct {
		enum cause harmful, harmless;
	} twins[] = {
		{ CAUSE_MTU_EXCEEDED, CAUSE_PMTUD_WORKING },
		{ CAUSE_QDISC_AQM_DROP, CAUSE_AQM_SIGNAL },
		{ CAUSE_PAWS_REJECT, CAUSE_DUPLICATE_SEGMENTS },
		{ CAUSE_TCP_SEQUENCE_REJECT, CAUSE_DUPLICATE_SEGMENTS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(twins); i++) {
		if (twins[i].harmful == cause)
			return twins[i].harmless;
	}
	return cause;
}

/*
 * Whether something tells of it besides totals since boot: what moved between two readings, or a line of the kernel log, which
 * is one occasion of many.
 */
static bool is_told_otherwise(const struct finding *finding)
{
	const struct evidence *evidence;

	vec_each(&finding->evidence, evidence) {
		const struct counter *counter = counter_get(evidence->counter);
		bool tells = counter->kind == KIND_DROP || counter->kind == KIND_SYMPTOM || counter->kind == KIND_EVENT;

		if (evidence->delta && counter->form != FORM_GAUGE &&
		    (counter->source == SOURCE_KERNEL_LOG || (tells && !(evidence->state & CELL_SINCE_BOOT))))
			return true;
	}
	return false;
}

#define SINCE_BOOT_LEAST 100 /* packets: in the days and months since boot every host loses a handful */

/* That packets were lost, not when: never more than possible. */
static void judge_since_boot(struct finding *finding)
{
	finding->confidence = CONFIDENCE_POSSIBLE;
	if (finding->harmful && finding->packets < SINCE_BOOT_LEAST && !is_told_otherwise(finding)) {
		finding->harmful = false;
		finding->why_innocent = "so few since boot are everyday";
	}
}

/* Splits what the detectors found into findings and innocent ones. */
static void classify(struct diagnosis *diagnosis, struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		struct finding *finding = *slot;

		if (!in_scope(detection, finding)) {
			finding_free(finding);
			continue;
		}
		finding->harmful = finding_is_harmful(diagnosis->series, finding);
		if (finding_is_since_boot(finding))
			judge_since_boot(finding);
		finding_spread(diagnosis->series, finding);
		if (finding->harmful)
			finding_effects(diagnosis->series, finding);
		finding_next(finding, finding->harmful ? cause_get(finding->cause)->next : NULL);
		if (!finding->harmful && !finding->why_innocent)
			finding->why_innocent = innocent_reason(finding);
		if (!finding->harmful)
			finding->cause = harmless_twin(finding->cause);
		add_to(finding->harmful ? &diagnosis->findings : &diagnosis->innocent, finding);
	}
	vec_clear(&detection->found->list); /* each is in one of the two, or gone */
	findings_free(detection->found);
	vec_sort(&diagnosis->findings.list, compare_findings);
	vec_sort(&diagnosis->innocent.list, compare_findings);
}

static bool entry_in_scope(const struct detection *detection, const struct entry *entry)
{
	struct finding probe = { .object = entry->object };

	return in_scope(detection, &probe);
}

#define UNEXPLAINED_MAX 64

static void unexplained(struct diagnosis *diagnosis, const struct detection *detection)
{
	for (size_t i = 0; i < ledger_entries(diagnosis->ledger); i++) {
		const struct entry *entry = ledger_entry_at(diagnosis->ledger, i);
		const struct cell *cell = series_cell(diagnosis->series, entry->counter, entry->object);
		const struct counter *counter = counter_get(entry->counter);
		struct evidence *slot;

		if (!entry_left(entry) || !entry_in_scope(detection, entry))
			continue;
		slot = vec_add(&diagnosis->unexplained, UNEXPLAINED_MAX);
		if (!slot)
			return;
		*slot = (struct evidence){
			.counter = entry->counter,
			.object = entry->object,
			.before = cell ? cell->first : 0,
			.after = cell ? cell->last : entry_left(entry),
			.delta = entry_left(entry),
			.state = cell ? cell->state : 0,
			.note = counter->unclassified ? "unclassified: no table knows this counter" : NULL,
		};
		if (counter->domain < DOMAIN_COUNT)
			diagnosis->domains[counter->domain].unexplained += entry_left(entry);
	}
}

/* Packets per domain by what was found, each once; innocent ones apart. */
static void sum_domains(struct diagnosis *diagnosis)
{
	struct finding **finding;

	ledger_sum(diagnosis->ledger, &diagnosis->sum);
	memset(diagnosis->sum.domains, 0, sizeof(diagnosis->sum.domains));
	vec_each(&diagnosis->findings.list, finding)
		diagnosis->domains[cause_get((*finding)->cause)->domain].harmful += (*finding)->packets;
	vec_each(&diagnosis->innocent.list, finding)
		diagnosis->domains[cause_get((*finding)->cause)->domain].innocent += (*finding)->packets;
	for (size_t d = 0; d < DOMAIN_COUNT; d++)
		diagnosis->sum.domains[d] = diagnosis->domains[d].harmful + diagnosis->domains[d].unexplained;
}

/* A harmful number of packets vanished and nothing tells why: that is not "no loss". */
static bool puzzling(const struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < ledger_entries(diagnosis->ledger); i++) {
		const struct entry *entry = ledger_entry_at(diagnosis->ledger, i);
		const struct finding probe = { .cause = CAUSE_SILENT_IP_DROP, .packets = entry_left(entry) };

		if (entry->counter == C_IP_SILENT && finding_is_harmful(diagnosis->series, &probe))
			return true;
	}
	return false;
}

static void decide(struct diagnosis *diagnosis)
{
	bool all_observed = true;

	for (size_t d = 0; d < DOMAIN_COUNT; d++)
		all_observed &= d == DOMAIN_PATH || d == DOMAIN_APPLICATION || diagnosis->domains[d].observed;
	all_observed &= !puzzling(diagnosis);
	if (diagnosis->findings.list.count) {
		diagnosis->first = diagnosis->findings.list.data[0];
		diagnosis->loss = LOSS_YES;
	} else {
		diagnosis->loss = all_observed ? LOSS_NO : LOSS_UNKNOWN;
	}
	diagnosis->summary = diagnose_summary(diagnosis);
}

void diagnose(const struct series *series, const struct diagnose_options *options, struct diagnosis *ret)
{
	struct findings found = { 0 };
	struct peers peers = { 0 };
	struct detection detection = { series, series_objects(series), NULL, &found, options, &ret->events, &peers };

	*ret = (struct diagnosis){ .series = series, .ledger = ledger_new(series) };
	detection.ledger = ret->ledger;
	for (size_t i = 0; detector_at(i); i++)
		detector_at(i)(&detection);
	ret->events_lost = ret->events.nameless;
	classify(ret, &detection);
	unexplained(ret, &detection);
	sum_domains(ret);
	diagnose_coverage(ret);
	decide(ret);
	peers_free(&peers);
}
