/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of what is pasted: a text becomes a ticket, and its numbers are asked for by name. */
#pragma once

#include "evidence/ticket.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ticket of a text; ticket_free() it. */
static inline struct ticket ticket_of(const char *text)
{
	struct ticket_reader *reader = ticket_begin();
	struct ticket ticket;

	ticket_add(reader, "", NULL, 0, slice_of(text));
	ticket_end(reader, &ticket);
	return ticket;
}

/* The cell of a counter and an object, both as evidence shows them ("UdpInErrors", "eth0", "this host", "CPU 1"). */
static inline const struct cell *ticket_cell(const struct ticket *ticket, const char *counter, const char *object)
{
	for (size_t i = 0; i < series_cells(ticket->series); i++) {
		const struct cell *cell = series_cell_by_index(ticket->series, i);
		CLEANUP_TEXT struct text described = { 0 };

		object_describe(ticket->objects, object_get(ticket->objects, cell->object), &described);
		if (strcmp(counter_name(cell->counter), counter) == 0 && strcmp(text_string(&described), object) == 0)
			return cell;
	}
	return NULL;
}

/* What a total rose by, or what a level was last; the test fails where the ticket does not tell it. */
static inline uint64_t ticket_told(const struct ticket *ticket, const char *counter, const char *object)
{
	const struct cell *cell = ticket_cell(ticket, counter, object);

	if (!cell)
		fail_msg("the ticket does not tell %s of %s", counter, object);
	return counter_get(cell->counter)->form == FORM_GAUGE ? cell->last : cell->increase;
}

/* Every line that is no prompt was understood. */
static inline void assert_understood(const struct ticket *ticket)
{
	const struct ticket_line *line;

	vec_each(&ticket->strange, line)
		fail_msg("line %zu was not understood: %s", line->number, line->text);
}

/* A device by its name; the test fails where the ticket has none. */
static inline const struct object *ticket_link(const struct ticket *ticket, const char *name)
{
	const struct object *object;
	uint32_t id;

	each_object(ticket->objects, id, object) {
		if (object->key.kind == OBJECT_LINK && strcmp(object_text(object, LABEL_NAME), name) == 0)
			return object;
	}
	fail_msg("no device %s", name);
	return NULL;
}

static inline const char *ticket_label(const struct ticket *ticket, const char *name, enum label label)
{
	return object_text(ticket_link(ticket, name), label);
}
