/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry point. A closed pipe is an error like others, not a signal. */
#include "cmd/command.h"

#include <signal.h>

int main(int argc, char **argv)
{
	output_prepare();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* who started this may have ignored it: then no helper could be waited for */
	return command_main(argc ? argv + 1 : argv);
}
