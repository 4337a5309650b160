/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop record: watch and keep, judge later. */
#include "cmd/command.h"

#include "cmd/evidence.h"

#include "base/alloc.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct record_settings {
	uint64_t duration_ns, interval_ns;
	const char *netns, *until;
	bool no_progress, redact, baseline, during;
};

static enum bundle_part part_of(const struct record_settings *settings)
{
	if (settings->baseline)
		return BUNDLE_BASELINE;
	return settings->during ? BUNDLE_DURING : BUNDLE_ALONE;
}

static void add_next(enum bundle_part part, const char *path, struct text *ret)
{
	if (part == BUNDLE_BASELINE)
		text_addf(ret, "When packets are lost: wheredrop record --during %s\n", path);
	else
		text_addf(ret, "The answer%s: wheredrop diagnose --from %s\n",
			  part == BUNDLE_DURING ? ", and what differs from the baseline" : "", path);
}

static int report(enum bundle_part part, const char *path, const struct watched *watched)
{
	CLEANUP_TEXT struct text line = { 0 };
	struct stat status;
	double kilobytes = stat(path, &status) ? 0 : (double)status.st_size / 1000;

	text_addf(&line, "%.1f s%s, %zu namespace%s, %.0f kB in %s\n", series_seconds(watched->series),
		  watched->end == WATCH_CONDITION ? ", until the condition was met" : "", watched->result.namespaces,
		  watched->result.namespaces == 1 ? "" : "s", kilobytes, path);
	add_next(part, path, &line);
	return output_write(&line);
}

/* What cannot be done together. 0, or STATUS_ERROR after one line on stderr. */
static int check(const struct record_settings *settings, char **arguments)
{
	if (!arguments[0])
		return complain("record needs the name of a file, such as lost.wdb; see: wheredrop record --help");
	if (arguments[1])
		return complain("record writes one file: what is %s?", arguments[1]);
	if (settings->interval_ns > settings->duration_ns)
		return complain("--interval is longer than --duration: nothing would be seen twice");
	if (settings->baseline && settings->during)
		return complain("--baseline is for before, --during for while packets are lost: one at a time");
	if (settings->redact && (settings->baseline || settings->during))
		return complain(
			"--redact with %s: the other names would be different ones in both recordings, which could "
			"not be compared",
			settings->baseline ? "--baseline" : "--during");
	return 0;
}

static int record_run(const void *opaque, char **arguments)
{
	const struct record_settings *settings = opaque;
	struct watch_settings wanted = {
		.duration_ns = settings->duration_ns,
		.interval_ns = settings->interval_ns,
		.progress = !settings->no_progress && isatty(STDERR_FILENO),
		.redact = settings->redact,
		.part = part_of(settings),
	};
	const char *path = arguments[0];
	struct until until;
	struct evidence_facts facts;
	struct watched watched;
	struct scope scope;
	int status, error;

	if (check(settings, arguments))
		return STATUS_ERROR;
	if (settings->until && until_parse(settings->until, &until))
		return STATUS_ERROR;
	wanted.until = settings->until ? &until : NULL;
	if (scope_find(settings->netns, NULL, NULL, &scope) || evidence_open(path, &wanted, &scope, &wanted.bundle))
		return STATUS_ERROR;
	status = watch(&wanted, &scope, &watched);
	evidence_facts_here(&facts);
	error = evidence_close(path, wanted.bundle, status ? NULL : &watched, &facts);
	if (status)
		return STATUS_ERROR;
	status = error ? error : report(wanted.part, path, &watched);
	watched_free(&watched);
	return status;
}

#define SETTING(field) offsetof(struct record_settings, field)

static const struct option_row record_options[] = {
	{ "duration", "TIME", "record for so long: 500ms, 10s, 5m, 1h", OPTION_DURATION, SETTING(duration_ns), "10s",
	  "100ms", "30d" },
	{ "interval", "TIME", "look at the cheap counters so often", OPTION_DURATION, SETTING(interval_ns), "100ms",
	  "10ms", "1h" },
	{ "until", "CONDITION", "end two seconds after that: 'retransmits>50/s'", OPTION_TEXT, SETTING(until), NULL,
	  NULL, NULL },
	{ "baseline", NULL, "while all is well, to compare with later", OPTION_FLAG, SETTING(baseline), NULL, NULL,
	  NULL },
	{ "during", NULL, "add to a baseline's file, when packets are lost", OPTION_FLAG, SETTING(during), NULL, NULL,
	  NULL },
	{ "netns", "NAME|PID|PATH|all", "only this network namespace", OPTION_TEXT, SETTING(netns), "all", NULL, NULL },
	{ "redact", NULL, "other addresses and names, the same for the same", OPTION_FLAG, SETTING(redact), NULL, NULL,
	  NULL },
	{ "no-progress", NULL, "no progress line, even on a terminal", OPTION_FLAG, SETTING(no_progress), NULL, NULL,
	  NULL },
	{ .name = NULL },
};

static const struct example record_examples[] = {
	{ "wheredrop record lost.wdb", "ten seconds, every namespace" },
	{ "wheredrop record --duration 1h --interval 1s night.wdb", "an hour, once a second" },
	{ "wheredrop record --duration 1d --until 'resets>50/s' a.wdb", "until it happens" },
	{ "wheredrop record --baseline a.wdb", "while all is well" },
	{ "wheredrop record --during a.wdb", "when it is not: both in one file" },
	{ "wheredrop record --redact ticket.wdb", "for somebody outside" },
	{ "wheredrop diagnose --from lost.wdb", "the answer, on any host" },
	{ NULL, NULL },
};

const struct command command_record = {
	.name = "record",
	.arguments = "FILE",
	.summary = "keep all that a diagnosis is made from, for a ticket or for later",
	.description =
		"Watches as the diagnosis does and writes every reading into one file, a bundle: counters, interfaces, drivers, rules, "
		"routes, settings, sockets with their processes, lines of the kernel log, the kernel's drop events, and what could not "
		"be read and why. Nothing is judged: `wheredrop diagnose --from FILE` does that, on any host and any time, and says what "
		"it would have said here.\n"
		"\n"
		"With --until it ends two seconds after a condition is met, and after --duration at the latest: a counter, by its name "
		"(UdpRcvbufErrors) or as retransmits, timeouts, resets, drops, udp-drops, listen-drops, then > and a number; with /s it is "
		"the rate of a second, else what it rose by since the beginning, for a level what it is.\n"
		"\n"
		"With --baseline it is recorded while all is well, for the day on which it is not. --during then adds a second "
		"recording to the same file, of the same host; what is there stays as it is. `wheredrop diagnose --from FILE` "
		"judges the second one and says what differs from the baseline, most telling first; `wheredrop diff FILE` has all "
		"that differs. A new baseline replaces the one in a file, but not where something was added to it; a recording without "
		"either does not replace a baseline.\n"
		"\n"
		"Each reading is in the file before the next one begins, so whatever ends the program, all up to there can be read: an "
		"interrupt (control-C), a kill, a full disk. The file holds addresses and names of this host; only its owner may read "
		"it. With --redact it holds others in their place, the same ones for the same ones, and networks stay networks: "
		"the answer is the same but for the names. It is a tar of JSON, compressed with zstd: `tar --zstd -xf FILE` "
		"unpacks it.",
	.options = record_options,
	.examples = record_examples,
	.statuses = NULL,
	.settings_size = sizeof(struct record_settings),
	.run = record_run,
};
