/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stable output "wheredrop.diagnosis/1", described by docs/diagnosis.schema.json. Names never change their meaning;
 * new ones may be added. What is unknown is null. Characters that a terminal would act on are escaped before JSON's own
 * escapes, as in every other format.
 */
#include "render/baseline.h"
#include "render/json_part.h"
#include "render/part.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config.h"

#include <string.h>

static void set_label(json_t *json, const char *name, const struct object *object, enum label label)
{
	if (object && *object_text(object, label))
		json_set(json, name, json_text(object_text(object, label)));
}

static void set_process(json_t *json, const struct object *process)
{
	if (process->pid)
		json_set(json, "pid", json_integer(process->pid));
	set_label(json, "comm", process, LABEL_COMM);
	set_label(json, "container", process, LABEL_CONTAINER);
	set_label(json, "service", process, LABEL_SERVICE);
	set_label(json, "cgroup", process, LABEL_CGROUP);
}

static void set_netns(json_t *json, const struct answer *answer, const struct object *object)
{
	const struct object *netns = object_netns(answer_objects(answer), object);

	if (!netns)
		return;
	if (netns->key.netns == objects_home(answer_objects(answer)))
		json_set(json, "netns", json_string("host"));
	else if (*object_text(netns, LABEL_NAME))
		json_set(json, "netns", json_text(object_text(netns, LABEL_NAME)));
	json_set(json, "netns_inode", json_count(object_netns_inode(netns->key.netns)));
}

static void set_rule(json_t *json, const struct object *rule)
{
	json_set(json, "rule",
		 json_text(*object_text(rule, LABEL_TEXT) ? object_text(rule, LABEL_TEXT)
							  : object_text(rule, LABEL_NAME)));
	set_label(json, "table", rule, LABEL_TABLE);
	set_label(json, "chain", rule, LABEL_CHAIN);
	set_label(json, "hook", rule, LABEL_HOOK);
}

/* What only objects of one kind have. */
static void set_particulars(json_t *json, const struct object *object)
{
	enum object_kind kind = object->key.kind;

	if (kind == OBJECT_CPU)
		json_set(json, "cpu", json_count(object->key.a));
	else if (kind == OBJECT_QUEUE)
		json_set(json, "queue", json_count((uint32_t)object->key.b));
	else if (kind == OBJECT_RULE || kind == OBJECT_CHAIN)
		set_rule(json, object);
	else if (kind == OBJECT_PROCESS)
		set_process(json, object);
	else if (kind == OBJECT_SOCKET)
		set_label(json, "socket", object, LABEL_NAME);
	else if (kind == OBJECT_QDISC || kind == OBJECT_CLASS)
		set_label(json, "qdisc", object, LABEL_NAME);
	else if (kind == OBJECT_ROUTE)
		set_label(json, "route", object, LABEL_TEXT);
	else if (kind == OBJECT_NEIGHBOUR)
		set_label(json, "neighbour", object, LABEL_ADDRESS);
	else if (kind == OBJECT_ACTION)
		set_label(json, "action", object, LABEL_NAME);
	else if (kind == OBJECT_ADDRESS)
		set_label(json, "address", object, LABEL_ADDRESS);
	else if (kind == OBJECT_CGROUP)
		set_label(json, "cgroup", object, LABEL_CGROUP);
}

static json_t *json_of_object(const struct answer *answer, uint32_t id)
{
	const struct object *object = answer_object(answer, id);
	const struct object *link = object_link(answer_objects(answer), object);
	CLEANUP_TEXT struct text name = { 0 };
	json_t *json = json_object();

	object_describe_placed(answer_objects(answer), object, &name);
	json_set(json, "kind", json_string(object_kind_name(object->key.kind)));
	json_set(json, "name", json_text(text_string(&name)));
	set_netns(json, answer, object);
	set_label(json, "ifname", link, LABEL_NAME);
	set_label(json, "driver", link, LABEL_DRIVER);
	set_label(json, "firmware", link, LABEL_FIRMWARE);
	set_label(json, "switch", link, LABEL_SWITCH);
	set_particulars(json, object);
	if (object->owner)
		set_process(json, answer_object(answer, object->owner));
	else if (object->key.kind != OBJECT_PROCESS)
		set_label(json, "container", object_netns(answer_objects(answer), object), LABEL_CONTAINER);
	return json;
}

static json_t *json_evidence(const struct answer *answer, const struct evidence *evidence)
{
	const struct counter *counter = counter_get(evidence->counter);
	CLEANUP_TEXT struct text instance = { 0 }, check = { 0 };
	bool level = evidence_is_level(evidence);
	json_t *json = json_object();

	object_describe_placed(answer_objects(answer), answer_object(answer, evidence->object), &instance);
	evidence_check(answer, evidence, &check);
	json_set(json, "counter", json_text(counter->name));
	json_set(json, "instance", json_text(text_string(&instance)));
	json_set(json, "before", json_count(evidence->before));
	json_set(json, "after", json_count(evidence->after));
	/* A level may fall; a total only rises. */
	json_set(json, "delta",
		 level ? json_integer((json_int_t)(evidence->after - evidence->before)) : json_count(evidence->delta));
	json_set(json, "unit", json_known(unit_name(counter->unit)));
	json_set(json, "form", json_string(level ? "level" : "total"));
	json_set(json, "source", json_string(source_id_name(counter->source)));
	json_set(json, "check", json_known(text_string(&check)));
	json_set(json, "meaning", json_known(counter->meaning));
	json_set(json, "note", json_known(evidence->note));
	json_set(json, "state", json_known(evidence_state(evidence)));
	json_set(json, "unclassified", json_boolean(counter->unclassified));
	return json;
}

static json_t *json_evidence_list(const struct answer *answer, const struct evidence *evidence, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_evidence(answer, &evidence[i]));
	return list;
}

static json_t *json_because(const struct answer *answer, const struct finding *finding)
{
	json_t *list = json_array();
	const struct because *because;

	vec_each(&finding->because, because) {
		const struct cause_row *row = cause_get(because->cause);
		CLEANUP_TEXT struct text mechanism = { 0 };
		json_t *json = json_object();

		cause_describe(answer_objects(answer), because->cause, because->object, &mechanism);
		json_set(json, "cause", json_string(row->id));
		json_set(json, "where", json_string(domain_id(row->domain)));
		json_set(json, "owner", json_string(owner_id(row->owner)));
		json_set(json, "mechanism", json_text(text_string(&mechanism)));
		json_set(json, "object", json_of_object(answer, because->object));
		json_set(json, "evidence", json_evidence_list(answer, because->evidence.data, because->evidence.count));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_because_ids(const struct finding *finding)
{
	json_t *list = json_array();
	const struct because *because;

	vec_each(&finding->because, because)
		json_array_append_new(list, json_string(cause_id(because->cause)));
	return list;
}

static json_t *json_remedy(const struct answer *answer, const struct remedy *remedy, uint32_t object)
{
	CLEANUP_TEXT struct text text = { 0 };
	const char *cursor = remedy->commands;
	json_t *json = json_object(), *commands = json_array();

	while (remedy_command(answer, object, &cursor, &text))
		json_array_append_new(commands, json_string(text_string(&text)));
	text_clear(&text);
	sentence_fill(answer, object, remedy->action, &text);
	json_set(json, "action", json_text(text_string(&text)));
	json_set(json, "commands", commands);
	text_clear(&text);
	sentence_fill(answer, object, remedy->risk, &text);
	json_set(json, "risk", json_text(text_string(&text)));
	json_set(json, "persistent", json_boolean(remedy->persistent));
	return json;
}

static json_t *json_remedies(const struct answer *answer, const struct finding *finding)
{
	json_t *list = json_array();
	const struct remedy *remedy;
	uint32_t object;

	for (size_t i = 0; (remedy = finding_remedy(answer, finding, i, &object)); i++)
		json_array_append_new(list, json_remedy(answer, remedy, object));
	return list;
}

static json_t *json_next(const struct answer *answer, const struct finding *finding)
{
	json_t *list = json_array();
	const char **next;

	vec_each(&finding->next, next) {
		CLEANUP_TEXT struct text text = { 0 };

		sentence_fill(answer, finding->object, *next, &text);
		json_array_append_new(list, json_text(text_string(&text)));
	}
	return list;
}

/* What the verdict repeats of the first finding. */
static void set_figures(json_t *json, const struct answer *answer, const struct finding *finding)
{
	json_set(json, "confidence", json_string(confidence_name(finding->confidence)));
	json_set(json, "owner", json_string(owner_id(finding_owner(finding))));
	json_set(json, "packets", json_count(finding->packets));
	json_set(json, "skbs", finding->skbs ? json_count(finding->skbs) : json_null());
	json_set(json, "unit", json_known(unit_name(finding->unit)));
	json_set(json, "at_least", json_boolean(finding->at_least));
	json_set(json, "rate", json_known_real(finding_rate(answer->diagnosis, finding)));
	json_set(json, "share", json_known_real(finding_share(finding)));
	json_set(json, "direction", json_string(direction_name(finding->direction)));
	json_set(json, "pattern", json_known(pattern_name(finding->pattern)));
}

static double seconds(uint64_t ms)
{
	return (double)ms / 1000;
}

static json_t *json_spread(const struct spread *spread)
{
	json_t *json;

	if (!spread->step_ms)
		return json_null();
	json = json_object();
	json_set(json, "step_seconds", json_real(seconds(spread->step_ms)));
	json_set(json, "first_seconds", json_real(seconds(spread->first_ms)));
	json_set(json, "last_seconds", json_real(seconds(spread->last_ms)));
	json_set(json, "began", json_boolean(spread->began));
	json_set(json, "ended", json_boolean(spread->ended));
	json_set(json, "bursts", json_count(spread->bursts));
	json_set(json, "longest_seconds", json_real(seconds(spread->longest_ms)));
	json_set(json, "every_seconds", spread->every_ms ? json_real(seconds(spread->every_ms)) : json_null());
	json_set(json, "peak", json_count(spread->peak));
	json_set(json, "arrivals_peak", spread->arrivals_peak ? json_count(spread->arrivals_peak) : json_null());
	json_set(json, "arrivals_mean", spread->arrivals_peak ? json_real(spread->arrivals_mean) : json_null());
	return json;
}

static json_t *json_effects(const struct answer *answer, const struct finding *finding)
{
	json_t *list = json_array();
	const struct effect *effect;

	vec_each(&finding->effects, effect) {
		CLEANUP_TEXT struct text check = { 0 };
		json_t *json = json_object();

		counter_check(answer_objects(answer), effect->counter, answer_object(answer, effect->object), &check);
		json_set(json, "counter", json_text(counter_name(effect->counter)));
		json_set(json, "object", json_of_object(answer, effect->object));
		json_set(json, "followed", json_count(effect->followed));
		json_set(json, "total", json_count(effect->all));
		json_set(json, "lag_seconds", json_real(seconds(effect->lag_ms)));
		json_set(json, "reach_seconds", json_real(seconds(effect->reach_ms)));
		json_set(json, "chance", json_real(effect->chance));
		json_set(json, "check", json_text(text_string(&check)));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_finding(const struct answer *answer, const struct finding *finding)
{
	const struct cause_row *row = cause_get(finding->cause);
	CLEANUP_TEXT struct text mechanism = { 0 };
	json_t *json = json_object();

	cause_describe(answer_objects(answer), finding->cause, finding->object, &mechanism);
	json_set(json, "where", json_string(domain_id(row->domain)));
	json_set(json, "cause", json_string(row->id));
	json_set(json, "mechanism", json_text(text_string(&mechanism)));
	json_set(json, "because", json_because(answer, finding));
	set_figures(json, answer, finding);
	json_set(json, "detail", json_known(finding->detail));
	json_set(json, "spread", json_spread(&finding->spread));
	json_set(json, "effects", json_effects(answer, finding));
	json_set(json, "why_innocent", json_known(finding->why_innocent));
	json_set(json, "object", json_of_object(answer, finding->object));
	json_set(json, "evidence", json_evidence_list(answer, finding->evidence.data, finding->evidence.count));
	json_set(json, "remedy", json_remedies(answer, finding));
	json_set(json, "next", json_next(answer, finding));
	return json;
}

static json_t *json_findings(const struct answer *answer, const struct findings *findings)
{
	json_t *list = json_array();
	struct finding **finding;

	vec_each(&findings->list, finding)
		json_array_append_new(list, json_finding(answer, *finding));
	return list;
}

static json_t *json_verdict(const struct answer *answer)
{
	static const char *const unknown[] = { "where", "cause", "confidence", "owner",	    "packets",
					       "skbs",	"rate",	 "share",      "direction", "pattern" };
	const struct diagnosis *diagnosis = answer->diagnosis;
	const struct finding *first = diagnosis->first;
	json_t *json = json_object();

	json_set(json, "loss", json_string(loss_name(diagnosis->loss)));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		json_set(json, unknown[i], json_null());
	json_set(json, "because", first ? json_because_ids(first) : json_array());
	if (first) {
		json_set(json, "where", json_string(domain_id(cause_get(first->cause)->domain)));
		json_set(json, "cause", json_string(cause_id(first->cause)));
		set_figures(json, answer, first);
	}
	json_set(json, "summary", json_text(diagnosis->summary));
	return json;
}

static json_t *json_tool(const struct answer *answer)
{
	json_t *json = json_object(), *notes = json_array();

	json_set(json, "version", json_string(WHEREDROP_VERSION));
	json_set(json, "cpu_seconds", json_real(answer->diagnosis->cpu_seconds));
	json_set(json, "max_rss_bytes", json_count(answer->diagnosis->max_rss_bytes));
	json_set(json, "events_lost", json_count(answer->diagnosis->events_lost));
	for (const char *const *note = answer->notes; note && *note; note++)
		json_array_append_new(notes, json_text(*note));
	json_set(json, "notes", notes);
	return json;
}

static json_t *json_window(const struct answer *answer)
{
	const struct series *series = answer->diagnosis->series;
	char start[CLOCK_RFC3339_SIZE];
	json_t *json = json_object();

	clock_rfc3339(series_start_wall_ns(series), start);
	json_set(json, "start", json_string(start));
	json_set(json, "seconds", json_real(series_span(series) == SPAN_MEASURED ? series_seconds(series) : 0));
	json_set(json, "span", json_string(span_name(series_span(series))));
	json_set(json, "samples", json_count(series_snapshots(series)));
	json_set(json, "namespaces", json_count(answer->namespaces));
	json_set(json, "interrupted", json_boolean(answer->diagnosis->interrupted));
	json_set(json, "ended", json_string(answer->ended ? answer->ended : "time"));
	json_set(json, "waited_seconds",
		 answer->waited_ns ? json_real(seconds(answer->waited_ns / NS_PER_MS)) : json_null());
	json_set(json, "max_gap_seconds",
		 answer->max_gap_ns ? json_real(seconds(answer->max_gap_ns / NS_PER_MS)) : json_null());
	return json;
}

static json_t *json_domains(const struct diagnosis *diagnosis)
{
	json_t *list = json_array();

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		const struct domain_view *view = &diagnosis->domains[domain];
		json_t *json = json_object();

		json_set(json, "where", json_string(domain_id((enum domain)domain)));
		json_set(json, "harmful", json_count(view->harmful));
		json_set(json, "innocent", json_count(view->innocent));
		json_set(json, "unexplained", json_count(view->unexplained));
		json_set(json, "observed", json_string(view->observed ? "yes" : view->partly ? "partly" : "no"));
		json_array_append_new(list, json);
	}
	return list;
}

/* What counters alone tell of, by the domain. */
static json_t *json_counted_only(const struct event_sum *events)
{
	json_t *list = json_array();

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		json_t *row;

		if (!events->counted_only[domain])
			continue;
		row = json_object();
		json_set(row, "where", json_string(domain_id((enum domain)domain)));
		json_set(row, "packets", json_count(events->counted_only[domain]));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *json_rest(const struct answer *answer, const struct event_sum *events)
{
	json_t *list = json_array();

	for (size_t i = 0; i < events->rest_count; i++) {
		const struct event_rest *rest = &events->rest[i];
		const struct object *object = answer_object(answer, rest->object);
		json_t *row = json_object();

		json_set(row, "reason", json_known(object_text(object, LABEL_REASON)));
		json_set(row, "place", json_known(object_text(object, LABEL_PLACE)));
		set_netns(row, answer, object);
		json_set(row, "least", json_count(rest->least));
		json_set(row, "most", json_count(rest->most));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *json_events(const struct answer *answer)
{
	const struct event_sum *events = &answer->diagnosis->events;
	json_t *json;

	if (!events->observed)
		return json_null();
	json = json_object();
	json_set(json, "dropped", json_count(events->dropped));
	json_set(json, "matched", json_count(events->matched));
	json_set(json, "harmless", json_count(events->harmless));
	json_set(json, "unmatched", json_count(events->unmatched));
	json_set(json, "unmatched_least", json_count(events->unmatched_least));
	json_set(json, "unmatched_kinds", json_rest(answer, events));
	json_set(json, "nameless", json_count(events->nameless));
	json_set(json, "uncounted", json_count(events->uncounted));
	json_set(json, "counted_only", json_counted_only(events));
	json_set(json, "untold", json_count(events->untold));
	return json;
}

static json_t *json_ledger(const struct answer *answer)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	json_t *json = json_object(), *domains = json_array();

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		json_t *row = json_object();

		json_set(row, "where", json_string(domain_id((enum domain)domain)));
		json_set(row, "packets", json_count(diagnosis->sum.domains[domain]));
		json_array_append_new(domains, row);
	}
	json_set(json, "dropped", json_count(diagnosis->sum.dropped));
	json_set(json, "explained", json_count(diagnosis->sum.explained));
	json_set(json, "unexplained", json_count(diagnosis->sum.unexplained));
	json_set(json, "domains", domains);
	json_set(json, "events", json_events(answer));
	return json;
}

static json_t *json_ruled_out(const struct diagnosis *diagnosis)
{
	json_t *list = json_array();
	const struct ruled_out *ruled_out;

	vec_each(&diagnosis->ruled_out, ruled_out) {
		json_t *json = json_object();

		json_set(json, "where", json_string(domain_id(ruled_out->domain)));
		json_set(json, "observation", json_text(ruled_out->observation));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_not_observed(const struct answer *answer)
{
	json_t *list = json_array();
	const struct not_observed *miss;

	vec_each(&answer->diagnosis->not_observed, miss) {
		json_t *json = json_object();

		json_set(json, "source", json_string(source_id_name(miss->source)));
		json_set(json, "reason", json_text(miss->reason));
		json_set(json, "where",
			 miss->domain < DOMAIN_COUNT ? json_string(domain_id(miss->domain)) : json_null());
		json_set(json, "object", json_of_object(answer, miss->object));
		json_set(json, "lowers_the_answer", json_boolean(miss->counts));
		json_array_append_new(list, json);
	}
	return list;
}

void render_json(const struct answer *answer, struct text *ret)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	json_t *json = json_object();

	json_set(json, "schema", json_string("wheredrop.diagnosis/1"));
	json_set(json, "tool", json_tool(answer));
	json_set(json, "host", json_host(&answer->host));
	json_set(json, "window", json_window(answer));
	json_set(json, "verdict", json_verdict(answer));
	json_set(json, "findings", json_findings(answer, &diagnosis->findings));
	json_set(json, "innocent", json_findings(answer, &diagnosis->innocent));
	json_set(json, "domains", json_domains(diagnosis));
	json_set(json, "ledger", json_ledger(answer));
	json_set(json, "unexplained",
		 json_evidence_list(answer, diagnosis->unexplained.data, diagnosis->unexplained.count));
	json_set(json, "ruled_out", json_ruled_out(diagnosis));
	json_set(json, "not_observed", json_not_observed(answer));
	if (answer->baseline)
		json_set(json, "baseline", json_baseline(answer->baseline));
	json_finish(json, ret);
}
