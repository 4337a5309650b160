/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop diagnose: watch for a window, judge, print. The first interrupt ends the window and the verdict so far is
 * printed; the second ends the program, once nothing of it is left behind; the third ends it at once.
 */
#include "cmd/command.h"

#include "cmd/host.h"
#include "cmd/scope.h"
#include "diagnose/diagnose.h"
#include "render/answer.h"
#include "source/sampler.h"

#include "base/alloc.h"
#include "base/usage.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct diagnose_settings {
	uint64_t duration_ns, interval_ns;
	const char *netns, *interface, *target, *colour;
	bool json, markdown, no_progress;
};

static volatile sig_atomic_t interrupts;

static void on_interrupt(int number)
{
	interrupts = interrupts + 1;
	if (interrupts >= 2)
		signal(number, SIG_DFL);
}

/* Without SA_RESTART, so that the wait for the next tick ends. */
static void interrupts_catch(void)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void progress_show(void *argument, const struct sampler_progress *progress)
{
	(void)argument;
	if (progress->ending)
		fprintf(stderr, "\rwheredrop: reading the last numbers...                   ");
	else
		fprintf(stderr, "\rwheredrop: watching %zu namespace%s, %.1f of %.1f s   ", progress->namespaces,
			progress->namespaces == 1 ? "" : "s", (double)progress->elapsed_ns / (double)NS_PER_S,
			(double)progress->duration_ns / (double)NS_PER_S);
	fflush(stderr);
}

static bool progress_wanted(const struct diagnose_settings *settings)
{
	return !settings->no_progress && isatty(STDERR_FILENO);
}

static int watch(const struct diagnose_settings *settings, const struct scope *scope, struct series *series,
		 struct sampler_result *ret)
{
	const struct sampler_options options = {
		.duration_ns = settings->duration_ns,
		.interval_ns = settings->interval_ns,
		.netns = scope->netns,
		.stop = &interrupts,
		.progress = progress_wanted(settings) ? progress_show : NULL,
	};
	int error;

	interrupts_catch();
	error = sampler_run(&options, series, ret);
	if (options.progress)
		fprintf(stderr, "\r%-60s\r", "");
	if (interrupts >= 2) {
		signal(SIGINT, SIG_DFL);
		raise(SIGINT);
	}
	if (error)
		return complain("could not watch: %s", ret->error ? ret->error : strerror(-error));
	return 0;
}

#define NOTES_MAX 4

static void notes_collect(const struct sampler_result *result, const char *notes[NOTES_MAX + 1])
{
	if (result->thinned)
		*notes++ = "some numbers were read less often, to keep the tool below 5 % of a CPU";
	if (result->late_ticks)
		*notes++ =
			"the host was too busy to read the numbers in time now and then: bursts may look longer than they were";
	if (result->helper_failures)
		*notes++ = "a part of the tool that reads rules, drivers or processes failed and was started again";
	*notes = NULL;
}

static bool colour_wanted(const char *colour)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(colour, "auto") != 0)
		return strcmp(colour, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0);
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

static int answer_print(const struct diagnose_settings *settings, const struct diagnosis *diagnosis,
			const struct sampler_result *result)
{
	const char *notes[NOTES_MAX + 1];
	CLEANUP_TEXT struct text text = { 0 };
	const struct answer answer = {
		.diagnosis = diagnosis,
		.host = host_here(),
		.interval_ns = result->interval_ns,
		.namespaces = result->namespaces,
		.notes = notes,
	};

	notes_collect(result, notes);
	answer_render(settings, &answer, &text);
	return output_write(&text);
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

static int judge(const struct diagnose_settings *settings, const struct scope *scope, const struct series *series,
		 const struct sampler_result *result)
{
	struct diagnosis diagnosis;
	int status;

	diagnose(series, &scope->options, &diagnosis);
	diagnosis.interrupted = result->stopped;
	diagnosis.cpu_seconds = (double)clock_cpu_ns() / (double)NS_PER_S;
	diagnosis.max_rss_bytes = usage_max_rss_bytes();
	status = answer_print(settings, &diagnosis, result);
	if (status == STATUS_OK)
		status = answer_status(&diagnosis);
	diagnosis_free(&diagnosis);
	return status;
}

static int diagnose_run(const void *opaque, char **arguments)
{
	const struct diagnose_settings *settings = opaque;
	CLEANUP(objects_free_ptr) struct objects *objects = objects_new();
	CLEANUP(series_free_ptr) struct series *series = series_new(objects);
	struct sampler_result result = { 0 };
	struct scope scope;

	(void)arguments;
	setlocale(LC_CTYPE, "");
	if (settings->json && settings->markdown)
		return complain("--json and --markdown: one answer has one format");
	if (settings->interval_ns > settings->duration_ns)
		return complain("--interval is longer than --duration: nothing would be seen twice");
	if (scope_find(settings->netns, settings->interface, settings->target, &scope))
		return STATUS_ERROR;
	if (watch(settings, &scope, series, &result))
		return STATUS_ERROR;
	return judge(settings, &scope, series, &result);
}

#define SETTING(field) offsetof(struct diagnose_settings, field)

static const struct option_row diagnose_options[] = {
	{ "duration", "TIME", "watch for so long: 500ms, 10s, 5m", OPTION_DURATION, SETTING(duration_ns), "10s",
	  "100ms", "30d" },
	{ "interval", "TIME", "look at the cheap counters so often", OPTION_DURATION, SETTING(interval_ns), "100ms",
	  "10ms", "1h" },
	{ "netns", "NAME|PID|PATH|all", "only this network namespace", OPTION_TEXT, SETTING(netns), "all", NULL, NULL },
	{ "interface", "NAME", "only loss on this interface", OPTION_TEXT, SETTING(interface), NULL, NULL, NULL },
	{ "target", "HOST", "only loss of packets from or to this host", OPTION_TEXT, SETTING(target), NULL, NULL,
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
	{ "wheredrop --target db1 --markdown", "the loss to one host, for a ticket" },
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
		"An interrupt (control-C) ends the window and prints the answer so far; a second one ends the program.",
	.options = diagnose_options,
	.examples = diagnose_examples,
	.statuses = diagnose_statuses,
	.settings_size = sizeof(struct diagnose_settings),
	.run = diagnose_run,
};
