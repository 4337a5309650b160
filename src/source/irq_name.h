/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows of /proc/interrupts belong to a network device: told by their last column. */
#pragma once

#include "source/source.h"

#include "base/parse.h"

struct irq_name {
	char *text;	    /* all that follows the numbers, as last seen at this row; owned by the cache */
	size_t length;	    /* of text */
	const char *action; /* within text: "eth0-TxRx-3", or several: "ehci_hcd:usb1, eth0" */
	bool network;
};

/* A new reading of the file begins: the interfaces' names are looked up again if a row asks for them. */
void irq_names_begin(void);

/*
 * What the text after the numbers of row `row` says. Remembered by row, judged
 * anew only when the text changed. Good until the next call; NULL past the last
 * row that can be remembered. Leaves context->buffer alone.
 */
const struct irq_name *irq_name_at(const struct source_context *context, size_t row, struct slice text);
