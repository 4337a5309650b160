/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recording is read snapshot by snapshot, each when its time has come. To go back it is read anew, without judging what
 * lies before the moment that is wanted.
 */
#include "cmd/watch_from.h"

#include "cmd/command.h"
#include "cmd/replay.h"
#include "cmd/stop.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define FRAME_NS (500 * NS_PER_MS)
#define BACK_NS (5 * NS_PER_S)
#define KEY_MS 200

struct player {
	struct show *show;
	struct replay clock;
	bool paced;
	uint64_t base_ns;  /* monotonic time of the recording's first snapshot; 0 before it */
	uint64_t media_ns; /* since then; up to where it was read */
	uint64_t end_ns;   /* monotonic, of the recording */
	uint64_t shown_ns; /* of the last look, and when the next one is due */
	uint64_t due_ns;
	uint64_t skip_ns; /* nothing before that is looked at */
	uint32_t window;
	bool fresh; /* nothing was looked at since the reading began */
	bool quit, again;
	int error;
	struct text below;
};

/* The terminal must not stay as the screen has it. */
static void insisted(int number)
{
	screen_abandon();
	signal(number, SIG_DFL);
	raise(number);
}

static double seconds_of(uint64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

static void below_set(struct player *player, bool ended)
{
	text_clear(&player->below);
	text_addf(&player->below, " %.1f of %.1f s", seconds_of(player->shown_ns),
		  seconds_of(player->end_ns - player->base_ns));
	if (ended)
		text_add(&player->below, ", the end | q quit  b back  a answer");
	else
		text_addf(&player->below, ", %s, speed %g | q quit  space pause  s step  b back  + -  a answer",
			  player->clock.paused ? "PAUSED" : "playing", player->clock.speed);
	player->show->below = text_string(&player->below);
}

/* Reads it anew, from up to that moment on. */
static void back(struct player *player)
{
	player->skip_ns = player->shown_ns > BACK_NS ? player->shown_ns - BACK_NS : 0;
	player->again = true;
}

static void take_key(struct player *player, enum screen_key key, uint64_t media_ns)
{
	uint64_t now_ns = clock_monotonic_ns();

	switch (key) {
	case SCREEN_QUIT:
		player->quit = true;
		break;
	case SCREEN_BACK:
		back(player);
		break;
	case SCREEN_PAUSE:
		replay_pause(&player->clock, now_ns);
		break;
	case SCREEN_STEP:
		replay_step(&player->clock, media_ns, now_ns);
		break;
	case SCREEN_FASTER:
		replay_faster(&player->clock, now_ns);
		break;
	case SCREEN_SLOWER:
		replay_slower(&player->clock, now_ns);
		break;
	case SCREEN_NOTHING:
	case SCREEN_OTHER_PAGE:
	case SCREEN_UP:
	case SCREEN_DOWN:
	case SCREEN_PAGE_UP:
	case SCREEN_PAGE_DOWN:
	case SCREEN_TOP:
	case SCREEN_RESIZED:
		show_key(player->show, key);
		return;
	}
	below_set(player, false);
	show_again(player->show);
}

/* Until that moment of the recording. False: it does not go on from here. */
static bool wait_for(struct player *player, uint64_t media_ns)
{
	enum screen_key key = SCREEN_NOTHING;
	uint64_t wait_ns = player->paced;

	while (wait_ns && key != SCREEN_STEP && !player->quit && !player->again && !stop_asked()) {
		uint64_t now_ns = clock_monotonic_ns(), most_ns = KEY_MS * NS_PER_MS;

		wait_ns = replay_wait_ns(&player->clock, media_ns, now_ns);
		most_ns = wait_ns < most_ns ? wait_ns : most_ns;
		if (screen_is_open()) {
			key = screen_key((unsigned int)(most_ns / NS_PER_MS));
			take_key(player, key, media_ns);
		} else if (wait_ns) {
			(void)clock_sleep_until(now_ns + most_ns);
		}
	}
	return !player->quit && !player->again && !stop_asked();
}

/* The clock runs, or stands, from the first moment on that is looked at. */
static void clock_start(struct player *player)
{
	bool paused = player->clock.paused;

	replay_start(&player->clock, player->media_ns, player->clock.speed, clock_monotonic_ns());
	player->clock.paused = paused;
	player->fresh = false;
}

/* At a high speed looks are as far apart in the recording as they are here at least. */
static uint64_t frame_ns(const struct player *player)
{
	double speed = player->clock.speed;

	return speed > 1 ? (uint64_t)((double)FRAME_NS * speed) : FRAME_NS;
}

static bool take(void *argument, const struct bundle *bundle, uint32_t window, const struct snapshot *snapshot)
{
	struct player *player = argument;
	struct show *show = player->show;

	if (!player->base_ns)
		player->base_ns = snapshot->time_ns;
	if (player->window && window != player->window)
		history_turn(&show->history);
	player->window = window;
	if (snapshot->time_ns > player->base_ns + player->media_ns)
		player->media_ns = snapshot->time_ns - player->base_ns;
	if (player->media_ns < player->skip_ns || series_snapshots(bundle->series) < 2)
		return true;
	if (show->how == SHOW_SCREEN ? player->media_ns < player->due_ns : !show_is_due(show, bundle->series))
		return true;
	if (player->fresh)
		clock_start(player);
	if (!wait_for(player, player->media_ns))
		return false;
	player->shown_ns = player->media_ns;
	player->due_ns = player->media_ns + frame_ns(player);
	below_set(player, false);
	player->error = show_look(show, bundle->series);
	return !player->error;
}

/* From `skip_ns` on. */
static int play(struct player *player, const char *path)
{
	const char *why;
	struct bundle bundle;
	int error;

	history_free(&player->show->history);
	player->base_ns = player->media_ns = player->due_ns = 0;
	player->window = 0;
	player->again = false;
	player->fresh = true;
	error = bundle_replay(path, take, player, &bundle, &why);
	if (error)
		return complain("cannot read %s: %s", path, why);
	bundle_free(&bundle);
	return player->error;
}

/* The answer of the whole, as diagnose --from gives it; a screen stays until the user goes. */
static int finish(struct player *player, const struct watched *whole)
{
	struct show *show = player->show;
	int error;

	if (player->window > 1) /* the last two are judged as one */
		history_free(&show->history);
	player->shown_ns = player->end_ns - player->base_ns;
	below_set(player, true);
	if (show->how == SHOW_LINES && !show_is_due(show, whole->series)) {
		show_turn(show, whole->series, NULL);
		return 0;
	}
	error = show_look(show, whole->series);
	while (!error && screen_is_open() && !player->quit && !player->again && !stop_asked()) {
		enum screen_key key = screen_key(KEY_MS);

		player->quit = key == SCREEN_QUIT;
		if (key == SCREEN_BACK)
			back(player);
		else
			show_key(show, key);
	}
	return error;
}

int watch_from(const struct watch_from *wanted, struct show *show)
{
	struct player player = { .show = show, .paced = show->how == SHOW_SCREEN || wanted->speed > 0 };
	struct evidence_facts facts = { 0 };
	struct watched whole = { 0 };
	struct scope scope;
	int error;

	if (access(wanted->path, R_OK) < 0)
		return complain("cannot read %s: %s", wanted->path, strerror(errno));
	if (!evidence_is_bundle(wanted->path))
		return complain(
			"%s is no recording: what was pasted has no course of time; see: wheredrop diagnose --from",
			wanted->path);
	if (scope_find(NULL, NULL, wanted->target, &scope))
		return STATUS_ERROR;
	scope.options.interface = wanted->interface;
	if (evidence_load(wanted->path, wanted->netns, &scope, &whole, &facts))
		return STATUS_ERROR;
	show->host = facts.host;
	show->options = &scope.options;
	show->recorded = true;
	player.end_ns = series_end_ns(whole.series);
	player.clock.speed = wanted->speed > 0 ? wanted->speed : 1;
	stop_catch(insisted);
	do {
		error = play(&player, wanted->path);
		if (!error && !player.quit && !player.again && !stop_asked())
			error = finish(&player, &whole);
	} while (!error && player.again);
	show->options = NULL;
	screen_close();
	text_free(&player.below);
	evidence_facts_free(&facts);
	watched_free(&whole);
	return error;
}
