/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop trace --from: what was dropped in a recording, at once or at its pace. */
#pragma once

#include "cmd/trace_settings.h"

/* Returns the exit status. */
int trace_from(const struct trace_settings *settings) __attribute__((warn_unused_result));
