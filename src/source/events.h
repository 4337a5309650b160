/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of the kernel that are no drops and tell of one: TCP that sends again, resets, queues that were full, devices that
 * did not send, polls that used up their budget. Counted exactly in the kernel, with samples, as drops are (drops.h).
 * Only what is asked for is attached; all of it goes with the process. Needs BPF.
 */
#pragma once

#include "bpf/event.h"
#include "source/kernel_names.h"

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can be asked for, as bits. */
enum event_group {
	EVENTS_RETRANSMITS = 1,
	EVENTS_RESETS = 2,
	EVENTS_QUEUE_FULL = 4,
	EVENTS_TRANSMIT = 8, /* runs for every packet that is sent */
	EVENTS_POLLS = 16,   /* runs for every poll of a device */
	EVENTS_ALL = 31,
};

struct event_row {
	const char *id;		/* "reset-sent" */
	const char *label;	/* "reset sent" */
	const char *tracepoint; /* "tcp:tcp_send_reset" */
	const char *program;	/* as src/bpf/events.bpf.c has it */
	enum event_group group;
	const char *meaning;
};

const struct event_row *event_row(enum event_kind kind);

/* "resets" and so on, "all"; 0: no such name. */
unsigned int event_group_find(const char *name, size_t length);

/* All names, "retransmits, resets, …": for a message. */
const char *event_group_names(void);

/*
 * What the key's detail says, in the kernel's own words where it has some: "TCP_ABORT_ON_LINGER", "ENOMEM",
 * "NETDEV_TX_BUSY", "queue 3"; "" when it says nothing. And "ESTABLISHED", "" without a state.
 */
void event_detail(const struct event_key *key, struct kernel_names *names, struct text *ret);
const char *event_state(const struct event_key *key);

/* Whether the process that ran made it happen, whatever the socket says now: it closed a connection with a reset. */
bool event_is_of_caller(const struct event_key *key, struct kernel_names *names);

struct events;

struct events_options {
	unsigned int groups;	     /* of enum event_group */
	uint32_t netns;		     /* samples of this one only (inode); 0: of all. Counts are always of all */
	const char *device;	     /* samples at devices of that name only, or NULL */
	uint32_t samples_per_second; /* of each CPU, beside the first of each key */
	void (*lacks)(void *argument, const char *tracepoint, int error); /* is told what this kernel refuses */
	void *argument;
};

struct events_totals {
	uint64_t keyless;		     /* found no room for their key */
	uint64_t missed;		     /* not seen: a probe was interrupted by another event of its kind */
	uint64_t samples_lost, samples_left; /* the buffer was full; left out to keep to the rate */
};

/*
 * Attaches the probes. 0 and *ret (owned by the caller), or -errno: nothing is attached. A tracepoint that the kernel lacks
 * is no error.
 */
int events_attach(const struct events_options *options, struct events **ret) __attribute__((warn_unused_result));
void events_detach(struct events *events);

/* Takes the probes off and leaves their counts to be read. */
void events_stop(struct events *events);

/* Each key, all CPUs together. */
void events_each(const struct events *events,
		 void (*each)(void *argument, const struct event_key *key, const struct event_count *count),
		 void *argument);
void events_totals(const struct events *events, struct events_totals *ret);

/* Hands out the samples that wait; how many there were, or -errno. */
int events_poll(struct events *events, void (*each)(void *argument, const struct event_sample *sample), void *argument);
