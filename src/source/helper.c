/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers. On the pipe: a frame per index, its head in native byte order and then the bytes of snapshot_encode().
 * A killed child may sit in an uninterruptible sleep (a driver under the RTNL lock), so nothing here waits for one.
 */
#include "source/helper.h"

#include "source/kept.h"
#include "source/netlink.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intern.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEAVING_MAX 1024
#define SETTLE_MS 100
#define PIPE_CHUNK 65536
#define ANSWER_MAX (TEXT_MAX_DEFAULT - sizeof(struct frame))

struct frame {
	uint64_t length; /* of the bytes that follow; UINT64_MAX: there were too many */
	uint64_t time_ns, wall_ns, cost_ns;
};

/*
 * Done or killed, and not reaped yet, of all helpers. They outlive a window: what a driver holds in the kernel may take the
 * kill only hours later, and every further window would leave one more behind.
 */
struct leaving {
	pid_t pid;
	uint64_t what; /* it was killed at; 0: it was done, or nobody will ask */
	bool killed;
	bool settled; /* was waited for */
};

static VEC(struct leaving) leaving;
static size_t working; /* helpers that were started and neither ended nor were killed yet */

/* Closes everything from 3 on but these two. -1 for `b` when there is but one. */
static void close_all_but(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (low > 3)
		close_range(3, (unsigned int)low - 1, 0);
	if (high > low + 1)
		close_range(low < 3 ? 3 : (unsigned int)low + 1, (unsigned int)high - 1, 0);
	close_range((unsigned int)high + 1, UINT_MAX, 0);
}

static void write_whole(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length) {
		ssize_t written = write(fd, at, length);

		if (written < 0 && errno != EINTR)
			_exit(1);
		if (written > 0) {
			at += written;
			length -= (size_t)written;
		}
	}
}

static void child_answer(const struct helper_job *job, size_t index, struct snapshot *snapshot, struct text *bytes,
			 int fd)
{
	struct frame frame;

	snapshot_begin(snapshot, job->objects);
	job->work(job->argument, index, snapshot);
	frame = (struct frame){ .time_ns = snapshot->time_ns,
				.wall_ns = snapshot->wall_ns,
				.cost_ns = clock_monotonic_ns() - snapshot->time_ns };
	text_clear(bytes);
	snapshot_encode(snapshot, bytes);
	frame.length = bytes->overflow ? UINT64_MAX : bytes->length;
	write_whole(fd, &frame, sizeof(frame));
	if (!bytes->overflow)
		write_whole(fd, text_string(bytes), bytes->length);
}

void helper_child_prepare(pid_t parent, int fd, int keep_fd)
{
	const struct rlimit no_core = { 0, 0 };

	/* The parent may have died before prctl(2) took effect. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	setrlimit(RLIMIT_CORE, &no_core);
	close_all_but(fd, keep_fd);
	kept_forget();
	netlink_forget();
}

static _Noreturn void child_main(const struct helper_job *job, int fd, pid_t parent)
{
	struct snapshot snapshot = { 0 };
	struct text bytes = { .max = ANSWER_MAX };

	helper_child_prepare(parent, fd, job->keep_fd);
	for (size_t i = 0; i < job->count; i++)
		child_answer(job, i, &snapshot, &bytes, fd);
	_exit(0); /* not exit(): the parent's stdio buffers are the parent's to write */
}

/* Killed ones that do not die, and those at work, for they may become so. */
static size_t stuck_most(void)
{
	const struct leaving *one;
	size_t count = working;

	vec_each(&leaving, one)
		count += one->killed;
	return count;
}

int helper_start(struct helper *helper, const struct helper_job *job)
{
	CLEANUP_CLOSE int read_fd = -1;
	CLEANUP_CLOSE int write_fd = -1;
	pid_t parent = getpid(), pid;
	int ends[2];

	if (stuck_most() >= HELPERS_STUCK_MAX)
		return -EBUSY;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	read_fd = ends[0];
	write_fd = ends[1];
	if (fcntl(read_fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		child_main(job, write_fd, parent);
	text_clear(&helper->bytes);
	helper->bytes.max = TEXT_MAX_DEFAULT + PIPE_CHUNK;
	helper->taken = 0;
	working++;
	helper->pid = pid;
	helper->fd = TAKE_FD(read_fd);
	helper->count = job->count;
	helper->answered = 0;
	helper->what = job->what;
	helper->argument = job->argument;
	helper->budget_ns = job->budget_ns;
	helper->deadline_ns = clock_monotonic_ns() + job->budget_ns;
	return 0;
}

static void leave(pid_t pid, bool killed, uint64_t what)
{
	struct leaving *one = vec_add(&leaving, LEAVING_MAX);

	if (one)
		*one = (struct leaving){ .pid = pid, .what = what, .killed = killed };
}

void helper_child_kill(pid_t pid, uint64_t what)
{
	kill(pid, SIGKILL);
	leave(pid, true, what);
}

/* Lets go of the child: it is done, dead or killed, and reaped later. */
static void helper_part(struct helper *helper, bool killed)
{
	bool known = killed && helper->what && helper->answered < helper->count;

	leave(helper->pid, killed, known ? helper->what(helper->argument, helper->answered) : 0);
	fd_close_ptr(&helper->fd);
	helper->fd = -1;
	helper->pid = 0;
	working--;
}

void helper_kill(struct helper *helper)
{
	if (!helper->pid)
		return;
	kill(helper->pid, SIGKILL);
	helper_part(helper, true);
}

size_t helpers_reap(pid_t *ret_pids, size_t max)
{
	size_t kept = 0, listed = 0;

	for (size_t i = 0; i < leaving.count; i++) {
		if (waitpid(leaving.data[i].pid, NULL, WNOHANG) == 0)
			leaving.data[kept++] = leaving.data[i];
	}
	leaving.count = kept;
	for (size_t i = 0; ret_pids && i < kept && listed < max; i++)
		ret_pids[listed++] = leaving.data[i].pid;
	return listed;
}

static bool is_settled(void)
{
	const struct leaving *one;

	vec_each(&leaving, one) {
		if (!one->settled)
			return false;
	}
	return true;
}

void helpers_settle(void)
{
	struct leaving *one;

	helpers_reap(NULL, 0);
	for (int i = 0; i < SETTLE_MS && !is_settled(); i++) {
		(void)clock_sleep_until(clock_monotonic_ns() + NS_PER_MS);
		helpers_reap(NULL, 0);
	}
	vec_each(&leaving, one)
		one->settled = true;
}

bool helpers_hang_at(uint64_t what)
{
	const struct leaving *one;

	vec_each(&leaving, one) {
		if (what && one->what == what)
			return true;
	}
	return false;
}

void helper_free(struct helper *helper)
{
	helper_kill(helper);
	text_free(&helper->bytes);
}

static enum helper_event helper_fail(struct helper *helper, int error, const char *reason, struct helper_answer *ret)
{
	helper_kill(helper);
	*ret = (struct helper_answer){ .error = error, .reason = reason };
	return HELPER_FAILED;
}

/* The pipe has ended before the last answer. Its end comes late in the child's exit, so this wait is short. */
static enum helper_event helper_died(struct helper *helper, struct helper_answer *ret)
{
	const char *reason = "its helper process ended too early";
	int status;

	if (waitpid(helper->pid, &status, 0) == helper->pid) {
		if (WIFSIGNALED(status))
			reason = text_internf("its helper process died of SIG%s", sigabbrev_np(WTERMSIG(status)));
		helper->pid = 0;
		working--;
		fd_close_ptr(&helper->fd);
		helper->fd = -1;
	} else {
		helper_kill(helper);
	}
	*ret = (struct helper_answer){ .error = -ECHILD, .reason = reason };
	return HELPER_FAILED;
}

/* The frame at the front, if it is whole. */
static bool helper_frame(const struct helper *helper, struct frame *ret)
{
	size_t have = helper->bytes.length - helper->taken;

	if (have < sizeof(*ret))
		return false;
	memcpy(ret, helper->bytes.data + helper->taken, sizeof(*ret));
	return ret->length > ANSWER_MAX || have - sizeof(*ret) >= ret->length;
}

/* Reads until a frame is whole; false when the pipe has ended before that. */
static bool helper_receive(struct helper *helper)
{
	struct text *bytes = &helper->bytes;
	struct frame frame;
	char buffer[PIPE_CHUNK];
	ssize_t length;

	if (helper->taken) {
		bytes->length -= helper->taken;
		memmove(bytes->data, bytes->data + helper->taken, bytes->length + 1);
		helper->taken = 0;
	}
	while (!helper_frame(helper, &frame)) {
		length = read(helper->fd, buffer, sizeof(buffer));
		if (length <= 0)
			return length < 0 && (errno == EAGAIN || errno == EINTR);
		text_add_bytes(bytes, buffer, (size_t)length);
		helper->deadline_ns = clock_monotonic_ns() + helper->budget_ns; /* what talks does not hang */
	}
	return true;
}

static enum helper_event helper_take(struct helper *helper, const struct frame *frame, struct snapshot *snapshot,
				     struct helper_answer *ret)
{
	const char *bytes = helper->bytes.data + helper->taken + sizeof(*frame);

	if (frame->length > ANSWER_MAX)
		return helper_fail(helper, -E2BIG, "gave more than 64 MiB", ret);
	if (snapshot_decode(snapshot, bytes, frame->length))
		return helper_fail(helper, -EPROTO, "its helper process sent a broken answer", ret);
	snapshot->time_ns = frame->time_ns;
	snapshot->wall_ns = frame->wall_ns;
	*ret = (struct helper_answer){ .cost_ns = frame->cost_ns };
	helper->taken += sizeof(*frame) + frame->length;
	helper->deadline_ns = clock_monotonic_ns() + helper->budget_ns;
	if (++helper->answered == helper->count)
		helper_part(helper, false);
	return HELPER_ANSWER;
}

enum helper_event helper_poll(struct helper *helper, struct snapshot *snapshot, struct helper_answer *ret)
{
	struct frame frame;
	bool open;

	if (!helper->pid)
		return HELPER_NOTHING;
	open = helper_receive(helper);
	if (helper_frame(helper, &frame))
		return helper_take(helper, &frame, snapshot, ret);
	if (!open)
		return helper_died(helper, ret);
	if (clock_monotonic_ns() > helper->deadline_ns)
		return helper_fail(helper, -ETIMEDOUT,
				   text_internf("took longer than %g s", (double)helper->budget_ns / NS_PER_S), ret);
	return HELPER_NOTHING;
}
