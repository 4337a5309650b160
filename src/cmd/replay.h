/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock of a replay: what time it is in the recording, while it runs, is paused, or is stepped through. Pure: it is told
 * what time it is here.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define REPLAY_SLOWEST (1.0 / 64)
#define REPLAY_FASTEST 1048576.0

struct replay {
	double speed; /* seconds of the recording in a second here */
	bool paused;
	uint64_t media_ns; /* where it was in the recording ... */
	uint64_t since_ns; /* ... at that moment here */
};

/* Runs from that time of the recording on. Speeds out of bounds become the nearest in them. */
void replay_start(struct replay *replay, uint64_t media_ns, double speed, uint64_t now_ns);

/* What time it is in the recording. */
uint64_t replay_media_ns(const struct replay *replay, uint64_t now_ns);

/* How long from now until that time of the recording: 0 when it is over, UINT64_MAX while paused and it is not. */
uint64_t replay_wait_ns(const struct replay *replay, uint64_t media_ns, uint64_t now_ns);

/* Pauses what runs, and the other way round. */
void replay_pause(struct replay *replay, uint64_t now_ns);

/* Twice, and half, as fast. */
void replay_faster(struct replay *replay, uint64_t now_ns);
void replay_slower(struct replay *replay, uint64_t now_ns);

/* To that time of the recording at once, where it pauses. Never back. */
void replay_step(struct replay *replay, uint64_t media_ns, uint64_t now_ns);
