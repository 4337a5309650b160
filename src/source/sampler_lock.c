/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock over all interfaces (rtnl), which a wedged driver may hold for minutes. Whoever asks for interfaces then waits
 * inside the kernel, where no deadline, no Ctrl-C and no SIGKILL reaches. So a process of its own asks first, at each tick,
 * for the one interface that is always there; while it has no answer, the sampling thread does without what needs the
 * lock. A lock that is taken in the very moment between the answer and the thread's own reading still stops it.
 *
 * Who takes it (Linux 5.10 to 6.18): net/core/rtnetlink.c: rtnl_dumpit, rtnetlink_rcv_msg; net/sched; wext-proc.c:
 * wireless_seq_start. Open vSwitch has a lock of its own, which is held while waiting for this one.
 */
#include "source/netlink.h"
#include "source/sampler_parts.h"

#include "base/alloc.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PLACE UINT64_C(0x727e74006c) /* for helpers_hang_at(): like no errand's */
#define LOOPBACK_IFINDEX 1	     /* include/net/net_namespace.h */

bool lock_is_needed(const struct source *source)
{
	static const enum source_id takers[] = {
		SOURCE_LINK,   SOURCE_QDISC, SOURCE_NEIGHBOUR, SOURCE_ROUTE,	SOURCE_ADDRESS,
		SOURCE_FILTER, SOURCE_PORT,  SOURCE_SYSCTL,    SOURCE_WIRELESS, SOURCE_OPENVSWITCH,
	};

	for (size_t i = 0; i < ARRAY_SIZE(takers); i++) {
		if (takers[i] == source->id)
			return true;
	}
	return false;
}

static void ask_kernel(void)
{
	CLEANUP_NETLINK struct netlink netlink = NETLINK_CLOSED;
	CLEANUP_TEXT struct text answer = { 0 };
	struct netlink_request request;
	struct ifinfomsg *header = netlink_request(&request, RTM_GETLINK, 0, sizeof(*header));

	header->ifi_index = LOOPBACK_IFINDEX;
	mnl_attr_put_u32(request.header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	if (netlink_open(&netlink, NETLINK_ROUTE) == 0 && netlink_ask(&netlink, &request, &answer) < 0)
		netlink.broken = true; /* a refusal is an answer, too */
}

static _Noreturn void child_main(void (*ask)(void), int fd, pid_t parent)
{
	char byte;
	ssize_t length;

	helper_child_prepare(parent, fd, -1);
	(void)prctl(PR_SET_NAME, "wheredrop-lock"); /* so that people can tell it from the helpers */
	for (;;) {
		length = read(fd, &byte, 1);
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			_exit(0);
		ask();
		while (write(fd, &byte, 1) < 0 && errno == EINTR)
			;
	}
}

static void child_start(struct sampler *sampler)
{
	void (*ask)(void) = sampler->options.lock_ask ? sampler->options.lock_ask : ask_kernel;
	pid_t parent = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return;
	pid = fork();
	if (pid == 0)
		child_main(ask, ends[1], parent);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return;
	}
	sampler->lock = (struct lock){ .pid = pid, .fd = ends[0] };
}

void lock_open(struct sampler *sampler)
{
	if (*sampler->options.sysroot && !sampler->options.lock_ask)
		return;
	sampler->lock.held = helpers_hang_at(PLACE); /* an earlier window's is still waiting for it */
	if (!sampler->lock.held)
		child_start(sampler);
}

void lock_close(struct sampler *sampler)
{
	if (!sampler->lock.pid)
		return;
	helper_child_kill(sampler->lock.pid, PLACE);
	close(sampler->lock.fd);
	sampler->lock = (struct lock){ 0 };
}

/* Waits for the answer to what was asked. */
static bool is_answered(const struct sampler *sampler, uint64_t wait_ns)
{
	struct pollfd fd = { .fd = sampler->lock.fd, .events = POLLIN };
	uint64_t now_ns = clock_monotonic_ns(), until_ns = now_ns + wait_ns;
	struct timespec left;
	int ready;

	do {
		left = (struct timespec){ (time_t)((until_ns - now_ns) / NS_PER_S),
					  (long)((until_ns - now_ns) % NS_PER_S) };
		ready = ppoll(&fd, 1, &left, NULL);
		now_ns = clock_monotonic_ns();
	} while (ready < 0 && errno == EINTR && now_ns < until_ns &&
		 !(sampler->options.stop && *sampler->options.stop >= 2));
	return ready > 0;
}

/* Takes the answer. False when the process is gone: then nothing can be told. */
static bool take(struct sampler *sampler)
{
	char byte;

	if (read(sampler->lock.fd, &byte, 1) == 1) {
		sampler->lock.asked = false;
		return true;
	}
	lock_close(sampler);
	return false;
}

bool lock_is_free(struct sampler *sampler)
{
	struct lock *lock = &sampler->lock;

	if (lock->held && !helpers_hang_at(PLACE)) {
		lock->held = false;
		child_start(sampler);
	}
	if (!lock->pid)
		return !lock->held;
	if (lock->asked && !is_answered(sampler, 0))
		return false;
	if (lock->asked && !take(sampler)) /* an old answer: it may be held again */
		return true;
	if (send(lock->fd, "?", 1, MSG_NOSIGNAL) != 1)
		return true;
	lock->asked = true;
	if (!is_answered(sampler, sampler->options.deadline_ns))
		return false;
	(void)take(sampler);
	return true;
}
