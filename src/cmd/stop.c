/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t stopped;
static void (*then)(int number);

static void on_stop(int number)
{
	stopped = 1;
	signal(number, then);
}

void stop_catch(void (*insisted)(int number))
{
	struct sigaction action = { .sa_handler = on_stop };

	then = insisted ? insisted : SIG_DFL;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

bool stop_asked(void)
{
	return stopped;
}
