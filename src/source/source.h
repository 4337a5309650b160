/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources: each reads one kernel interface and adds samples to a snapshot. It
 * judges nothing, changes nothing, loads nothing and keeps nothing of another
 * namespace open when it returns.
 */
#pragma once

#include "model/snapshot.h"

#include "base/parse.h"
#include "base/text.h"

/* What somebody else read of a file. */
struct source_recorded {
	const char *path; /* as the sources know it: "/proc/thread-self/net/snmp" */
	struct slice text;
};

#define SOURCE_RECORDED_ROOT "(recorded)"

struct source_context {
	struct objects *objects;
	struct object *netns;	     /* the namespace this thread is in; per-namespace sources */
	const struct series *series; /* what is known so far, or NULL: which sockets deserve a process look-up */
	const char *sysroot; /* "" or a directory in which proc/ and sys/ are fixtures; then no sockets are opened */
	/* With a sysroot: the one file that there is, from somebody's ticket; or NULL. */
	const struct source_recorded *recorded;
	struct text *buffer; /* scratch for file contents, reused */
	/* Neither the first nor the last reading in the window: a cheap or middle source may leave out what has not moved. */
	bool between;
	/*
	 * Since the reading before by the same source that encloses others (source_encloses()), those were read for the first
	 * or the last time in the window: what moved meanwhile, they may have seen or not.
	 */
	bool edge;
	bool last;   /* the window's last reading of all: what takes long can wait for it */
	bool events; /* dropped packets are wanted one by one as well, as samples: somebody keeps the window */
	uint64_t events_netns; /* of this namespace only (inode); 0: of all */
};

enum source_scope {
	SCOPE_HOST,  /* once, in the namespace the tool was started in */
	SCOPE_NETNS, /* once in every namespace */
};

enum source_cost {
	COST_CHEAP,  /* at every tick, in the sampling thread: cannot block */
	COST_MIDDLE, /* in the sampling thread, as often as its measured cost allows */
	COST_DEAR,   /* in a helper process with a deadline: may block or take long */
};

struct source {
	enum source_id id;
	enum source_scope scope;
	enum source_cost cost;
	/*
	 * Adds samples and coverage (snapshot_covered() or snapshot_missed()) for its scope. It reports failures in
	 * the snapshot only. Files of the current namespace are read below /proc/thread-self/net.
	 */
	void (*read)(const struct source_context *context, struct snapshot *snapshot);
};

extern const struct source source_snmp, source_snmp6, source_netstat, source_softnet, source_sockstat,
	source_interrupts, source_softirqs, source_cpu, source_route_cache, source_link, source_qdisc, source_neighbour,
	source_route, source_ethtool, source_socket, source_process, source_conntrack, source_nftables, source_iptables,
	source_sysctl, source_xfrm, source_sctp, source_raw, source_netlink, source_nfqueue, source_ipvs, source_unix,
	source_pressure, source_memory, source_kernel_log, source_qstats, source_ethnl, source_optics, source_pci,
	source_topology, source_wireless, source_port, source_filter, source_address, source_openvswitch,
	source_devlink, source_lldp, source_ipset, source_drops;

/* All of them, in packet order. `index` from 0; NULL past the last. */
const struct source *source_at(size_t index);

/*
 * Reads a whole file below the context's sysroot into context->buffer (emptied first). Path without sysroot, e.g.
 * "/proc/thread-self/net/snmp". 0, or -errno with *ret_reason set to a static phrase ("no permission", "not there").
 */
int source_read_file(const struct source_context *context, const char *path);

/*
 * The same line by line, of a file that may be very long: no more of it is in memory than a piece. Ends without error when
 * `take` gives false. The lines lie in context->buffer.
 */
int source_read_lines(const struct source_context *context, const char *path,
		      bool (*take)(void *data, struct slice line), void *data);

/* A short phrase for -errno as the user should read it: "no permission (needs root)". */
const char *source_error_phrase(int error);

/*
 * True when every earlier reading of the context's namespace by that source was a whole one, and there was one: what is
 * new now was not there then.
 */
bool source_was_read(const struct source_context *context, enum source_id source);

enum module_state {
	MODULE_ABSENT,
	MODULE_THERE,
	MODULE_UNKNOWN, /* neither loaded nor, for want of a list, known to be built in or not */
};

/*
 * Whether the kernel part `name` (nf_tables, udp_diag …) is there already, loaded or built in, so that using it cannot
 * load it. Asked before opening anything that could make the kernel load a module. `symbol`, or NULL, is a function
 * that only this part has: it decides where no list says what is built in, at the cost of reading /proc/kallsyms.
 */
enum module_state source_module_state(const struct source_context *context, const char *name, const char *symbol);

/*
 * True when a source that reads such a part over netlink, namespace by namespace, may do so. Else what that means is in the
 * snapshot already: without the part there is nothing to miss; a recorded file tree does not hold what it says.
 */
bool source_part_there(const struct source_context *context, struct snapshot *snapshot, enum source_id source,
		       const char *name, const char *symbol);

/* True when it is certainly there. */
bool source_module_present(const struct source_context *context, const char *name);

/* True when it was loaded as a module: somebody wanted it. What is built in says nothing of that kind. */
bool source_module_loaded(const struct source_context *context, const char *name);
