/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of outputs about network devices share. */
#pragma once

#include "evidence/ticket_parts.h"

/* The device of the block's command; where none is named, one that stands for it. Never NULL. */
struct object *device_of_block(struct block *block);

/* The kind of device to which names like that are given, or NULL. */
const char *device_usual_kind(const char *name);

/* What a device most likely is by its name, where no output told: "veth", "bridge", … "ether" for what has no such name. */
void device_guess_kind(struct object *link);

/* Labels a device with its driver, and with the kind of what that driver makes. */
void device_label_driver(struct object *link, const char *driver);

/* A number with a fraction ("0.5012", "12,50") in steps of 1 / `scale`, a power of ten; false when it is none. */
bool decimal_number(struct slice word, uint64_t scale, uint64_t *ret);

/* "12,192,478": a number whose thousands are set apart. */
bool grouped_number(struct slice word, uint64_t *ret);

/* "Key : value" at the first colon; both trimmed. */
bool line_pair(struct slice line, struct slice *ret_key, struct slice *ret_value);

/* Whether a word of the command is that file, wherever it was copied to. */
bool command_shows(const struct ticket_command *command, const char *file);
