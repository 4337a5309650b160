/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window. One thread, one tick after the other; between ticks the answers of helpers are taken.
 *
 * When the tool's own CPU use over the last second was above its bound, `level` rises and less is read: from 1 on dear
 * sources at a quarter of their rate, from 2 on at a sixteenth, from 3 on middle ones at a quarter, from 4 on at a
 * sixteenth, from 5 on ticks at half, a quarter … of their rate, to one per second. What is at the start and at the end
 * is always read: every difference stays whole, only its course in time gets coarser. What a loss makes urgent
 * (sampler_period.c) is read at any level.
 */
#include "source/sampler_parts.h"

#include "base/alloc.h"

#include <errno.h>
#include <poll.h>

#define LEVEL_MAX 9
#define LEVEL_TICKS 4 /* above it ticks get fewer */
#define TICK_SLOWEST_NS NS_PER_S
#define QUIET_AFTER 2	   /* equal readings */
#define QUIET_EVERY_MAX 50 /* ticks */
#define QUIET_PERMILLE 20  /* what reading them may take of a CPU */
#define LATE_INTERVALS 3
#define STALL_NS (NS_PER_S / 4) /* slept too long by so much: stopped or starved, and the helpers likely were, too */

/* The tool's own CPU use, measured second by second. */
struct usage {
	uint64_t since_ns, cpu_ns;
};

static int stop_asked(const struct sampler *sampler)
{
	return sampler->options.stop ? *sampler->options.stop : 0;
}

/* As asked for, or longer: a tick takes at most half of it. */
static uint64_t interval_now(struct sampler *sampler)
{
	uint64_t interval = sampler->options.interval_ns, slowest = TICK_SLOWEST_NS;

	if (slowest < interval)
		slowest = interval;
	if (sampler->level > LEVEL_TICKS)
		interval <<= sampler->level - LEVEL_TICKS;
	if (interval > slowest)
		interval = slowest;
	if (interval < sampler->tick_cost_ns * 2)
		interval = sampler->tick_cost_ns * 2;
	if (interval > sampler->result->interval_ns)
		sampler->result->interval_ns = interval;
	return interval;
}

/* Whether a namespace may be left out of this tick: nothing has moved in it for a while, and reading all is dear. */
static bool skip_quiet(struct sampler *sampler, size_t index, uint64_t every)
{
	const struct target *target = target_at(sampler, index);

	if (!target->inode || target->quiet < QUIET_AFTER || (sampler->number + index) % every == 0)
		return false;
	sampler->result->quiet_skipped = true;
	return true;
}

/* Every how many ticks a quiet namespace is read: 1 where all of them cost little. */
static uint64_t quiet_every(const struct sampler *sampler)
{
	const struct target *target;
	uint64_t all_ns = 0, namespaces = 0, every;

	vec_each(&sampler->targets, target) {
		all_ns += target->present ? target->cost_ns : 0;
		namespaces += target->present && target->inode;
	}
	every = all_ns * 1000 / (sampler->options.interval_ns * QUIET_PERMILLE) + 1;
	every = every < namespaces ? every : namespaces + !namespaces; /* one alone is no crowd */
	return every < QUIET_EVERY_MAX ? every : QUIET_EVERY_MAX;
}

/*
 * What is there and cannot be kept was not observed. The misses are the host's: in no namespace's own readings could
 * that be seen.
 */
static void miss_surplus(struct sampler *sampler)
{
	static const enum source_id sources[] = { SOURCE_LINK, SOURCE_SNMP, SOURCE_NFTABLES };
	const struct object *host = object_get(sampler->objects, OBJECT_HOST_ID);
	const char *reason = NULL;

	if (sampler->unread)
		reason = "there are more namespaces than are read";
	else if (sampler->snapshot.truncated || objects_refused(sampler->objects) || series_is_full(sampler->series))
		reason = "there is more on this host than is kept of one window";
	for (size_t i = 0; reason && i < ARRAY_SIZE(sources); i++)
		snapshot_missed(&sampler->snapshot, sources[i], host, -ENOSPC, reason);
}

/* The host's sources that enclose the others. */
static int read_enclosing(struct sampler *sampler)
{
	struct target *host = target_at(sampler, 0);
	int error = 0;

	for (size_t i = 0; !error && i < sampler->sources.count; i++) {
		const struct source *source = sampler->sources.data[i];
		uint64_t started_ns = clock_monotonic_ns();

		if (!source_encloses(source))
			continue;
		error = target_visit(sampler, host, source, &sampler->snapshot);
		cheap_set_due(sampler, &host->slots[i], clock_monotonic_ns() - started_ns, started_ns);
	}
	return error;
}

static int read_all(struct sampler *sampler, enum reading reading, uint64_t now_ns)
{
	uint64_t every = reading == READ_DUE || reading == READ_AGAIN ? quiet_every(sampler) : 1;
	int error = 0;

	if (reading == READ_FIRST || reading == READ_LAST)
		error = read_enclosing(sampler);
	for (size_t i = 0; !error && i < sampler->targets.count; i++) {
		struct target *target = target_at(sampler, i);

		if (target->present && !(target->refused && reading == READ_DUE) && !skip_quiet(sampler, i, every))
			error = target_read(sampler, target, reading, now_ns);
	}
	if (!error && reading == READ_AGAIN)
		error = read_enclosing(sampler);
	return error;
}

/* Whether what the enclosing sources read next ends a time in which others were read for the first or the last time. */
static void edge_before(struct sampler *sampler, enum reading reading)
{
	sampler->between = reading == READ_DUE;
	sampler->last = reading == READ_AGAIN;
	sampler->edge = sampler->opening || sampler->closing;
	if (reading == READ_DUE && !dear_busy(sampler))
		sampler->opening = false;
}

static void edge_after(struct sampler *sampler, enum reading reading)
{
	sampler->opening = sampler->opening || reading == READ_FIRST;
	sampler->closing = reading == READ_LAST || (reading == READ_DUE && sampler->closing);
	if (reading == READ_AGAIN)
		sampler->opening = false;
}

void sampler_take(struct sampler *sampler, const struct snapshot *snapshot)
{
	series_add(sampler->series, snapshot);
	if (sampler->options.taken)
		sampler->options.taken(sampler->options.argument, snapshot);
}

static int tick(struct sampler *sampler, enum reading reading)
{
	uint64_t asked_ns = clock_monotonic_ns(), now_ns, took_ns;
	int error;

	sampler->locked = !lock_is_free(sampler);
	now_ns = clock_monotonic_ns(); /* waiting is no cost of a tick */
	targets_refresh(sampler, now_ns);
	snapshot_begin(&sampler->snapshot, sampler->objects);
	edge_before(sampler, reading);
	error = read_all(sampler, reading, now_ns);
	edge_after(sampler, reading);
	miss_surplus(sampler);
	sampler_take(sampler, &sampler->snapshot);
	sampler->number++;
	sampler->result->ticks++;
	took_ns = clock_monotonic_ns() - now_ns;
	dear_excuse(sampler, now_ns - asked_ns + took_ns);
	if (reading == READ_DUE)
		sampler->tick_cost_ns = sampler->tick_cost_ns ? (sampler->tick_cost_ns * 3 + took_ns) / 4 : took_ns;
	sampler->result->tick_ns = sampler->tick_cost_ns;
	if (error)
		sampler->result->error = "cannot return to the own network namespace";
	return error;
}

static unsigned int thinned_at(unsigned int level)
{
	return (level >= THINNED_DEAR_LEVEL ? SAMPLER_THINNED_DEAR : 0) |
	       (level >= THINNED_MIDDLE_LEVEL ? SAMPLER_THINNED_MIDDLE : 0) |
	       (level > LEVEL_TICKS ? SAMPLER_THINNED_TICKS : 0);
}

static void usage_begin(struct usage *usage, uint64_t now_ns)
{
	*usage = (struct usage){ now_ns, clock_cpu_ns() };
}

/* Once a second: what was used decides about the level. */
static void usage_control(struct sampler *sampler, struct usage *usage, uint64_t now_ns)
{
	uint64_t bound = sampler->options.cpu_bound_permille, permille;

	if (now_ns - usage->since_ns < NS_PER_S)
		return;
	permille = (clock_cpu_ns() - usage->cpu_ns) * 1000 / (now_ns - usage->since_ns);
	if (permille > bound * 2)
		sampler->level += 2;
	else if (permille > bound)
		sampler->level += 1;
	else if (permille < bound / 2 && sampler->level)
		sampler->level -= 1;
	if (sampler->level > LEVEL_MAX)
		sampler->level = LEVEL_MAX;
	sampler->result->thinned |= thinned_at(sampler->level);
	usage_begin(usage, now_ns);
}

/*
 * Between the look at `stop` and the sleep a signal would be lost, and its user would wait for a whole interval: they get
 * through in the sleep alone.
 */
static int sleep_on(const struct sampler *sampler, struct pollfd fds[HELPERS], uint64_t ns)
{
	const struct timespec timeout = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
	const sigset_t *signals = sampler->options.stop_signals;
	sigset_t open;
	int ready = 0, error;

	if (signals)
		sigprocmask(SIG_BLOCK, signals, &open);
	if (stop_asked(sampler) == sampler->stop_seen)
		ready = ppoll(fds, HELPERS, &timeout, signals ? &open : NULL);
	error = errno;
	if (signals)
		sigprocmask(SIG_SETMASK, &open, NULL);
	errno = error;
	return ready;
}

/* Sleeps until then, or until a helper has something to say or is late. */
static void listen_until(struct sampler *sampler, uint64_t now_ns, uint64_t until_ns)
{
	struct pollfd fds[HELPERS];
	uint64_t left_ns = until_ns - now_ns;

	for (size_t i = 0; i < HELPERS; i++) {
		const struct helper *helper = &sampler->teams[i].helper;

		fds[i] = (struct pollfd){ .fd = helper->fd, .events = POLLIN };
		if (helper->pid && helper->deadline_ns < until_ns)
			left_ns = helper->deadline_ns > now_ns ? helper->deadline_ns - now_ns : NS_PER_MS;
	}
	if (sleep_on(sampler, fds, left_ns) < 0 && errno != EINTR)
		(void)clock_sleep_until(until_ns);
	else if (clock_monotonic_ns() > now_ns + left_ns + STALL_NS)
		dear_anew(sampler);
}

/* Sleeps until then; wakes for the helpers. Ends early when the user wants to stop or, if asked, with the last answer. */
static void wait_until(struct sampler *sampler, uint64_t until_ns, bool answers_only)
{
	uint64_t now_ns;

	while ((now_ns = clock_monotonic_ns()) < until_ns && stop_asked(sampler) == sampler->stop_seen &&
	       !(answers_only && !dear_busy(sampler))) {
		listen_until(sampler, now_ns, until_ns);
		dear_poll(sampler);
		dear_start(sampler);
	}
	sampler->stop_seen = stop_asked(sampler);
}

static void report(struct sampler *sampler, uint64_t start_ns, bool ending)
{
	struct sampler_progress progress = {
		.elapsed_ns = clock_monotonic_ns() - start_ns,
		.duration_ns = sampler->options.duration_ns,
		.ticks = sampler->result->ticks,
		.ending = ending,
	};
	const struct target *target;

	if (!sampler->options.progress)
		return;
	vec_each(&sampler->targets, target)
		progress.namespaces += target->inode && target->present;
	sampler->options.progress(sampler->options.argument, &progress);
}

/* When ticks are due, how far they were missed, and when one came early. */
struct beat {
	uint64_t due_ns, last_ns, hurried_ns;
};

#define HASTE_NS (10 * NS_PER_MS)
#define HASTE_SHARE 2 /* of the time, at most, for a tick that comes early */

/* What a loss has made urgent may be over when the next tick is due; where ticks are far apart it comes early, every other one. */
static void beat_hurry(struct sampler *sampler, struct beat *beat)
{
	uint64_t now_ns = clock_monotonic_ns(), interval = interval_now(sampler);
	uint64_t haste =
		sampler->tick_cost_ns * HASTE_SHARE > HASTE_NS ? sampler->tick_cost_ns * HASTE_SHARE : HASTE_NS;

	if (now_ns + haste >= beat->due_ns + interval || now_ns < beat->hurried_ns + interval ||
	    !urgent_waits(sampler, now_ns))
		return;
	beat->hurried_ns = now_ns;
	beat->due_ns = now_ns + haste - interval;
}

static void beat_wait(struct sampler *sampler, struct beat *beat, uint64_t end_ns, bool answers_only)
{
	uint64_t interval = interval_now(sampler), now_ns;

	beat->due_ns += interval;
	now_ns = clock_monotonic_ns();
	if (beat->due_ns + LATE_INTERVALS * interval < now_ns)
		sampler->result->late_ticks++;
	if (beat->due_ns < now_ns) /* what was missed is not caught up on */
		beat->due_ns = now_ns + interval - (now_ns - beat->due_ns) % interval;
	wait_until(sampler, beat->due_ns < end_ns ? beat->due_ns : end_ns, answers_only);
	now_ns = clock_monotonic_ns();
	if (now_ns > beat->due_ns + LATE_INTERVALS * interval)
		sampler->result->late_ticks++;
	if (now_ns - beat->last_ns > sampler->result->max_gap_ns)
		sampler->result->max_gap_ns = now_ns - beat->last_ns;
	beat->last_ns = now_ns;
}

#define ENOUGH_EVERY_NS (250 * NS_PER_MS)
#define ENOUGH_SHARE 20

/* What goes on from one part of the window to the next. */
struct course {
	uint64_t start_ns, end_ns;
	uint64_t ask_ns; /* when to ask next whether it is enough */
	struct beat beat;
	struct usage usage;
	bool first_round;
};

static bool is_enough(struct sampler *sampler, struct course *course)
{
	uint64_t now_ns = clock_monotonic_ns(), took_ns;
	bool enough;

	if (!sampler->options.enough || now_ns < course->ask_ns)
		return false;
	enough = sampler->options.enough(sampler->options.argument, sampler->series, false);
	took_ns = clock_monotonic_ns() - now_ns;
	dear_excuse(sampler, took_ns);
	course->ask_ns = now_ns + (took_ns * ENOUGH_SHARE > ENOUGH_EVERY_NS ? took_ns * ENOUGH_SHARE : ENOUGH_EVERY_NS);
	return enough;
}

/* Attaching to the kernel and the first reading take seconds on a slow machine: the time that was asked for comes after. */
static int course_begin(struct sampler *sampler, struct course *course)
{
	int error = tick(sampler, READ_FIRST);
	uint64_t now_ns = clock_monotonic_ns();

	*course = (struct course){ now_ns, now_ns + sampler->options.duration_ns, now_ns, { now_ns, now_ns, 0 }, { 0 },
				   true };
	dear_enqueue(sampler, READ_FIRST, now_ns);
	dear_start(sampler);
	usage_begin(&course->usage, now_ns);
	return error;
}

/* Until the window is over, the user stops it, or it may be enough. */
static int watch(struct sampler *sampler, struct course *course)
{
	int error = 0;

	while (!error) {
		uint64_t now_ns;

		report(sampler, course->start_ns, false);
		beat_hurry(sampler, &course->beat);
		beat_wait(sampler, &course->beat, course->end_ns, false);
		now_ns = clock_monotonic_ns();
		if (now_ns >= course->end_ns || stop_asked(sampler) || is_enough(sampler, course))
			break;
		error = tick(sampler, READ_DUE);
		course->first_round = course->first_round && (dear_busy(sampler) || sampler->number <= QUIET_AFTER + 1);
		if (course->first_round) /* what the first readings cost says nothing about the rest */
			usage_begin(&course->usage, now_ns);
		usage_control(sampler, &course->usage, now_ns);
		dear_enqueue(sampler, READ_DUE, now_ns);
		dear_start(sampler);
	}
	sampler->result->stopped = stop_asked(sampler) && clock_monotonic_ns() < course->end_ns;
	return error;
}

/* The window is over, or may be: everything once more, then the dear sources, and what is cheap again. */
static int drain(struct sampler *sampler, struct course *course)
{
	uint64_t now_ns = clock_monotonic_ns(), patience_ns = sampler->options.duration_ns / 2, until_ns;
	int stop = stop_asked(sampler), error = tick(sampler, READ_LAST);

	if (patience_ns < 2 * sampler->options.deadline_ns || stop)
		patience_ns = (stop ? 1 : 2) * sampler->options.deadline_ns;
	until_ns = now_ns + patience_ns;
	dear_forget(sampler);
	dear_enqueue(sampler, READ_LAST, now_ns);
	dear_start(sampler);
	while (!error && dear_busy(sampler) && clock_monotonic_ns() < until_ns && stop_asked(sampler) < 2) {
		report(sampler, course->start_ns, true);
		beat_wait(sampler, &course->beat, until_ns, true);
		if (dear_busy(sampler))
			error = tick(sampler, READ_DUE);
	}
	dear_give_up(sampler,
		     stop_asked(sampler) >= 2 ? "stopped by the user" : "no time was left at the window's end");
	return error ? error : tick(sampler, READ_AGAIN);
}

/* The whole window: it goes on when a complete reading showed that it was not enough. */
static int window(struct sampler *sampler)
{
	struct course course;
	int error = course_begin(sampler, &course);

	while (!error) {
		error = watch(sampler, &course);
		if (!error)
			error = drain(sampler, &course);
		if (error || stop_asked(sampler) || clock_monotonic_ns() >= course.end_ns)
			break;
		sampler->result->enough = sampler->options.enough(sampler->options.argument, sampler->series, true);
		if (sampler->result->enough)
			break;
	}
	return error;
}

static void take_options(struct sampler *sampler, const struct sampler_options *options)
{
	struct sampler_options *taken = &sampler->options;
	const struct source **slot, *source;

	*taken = *options;
	if (!taken->duration_ns)
		taken->duration_ns = SAMPLER_DURATION_NS;
	if (!taken->interval_ns)
		taken->interval_ns = SAMPLER_INTERVAL_NS;
	if (!taken->deadline_ns)
		taken->deadline_ns = SAMPLER_DEADLINE_NS;
	if (!taken->cpu_bound_permille)
		taken->cpu_bound_permille = SAMPLER_CPU_BOUND_PERMILLE;
	if (!taken->sysroot)
		taken->sysroot = "";
	for (size_t i = 0; (source = options->sources ? options->sources[i] : source_at(i)); i++) {
		slot = vec_add(&sampler->sources, SOURCE_COUNT);
		if (slot)
			*slot = source;
	}
}

static void costs_sum(const struct sampler *sampler)
{
	const struct target *target;

	vec_each(&sampler->targets, target) {
		for (size_t i = 0; i < sampler->sources.count; i++)
			sampler->result->source_ns[sampler->sources.data[i]->id] += target->slots[i].cost_ns;
	}
}

int sampler_run(const struct sampler_options *options, struct series *series, struct sampler_result *ret)
{
	struct sampler sampler = { .series = series, .objects = series_objects(series), .result = ret };
	uint64_t cpu_ns = clock_cpu_ns();
	int error;

	*ret = (struct sampler_result){ 0 };
	for (size_t i = 0; i < HELPERS; i++)
		sampler.teams[i].helper = HELPER_IDLE;
	take_options(&sampler, options);
	error = targets_open(&sampler);
	if (!error) {
		lock_open(&sampler);
		error = window(&sampler);
	}
	series_finish(series);
	for (size_t i = 0; i < sampler.targets.count; i++)
		ret->refused += target_at(&sampler, i)->refused != 0;
	ret->hidden_processes = sampler.list.hidden;
	costs_sum(&sampler);
	lock_close(&sampler);
	dear_close(&sampler);
	targets_close(&sampler);
	snapshot_free(&sampler.snapshot);
	snapshot_free(&sampler.answer);
	text_free(&sampler.buffer);
	vec_free(&sampler.sources);
	ret->cpu_ns = clock_cpu_ns() - cpu_ns;
	return error;
}
