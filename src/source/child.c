/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process whose output is collected. It owns nothing of its parent's but memory: it ends by _exit(2). */
#include "source/child.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_RUN 127

static _Noreturn void child_main(int (*work)(void *argument), void *argument, unsigned int seconds, int output)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(null, 2) < 0)
		_exit(EXIT_NOT_RUN);
	signal(SIGALRM, SIG_DFL);
	alarm(seconds);
	_exit(work(argument));
}

static int read_all(int fd, struct text *ret)
{
	char block[16384];
	ssize_t length;

	while (!ret->overflow && (length = read(fd, block, sizeof(block))) != 0) {
		if (length < 0 && errno != EINTR)
			return -errno;
		if (length > 0)
			text_add_bytes(ret, block, (size_t)length);
	}
	return ret->overflow ? -EFBIG : 0;
}

int child_collect(int (*work)(void *argument), void *argument, unsigned int seconds, struct text *ret, int *ret_status)
{
	int ends[2], status = 0, error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0)
		child_main(work, argument, seconds, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		error = -errno;
		close(ends[0]);
		return error;
	}
	error = read_all(ends[0], ret);
	close(ends[0]); /* one that still writes ends by it */
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!error)
		*ret_status = status;
	return error;
}
