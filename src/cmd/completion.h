/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completion for bash, from the same tables as the help. */
#pragma once

#include "base/text.h"

void completion_bash(struct text *ret);
