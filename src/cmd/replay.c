/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whatever changes the course first brings the clock up to date. */
#include "cmd/replay.h"

static double speed_within(double speed)
{
	if (!(speed >= REPLAY_SLOWEST))
		return REPLAY_SLOWEST;
	return speed > REPLAY_FASTEST ? REPLAY_FASTEST : speed;
}

/* Never more than 63 bits: who adds it to a time stays in its range. */
static uint64_t whole(double ns)
{
	return ns < 9e18 ? (uint64_t)ns : (uint64_t)INT64_MAX;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void replay_start(struct replay *replay, uint64_t media_ns, double speed, uint64_t now_ns)
{
	*replay = (struct replay){ .speed = speed_within(speed), .media_ns = media_ns, .since_ns = now_ns };
}

uint64_t replay_media_ns(const struct replay *replay, uint64_t now_ns)
{
	if (replay->paused || now_ns <= replay->since_ns)
		return replay->media_ns;
	return sum(replay->media_ns, whole((double)(now_ns - replay->since_ns) * replay->speed));
}

uint64_t replay_wait_ns(const struct replay *replay, uint64_t media_ns, uint64_t now_ns)
{
	uint64_t here_ns = replay_media_ns(replay, now_ns), wait_ns;

	if (media_ns <= here_ns)
		return 0;
	if (replay->paused)
		return UINT64_MAX;
	wait_ns = whole((double)(media_ns - here_ns) / replay->speed);
	return wait_ns ? wait_ns : 1;
}

static void update(struct replay *replay, uint64_t now_ns)
{
	replay->media_ns = replay_media_ns(replay, now_ns);
	replay->since_ns = now_ns;
}

void replay_pause(struct replay *replay, uint64_t now_ns)
{
	update(replay, now_ns);
	replay->paused = !replay->paused;
}

void replay_faster(struct replay *replay, uint64_t now_ns)
{
	update(replay, now_ns);
	replay->speed = speed_within(replay->speed * 2);
}

void replay_slower(struct replay *replay, uint64_t now_ns)
{
	update(replay, now_ns);
	replay->speed = speed_within(replay->speed / 2);
}

void replay_step(struct replay *replay, uint64_t media_ns, uint64_t now_ns)
{
	update(replay, now_ns);
	if (media_ns > replay->media_ns)
		replay->media_ns = media_ns;
	replay->paused = true;
}
