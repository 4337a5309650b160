/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recording is read twice: first to its end, for what it says of itself and for the names, many of which it only has there;
 * then snapshot by snapshot for the lines, so that of a long one no more than a snapshot is in memory.
 */
#include "cmd/trace_from.h"

#include "cmd/command.h"
#include "cmd/evidence.h"
#include "cmd/replay.h"
#include "cmd/replay_keys.h"
#include "cmd/stop.h"
#include "cmd/trace_look.h"
#include "cmd/trace_recorded.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUTPUT_BYTES 65536 /* are written at once where nobody waits for single lines */

/* Whose a socket is, as packets told that were its process's own doing. */
struct user {
	uint64_t socket_inode;
	int pid;
	char comm[DROP_EVENT_NAME];
};

#define USERS_MAX 4096

struct player {
	const struct trace_settings *settings;
	struct trace_look look;
	struct bundle whole; /* as it was at the end */
	struct recorded recorded;
	struct trace_sum sum;
	struct trace_recording recording;
	struct replay clock;
	bool begun, stepping;
	bool keys;   /* there are some to be told of */
	bool notice; /* a line about them stands on the terminal */
	bool ended;  /* before the recording does */
	bool counted_here;
	uint32_t window;
	uint64_t first_ns, last_ns; /* what was counted, counted between these */
	uint64_t start_ns;
	VEC(struct user) users;
	struct text out;
	int error;
};

/* ---- pace ---- */

#define NOTICE_WIDTH 79

static void notice_clear(struct player *player)
{
	if (player->notice)
		fprintf(stderr, "\r%*s\r", NOTICE_WIDTH, "");
	player->notice = false;
}

/* What the keys did: that it stands still, or how fast it goes. */
static void notice_show(struct player *player, uint64_t now_ns)
{
	uint64_t media_ns = replay_media_ns(&player->clock, now_ns);
	double seconds = media_ns > player->start_ns ? (double)(media_ns - player->start_ns) / (double)NS_PER_S : 0;

	notice_clear(player);
	if (player->clock.paused)
		fprintf(stderr, "wheredrop: paused at %.1f s; space goes on, s steps, + - speed, q ends", seconds);
	else
		fprintf(stderr, "wheredrop: at %.1f s, %g times as fast as it was", seconds, player->clock.speed);
	fflush(stderr);
	player->notice = true;
}

static void key_do(struct player *player, enum replay_key key, uint64_t now_ns)
{
	switch (key) {
	case REPLAY_KEY_PAUSE:
		replay_pause(&player->clock, now_ns);
		break;
	case REPLAY_KEY_FASTER:
		replay_faster(&player->clock, now_ns);
		break;
	case REPLAY_KEY_SLOWER:
		replay_slower(&player->clock, now_ns);
		break;
	case REPLAY_KEY_STEP:
		player->stepping = player->clock.paused;
		return;
	case REPLAY_KEY_QUIT:
		player->ended = true;
		return;
	case REPLAY_KEY_NONE:
		return;
	}
	notice_show(player, now_ns);
}

/* Until that time of the recording; `line`: one is to be shown then. False when somebody ended it meanwhile. */
static bool await(struct player *player, uint64_t media_ns, bool line)
{
	while (player->settings->speed && !player->ended && !stop_asked()) {
		uint64_t now_ns = clock_monotonic_ns(), wait_ns = replay_wait_ns(&player->clock, media_ns, now_ns);

		if (player->stepping && line) {
			replay_step(&player->clock, media_ns, now_ns);
			player->stepping = false;
			return true;
		}
		if (!wait_ns || player->stepping)
			return true;
		key_do(player, replay_keys_wait(wait_ns), now_ns);
	}
	player->ended |= stop_asked();
	return !player->ended;
}

/* ---- lines ---- */

static void output(struct player *player, bool all)
{
	if (!player->out.length || (!all && player->out.length < OUTPUT_BYTES))
		return;
	notice_clear(player);
	if (!player->error)
		player->error = output_part(&player->out);
	text_clear(&player->out);
}

static struct user *user_of(struct player *player, uint64_t socket_inode)
{
	struct user *user;

	vec_each(&player->users, user) {
		if (user->socket_inode == socket_inode)
			return user;
	}
	return NULL;
}

/* The process whose own doing it was, or that of an earlier packet of the same socket; of no pid where none is known. */
static struct user whose(struct player *player, const struct drop_event *event, const struct recorded_kind *kind)
{
	struct user own = { event->socket_inode, event->pid, "" };
	struct user *user = event->socket_inode ? user_of(player, event->socket_inode) : NULL;

	if (!kind->own || !event->pid)
		return user ? *user : (struct user){ 0 };
	memcpy(own.comm, event->comm, sizeof(own.comm));
	if (!user && event->socket_inode)
		user = vec_add(&player->users, USERS_MAX);
	if (user)
		*user = own;
	return own;
}

static struct trace_drop line_of(const struct player *player, const struct drop_event *event,
				 const struct recorded_kind *kind, const struct user *user, uint64_t wall_offset_ns)
{
	struct trace_drop line = {
		.time_ns = event->time_ns + wall_offset_ns,
		.reason = kind->reason,
		.place = kind->place,
		.place_offset = kind->place_offset,
		.address = kind->key.a,
		.meaning = &kind->meaning,
		.packet = &event->packet,
		.at = { .netns = kind->netns,
			.netns_inode = kind->netns_inode,
			.home = kind->home,
			.ifindex = event->ifindex,
			.device = event->device,
			.cpu = event->cpu,
			.comm = user->comm,
			.pid = user->pid,
			.socket_inode = event->socket_inode,
			.container = event->container,
			.cgroup = event->cgroup },
		.way = kind->way,
		.length = event->length,
		.segments = event->segments,
	};

	if (player->settings->stack) {
		memcpy(line.frames, kind->frames, sizeof(line.frames));
		line.frame_count = kind->frame_count;
	}
	return line;
}

static bool wants(struct player *player, const struct drop_event *event, struct recorded_kind *kind)
{
	if (!*kind->device && *event->device) { /* it had gone before it was seen */
		free(kind->device);
		kind->device = mem_strdup(event->device);
	}
	if (!recorded_wants(&player->recorded, kind))
		return false;
	if (kind->meaning.harm != REASON_HARMLESS || player->settings->all)
		return true;
	player->sum.totals.harmless++;
	return false;
}

/* False when the trace is over. */
static bool show(struct player *player, const struct drop_event *event, const struct snapshot *snapshot)
{
	struct recorded_kind *kind = recorded_kind(&player->recorded, snapshot->objects, event->object);
	struct trace_drop line;
	struct user user;

	if (!kind || !wants(player, event, kind))
		return true;
	if (!await(player, event->time_ns, true))
		return false;
	user = whose(player, event, kind);
	line = line_of(player, event, kind, &user, snapshot->wall_ns - snapshot->time_ns);
	if (player->settings->json)
		render_trace_json(&line, player->look.redact_key, &player->out);
	else
		render_trace_text(&line, &player->look.style, player->look.redact_key, &player->out);
	output(player, player->settings->speed);
	player->counted_here = true;
	player->ended |= ++player->sum.totals.shown == player->settings->count;
	return !player->ended && !player->error;
}

static void begin_window(struct player *player, uint32_t window, const struct snapshot *snapshot)
{
	if (window == player->window)
		return;
	player->window = window;
	recorded_window(&player->recorded);
	if (player->begun)
		return;
	player->begun = true;
	player->start_ns = snapshot->time_ns;
	replay_start(&player->clock, snapshot->time_ns, (double)player->settings->speed, clock_monotonic_ns());
}

/*
 * What a snapshot counts holds what its lines show. Where the trace ends before the first of these, the snapshot has not been
 * yet.
 */
static bool take(void *argument, const struct bundle *bundle, uint32_t window, const struct snapshot *snapshot)
{
	struct player *player = argument;
	const struct drop_event *event;
	bool more = true;

	(void)bundle;
	begin_window(player, window, snapshot);
	player->counted_here = false;
	player->recording.single_packets |= snapshot->has_events;
	if (!player->settings->totals) {
		for (event = snapshot->events.data; more && event < snapshot->events.data + snapshot->events.count;
		     event++)
			more = show(player, event, snapshot);
	}
	more = more && await(player, snapshot->time_ns, false);
	if ((more || player->counted_here) && recorded_count(&player->recorded, snapshot)) {
		player->first_ns = player->first_ns ? player->first_ns : snapshot->time_ns;
		player->last_ns = snapshot->time_ns;
	}
	output(player, false);
	return more && !player->error;
}

/* ---- the end ---- */

/* Packets of which there could have been a line, and the recording has none. */
static uint64_t without_line(const struct trace_totals *totals)
{
	uint64_t counted = totals->filtered ? totals->wanted_skbs : totals->skbs - totals->keyless;
	uint64_t lines = totals->shown + totals->harmless;

	return counted > lines ? counted - lines : 0;
}

static int finish(struct player *player)
{
	struct trace_totals *totals = &player->sum.totals;

	player->recording.so_far = player->ended;
	totals->recording = &player->recording;
	totals->seconds = (double)(player->last_ns - player->first_ns) / (double)NS_PER_S;
	recorded_sum(&player->recorded, &player->sum);
	totals->over_rate = player->settings->totals ? 0 : without_line(totals);
	if (player->settings->json)
		render_trace_totals_json(totals, player->look.redact_key, &player->out);
	else
		render_trace_totals_text(totals, player->look.redact_key, &player->out);
	notice_clear(player);
	return player->error ? player->error : output_write(&player->out);
}

/* ---- the command ---- */

static int settings_check(const struct trace_settings *settings)
{
	const struct {
		bool asked;
		const char *words;
	} impossible[] = {
		{ settings->filter, "--filter and --from: a recording holds what headers say, not the packets; --netns "
				    "and --interface narrow it, or jq what --json prints" },
		{ settings->pcapng, "--pcapng and --from: a recording holds no packets" },
		{ settings->flows, "--flows and --from: a recording counts flows only of what netfilter dropped" },
		{ settings->also, "--also and --from: a recording holds no other events than drops" },
		{ settings->top,
		  "--top and --from: that table is for what is dropped now; --totals counts a recording" },
		{ settings->duration_ns, "--duration and --from: a recording has its own; --count ends it earlier" },
		{ settings->speed && settings->totals,
		  "--speed and --totals: without lines there is nothing to wait for" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(impossible); i++) {
		if (impossible[i].asked)
			return complain("%s", impossible[i].words);
	}
	return 0;
}

/* What was recorded of drops at all; where reason and place alone are known, what else is asked for cannot be had. */
static int drops_check(struct player *player, const struct scope *scope)
{
	const char *path = player->settings->from;
	const struct observation *drops = series_observation(player->whole.series, SOURCE_DROPS, OBJECT_HOST_ID);

	if (!drops || !drops->readings) {
		return complain("%s holds no drop events: %s", path,
				drops && drops->reason ? drops->reason
				: player->whole.cut    ? player->whole.cut
						       : "it was made by a program that reads none");
	}
	if (!drops->partial)
		return 0;
	player->sum.totals.without_packets = drops->reason ? drops->reason : "";
	if (scope->options.netns || scope->options.interface)
		return complain("%s: packets cannot be told apart by namespace or interface: %s", path,
				player->sum.totals.without_packets);
	return 0;
}

static int open_recording(struct player *player)
{
	const struct trace_settings *settings = player->settings;
	struct scope scope = { .options = { .interface = settings->interface } };
	struct stat status;
	const char *why;

	if (strcmp(settings->from, "-") == 0 ||
	    (stat(settings->from, &status) == 0 && !evidence_is_bundle(settings->from)))
		return complain("--from %s: trace needs a recording (wheredrop record FILE): pasted outputs hold no "
				"single packets",
				settings->from);
	if (bundle_read(settings->from, &player->whole, &why))
		return complain("cannot read %s: %s", settings->from, why);
	if (evidence_narrow(player->whole.objects, &player->whole.about, settings->from, settings->netns, &scope) ||
	    drops_check(player, &scope))
		return STATUS_ERROR;
	player->recorded.whole = player->whole.objects;
	player->recorded.netns = scope.options.netns;
	player->recorded.interface = scope.options.interface;
	player->recording.cut = player->whole.cut;
	player->sum.totals.filtered = scope.options.netns || scope.options.interface;
	return 0;
}

static int play(struct player *player)
{
	struct bundle again;
	const char *why;

	stop_catch(player->settings->speed ? replay_keys_die : NULL);
	player->keys = player->settings->speed && replay_keys_open();
	if (bundle_replay(player->settings->from, take, player, &again, &why)) {
		replay_keys_close();
		return complain("cannot read %s: %s", player->settings->from, why);
	}
	bundle_free(&again);
	replay_keys_close();
	return finish(player);
}

int trace_from(const struct trace_settings *settings)
{
	struct player player = { .settings = settings };
	int error = settings_check(settings);

	if (!error)
		error = trace_look_prepare(&player.look, settings);
	if (!error)
		error = open_recording(&player);
	if (!error)
		error = play(&player);
	bundle_free(&player.whole);
	recorded_free(&player.recorded);
	trace_sum_free(&player.sum);
	vec_free(&player.users);
	text_free(&player.out);
	return error;
}
