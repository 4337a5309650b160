/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables of options say, for a terminal. man.h says it for man(1), completion.h for bash. */
#pragma once

#include "cmd/command.h"

void help_overview(struct text *ret);
void help_command(const struct command *command, struct text *ret);
