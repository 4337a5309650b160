/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop diff: what is different between an affected host and a healthy one. */
#include "cmd/command.h"

#include "cmd/evidence.h"
#include "cmd/pasted.h"
#include "render/diff.h"

#include "base/alloc.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct diff_settings {
	uint64_t duration_ns, interval_ns;
	const char *netns, *colour;
	bool json, no_progress;
};

/* One of both, with all that is kept for it. */
struct side {
	char *from; /* owned */
	struct watched watched;
	struct evidence_facts facts;
	struct scope scope;
	struct diagnosis diagnosis;
};

static void side_free(struct side *side)
{
	if (!side->watched.series)
		return;
	free(side->from);
	diagnosis_free(&side->diagnosis);
	evidence_facts_free(&side->facts);
	watched_free(&side->watched);
}

static int side_load(const struct diff_settings *settings, const char *path, struct side *ret)
{
	const struct option_list paths = { .items = { path }, .count = 1 };
	int status;

	if (scope_find(NULL, NULL, NULL, &ret->scope))
		return STATUS_ERROR;
	if (evidence_is_bundle(path))
		status = evidence_load(path, settings->netns, &ret->scope, &ret->watched, &ret->facts);
	else
		status = pasted_load(&paths, settings->netns, &ret->scope, &ret->watched, &ret->facts);
	ret->from = status ? NULL : mem_strdup(path);
	return status;
}

/* What was recorded before in the same file. */
static int side_load_baseline(const struct diff_settings *settings, const char *path, struct side *ret)
{
	if (scope_find(NULL, NULL, NULL, &ret->scope) ||
	    evidence_load_baseline(path, settings->netns, &ret->scope, &ret->watched, &ret->facts))
		return STATUS_ERROR;
	ret->from = text_format("%s, its baseline", path);
	return 0;
}

static int side_watch(const struct diff_settings *settings, struct side *ret)
{
	const struct watch_settings wanted = {
		.duration_ns = settings->duration_ns,
		.interval_ns = settings->interval_ns,
		.progress = !settings->no_progress && isatty(STDERR_FILENO),
	};

	if (scope_find(settings->netns, NULL, NULL, &ret->scope) || watch(&wanted, &ret->scope, &ret->watched))
		return STATUS_ERROR;
	evidence_facts_here(&ret->facts);
	ret->from = mem_strdup("this host, now");
	return 0;
}

/* A of the first argument; B of the second, else of the baseline that is in A's file, else this host now. */
static int side_get(const struct diff_settings *settings, char **arguments, size_t side, struct side *sides)
{
	struct side *ret = &sides[side];
	int status;

	if (arguments[side])
		status = side_load(settings, arguments[side], ret);
	else if (sides[SIDE_A].facts.part == BUNDLE_DURING)
		status = side_load_baseline(settings, arguments[SIDE_A], ret);
	else
		status = side_watch(settings, ret);
	if (!status)
		diagnose(ret->watched.series, &ret->scope.options, &ret->diagnosis);
	return status;
}

static int answer(const struct diff_settings *settings, const struct side sides[SIDE_COUNT])
{
	struct compare_side compared[SIDE_COUNT];
	struct comparison comparison;
	struct diff_answer answer = { .comparison = &comparison };
	CLEANUP_TEXT struct text text = { 0 };
	const struct style style = {
		.colour = colour_wanted(settings->colour),
		.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};
	int status;

	for (size_t i = 0; i < SIDE_COUNT; i++) {
		compared[i] = (struct compare_side){ &sides[i].diagnosis, sides[i].facts.host.kernel,
						     sides[i].facts.host.cpus };
		answer.sides[i] = (struct diff_side){ sides[i].from, sides[i].facts.host, &sides[i].diagnosis };
	}
	compare(compared, &comparison);
	if (settings->json)
		render_diff_json(&answer, &text);
	else
		render_diff_text(&answer, &style, &text);
	status = output_write(&text);
	if (status == STATUS_OK && comparison.differences.count)
		status = STATUS_LOSS;
	else if (status == STATUS_OK && !comparison.enough)
		status = STATUS_UNSURE;
	comparison_free(&comparison);
	return status;
}

static int diff_run(const void *opaque, char **arguments)
{
	const struct diff_settings *settings = opaque;
	struct side sides[SIDE_COUNT] = { 0 };
	int status;

	setlocale(LC_CTYPE, "");
	if (!arguments[0])
		return complain("diff needs what was recorded on the affected host; see: wheredrop diff --help");
	if (arguments[1] && arguments[2])
		return complain("diff compares two: what is %s?", arguments[2]);
	if (settings->interval_ns > settings->duration_ns)
		return complain("--interval is longer than --duration: nothing would be seen twice");
	status = side_get(settings, arguments, SIDE_A, sides);
	if (!status)
		status = side_get(settings, arguments, SIDE_B, sides);
	if (!status)
		status = answer(settings, sides);
	side_free(&sides[SIDE_A]);
	side_free(&sides[SIDE_B]);
	return status;
}

#define SETTING(field) offsetof(struct diff_settings, field)

static const struct option_row diff_options[] = {
	{ "duration", "TIME", "without B: watch this host for so long", OPTION_DURATION, SETTING(duration_ns), "10s",
	  "100ms", "30d" },
	{ "interval", "TIME", "without B: look at cheap counters so often", OPTION_DURATION, SETTING(interval_ns),
	  "100ms", "10ms", "1h" },
	{ "netns", "NAME|PID|PATH|all", "only this network namespace, on both", OPTION_TEXT, SETTING(netns), "all",
	  NULL, NULL },
	{ "json", NULL, "for programs, as docs/diff.schema.json has it", OPTION_FLAG, SETTING(json), NULL, NULL, NULL },
	{ "color", "auto|always|never", "colour in the text", OPTION_CHOICE, SETTING(colour), "auto", NULL, NULL },
	{ "no-progress", NULL, "no progress line, even on a terminal", OPTION_FLAG, SETTING(no_progress), NULL, NULL,
	  NULL },
	{ .name = NULL },
};

static const struct example diff_examples[] = {
	{ "wheredrop diff sick.wdb well.wdb", "two hosts that were recorded" },
	{ "wheredrop diff sick.wdb", "a recorded host, and this one" },
	{ "wheredrop diff lost.wdb", "what changed since its baseline" },
	{ "wheredrop diff today.txt lastweek.txt", "two tickets with pasted outputs" },
	{ "wheredrop diff --json sick.wdb well.wdb", "the same for a program" },
	{ NULL, NULL },
};

static const struct status_row diff_statuses[] = {
	{ "0", "nothing differs that matters" },
	{ "1", "something differs" },
	{ "2", "it could not be done; one line on standard error says why" },
	{ "3", "nothing was found to differ, but not enough could be compared" },
	{ NULL, NULL },
};

const struct command command_diff = {
	.name = "diff",
	.arguments = "A [B]",
	.summary = "what is different between a host that loses packets and one that does not",
	.description =
		"A is what was recorded on the affected host, B on a healthy one: bundles (wheredrop record), or whatever else "
		"diagnose --from reads. Without B this host is watched for --duration and is B; but of a "
		"file that holds a baseline and what was recorded later (wheredrop record --baseline, --during), the later one is A and the "
		"baseline B. With B, the later one of such a file is what is compared.\n"
		"\n"
		"Both are diagnosed, and then compared: harmful losses by place, counters of loss, of what follows from it and of what "
		"comes before it, by the packets that came by, and settings. Counts differ when an exact test says so, corrected for "
		"all that was compared, and one rate is at least twice the other. Packets are lost in bursts, so that a burst counts as "
		"one. The most telling difference comes first: a loss that one side alone has, then counters, then settings that "
		"may be the cause, then other settings.\n"
		"\n"
		"Namespaces, interfaces, sockets and rules are held against those of the same name on the other side, an interface else "
		"against the one with the same role: the default route, or the only one of its driver. Addresses, numbers of "
		"processes and interfaces, levels and the amount of traffic are no differences.",
	.options = diff_options,
	.examples = diff_examples,
	.statuses = diff_statuses,
	.settings_size = sizeof(struct diff_settings),
	.run = diff_run,
};
