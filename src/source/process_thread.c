/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a process fares: /proc/PID/stat for the whole of it, /proc/PID/task/TID/
 * {stat,schedstat,wchan} for its threads.
 *
 * CPU time of the whole is the kernel's own sum, which keeps the time of ended
 * threads. Waiting for a CPU is only told per thread, and a sum over living
 * threads falls when one ends; so each thread has an object of its own (the main
 * thread's is the process's) and the process's total grows by what each of its
 * threads gained since the reading before.
 */
#include "source/process.h"

#include "model/series.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 256 /* looked at per process */

static uint64_t ticks_ns(uint64_t ticks)
{
	long per_second = sysconf(_SC_CLK_TCK);

	return per_second > 0 ? ticks * (NS_PER_S / (uint64_t)per_second) : 0;
}

/* ---- /proc/PID/stat ---- */

static void copy_comm(struct slice comm, char *ret, size_t size)
{
	size_t length = comm.length < size - 1 ? comm.length : size - 1;

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)comm.data[i];

		ret[i] = c < ' ' || c == 0x7f ? '?' : (char)c;
	}
	ret[length] = '\0';
}

/* Counted from the state, which is field 3 of proc(5). */
static void stat_field(struct process_stat *stat, unsigned int field, uint64_t value)
{
	if (field == 12)
		stat->major_faults = value;
	else if (field == 14 || field == 15)
		stat->cpu_ticks += value;
	else if (field == 20)
		stat->threads = value;
	else if (field == 22)
		stat->start_ticks = value;
	else if (field == 42)
		stat->io_ticks = value;
}

/* "12 (a name) S 1 …": the name may hold anything, ") S (" included, so it ends at the last parenthesis. */
int process_stat_parse(struct slice text, struct process_stat *ret)
{
	const char *open = text.length ? memchr(text.data, '(', text.length) : NULL;
	const char *close = text.length ? memrchr(text.data, ')', text.length) : NULL;
	struct process_stat stat = { .state = '\0' };
	struct cursor cursor;
	struct slice word;

	if (!open || !close || close < open)
		return -EBADMSG;
	copy_comm((struct slice){ open + 1, (size_t)(close - open - 1) }, stat.comm, sizeof(stat.comm));
	cursor = cursor_of(close + 1, text.length - (size_t)(close + 1 - text.data));
	if (!cursor_word(&cursor, &word) || word.length != 1)
		return -EBADMSG;
	stat.state = word.data[0];
	for (unsigned int field = 4; field <= 42; field++) {
		uint64_t value = 0;

		if (!cursor_word(&cursor, &word))
			return -EBADMSG;
		if (parse_u64(slice_trim(word), &value) == 0) /* others are negative or of no interest */
			stat_field(&stat, field, value);
	}
	*ret = stat;
	return 0;
}

int process_stat_read(const struct source_context *context, pid_t pid, pid_t tid, struct process_stat *ret)
{
	char path[64];
	int error;

	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	else
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	error = source_read_file(context, path);
	if (error)
		return error;
	return process_stat_parse((struct slice){ text_string(context->buffer), context->buffer->length }, ret);
}

/* ---- threads ---- */

/* What is summed up over the threads of one process. */
struct threads {
	const struct source_context *context;
	struct snapshot *snapshot;
	struct object *process;
	uint64_t running, blocked, stopped;
	uint64_t busiest_ns, run_delay_ns, io_delay_ns;
	pid_t waiting; /* the thread whose wchan says most */
	int waiting_rank;
};

/*
 * How much a thread gained since the last reading; all of it when its process is read for the first time, nothing when
 * only the thread is: it may be one that was beyond THREADS_MAX. Numbers that were zero are not recorded.
 */
static uint64_t thread_gain(const struct threads *threads, counter_id whole, counter_id part,
			    const struct object *thread, uint64_t now)
{
	const struct series *series = threads->context->series;
	const struct cell *before;

	if (!series || !series_cell(series, whole, threads->process->id))
		return now;
	before = series_cell(series, part, thread->id);
	if (!before)
		return series_cell(series, C_THREAD_CPU_NS, thread->id) ? now : 0;
	return now > before->last ? now - before->last : 0;
}

static struct object *thread_object(const struct threads *threads, pid_t tid, const struct process_stat *stat)
{
	bool is_new;
	struct object *object =
		object_intern(threads->context->objects,
			      (struct object_key){ OBJECT_PROCESS, 0, (uint64_t)tid, stat->start_ticks }, &is_new);

	if (object && object != threads->process) {
		object->pid = tid;
		object->parent = threads->process->id;
		object_label(object, LABEL_COMM, stat->comm);
	}
	return object;
}

/* schedstat: time on a CPU, time waiting for one, both in nanoseconds, and turns. Absent without CONFIG_SCHED_INFO. */
static void take_schedstat(struct threads *threads, pid_t tid, const struct object *thread)
{
	const struct series *series = threads->context->series;
	const struct cell *before = series ? series_cell(series, C_THREAD_CPU_NS, thread->id) : NULL;
	struct cursor cursor;
	char path[64];
	uint64_t cpu_ns, delay_ns;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)threads->process->pid, (int)tid);
	if (source_read_file(threads->context, path) < 0)
		return;
	cursor = cursor_of(text_string(threads->context->buffer), threads->context->buffer->length);
	cpu_ns = cursor_u64(&cursor);
	delay_ns = cursor_u64(&cursor);
	if (cursor.error)
		return;
	if (before && cpu_ns > before->first && cpu_ns - before->first > threads->busiest_ns)
		threads->busiest_ns = cpu_ns - before->first;
	threads->run_delay_ns += thread_gain(threads, C_PROCESS_RUN_DELAY_NS, C_THREAD_RUN_DELAY_NS, thread, delay_ns);
	snapshot_add(threads->snapshot, C_THREAD_CPU_NS, thread, cpu_ns);
	snapshot_add(threads->snapshot, C_THREAD_RUN_DELAY_NS, thread, delay_ns);
}

/* How much a thread's wait tells: blocked before stopped before whatever the main thread does. */
static int wait_rank(const struct threads *threads, pid_t tid, char state)
{
	if (state == 'D')
		return 3;
	if (state == 'T' || state == 't')
		return 2;
	return tid == threads->process->pid;
}

static void take_state(struct threads *threads, pid_t tid, char state)
{
	int rank = wait_rank(threads, tid, state);

	threads->running += state == 'R';
	threads->blocked += rank == 3;
	threads->stopped += rank == 2;
	if (rank > threads->waiting_rank) {
		threads->waiting = tid;
		threads->waiting_rank = rank;
	}
}

static void take_thread(struct threads *threads, pid_t tid)
{
	struct process_stat stat;
	struct object *thread;
	uint64_t io_ns;

	if (process_stat_read(threads->context, threads->process->pid, tid, &stat))
		return;
	thread = thread_object(threads, tid, &stat);
	if (!thread)
		return;
	take_state(threads, tid, stat.state);
	take_schedstat(threads, tid, thread);
	io_ns = ticks_ns(stat.io_ticks);
	if (!io_ns)
		return;
	threads->io_delay_ns += thread_gain(threads, C_PROCESS_IO_DELAY, C_THREAD_IO_DELAY_NS, thread, io_ns);
	snapshot_add(threads->snapshot, C_THREAD_IO_DELAY_NS, thread, io_ns);
}

static void walk_threads(struct threads *threads)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	unsigned int taken = 0;
	uint32_t tid;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/proc/%d/task", threads->context->sysroot, (int)threads->process->pid);
	directory = opendir(path);
	while (directory && taken < THREADS_MAX && (entry = readdir(directory))) {
		if (parse_u32(slice_of(entry->d_name), &tid) < 0 || tid > INT_MAX)
			continue;
		take_thread(threads, (pid_t)tid);
		taken++;
	}
	if (directory)
		closedir(directory);
}

/* wchan: the kernel function a thread sleeps in, "0" when it runs or it is not told. */
static void label_wait(const struct threads *threads)
{
	struct slice wait = SLICE("");
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/wchan", (int)threads->process->pid, (int)threads->waiting);
	if (threads->waiting && source_read_file(threads->context, path) == 0)
		wait = slice_trim(
			(struct slice){ text_string(threads->context->buffer), threads->context->buffer->length });
	if (slice_is(wait, "0") || wait.length > 128)
		wait = SLICE("");
	object_labelf(threads->process, LABEL_WAIT, "%.*s", (int)wait.length, wait.data);
}

/* A total kept by adding up: what it was, and what came since. */
static void add_total(const struct threads *threads, counter_id counter, uint64_t gain)
{
	const struct series *series = threads->context->series;

	snapshot_add(threads->snapshot, counter, threads->process,
		     (series ? series_last(series, counter, threads->process->id) : 0) + gain);
}

static void add_threads(struct threads *threads)
{
	const struct series *series = threads->context->series;
	uint64_t busiest = series ? series_last(series, C_PROCESS_BUSIEST_THREAD_CPU_NS, threads->process->id) : 0;

	walk_threads(threads);
	snapshot_add(threads->snapshot, C_PROCESS_THREADS_RUNNING, threads->process, threads->running);
	snapshot_add(threads->snapshot, C_PROCESS_THREADS_BLOCKED, threads->process, threads->blocked);
	snapshot_add(threads->snapshot, C_PROCESS_THREADS_STOPPED, threads->process, threads->stopped);
	snapshot_add(threads->snapshot, C_PROCESS_BUSIEST_THREAD_CPU_NS, threads->process,
		     threads->busiest_ns > busiest ? threads->busiest_ns : busiest);
	add_total(threads, C_PROCESS_RUN_DELAY_NS, threads->run_delay_ns);
	add_total(threads, C_PROCESS_IO_DELAY, threads->io_delay_ns);
	label_wait(threads);
}

/* ---- the process ---- */

static void add_netns(const struct source_context *context, struct snapshot *snapshot, const struct object *process)
{
	char path[PATH_MAX], target[64];
	struct cursor cursor;
	struct slice digits;
	uint64_t inode;
	ssize_t length;

	snprintf(path, sizeof(path), "%s/proc/%d/ns/net", context->sysroot, (int)process->pid);
	length = readlink(path, target, sizeof(target));
	if (length <= 0)
		return;
	cursor = cursor_of(target, (size_t)length); /* "net:[4026531840]" */
	if (cursor_until(&cursor, '[', &digits) && cursor_until(&cursor, ']', &digits) &&
	    parse_u64(digits, &inode) == 0)
		snapshot_add(snapshot, C_PROCESS_NET_NS, process, inode);
}

void process_read(const struct source_context *context, struct snapshot *snapshot, pid_t pid, uint64_t start_ticks)
{
	struct threads threads = { .context = context, .snapshot = snapshot };
	struct process_stat stat;
	struct object *process;

	if (process_stat_read(context, pid, 0, &stat) || stat.start_ticks != start_ticks)
		return;
	process = object_intern(context->objects, (struct object_key){ OBJECT_PROCESS, 0, (uint64_t)pid, start_ticks },
				NULL);
	if (!process)
		return;
	process->pid = pid;
	object_label(process, LABEL_COMM, stat.comm);
	object_labelf(process, LABEL_NAME, "%s (pid %d)", stat.comm, (int)pid);
	snapshot_add(snapshot, C_PROCESS_STATE, process, (unsigned char)stat.state);
	snapshot_add(snapshot, C_PROCESS_THREADS, process, stat.threads);
	snapshot_add(snapshot, C_PROCESS_CPU_NS, process, ticks_ns(stat.cpu_ticks));
	snapshot_add(snapshot, C_PROCESS_MAJOR_FAULTS, process, stat.major_faults);
	add_netns(context, snapshot, process);
	threads.process = process;
	add_threads(&threads);
	process_cgroup_read(context, snapshot, process);
}
