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

/* What an SFP says about its measurements. */
enum optics_light {
	OPTICS_UNMEASURED,
	OPTICS_CALIBRATED, /* in the units of the standard */
	OPTICS_RAW,	   /* readings of a converter, for the reader to calibrate */
};

/* By byte 92 of the first memory (SFF-8472, diagnostic monitoring type). */
enum optics_light optics_light(uint8_t monitoring);

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

/* A module's memory. `ask` copies a piece into `bytes`, which has room for it; 0 with *ret_length, which may be less. */
struct optics_memory {
	int (*ask)(void *argument, const struct optics_piece *piece, char *bytes, size_t *ret_length);
	void *argument;
};

/* Asks a module for its light and adds it; a miss of `link` where it cannot be used. 0, or -errno of what was asked. */
int optics_read(const struct optics_memory *memory, struct snapshot *snapshot, const struct object *link)
	__attribute__((warn_unused_result));
