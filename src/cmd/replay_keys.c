/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Only echo and lines are switched off: control-C and control-Z still make signals. In the background a terminal is neither
 * changed nor read, which would stop the program (SIGTTOU, SIGTTIN).
 */
#include "cmd/replay_keys.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t active;
static char waiting[64]; /* read and not taken yet */
static size_t waiting_count;

static bool in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

static void single_keys(void)
{
	struct termios single = before;

	single.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	single.c_cc[VMIN] = 1;
	single.c_cc[VTIME] = 0;
	if (in_foreground())
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &single);
}

static void restore(void)
{
	if (active && in_foreground())
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void replay_keys_die(int number)
{
	restore();
	signal(number, SIG_DFL);
	raise(number);
}

static void on_suspend(int number)
{
	const struct sigaction action = { .sa_handler = on_suspend, .sa_flags = SA_NODEFER };
	int error = errno;

	restore();
	signal(number, SIG_DFL);
	raise(number); /* here it stands until it is continued */
	sigaction(number, &action, NULL);
	errno = error;
}

static void on_continue(int number)
{
	int error = errno;

	(void)number;
	if (active)
		single_keys();
	errno = error;
}

static void catch_signals(void)
{
	static const struct {
		int number;
		void (*handler)(int number);
	} signals[] = { { SIGTSTP, on_suspend }, { SIGCONT, on_continue }, { SIGQUIT, replay_keys_die } };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		const struct sigaction action = { .sa_handler = signals[i].handler, .sa_flags = SA_NODEFER };
		struct sigaction earlier;

		if (sigaction(signals[i].number, NULL, &earlier) == 0 && earlier.sa_handler != SIG_IGN)
			sigaction(signals[i].number, &action, NULL);
	}
}

bool replay_keys_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	active = 1;
	catch_signals();
	(void)atexit(replay_keys_close);
	single_keys();
	return true;
}

void replay_keys_close(void)
{
	restore();
	active = 0;
}

/* What the terminal sends for the arrow to the right is three bytes; other such keys are none of these. */
static enum replay_key key_take(void)
{
	static const struct {
		char byte;
		enum replay_key key;
	} keys[] = {
		{ ' ', REPLAY_KEY_PAUSE }, { 's', REPLAY_KEY_STEP },   { '\n', REPLAY_KEY_STEP },
		{ '\r', REPLAY_KEY_STEP }, { '+', REPLAY_KEY_FASTER }, { '-', REPLAY_KEY_SLOWER },
		{ 'q', REPLAY_KEY_QUIT },
	};
	enum replay_key key = REPLAY_KEY_NONE;
	size_t length = 1;

	if (waiting_count >= 3 && waiting[0] == '\033' && (waiting[1] == '[' || waiting[1] == 'O')) {
		length = 3;
		key = waiting[2] == 'C' ? REPLAY_KEY_STEP : REPLAY_KEY_NONE;
	}
	for (size_t i = 0; length == 1 && i < ARRAY_SIZE(keys); i++) {
		if (keys[i].byte == waiting[0])
			key = keys[i].key;
	}
	waiting_count -= length;
	memmove(waiting, waiting + length, waiting_count);
	return key;
}

#define WAIT_MOST_NS (250 * NS_PER_MS) /* a signal just before the wait does not end it */

enum replay_key replay_keys_wait(uint64_t ns)
{
	struct pollfd terminal = { .fd = active && in_foreground() ? STDIN_FILENO : -1, .events = POLLIN };
	ssize_t got;

	if (waiting_count)
		return key_take();
	ns = ns < WAIT_MOST_NS ? ns : WAIT_MOST_NS;
	if (poll(&terminal, 1, (int)((ns + NS_PER_MS - 1) / NS_PER_MS)) <= 0 || !terminal.revents)
		return REPLAY_KEY_NONE;
	got = read(STDIN_FILENO, waiting, sizeof(waiting));
	if (got <= 0) { /* the terminal has gone */
		active = got < 0 && errno == EINTR;
		return REPLAY_KEY_NONE;
	}
	waiting_count = (size_t)got;
	return key_take();
}
