/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening unix sockets: parsing what the kernel tells of them. */
#pragma once

#include "source/source.h"

/* One dump of unix_diag answers, as it goes on datagram by datagram. Begin with zeroes and these first two. */
struct unix_reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	size_t listeners;
	bool cut;    /* more listeners than are taken */
	bool broken; /* bytes that are no messages */
};

/* A datagram of answers: takes every listener in it that has, or had, connections waiting. False to stop. */
bool socket_unix_take(struct unix_reading *reading, const char *bytes, size_t length);
