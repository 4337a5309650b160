/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places: the functions of the kernel that let packets go, as a table (places.def). Where a drop's reason has many meanings
 * or none, the place decides; and it says which field of the packet tells the device and the namespace there.
 */
#pragma once

#include "model/reason.h"

/* Where device and namespace of a packet are to be read at that place. */
enum place_field {
	PLACE_UNKNOWN,		/* no field holds */
	PLACE_DEVICE,		/* skb->dev */
	PLACE_SOCKET,		/* skb->sk */
	PLACE_RECEIVER,		/* the socket that the event names (6.11 and later); skb->dev does not hold */
	PLACE_ROUTE,		/* the device of skb->_skb_refdst */
	PLACE_DEVICE_OR_SOCKET, /* skb->dev where it is set, else skb->sk */
};

enum place_way {
	PLACE_EITHER_WAY,
	PLACE_ARRIVING,
	PLACE_LEAVING,
};

struct place {
	const char *symbol; /* one '*' at its beginning or end stands for the rest of a name */
	const char *reason; /* "": none that says something; "*": any; else a name of reasons.def */
	enum domain domain;
	enum reason_harm harm;
	enum cause cause, also; /* CAUSE_NONE */
	enum place_field field;
	enum place_way way;
	const char *meaning; /* one line */
};

/* All rows. `index` from 0; NULL past the last. */
const struct place *place_at(size_t index);

#define PLACE_SYMBOL_MAX 128

/* A name of /proc/kallsyms without what the compiler adds: "tcp_ack" of "tcp_ack.constprop.0". Cut to fit. */
void place_symbol(const char *name, char ret[PLACE_SYMBOL_MAX]);

/*
 * The row that speaks for a drop at that function (as /proc/kallsyms has it) with that reason (as reason_find() takes it;
 * NULL or "": none): first one for that very reason, then one for any reason, then, if the reason says nothing,
 * one for those. NULL: the reason is all there is to go by.
 */
const struct place *place_find(const char *symbol, const char *reason);

/* What a drop is, by its place and its reason together. */
struct drop_meaning {
	enum domain domain;
	enum reason_harm harm;
	enum cause cause, also;
	enum place_field field; /* known by the place, whoever speaks for the rest */
	enum place_way way;
	const char *meaning;	    /* never NULL */
	const struct place *place;  /* the row that speaks, or NULL */
	const struct reason *known; /* of reasons.def, or NULL */
};

/* "arriving", "leaving": what the place says of it, else `seen`. */
const char *drop_way(const struct drop_meaning *meaning, const char *seen);

/* Either may be NULL. */
struct drop_meaning drop_meaning_of(const char *symbol, const char *reason);
