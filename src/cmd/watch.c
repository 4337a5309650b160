/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop watch: the packet's way, live, or of a recording. */
#include "cmd/command.h"

#include "cmd/host.h"
#include "cmd/watch_from.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>

#define WINDOW_NS (30 * NS_PER_S) /* each is judged by itself; what was lost in those before is kept */

struct watch_command_settings {
	uint64_t duration_ns, interval_ns, speed;
	const char *netns, *interface, *target, *from, *colour;
	bool json, lines;
};

struct live {
	struct show show;
	struct watched earlier; /* the window before */
	bool leaving;
	int error;
};

static void below_set(struct live *live)
{
	live->show.below = live->leaving     ? " reading the last numbers; q again does not wait for them"
			   : live->show.held ? " HELD: space goes on | q quit  a the whole answer  up, down scroll"
					     : " q quit  space hold  a the whole answer  up, down scroll";
}

static void tick(void *argument)
{
	struct live *live = argument;
	enum screen_key key;

	while (screen_is_open() && (key = screen_key(0)) != SCREEN_NOTHING) {
		if (key == SCREEN_QUIT) {
			live->leaving = true;
			watch_leave();
		} else if (key == SCREEN_PAUSE) {
			live->show.held = !live->show.held;
		}
		below_set(live);
		if (!show_key(&live->show, key))
			show_again(&live->show);
	}
}

static void look(void *argument, const struct series *series)
{
	struct live *live = argument;

	if (live->error || series_snapshots(series) < 2 || !show_is_due(&live->show, series))
		return;
	below_set(live);
	live->error = show_look(&live->show, series);
	if (live->error)
		watch_leave();
}

/* The window is kept, to see with the next one what was lost between them. */
static void turn(void *argument, struct watched *window)
{
	struct live *live = argument;

	show_turn(&live->show, window->series, window->series);
	watched_free(&live->earlier);
	live->earlier = *window;
	*window = (struct watched){ 0 };
}

static int watch_live(const struct watch_command_settings *settings, struct live *live)
{
	const struct watch_settings wanted = {
		.duration_ns =
			settings->duration_ns && settings->duration_ns < WINDOW_NS ? settings->duration_ns : WINDOW_NS,
		.wait_ns = settings->duration_ns,
		.interval_ns = settings->interval_ns,
	};
	const struct onlooker onlooker = { tick, look, turn, screen_close, screen_abandon, live };
	struct scope scope;
	int error;

	if (settings->interval_ns > wanted.duration_ns)
		return complain("--interval is longer than --duration, or than 30 s: nothing would be seen twice");
	if (scope_find(settings->netns, settings->interface, settings->target, &scope))
		return STATUS_ERROR;
	live->show.host = host_here();
	live->show.options = &scope.options;
	error = watch_on(&wanted, &scope, &onlooker);
	watched_free(&live->earlier);
	return error ? error : live->error;
}

static int watch_run(const void *opaque, char **arguments)
{
	const struct watch_command_settings *settings = opaque;
	const struct watch_from recorded = { settings->from, settings->netns, settings->interface, settings->target,
					     (double)settings->speed };
	struct live live = { 0 };
	int error, status;

	(void)arguments;
	if (settings->speed && !settings->from)
		return complain("--speed is for --from: what happens here takes its time");
	if (show_begin(settings->json, settings->lines, settings->colour, &live.show))
		return STATUS_ERROR;
	error = settings->from ? watch_from(&recorded, &live.show) : watch_live(settings, &live);
	status = show_end(&live.show);
	return error ? error : status;
}

#define SETTING(field) offsetof(struct watch_command_settings, field)

static const struct option_row watch_options[] = {
	{ "duration", "TIME", "for so long; without it until interrupted", OPTION_DURATION, SETTING(duration_ns), NULL,
	  "100ms", "30d" },
	{ "interval", "TIME", "look at the cheap counters so often", OPTION_DURATION, SETTING(interval_ns), "100ms",
	  "10ms", "30s" },
	{ "netns", "NAME|PID|PATH|all", "only this network namespace", OPTION_TEXT, SETTING(netns), "all", NULL, NULL },
	{ "interface", "NAME", "only loss on this interface", OPTION_TEXT, SETTING(interface), NULL, NULL, NULL },
	{ "target", "HOST", "only loss of packets from or to this host", OPTION_TEXT, SETTING(target), NULL, NULL,
	  NULL },
	{ "from", "FILE", "a recording, as if it happened now", OPTION_TEXT, SETTING(from), NULL, NULL, NULL },
	{ "speed", "NUMBER", "of a recording: so many seconds of it in one", OPTION_NUMBER, SETTING(speed), NULL, "1",
	  "1000000" },
	{ "lines", NULL, "a line a second, even on a terminal", OPTION_FLAG, SETTING(lines), NULL, NULL, NULL },
	{ "json", NULL, "for programs: a document a line, one a second", OPTION_FLAG, SETTING(json), NULL, NULL, NULL },
	{ "color", "auto|always|never", "colour in the text", OPTION_CHOICE, SETTING(colour), "auto", NULL, NULL },
	{ .name = NULL },
};

static const struct example watch_examples[] = {
	{ "wheredrop watch", "what is lost now, along the packet's way" },
	{ "wheredrop watch --netns web", "in one namespace" },
	{ "wheredrop watch --lines | tee lost.txt", "a line a second, to keep" },
	{ "wheredrop watch --from lost.wdb", "a recording; space pauses, s steps, b goes back" },
	{ "wheredrop watch --json | jq -c .verdict", "for a program" },
	{ NULL, NULL },
};

static const struct status_row watch_statuses[] = {
	{ "0", "no harmful loss was seen" },
	{ "1", "harmful loss was seen" },
	{ "2", "it could not be done; one line on standard error says why" },
	{ NULL, NULL },
};

const struct command command_watch = {
	.name = "watch",
	.arguments = "",
	.summary = "the packet's way, live in the terminal, or of a recording",
	.description =
		"Shows the places of the packet's way with what is lost at each of them a second, what was lost since the beginning "
		"and how that went, above it the verdict as the diagnosis gives it of the last half minute at most, and below what was "
		"lost, when and why. Where standard output is no terminal, or with --lines, it writes a line a second, and one more for "
		"each loss when it is first seen.\n"
		"\n"
		"Keys: q ends it, a shows the whole answer with evidence and remedies and back, up and down scroll, space holds the "
		"screen while watching goes on.\n"
		"\n"
		"With --from it plays what `wheredrop record` wrote, at the speed at which it happened: space pauses, s shows the next "
		"moment, b goes back five seconds, + and - change the speed. At the end it gives the answer of `wheredrop diagnose "
		"--from`. Into a pipe all lines come at once, unless --speed is given.",
	.options = watch_options,
	.examples = watch_examples,
	.statuses = watch_statuses,
	.settings_size = sizeof(struct watch_command_settings),
	.run = watch_run,
};
