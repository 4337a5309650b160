/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence/ticket over any text: whatever somebody pastes is read or listed, and what was read can be diagnosed. */
#include "diagnose/diagnose.h"
#include "evidence/ticket.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct diagnose_options options = { 0 };
	struct ticket_reader *reader = ticket_begin();
	struct diagnosis diagnosis;
	struct ticket ticket;

	ticket_add(reader, "", NULL, 0, (struct slice){ (const char *)data, size });
	ticket_end(reader, &ticket);
	diagnose(ticket.series, &options, &diagnosis);
	diagnosis_free(&diagnosis);
	ticket_free(&ticket);
	return 0;
}
