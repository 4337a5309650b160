/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a process does not read its socket in time. Each answer rests on what was
 * seen of the process in the window: its state at the moments of the drops, the
 * time it ran, waited for a CPU, for the disk or for memory, and whether its
 * queue ever became empty. A setting alone is no reason.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"
#include "base/clock.h"

/* Shares of the drops, or of the time, above which a state of the process explains them. */
#define STOPPED_SHARE 0.5
#define BLOCKED_SHARE 0.3
#define WAITING_SHARE 0.2
#define BUSY_SHARE 0.7
#define QUEUE_FULL_SHARE 0.75
#define QUEUE_TURNS 2
#define STEP_MS 10
#define LOSING_MS 300 /* the time in which packets were lost tells something from this length on */

struct reader {
	struct detection *detection;
	struct finding *finding;
	uint32_t socket, process, cgroup;
	const struct cell *drops; /* when the packets were lost */
};

/* The share of the drops that fell when the gauge was at least that; of the time where drops have no history. */
static double share_when(const struct reader *reader, counter_id counter, uint64_t at_least)
{
	const struct cell *cell = series_cell(reader->detection->series, counter, reader->process);

	if (!cell)
		return 0;
	if (reader->drops && reader->drops->increase)
		return gauge_share_of(reader->detection->series, cell, at_least, reader->drops);
	return gauge_share(reader->detection->series, cell, at_least);
}

/* What a total had gained by then; between two movements evenly. */
static double gained_by(const struct reader *reader, const struct cell *cell, uint32_t time_ms)
{
	uint32_t since_ms = (uint32_t)((cell->first_ns - series_start_ns(reader->detection->series)) / NS_PER_MS);
	double gained = 0;

	for (size_t i = 0; i < cell->points.count; i++) {
		const struct point *point = &cell->points.data[i];

		if (point->time_ms > time_ms) {
			if (time_ms > since_ms)
				gained += (double)point->increase * (time_ms - since_ms) / (point->time_ms - since_ms);
			break;
		}
		gained += (double)point->increase;
		since_ms = point->time_ms;
	}
	return gained;
}

/* How much of the time between the first and the last drop a total of nanoseconds filled; 0 when that is too short. */
static double share_of_losing(const struct reader *reader, const struct cell *cell)
{
	const struct cell *drops = reader->drops;
	uint32_t from_ms, until_ms;

	if (!drops || drops->points.count < 2)
		return 0;
	from_ms = drops->points.data[0].time_ms;
	until_ms = drops->points.data[drops->points.count - 1].time_ms;
	if (until_ms - from_ms < LOSING_MS)
		return 0;
	return (gained_by(reader, cell, until_ms) - gained_by(reader, cell, from_ms)) / (double)NS_PER_MS /
	       (until_ms - from_ms);
}

/* How much of the time a total of nanoseconds filled: while packets were lost, or of the whole window if that is more. */
static double share_of_time(const struct reader *reader, counter_id counter, uint32_t object)
{
	const struct cell *cell = object ? series_cell(reader->detection->series, counter, object) : NULL;
	double all, losing;

	if (!cell)
		return 0;
	all = detect_time_share(reader->detection->series, counter, object);
	losing = share_of_losing(reader, cell);
	return losing > all ? losing : all;
}

static struct because *add(const struct reader *reader, enum cause cause)
{
	return finding_because(reader->finding, cause, reader->process);
}

static void prove(const struct reader *reader, struct because *because, counter_id counter, uint32_t object)
{
	because_evidence(because, reader->detection->series, counter, object, NULL);
}

static bool is_stopped(const struct reader *reader)
{
	struct because *because;

	if (share_when(reader, C_PROCESS_THREADS_STOPPED, 1) < STOPPED_SHARE)
		return false;
	because = add(reader, CAUSE_PROCESS_STOPPED);
	prove(reader, because, C_PROCESS_STATE, reader->process);
	prove(reader, because, C_PROCESS_THREADS_STOPPED, reader->process);
	prove(reader, because, C_PROCESS_CPU_NS, reader->process);
	return true;
}

/* The cgroup of the process that tells this; the host where none does (version 1 has no pressure files). */
static uint32_t telling(const struct reader *reader, counter_id counter)
{
	const struct object *process = object_get(reader->detection->objects, reader->process);
	uint32_t groups[] = { process->peer, process->parent };

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (groups[i] && series_cell(reader->detection->series, counter, groups[i]))
			return groups[i];
	}
	return OBJECT_HOST_ID;
}

static bool is_starved(const struct reader *reader)
{
	double throttled = share_of_time(reader, C_CGROUP_CPU_THROTTLED_NS, reader->cgroup);
	bool quota = throttled >= WAITING_SHARE &&
		     series_increase(reader->detection->series, C_CGROUP_NR_THROTTLED, reader->cgroup);
	uint32_t cpu = detect_busiest_cpu(reader->detection);
	struct because *because;

	if (!quota && share_of_time(reader, C_PROCESS_RUN_DELAY_NS, reader->process) < BLOCKED_SHARE)
		return false;
	because = add(reader, CAUSE_PROCESS_CPU_STARVED);
	if (quota) {
		prove(reader, because, C_CGROUP_CPU_THROTTLED_NS, reader->cgroup);
		prove(reader, because, C_CGROUP_NR_THROTTLED, reader->cgroup);
		prove(reader, because, C_CGROUP_CPU_QUOTA, reader->cgroup);
	}
	prove(reader, because, C_PROCESS_RUN_DELAY_NS, reader->process);
	prove(reader, because, C_CGROUP_CPU_WAIT_NS, telling(reader, C_CGROUP_CPU_WAIT_NS));
	prove(reader, because, C_PROCESS_CPU_NS, reader->process);
	if (!quota && cpu)
		detect_cpu_because(reader->detection, reader->finding, cpu);
	return true;
}

/* Where only the host tells that somebody waits for memory, the reader itself must have faulted so often. */
#define FAULTS_PER_SECOND 20

static bool is_memory_stalled(const struct reader *reader)
{
	const struct series *series = reader->detection->series;
	uint32_t group = telling(reader, C_CGROUP_MEMORY_STALL_NS);
	counter_id waited = group ? C_CGROUP_MEMORY_STALL_NS : C_PRESSURE_MEMORY_SOME;
	uint64_t faults = series_increase(series, C_PROCESS_MAJOR_FAULTS, reader->process);
	struct because *because;

	if (detect_time_share(series, waited, group) < WAITING_SHARE || !faults ||
	    (!group && (double)faults < FAULTS_PER_SECOND * series_seconds(series)))
		return false;
	because = add(reader, CAUSE_PROCESS_MEMORY_STALLED);
	prove(reader, because, waited, group);
	prove(reader, because, C_PROCESS_MAJOR_FAULTS, reader->process);
	prove(reader, because, C_CGROUP_MEMORY_HIGH, telling(reader, C_CGROUP_MEMORY_HIGH));
	prove(reader, because, C_CGROUP_MEMORY_REFUSED, telling(reader, C_CGROUP_MEMORY_REFUSED));
	return true;
}

static bool is_blocked(const struct reader *reader)
{
	uint32_t group = telling(reader, C_CGROUP_IO_STALL_NS);
	struct because *because;

	if (share_when(reader, C_PROCESS_THREADS_BLOCKED, 1) < BLOCKED_SHARE &&
	    share_of_time(reader, C_PROCESS_IO_DELAY, reader->process) < BLOCKED_SHARE)
		return false;
	because = add(reader, CAUSE_PROCESS_BLOCKED_ON_DISK);
	prove(reader, because, C_PROCESS_THREADS_BLOCKED, reader->process);
	prove(reader, because, C_PROCESS_STATE, reader->process);
	prove(reader, because, C_PROCESS_IO_DELAY, reader->process);
	prove(reader, because, group ? C_CGROUP_IO_STALL_NS : C_PRESSURE_IO_SOME, group);
	return true;
}

static bool is_busy(const struct reader *reader)
{
	struct because *because;

	if (share_of_time(reader, C_PROCESS_BUSIEST_THREAD_CPU_NS, reader->process) < BUSY_SHARE)
		return false;
	because = add(reader, CAUSE_PROCESS_TOO_SLOW);
	prove(reader, because, C_PROCESS_BUSIEST_THREAD_CPU_NS, reader->process);
	prove(reader, because, C_PROCESS_CPU_NS, reader->process);
	return true;
}

/*
 * The share of the time between the first and the last drop in which the queue was more than half full; of the time from
 * the drop on when all of them were seen at once.
 */
static double queue_full_share(const struct reader *reader, const struct cell *level, uint64_t full)
{
	const struct series *series = reader->detection->series;
	uint32_t from, until, at, above = 0, steps = 0;

	if (!reader->drops || !reader->drops->points.count)
		return gauge_share(series, level, full / 2 + 1);
	from = reader->drops->points.data[0].time_ms;
	until = reader->drops->points.data[reader->drops->points.count - 1].time_ms;
	if (until == from)
		until = (uint32_t)((level->last_ns - series_start_ns(series)) / NS_PER_MS) + 1;
	for (at = from; at < until; at += STEP_MS, steps++)
		above += gauge_at(series, level, at) > full / 2;
	return steps ? (double)above / steps : 0;
}

/* Only sock_diag tells it. Without that, since packets were lost: the highest level that was seen. */
static uint64_t queue_limit(const struct reader *reader, counter_id level, counter_id limit)
{
	const struct cell *cell = series_cell(reader->detection->series, level, reader->socket);
	uint64_t told = series_last(reader->detection->series, limit, reader->socket);

	return told || !cell ? told : cell->high;
}

/*
 * Neither stopped nor blocked nor busy. A queue that stays full has a reader that is slow for reasons of its own
 * (it sleeps, or waits for something else). One that is emptied between the drops, or turned over again and again,
 * was too small for the burst.
 */
static void judge_queue(const struct reader *reader, counter_id level, counter_id limit, enum cause small,
			uint64_t turns)
{
	const struct series *series = reader->detection->series;
	const struct cell *cell = series_cell(series, level, reader->socket);
	uint64_t full = queue_limit(reader, level, limit);
	struct because *because;

	if (!cell)
		return;
	if (queue_full_share(reader, cell, full) >= QUEUE_FULL_SHARE && turns < QUEUE_TURNS) {
		if (!reader->process)
			return;
		because = add(reader, CAUSE_PROCESS_TOO_SLOW);
		prove(reader, because, C_PROCESS_CPU_NS, reader->process);
		prove(reader, because, C_PROCESS_STATE, reader->process);
	} else {
		because = finding_because(reader->finding, small, reader->socket);
	}
	prove(reader, because, level, reader->socket);
	prove(reader, because, limit, reader->socket);
}

/* How often the whole accept queue was taken over in the window. */
static uint64_t accept_turns(const struct reader *reader)
{
	const struct series *series = reader->detection->series;
	uint32_t netns = object_get(reader->detection->objects, reader->socket)->netns;

	return series_increase(series, C_TCP_PASSIVE_OPENS, netns) /
	       (queue_limit(reader, C_SOCK_ACCEPT_QUEUE, C_SOCK_ACCEPT_LIMIT) + 1);
}

void detect_reader(struct detection *detection, struct finding *finding, uint32_t socket, enum reader_kind kind)
{
	const struct object *object = object_get(detection->objects, socket);
	static const counter_id drops[] = {
		[READER_DATAGRAMS] = C_SOCK_DROPS,   [READER_CONNECTIONS] = C_SOCK_LISTEN_DROPS,
		[READER_STREAM] = C_SOCK_TCP_DROPS,  [READER_CAPTURE] = C_PACKET_SOCKET_DROPS,
		[READER_MESSAGES] = C_NETLINK_DROPS, [READER_COPIES] = C_RAW_DROPS,
	};
	struct reader reader = {
		.detection = detection,
		.finding = finding,
		.socket = socket,
		.process = object->owner,
		.drops = series_cell(detection->series, drops[kind], socket),
	};

	if (!reader.drops && kind == READER_CONNECTIONS)
		reader.drops = series_cell(detection->series, C_TCP_EXT_LISTEN_OVERFLOWS, object->netns);
	if (reader.process)
		reader.cgroup = object_get(detection->objects, reader.process)->parent;
	if (reader.process && (is_stopped(&reader) || is_starved(&reader) || is_memory_stalled(&reader) ||
			       is_blocked(&reader) || is_busy(&reader)))
		return;
	if (kind == READER_CONNECTIONS)
		judge_queue(&reader, C_SOCK_ACCEPT_QUEUE, C_SOCK_ACCEPT_LIMIT, CAUSE_ACCEPT_BACKLOG_SMALL,
			    accept_turns(&reader));
	else if (kind == READER_CAPTURE)
		judge_queue(&reader, C_PACKET_SOCKET_RMEM, C_PACKET_SOCKET_RCVBUF, CAUSE_RECEIVE_BUFFER_SMALL, 0);
	else
		judge_queue(&reader, C_SOCK_RMEM, C_SOCK_RCVBUF, CAUSE_RECEIVE_BUFFER_SMALL, 0);
}
