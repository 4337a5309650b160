/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stable output "wheredrop.diagnosis/1", described by docs/diagnosis.schema.json. Names never change their meaning;
 * new ones may be added. What is unknown is null. Characters that a terminal would act on are escaped before JSON's own
 * escapes, as in every other format.
 */
#include "render/part.h"

#include "render/printable.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *json_text(const char *string)
{
	CLEANUP_TEXT struct text text = { 0 };

	text_add_printable(&text, string, true);
	return json_string(text_string(&text));
}

/* A text of ours that may be unknown. */
static json_t *json_known(const char *string)
{
	return string && *string ? json_text(string) : json_null();
}

static json_t *json_count(uint64_t count)
{
	return json_integer((json_int_t)count);
}

/* Numbers below zero mean unknown. */
static json_t *json_known_real(double number)
{
	return number >= 0 ? json_real(number) : json_null();
}

static void set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value))
		abort(); /* out of memory, as base/alloc.h has it */
}

static void set_label(json_t *json, const char *name, const struct object *object, enum label label)
{
	if (object && *object_text(object, label))
		set(json, name, json_text(object_text(object, label)));
}

static void set_process(json_t *json, const struct object *process)
{
	if (process->pid)
		set(json, "pid", json_integer(process->pid));
	set_label(json, "comm", process, LABEL_COMM);
	set_label(json, "container", process, LABEL_CONTAINER);
	set_label(json, "cgroup", process, LABEL_CGROUP);
}

static void set_netns(json_t *json, const struct answer *answer, const struct object *object)
{
	const struct object *netns = object_netns(answer_objects(answer), object);

	if (!netns)
		return;
	if (netns->key.netns == objects_home(answer_objects(answer)))
		set(json, "netns", json_string("host"));
	else if (*object_text(netns, LABEL_NAME))
		set(json, "netns", json_text(object_text(netns, LABEL_NAME)));
	set(json, "netns_inode", json_count(netns->key.netns));
}

static void set_rule(json_t *json, const struct object *rule)
{
	set(json, "rule",
	    json_text(*object_text(rule, LABEL_TEXT) ? object_text(rule, LABEL_TEXT) : object_text(rule, LABEL_NAME)));
	set_label(json, "table", rule, LABEL_TABLE);
	set_label(json, "chain", rule, LABEL_CHAIN);
	set_label(json, "hook", rule, LABEL_HOOK);
}

/* What only objects of one kind have. */
static void set_particulars(json_t *json, const struct object *object)
{
	enum object_kind kind = object->key.kind;

	if (kind == OBJECT_CPU)
		set(json, "cpu", json_count(object->key.a));
	else if (kind == OBJECT_QUEUE)
		set(json, "queue", json_count((uint32_t)object->key.b));
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
	set(json, "kind", json_string(object_kind_name(object->key.kind)));
	set(json, "name", json_text(text_string(&name)));
	set_netns(json, answer, object);
	set_label(json, "ifname", link, LABEL_NAME);
	set_label(json, "driver", link, LABEL_DRIVER);
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
	set(json, "counter", json_text(counter->name));
	set(json, "instance", json_text(text_string(&instance)));
	set(json, "before", json_count(evidence->before));
	set(json, "after", json_count(evidence->after));
	/* A level may fall; a total only rises. */
	set(json, "delta",
	    level ? json_integer((json_int_t)(evidence->after - evidence->before)) : json_count(evidence->delta));
	set(json, "unit", json_known(unit_name(counter->unit)));
	set(json, "form", json_string(level ? "level" : "total"));
	set(json, "source", json_string(source_id_name(counter->source)));
	set(json, "check", json_known(text_string(&check)));
	set(json, "meaning", json_known(counter->meaning));
	set(json, "note", json_known(evidence->note));
	set(json, "state", json_known(evidence_state(evidence)));
	set(json, "unclassified", json_boolean(counter->unclassified));
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
		set(json, "cause", json_string(row->id));
		set(json, "where", json_string(domain_id(row->domain)));
		set(json, "owner", json_string(owner_id(row->owner)));
		set(json, "mechanism", json_text(text_string(&mechanism)));
		set(json, "object", json_of_object(answer, because->object));
		set(json, "evidence", json_evidence_list(answer, because->evidence.data, because->evidence.count));
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
	set(json, "action", json_text(text_string(&text)));
	set(json, "commands", commands);
	text_clear(&text);
	sentence_fill(answer, object, remedy->risk, &text);
	set(json, "risk", json_text(text_string(&text)));
	set(json, "persistent", json_boolean(remedy->persistent));
	return json;
}

static json_t *json_remedies(const struct answer *answer, const struct finding *finding)
{
	json_t *list = json_array();
	const struct remedy *remedy;
	uint32_t object;

	for (size_t i = 0; (remedy = finding_remedy(finding, i, &object)); i++)
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
	set(json, "confidence", json_string(confidence_name(finding->confidence)));
	set(json, "owner", json_string(owner_id(finding_owner(finding))));
	set(json, "packets", json_count(finding->packets));
	set(json, "skbs", finding->skbs ? json_count(finding->skbs) : json_null());
	set(json, "unit", json_known(unit_name(finding->unit)));
	set(json, "at_least", json_boolean(finding->at_least));
	set(json, "rate", json_known_real(finding_rate(answer->diagnosis, finding)));
	set(json, "share", json_known_real(finding_share(finding)));
	set(json, "direction", json_string(direction_name(finding->direction)));
	set(json, "pattern", json_string(pattern_name(finding->pattern)));
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
	set(json, "step_seconds", json_real(seconds(spread->step_ms)));
	set(json, "first_seconds", json_real(seconds(spread->first_ms)));
	set(json, "last_seconds", json_real(seconds(spread->last_ms)));
	set(json, "began", json_boolean(spread->began));
	set(json, "ended", json_boolean(spread->ended));
	set(json, "bursts", json_count(spread->bursts));
	set(json, "longest_seconds", json_real(seconds(spread->longest_ms)));
	set(json, "every_seconds", spread->every_ms ? json_real(seconds(spread->every_ms)) : json_null());
	set(json, "peak", json_count(spread->peak));
	set(json, "arrivals_peak", spread->arrivals_peak ? json_count(spread->arrivals_peak) : json_null());
	set(json, "arrivals_mean", spread->arrivals_peak ? json_real(spread->arrivals_mean) : json_null());
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
		set(json, "counter", json_text(counter_name(effect->counter)));
		set(json, "object", json_of_object(answer, effect->object));
		set(json, "followed", json_count(effect->followed));
		set(json, "total", json_count(effect->all));
		set(json, "lag_seconds", json_real(seconds(effect->lag_ms)));
		set(json, "reach_seconds", json_real(seconds(effect->reach_ms)));
		set(json, "chance", json_real(effect->chance));
		set(json, "check", json_text(text_string(&check)));
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
	set(json, "where", json_string(domain_id(row->domain)));
	set(json, "cause", json_string(row->id));
	set(json, "mechanism", json_text(text_string(&mechanism)));
	set(json, "because", json_because(answer, finding));
	set_figures(json, answer, finding);
	set(json, "detail", json_known(finding->detail));
	set(json, "spread", json_spread(&finding->spread));
	set(json, "effects", json_effects(answer, finding));
	set(json, "why_innocent", json_known(finding->why_innocent));
	set(json, "object", json_of_object(answer, finding->object));
	set(json, "evidence", json_evidence_list(answer, finding->evidence.data, finding->evidence.count));
	set(json, "remedy", json_remedies(answer, finding));
	set(json, "next", json_next(answer, finding));
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

	set(json, "loss", json_string(loss_name(diagnosis->loss)));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		set(json, unknown[i], json_null());
	set(json, "because", first ? json_because_ids(first) : json_array());
	if (first) {
		set(json, "where", json_string(domain_id(cause_get(first->cause)->domain)));
		set(json, "cause", json_string(cause_id(first->cause)));
		set_figures(json, answer, first);
	}
	set(json, "summary", json_text(diagnosis->summary));
	return json;
}

static json_t *json_tool(const struct answer *answer)
{
	json_t *json = json_object(), *notes = json_array();

	set(json, "version", json_string(WHEREDROP_VERSION));
	set(json, "cpu_seconds", json_real(answer->diagnosis->cpu_seconds));
	set(json, "max_rss_bytes", json_count(answer->diagnosis->max_rss_bytes));
	set(json, "events_lost", json_count(answer->diagnosis->events_lost));
	for (const char *const *note = answer->notes; note && *note; note++)
		json_array_append_new(notes, json_text(*note));
	set(json, "notes", notes);
	return json;
}

static json_t *json_host(const struct host *host)
{
	json_t *json = json_object();

	set(json, "hostname", json_known(host->hostname));
	set(json, "kernel", json_known(host->kernel));
	set(json, "cpus", json_count(host->cpus));
	set(json, "boot_id", json_known(host->boot_id));
	return json;
}

static json_t *json_window(const struct answer *answer)
{
	const struct series *series = answer->diagnosis->series;
	char start[CLOCK_RFC3339_SIZE];
	json_t *json = json_object();

	clock_rfc3339(series_start_wall_ns(series), start);
	set(json, "start", json_string(start));
	set(json, "seconds", json_real(series_seconds(series)));
	set(json, "samples", json_count(series_snapshots(series)));
	set(json, "namespaces", json_count(answer->namespaces));
	set(json, "interrupted", json_boolean(answer->diagnosis->interrupted));
	return json;
}

static json_t *json_domains(const struct diagnosis *diagnosis)
{
	json_t *list = json_array();

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		const struct domain_view *view = &diagnosis->domains[domain];
		json_t *json = json_object();

		set(json, "where", json_string(domain_id((enum domain)domain)));
		set(json, "harmful", json_count(view->harmful));
		set(json, "innocent", json_count(view->innocent));
		set(json, "unexplained", json_count(view->unexplained));
		set(json, "observed", json_string(view->observed ? "yes" : view->partly ? "partly" : "no"));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_ledger(const struct diagnosis *diagnosis)
{
	json_t *json = json_object(), *domains = json_array();

	for (size_t domain = 0; domain < DOMAIN_COUNT; domain++) {
		json_t *row = json_object();

		set(row, "where", json_string(domain_id((enum domain)domain)));
		set(row, "packets", json_count(diagnosis->sum.domains[domain]));
		json_array_append_new(domains, row);
	}
	set(json, "dropped", json_count(diagnosis->sum.dropped));
	set(json, "explained", json_count(diagnosis->sum.explained));
	set(json, "unexplained", json_count(diagnosis->sum.unexplained));
	set(json, "domains", domains);
	return json;
}

static json_t *json_ruled_out(const struct diagnosis *diagnosis)
{
	json_t *list = json_array();
	const struct ruled_out *ruled_out;

	vec_each(&diagnosis->ruled_out, ruled_out) {
		json_t *json = json_object();

		set(json, "where", json_string(domain_id(ruled_out->domain)));
		set(json, "observation", json_text(ruled_out->observation));
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

		set(json, "source", json_string(source_id_name(miss->source)));
		set(json, "reason", json_text(miss->reason));
		set(json, "where", miss->domain < DOMAIN_COUNT ? json_string(domain_id(miss->domain)) : json_null());
		set(json, "object", json_of_object(answer, miss->object));
		set(json, "lowers_the_answer", json_boolean(miss->counts));
		json_array_append_new(list, json);
	}
	return list;
}

void render_json(const struct answer *answer, struct text *ret)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	CLEANUP_FREE char *dump = NULL;
	json_t *json = json_object();

	set(json, "schema", json_string("wheredrop.diagnosis/1"));
	set(json, "tool", json_tool(answer));
	set(json, "host", json_host(&answer->host));
	set(json, "window", json_window(answer));
	set(json, "verdict", json_verdict(answer));
	set(json, "findings", json_findings(answer, &diagnosis->findings));
	set(json, "innocent", json_findings(answer, &diagnosis->innocent));
	set(json, "domains", json_domains(diagnosis));
	set(json, "ledger", json_ledger(diagnosis));
	set(json, "unexplained", json_evidence_list(answer, diagnosis->unexplained.data, diagnosis->unexplained.count));
	set(json, "ruled_out", json_ruled_out(diagnosis));
	set(json, "not_observed", json_not_observed(answer));
	dump = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	json_decref(json);
	if (!dump)
		abort();
	text_add(ret, dump);
	text_add(ret, "\n");
}
