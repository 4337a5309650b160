/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the lines of a trace are to look, and what is known of the host that they name. */
#pragma once

#include "bpf/drop.h"
#include "cmd/trace_holder.h"
#include "cmd/trace_settings.h"
#include "render/trace.h"
#include "source/container_known.h"
#include "source/kernel_names.h"

#include "base/netns.h"

struct trace_look {
	struct kernel_names *names;
	struct holders *holders;
	struct containers *containers;
	struct netns_list netns;
	uint64_t wall_offset_ns; /* from the monotonic clock to the time of day */
	struct style style;
	const uint8_t *redact_key;
	uint8_t key[SIPHASH_KEY_BYTES];
	bool json;
};

/* How lines are to look. 0, or STATUS_ERROR after one line on stderr. */
int trace_look_prepare(struct trace_look *look, const struct trace_settings *settings)
	__attribute__((warn_unused_result));

/* As a probe tells it. */
struct trace_spot {
	uint32_t netns, ifindex, cpu; /* 0: not known */
	const char *device;
	uint64_t socket_inode, cgroup;
	const char *comm; /* of the process whose doing it is */
	int pid;	  /* 0: not known; then it is the one that holds the socket */
};

/* What that is called, and who holds the socket. Names are those of `look`; of the control group that of `cgroup`. */
void trace_look_at(const struct trace_look *look, const struct trace_spot *spot, struct text *cgroup,
		   struct trace_whereabouts *ret);

/* Ports and addresses of a flow as probes have it; false where it is neither IPv4 nor IPv6. */
bool trace_flow_of(const struct drop_flow_key *key, struct packet_flow *ret);
