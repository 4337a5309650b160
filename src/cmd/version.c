/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop version: which one this is, and what it was built with. */
#include "cmd/command.h"

#include "base/alloc.h"
#include "config.h"

static int version_run(const void *settings, char **arguments)
{
	CLEANUP_TEXT struct text text = { 0 };

	(void)settings, (void)arguments;
	text_add(&text, "wheredrop " WHEREDROP_VERSION "\n");
	text_addf(&text, "nftables rules: %s, capability names: %s\n", HAVE_NFTABLES ? "yes" : "no",
		  HAVE_LIBCAP ? "yes" : "no");
	return output_write(&text);
}

static const struct example version_examples[] = { { "wheredrop version", "for the ticket" }, { NULL, NULL } };

const struct command command_version = {
	.name = "version",
	.arguments = "",
	.summary = "which version this is and what it was built with",
	.description = "Prints the version on the first line and the optional parts of this build on the second.",
	.examples = version_examples,
	.run = version_run,
};
