/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop diagnose: watch, judge, print. The first interrupt ends the window and the verdict so far is printed; the
 * second ends the program, once nothing of it is left behind; the third ends it at once.
 */
#include "cmd/command.h"

#include "cmd/baseline.h"
#include "cmd/evidence.h"
#include "cmd/host.h"
#include "cmd/pasted.h"
#include "render/answer.h"

#include "base/alloc.h"
#include "base/usage.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct diagnose_settings {
	uint64_t duration_ns, interval_ns, wait_ns;
	const char *netns, *interface, *target, *colour, *record, *html;
	struct option_list from;
	bool json, markdown, no_progress, until_proven, redact;
};

#define NOTES_MAX (6 + EVIDENCE_NOTES_MAX)

/* The texts of notes that are made up. */
struct notes {
	struct text late, cut, skipped;
	const char *lines[NOTES_MAX + 1];
};

static void notes_free(struct notes *notes)
{
	text_free(&notes->late);
	text_free(&notes->cut);
	text_free(&notes->skipped);
}

static void notes_collect(const struct sampler_result *result, const struct evidence_facts *facts, struct notes *ret)
{
	const char **notes = ret->lines;

	if (facts->cut) {
		text_addf(&ret->cut, "%s: the answer covers what there is of it", facts->cut);
		*notes++ = text_string(&ret->cut);
	}
	if (facts->skipped) {
		text_addf(&ret->skipped, "%zu readings in it are of kinds that this version does not know",
			  facts->skipped);
		*notes++ = text_string(&ret->skipped);
	}
	if (result->thinned)
		*notes++ = "some numbers were read less often, to keep the tool below 5 % of a CPU";
	if (result->late_ticks) {
		text_addf(
			&ret->late,
			"the host kept the tool from reading in time %zu time%s, for up to %.1f s: bursts may look longer "
			"than they were",
			result->late_ticks, result->late_ticks == 1 ? "" : "s",
			(double)result->max_gap_ns / (double)NS_PER_S);
		*notes++ = text_string(&ret->late);
	}
	if (result->helper_failures)
		*notes++ = "a part of the tool that reads rules, drivers or processes failed and was started again";
	for (size_t i = 0; i < facts->notes.count; i++)
		*notes++ = facts->notes.data[i];
	*notes = NULL;
}

static void answer_render(const struct diagnose_settings *settings, const struct answer *answer, struct text *ret)
{
	const struct style style = {
		.colour = colour_wanted(settings->colour),
		.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};

	if (settings->json)
		render_json(answer, ret);
	else if (settings->markdown)
		render_markdown(answer, ret);
	else
		render_text(answer, &style, ret);
}

static int page_write(const char *path, const struct answer *answer)
{
	CLEANUP_TEXT struct text page = { 0 };

	render_html(answer, &page);
	return output_file(path, "the page", &page);
}

static int answer_print(const struct diagnose_settings *settings, const struct diagnosis *diagnosis,
			const struct watched *watched, const struct evidence_facts *facts,
			const struct answer_baseline *baseline)
{
	CLEANUP(notes_free) struct notes notes = { 0 };
	CLEANUP_TEXT struct text text = { 0 };
	int status;
	const struct answer answer = {
		.diagnosis = diagnosis,
		.host = facts->host,
		.interval_ns = watched->result.interval_ns,
		.max_gap_ns = watched->result.max_gap_ns,
		.waited_ns = watched->waited_ns,
		.ended = watch_end_name(watched->end),
		.namespaces = watched->result.namespaces,
		.notes = notes.lines,
		.baseline = baseline,
	};

	notes_collect(&watched->result, facts, &notes);
	answer_render(settings, &answer, &text);
	status = output_write(&text);
	if (settings->html && page_write(settings->html, &answer))
		status = STATUS_ERROR;
	return status;
}

static int answer_status(const struct diagnosis *diagnosis)
{
	const struct not_observed *miss;

	if (diagnosis->loss != LOSS_NO)
		return diagnosis->loss == LOSS_YES ? STATUS_LOSS : STATUS_UNSURE;
	vec_each(&diagnosis->not_observed, miss) {
		if (miss->counts)
			return STATUS_UNSURE;
	}
	return STATUS_OK;
}

/* `baseline` is NULL where there is none. */
static int answer_give(const struct diagnose_settings *settings, struct diagnosis *diagnosis,
		       const struct watched *watched, const struct evidence_facts *facts,
		       const struct answer_baseline *baseline)
{
	int status;

	diagnosis->interrupted = watched->result.stopped;
	diagnosis->cpu_seconds = facts->cpu_seconds;
	diagnosis->max_rss_bytes = facts->max_rss_bytes;
	status = answer_print(settings, diagnosis, watched, facts, baseline);
	return status == STATUS_OK ? answer_status(diagnosis) : status;
}

static bool progress_wanted(const struct diagnose_settings *settings)
{
	return !settings->no_progress && isatty(STDERR_FILENO);
}

/* This host, for a while. */
static int diagnose_live(const struct diagnose_settings *settings)
{
	struct watch_settings wanted = {
		.duration_ns = settings->duration_ns,
		.interval_ns = settings->interval_ns,
		.wait_ns = settings->wait_ns,
		.until_proven = settings->until_proven,
		.progress = progress_wanted(settings),
		.redact = settings->redact,
	};
	struct diagnosis diagnosis;
	struct evidence_facts facts;
	struct watched watched;
	struct scope scope;
	int status, error = 0;

	if (scope_find(settings->netns, settings->interface, settings->target, &scope) ||
	    (settings->record && evidence_open(settings->record, &wanted, &scope, &wanted.bundle)))
		return STATUS_ERROR;
	status = watch(&wanted, &scope, &watched);
	if (!status)
		diagnose(watched.series, &scope.options, &diagnosis);
	evidence_facts_here(&facts);
	if (wanted.bundle)
		error = evidence_close(settings->record, wanted.bundle, status ? NULL : &watched, &facts);
	if (status)
		return STATUS_ERROR;
	status = answer_give(settings, &diagnosis, &watched, &facts, NULL);
	diagnosis_free(&diagnosis);
	watched_free(&watched);
	return error ? error : status;
}

/* A bundle, or what somebody pasted or collected. */
static int load(const struct diagnose_settings *settings, struct scope *scope, struct watched *ret,
		struct evidence_facts *ret_facts)
{
	const char *first = settings->from.items[0];

	if (!evidence_is_bundle(first))
		return pasted_load(&settings->from, settings->netns, scope, ret, ret_facts);
	if (settings->from.count > 1)
		return complain("--from %s: a bundle is read alone", first);
	return evidence_load(first, settings->netns, scope, ret, ret_facts);
}

/* What was recorded. */
static int diagnose_recorded(const struct diagnose_settings *settings)
{
	struct diagnosis diagnosis;
	struct evidence_facts facts = { 0 };
	struct watched watched = { 0 };
	struct baseline baseline;
	struct scope scope;
	bool has_baseline;
	int status = STATUS_OK;

	if (settings->record || settings->wait_ns || settings->until_proven)
		return complain(
			"--from reads what was recorded: --record, --wait and --until-proven are for a live host");
	if (scope_find(NULL, NULL, settings->target, &scope))
		return STATUS_ERROR;
	scope.options.interface = settings->interface;
	if (load(settings, &scope, &watched, &facts))
		return STATUS_ERROR;
	diagnose(watched.series, &scope.options, &diagnosis);
	has_baseline = facts.part == BUNDLE_DURING;
	if (has_baseline)
		status = baseline_compare(settings->from.items[0], &diagnosis, &scope.options, &facts, &baseline);
	if (!status)
		status = answer_give(settings, &diagnosis, &watched, &facts, has_baseline ? &baseline.answer : NULL);
	if (has_baseline)
		baseline_free(&baseline);
	diagnosis_free(&diagnosis);
	evidence_facts_free(&facts);
	watched_free(&watched);
	return status;
}

static int diagnose_run(const void *opaque, char **arguments)
{
	const struct diagnose_settings *settings = opaque;

	(void)arguments;
	setlocale(LC_CTYPE, "");
	if (settings->json && settings->markdown)
		return complain("--json and --markdown: one answer has one format");
	if (settings->redact && !settings->record)
		return complain("--redact is for what --record writes");
	if (settings->interval_ns > settings->duration_ns)
		return complain("--interval is longer than --duration: nothing would be seen twice");
	return settings->from.count ? diagnose_recorded(settings) : diagnose_live(settings);
}

#define SETTING(field) offsetof(struct diagnose_settings, field)

static const struct option_row diagnose_options[] = {
	{ "duration", "TIME", "watch for so long: 500ms, 10s, 5m", OPTION_DURATION, SETTING(duration_ns), "10s",
	  "100ms", "30d" },
	{ "interval", "TIME", "look at the cheap counters so often", OPTION_DURATION, SETTING(interval_ns), "100ms",
	  "10ms", "1h" },
	{ "until-proven", NULL, "stop once the answer is certain", OPTION_FLAG, SETTING(until_proven), NULL, NULL,
	  NULL },
	{ "wait", "TIME", "watch on until something is lost, at most so long", OPTION_DURATION, SETTING(wait_ns), NULL,
	  "1s", "30d" },
	{ "netns", "NAME|PID|PATH|all", "only this network namespace", OPTION_TEXT, SETTING(netns), "all", NULL, NULL },
	{ "interface", "NAME", "only loss on this interface", OPTION_TEXT, SETTING(interface), NULL, NULL, NULL },
	{ "target", "HOST", "only loss of packets from or to this host", OPTION_TEXT, SETTING(target), NULL, NULL,
	  NULL },
	{ "record", "FILE", "keep what the answer is made from, as a bundle", OPTION_TEXT, SETTING(record), NULL, NULL,
	  NULL },
	{ "redact", NULL, "with --record: other names and addresses in it", OPTION_FLAG, SETTING(redact), NULL, NULL,
	  NULL },
	{ "html", "FILE", "the answer as a page with charts as well", OPTION_TEXT, SETTING(html), NULL, NULL, NULL },
	{ "from", "FILE", "a bundle, or pasted outputs, instead of this host", OPTION_LIST, SETTING(from), NULL, NULL,
	  NULL },
	{ "json", NULL, "for programs, as docs/diagnosis.schema.json has it", OPTION_FLAG, SETTING(json), NULL, NULL,
	  NULL },
	{ "markdown", NULL, "for a ticket", OPTION_FLAG, SETTING(markdown), NULL, NULL, NULL },
	{ "color", "auto|always|never", "colour in the text", OPTION_CHOICE, SETTING(colour), "auto", NULL, NULL },
	{ "no-progress", NULL, "no progress line, even on a terminal", OPTION_FLAG, SETTING(no_progress), NULL, NULL,
	  NULL },
	{ .name = NULL },
};

static const struct example diagnose_examples[] = {
	{ "wheredrop", "ten seconds, every namespace" },
	{ "wheredrop --duration 1m --netns web", "one namespace, for a minute" },
	{ "wheredrop --until-proven", "stop once the answer is certain" },
	{ "wheredrop --wait 8h --json >lost.json", "until a loss, and what led to it" },
	{ "wheredrop --target db1 --markdown", "the loss to one host, for a ticket" },
	{ "wheredrop --record lost.wdb", "and keep the evidence" },
	{ "wheredrop --from lost.wdb", "the same answer, elsewhere" },
	{ "wheredrop --from ticket.txt", "what somebody pasted" },
	{ "wheredrop --json | jq .verdict", "the answer for a program" },
	{ NULL, NULL },
};

static const struct status_row diagnose_statuses[] = {
	{ "0", "no harmful loss, and every place on this host was watched exactly" },
	{ "1", "harmful loss was found" },
	{ "2", "it could not be done; one line on standard error says why" },
	{ "3", "nothing was found, but not everything could be watched" },
	{ NULL, NULL },
};

const struct command command_diagnose = {
	.name = "diagnose",
	.arguments = "",
	.summary = "watch for a while, then say where packets are lost, why, whose it is",
	.description =
		"Reads the counters of every network namespace twice and many times in between, and names the places "
		"where packets were lost in that time, the object (socket, rule, queue, interface), the reason behind it and who "
		"can mend it. Every claim comes with its counter before and after and the command that shows the same number.\n"
		"\n"
		"What could not be read is listed with the reason and never taken for an absence of loss. Without root, only the own "
		"namespace and fewer places can be watched, and the exit status says so.\n"
		"\n"
		"With --until-proven the window ends as soon as every harmful loss is proven, its reason known and the answer the same "
		"for half a second. With --wait one window of --duration follows the other, in memory that does not grow, until "
		"something harmful is lost; the answer then covers the window before, all up to the loss and two seconds after it.\n"
		"\n"
		"With --record all that was read goes into a bundle as well, snapshot by snapshot; --from makes the answer from such a "
		"file, on any host, and it is the same one. Of a file with a baseline (wheredrop record --baseline, --during) it judges "
		"what was recorded later, and says what is different since.\n"
		"\n"
		"--from also reads what people paste: a text with the outputs of nstat, netstat -s, ip -s link, ethtool, tc, ss, "
		"conntrack, nft, iptables, sysctl, dmesg, mpstat, ping, mtr and others, with or without prompts, in any order; a "
		"directory of such outputs (before/ and during/ tell which comes first), or a sosreport, packed or not. The same "
		"output twice is before and after; once, its totals count since boot, and what they show is possible, no more. Given "
		"several times, the first --from is the earlier one. What was not understood is listed.\n"
		"\n"
		"An interrupt (control-C) ends the window and prints the answer so far; a second one ends the program. So does the end "
		"of a session (SIGHUP), once; what was started with a signal ignored (nohup) goes on.",
	.options = diagnose_options,
	.examples = diagnose_examples,
	.statuses = diagnose_statuses,
	.settings_size = sizeof(struct diagnose_settings),
	.run = diagnose_run,
};
