/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the topology source that works without a file. */
#pragma once

#include "base/parse.h"

#include <stdint.h>

/* The next range of a list such as "0-3,7": 0-3, then 7-7. False at its end and at what is no range. */
bool topology_next_range(struct cursor *list, uint32_t *ret_first, uint32_t *ret_last);
