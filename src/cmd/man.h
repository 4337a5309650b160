/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Manual pages in the mdoc language, from the same tables as the help. */
#pragma once

#include "cmd/command.h"

void man_overview(struct text *ret);
void man_command(const struct command *command, struct text *ret);
