/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from the host, made fit for a terminal. Names of devices, processes and rules may hold anything: an escape
 * sequence in one must not reach the terminal, nor a direction override a ticket.
 */
#pragma once

#include "base/text.h"

/*
 * Appends `string` with control characters, bytes that are no UTF-8 and characters that change the direction of text as
 * \xNN per byte; `unicode` false: every byte above 0x7f likewise. Newlines are control characters.
 */
void text_add_printable(struct text *text, const char *string, bool unicode);

/* How many columns the string takes: its characters, each as one. */
size_t text_columns(const char *string);
