/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop lab: hands over to lab/run, which makes faults in throw-away namespaces and holds the diagnosis against
 * what was really lost. It is found in WHEREDROP_LAB_DIR, else beside the build directory this program lies in, else
 * where it was installed.
 */
#include "cmd/command.h"

#include "base/alloc.h"
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Leaves "DIRECTORY/run" in `ret`; true when it can be run. */
static bool runner_is_in(const char *directory, const char *below, struct text *ret)
{
	text_clear(ret);
	text_addf(ret, "%s%s/run", directory, below);
	return access(text_string(ret), X_OK) == 0;
}

static bool runner_find(const char *program, struct text *ret)
{
	const char *named = getenv("WHEREDROP_LAB_DIR");
	CLEANUP_FREE char *directory = mem_strdup(program);
	char *slash = strrchr(directory, '/');

	if (named && *named)
		return runner_is_in(named, "", ret);
	if (slash) {
		*slash = '\0';
		if (runner_is_in(directory, "/../lab", ret))
			return true;
	}
	return runner_is_in(WHEREDROP_LAB_DIR, "", ret);
}

static int lab_run(const void *settings, char **arguments)
{
	CLEANUP_TEXT struct text runner = { 0 };
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *words[256] = { NULL };

	(void)settings;
	if (!*arguments)
		return complain("lab needs to be told what to do: wheredrop lab list, or wheredrop lab run NAME");
	if (strcmp(*arguments, "list") != 0 && strcmp(*arguments, "run") != 0)
		return complain("lab knows list and run, not '%s'", *arguments);
	program[length > 0 ? length : 0] = '\0';
	if (!runner_find(program, &runner))
		return complain(
			"cannot find the lab: no %s that can be run; set WHEREDROP_LAB_DIR to the directory that holds it",
			text_string(&runner));
	words[0] = runner.data;
	for (size_t i = 0; arguments[i]; i++) {
		if (i + 2 >= ARRAY_SIZE(words))
			return complain("lab takes at most %zu names at once", ARRAY_SIZE(words) - 3);
		words[i + 1] = arguments[i];
	}
	setenv("WHEREDROP", program, 0);
	signal(SIGPIPE, SIG_DFL);
	execv(text_string(&runner), words);
	return complain("cannot run %s: %s", text_string(&runner), strerror(errno));
}

static const struct example lab_examples[] = {
	{ "wheredrop lab list", "the scenes" },
	{ "sudo wheredrop lab run udp-reader-stopped", "one of them, with the truth" },
	{ NULL, NULL },
};

const struct command command_lab = {
	.name = "lab",
	.arguments = "list | run NAME...",
	.summary = "make a fault in throw-away namespaces and watch the diagnosis",
	.description =
		"Each scene makes one fault, or one harmless thing that looks like a fault, with a known number of lost packets, "
		"and compares the answer with the truth. It needs root and leaves the machine as it found it. Do not run it on a "
		"host in production.",
	.examples = lab_examples,
	.run = lab_run,
};
