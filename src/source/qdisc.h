/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the qdisc source that work without a kernel. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#include "model/series.h"

#include "base/vec.h"

#include <linux/rtnetlink.h>

/* A qdisc or class of this reading, for finding what lies above what. */
struct qdisc_node {
	struct object *object;
	uint32_t ifindex;
	uint32_t handle; /* the qdisc's handle or the class's id */
	uint32_t parent; /* as the kernel gave it */
	bool classes;	 /* its classes are worth asking for */
};

#define QDISC_NODES_MAX 262144

struct qdisc_tree {
	VEC(struct qdisc_node) nodes;
};

/*
 * Messages of RTM_GETQDISC and RTM_GETTCLASS dumps of the context's namespace: objects, labels, samples; every
 * qdisc and class read is added to `tree`. Qdiscs of kind noqueue and classes that only mirror a queue (mq, prio,
 * fq_codel) are left out. `born` says that whatever is new came into being since the last reading. False when the
 * bytes end in the middle of a message or hold one that is too short.
 */
bool qdisc_parse(const struct source_context *context, struct snapshot *snapshot, const void *bytes, size_t length,
		 bool born, struct qdisc_tree *tree);

/* Sets `parent` of every object in the tree: a class's qdisc or class above, a qdisc's class. */
void qdisc_relate(struct qdisc_tree *tree);

/* The counters a qdisc and a class have in common; COUNTER_NONE where one has none. */
struct qdisc_counters {
	counter_id packets, bytes, drops, overlimits, requeues, backlog_packets, backlog_bytes;
};

const struct qdisc_counters *qdisc_counters_of(const char *kind, bool class);

/* False for what is left out: noqueue, and classes that only mirror a queue. */
bool qdisc_is_told(const char *kind, bool class);

/*
 * The qdisc or class that a header tells of, with its labels and its device; that is none where the header's ifindex
 * is 0. NULL when there are too many objects.
 */
struct object *qdisc_object(const struct source_context *context, const struct tcmsg *header, bool class,
			    const char *kind, bool born);

/* Limits and rates from a kind's TCA_OPTIONS, drops by reason from its extended statistics (qdisc_kind.c). */
void qdisc_add_options(struct snapshot *snapshot, const struct object *qdisc, const char *kind,
		       const struct nlattr *options);
void qdisc_add_extended(struct snapshot *snapshot, const struct object *qdisc, const char *kind,
			const struct nlattr *statistics);
void class_add_options(struct snapshot *snapshot, const struct object *class, const char *kind,
		       const struct nlattr *options);
