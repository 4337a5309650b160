/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which host this is, for every answer. */
#pragma once

#include "render/answer.h"

/* Good until the program ends; what cannot be found out is "". */
struct host host_here(void);
