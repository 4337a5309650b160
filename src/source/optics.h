/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the optics source that work without a module. */
#pragma once

#include "source/source.h"

#include "base/parse.h"

/* How the memory of a module is laid out. */
enum optics_layout {
	OPTICS_NONE,	 /* a cable, or nothing that measures light */
	OPTICS_SFF_8472, /* SFP, SFP+, SFP28 */
	OPTICS_SFF_8636, /* QSFP, QSFP+, QSFP28 */
	OPTICS_CMIS,	 /* QSFP-DD, OSFP, QSFP112 */
};

/* By the first bytes of the lower page: identifier, revision, status. */
enum optics_layout optics_layout(struct slice memory);

/* A piece of a module's memory. */
struct optics_piece {
	uint8_t i2c_address, page, bank;
	uint32_t offset, length;
};

/* Where the measured values and their limits are. False for OPTICS_NONE. */
bool optics_pieces(enum optics_layout layout, struct optics_piece *ret_values, struct optics_piece *ret_limits);

/*
 * The weakest lane's received and sent power and the limits below which the module itself would raise an alarm, in
 * nanowatts, as gauges of `link`. Too short a piece adds nothing.
 */
void optics_add(struct snapshot *snapshot, const struct object *link, enum optics_layout layout, struct slice values,
		struct slice limits);
