/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the wireless source that works without a file. */
#pragma once

#include "source/source.h"

#include "base/parse.h"

/* One line of /proc/net/wireless as samples of `link`; false when it is malformed. `fields` is what follows the colon. */
bool wireless_add(struct snapshot *snapshot, const struct object *link, struct slice fields);
