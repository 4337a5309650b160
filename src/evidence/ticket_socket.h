/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the readers of ss (ticket_ss.c) and of other lists of sockets (ticket_socket.c) share. No output of a usual
 * command tells a number that a socket keeps: it is known by its protocol and addresses, and of several that share
 * them (SO_REUSEPORT) by its place in the list.
 */
#pragma once

#include "evidence/ticket_parts.h"

/* In struct block: `object` is the socket at hand, `text` has a bit for each object of the output, `state` is this. */
enum socket_part_told { TOLD_NONE, TOLD_UDP, TOLD_LISTENER, TOLD_CONNECTION, TOLD_PACKET, TOLD_RAW };

/* In its numbers[] */
enum {
	NUMBER_RECEIVED, /* bytes waiting in a UDP socket, until its memory is told */
	NUMBER_WAITS,	 /* whether that is still to be added */
	NUMBER_WORDS,	 /* a bit for each word of TCP that was told */
	NUMBER_UDP,	 /* the output is one of UDP sockets */
};

/* A line of a list. */
struct socket_row {
	bool udp;
	uint8_t state; /* enum socket_state; 0: not told */
	uint64_t rqueue, wqueue;
	bool limit; /* wqueue of a listener is the limit of rqueue */
	bool all;   /* the output has half-open connections, too */
};

#define SOCKET_STATE_FIN_WAIT2 5
#define SOCKET_STATE_TIME_WAIT 6

/* "LISTEN", "SYN-RECV", "SYN_RECV", "established" */
bool socket_state_of(struct slice word, uint8_t *ret);

/* Whether a word can be an address with a port; whether it stands for no peer ("*", "0.0.0.0:*"). */
bool socket_is_address(struct slice word);
bool socket_is_nobody(struct slice remote);

/* "[::1]:53" of "::1:53", "10.0.0.1:53" as it is; `any6` is what any IPv6 address is called. */
void socket_add_address(struct slice address, const char *any6, struct text *ret);

/*
 * The same for one that a capture or a program like ping holds, which gets copies of what arrives: TOLD_PACKET or
 * TOLD_RAW.
 */
void socket_add_copier(struct block *block, enum socket_part_told part, const char *name);

/* The socket of a row is at hand, its queues are told. `remote` is empty where there is none. */
void socket_add_row(struct block *block, const struct socket_row *row, const char *local, const char *remote);

/* The process that holds the socket at hand. */
void socket_set_owner(struct block *block, struct slice name, uint64_t pid);

/* No more is told of the socket at hand. */
void socket_end_row(struct block *block);

/* ---- ticket_ss.c ---- */

bool ss_is_header(struct slice line);
bool ss_owns(struct slice line);
bool ss_made_by(const struct ticket_command *command);
bool ss_take(struct block *block, struct slice line);
void ss_end(struct block *block);
