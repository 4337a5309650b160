/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop doctor: one look at every source in every namespace, by the same sampler and the same table as diagnose, and
 * what can be seen by them. For the quiet hour before the incident.
 */
#include "cmd/command.h"

#include "cmd/host.h"
#include "cmd/scope.h"
#include "diagnose/checkup.h"
#include "render/doctor.h"
#include "source/sampler.h"

#include "base/alloc.h"
#include "base/usage.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

struct doctor_settings {
	const char *netns;
	bool json;
};

#define LOOK_NS 1 /* the window is over when everything was read */

static int answer_print(const struct doctor_settings *settings, const struct checkup *checkup,
			const struct sampler_result *result)
{
	const struct style style = { .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 };
	const struct doctor_answer answer = {
		.checkup = checkup,
		.host = host_here(),
		.root = geteuid() == 0,
		.namespaces = result->namespaces,
		.refused = result->refused,
		.hidden_processes = result->hidden_processes,
		.source_ns = result->source_ns,
		.cpu_seconds = (double)clock_cpu_ns() / (double)NS_PER_S,
		.max_rss_bytes = usage_max_rss_bytes(),
	};
	CLEANUP_TEXT struct text text = { 0 };

	if (settings->json)
		render_doctor_json(&answer, &text);
	else
		render_doctor_text(&answer, &style, &text);
	return output_write(&text);
}

static int check(const struct doctor_settings *settings, const struct series *series,
		 const struct sampler_result *result)
{
	const struct checkup_options options = { .root = geteuid() == 0, .hidden_processes = result->hidden_processes };
	struct checkup checkup;
	int status;

	checkup_make(series, &options, &checkup);
	status = answer_print(settings, &checkup, result);
	if (status == STATUS_OK && !checkup.whole)
		status = STATUS_UNSURE;
	checkup_free(&checkup);
	return status;
}

static int doctor_run(const void *opaque, char **arguments)
{
	const struct doctor_settings *settings = opaque;
	CLEANUP(objects_free_ptr) struct objects *objects = objects_new();
	CLEANUP(series_free_ptr) struct series *series = series_new(objects);
	struct sampler_options options = { .duration_ns = LOOK_NS };
	struct sampler_result result = { 0 };
	struct scope scope;
	int error;

	(void)arguments;
	setlocale(LC_CTYPE, "");
	if (scope_find(settings->netns, NULL, NULL, &scope))
		return STATUS_ERROR;
	options.netns = scope.netns;
	error = sampler_run(&options, series, &result);
	if (error)
		return complain("could not look: %s", result.error ? result.error : strerror(-error));
	return check(settings, series, &result);
}

#define SETTING(field) offsetof(struct doctor_settings, field)

static const struct option_row doctor_options[] = {
	{ "netns", "NAME|PID|PATH|all", "only this network namespace", OPTION_TEXT, SETTING(netns), "all", NULL, NULL },
	{ "json", NULL, "for programs, as docs/doctor.schema.json has it", OPTION_FLAG, SETTING(json), NULL, NULL,
	  NULL },
	{ .name = NULL },
};

static const struct example doctor_examples[] = {
	{ "sudo wheredrop doctor", "what root can see" },
	{ "wheredrop doctor", "what this user can see" },
	{ "wheredrop doctor --json | jq .obstacles", "what is in the way, for a program" },
	{ NULL, NULL },
};

static const struct status_row doctor_statuses[] = {
	{ "0", "everything that a host can show can be observed" },
	{ "2", "it could not be done; one line on standard error says why" },
	{ "3", "something cannot be observed" },
	{ NULL, NULL },
};

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "what can be observed on this host and what cannot, and why",
	.description =
		"Looks once at everything that diagnose reads, in every network namespace, and says for each place on the "
		"packet's way whether a loss there would be seen, what is in the way, and what would change that: a privilege, a "
		"mount, a setting, another kernel. Run it before the incident.\n"
		"\n"
		"It judges nothing that was lost. Nothing is changed and nothing is sent.\n"
		"\n"
		"What no host can see, such as a loss on the path, does not make the exit status 3.",
	.options = doctor_options,
	.examples = doctor_examples,
	.statuses = doctor_statuses,
	.settings_size = sizeof(struct doctor_settings),
	.run = doctor_run,
};
