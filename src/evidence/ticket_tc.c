/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/ticket_parts.h"

const struct ticket_format ticket_formats_tc[] = {
	{ 0 },
};
