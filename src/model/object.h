/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects: what a number belongs to. A namespace, a device, a queue, a CPU, a
 * rule, a socket, a process. Each is known by a small binary key, so that a
 * sample costs no string work; what people call it is kept in labels that are
 * set once.
 */
#pragma once

#include "model/counter.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum object_kind {
	OBJECT_HOST,
	OBJECT_CPU,	/* a = cpu */
	OBJECT_NETNS,	/* netns = inode, and above it which holder of that number: object_netns_key() */
	OBJECT_LINK,	/* a = ifindex */
	OBJECT_QUEUE,	/* a = ifindex, b = queue (rx), b = 1 << 32 | queue (tx) */
	OBJECT_QDISC,	/* a = ifindex, b = parent << 32 | handle */
	OBJECT_CLASS,	/* a = ifindex, b = classid */
	OBJECT_RULE,	/* a = hash of family, table, chain; low half of b = handle (nft); b = hash of text (legacy) */
	OBJECT_CHAIN,	/* a base chain's policy: a = as above, b = chain handle */
	OBJECT_SOCKET,	/* a = cookie, 1 << 63 | inode where there is no cookie, or a netlink port; b = protocol */
	OBJECT_PROCESS, /* a = pid, b = start time in clock ticks */
	OBJECT_CGROUP,	/* a = inode of its directory, b = its file system's device */
	OBJECT_NEIGHBOUR_TABLE, /* a = family */
	OBJECT_NEIGHBOUR,	/* a = ifindex, b = hash of the address */
	OBJECT_ROUTE,		/* a = hash of table, type and destination */
	OBJECT_IRQ,		/* a = irq number; b = the CPU that takes it, or OBJECT_IRQ_ITSELF */
	OBJECT_ACTION,		/* of traffic control: a = hash of its kind, b = its index */
	OBJECT_ADDRESS,		/* one of a device: a = ifindex, b = hash of the address */
	OBJECT_DEVLINK,		/* a trap or health reporter: a = hash of the device's name, b = hash of its own */
	OBJECT_NFQUEUE,		/* a netfilter queue: a = its number */
	OBJECT_DROP, /* drops of one kind: a = address of the place in the code, b = hash of reason, device, protocol */
	OBJECT_FLOW, /* dropped packets of one flow for one reason: a = hash of addresses and ports, b = of the reason */
	OBJECT_KIND_COUNT,
};

#define OBJECT_IRQ_ITSELF UINT64_MAX

struct object_key {
	enum object_kind kind;
	uint64_t netns; /* inode of the namespace, 0 for host-wide things */
	uint64_t a, b;
};

/* What people call it. Text, in the standard tools' own notation. */
enum label {
	LABEL_NAME, /* short: "eth0", "cpu3", "blue", "udp 0.0.0.0:53", "nft inet filter input handle 7" */
	LABEL_KIND, /* link kind ("veth"), qdisc kind ("tbf"), neighbour state ("FAILED"), route type, owner of a chain;
		     * of a drop: "acknowledgement" where its first packet was a TCP segment that does no more */
	LABEL_DRIVER,	/* network driver */
	LABEL_FIRMWARE, /* link: that of its card, in the driver's words */
	LABEL_TABLE,	/* nft: "inet filter"; legacy: "filter" */
	LABEL_CHAIN,	/* "input" */
	LABEL_HOOK, /* prerouting, input, forward, output, postrouting, ingress; comma list when reached from several */
	LABEL_TEXT, /* the rule's or route's text */
	LABEL_VERDICT,	/* drop, reject, … */
	LABEL_PROTOCOL, /* udp, tcp */
	LABEL_LOCAL,	/* address:port, [v6]:port */
	LABEL_REMOTE,
	LABEL_COMM,	 /* process name */
	LABEL_CGROUP,	 /* path below the cgroup root */
	LABEL_CONTAINER, /* container id or name where the cgroup tells */
	LABEL_SERVICE,	 /* of a process: the systemd unit that its cgroup tells, "nginx.service" */
	LABEL_WAIT,	 /* what a process waits for: wchan */
	LABEL_PATH,	 /* namespace: opens it (/run/netns/x, /proc/PID/ns/net); link: its hardware in sysfs */
	LABEL_ADDRESS,	 /* neighbour's address; link's hardware address */
	LABEL_CPUS,	 /* CPU list: an interrupt's affinity, an RPS mask */
	LABEL_SWITCH,	 /* link: its LLDP neighbour: "port ge-0/0/7 of switch sw1" */
	LABEL_REASON,	 /* of a drop: as reasons.def has it, "NO_SOCKET" */
	LABEL_PLACE,	 /* of a drop: the function that let go of the packet */
	LABEL_WAY,	 /* of a drop: "arriving" or "leaving" */
	LABEL_SOURCE,	 /* of a flow: "10.0.0.1:4000", "[fd00::1]:53", without a port "10.0.0.1" */
	LABEL_DESTINATION,
	LABEL_OFFSET, /* of a drop: how far into that function, "0x1b4" */
	LABEL_STACK,  /* of a drop: the functions that led its first packet there, from that one outwards, "a b c" */
	LABEL_COUNT,
};

struct object {
	struct object_key key;
	uint32_t id; /* index in its registry, from 0 */
	bool born;   /* came into being inside the window: its totals started at 0; a namespace: so did its sockets */
	pid_t pid;   /* PROCESS: itself; NETNS: a process living in it, 0 if none */
	uint32_t changes; /* how often a label was set to something else */
	/* Relations to other objects of the same registry; 0 means none (object 0 is the host). */
	uint32_t netns;		   /* namespace */
	uint32_t link;		   /* device of a queue, qdisc, class, neighbour */
	uint32_t parent;	   /* class or qdisc above; cgroup of a process; bond or bridge of a link */
	uint32_t peer;		   /* the other end of a veth; cgroup that tells of a process's memory and storage */
	uint32_t owner;		   /* process that holds a socket */
	char *labels[LABEL_COUNT]; /* NULL when unknown; owned by the registry */
};

struct objects; /* the registry; it owns every object */

#define OBJECTS_MAX 2000000
#define OBJECT_HOST_ID 0u

struct objects *objects_new(void) __attribute__((warn_unused_result));
void objects_free(struct objects *objects);
void objects_free_ptr(struct objects **objects); /* for CLEANUP() */

/* The object of that key, made when new (then *ret_new is true, if given). NULL only at the maximum. */
struct object *object_intern(struct objects *objects, struct object_key key, bool *ret_new);

/* A maximum below OBJECTS_MAX; and whether there was one object too many for it. */
void objects_limit(struct objects *objects, uint32_t max);
bool objects_refused(const struct objects *objects);

/* The object of that key, or NULL. */
struct object *object_find(const struct objects *objects, struct object_key key);

/* By id; ids given out stay valid and pointers stay put until objects_free(). */
struct object *object_get(const struct objects *objects, uint32_t id);
size_t objects_count(const struct objects *objects);

/* How many of a kind there are. */
size_t objects_count_of(const struct objects *objects, enum object_kind kind);

/* Every object, for loops. */
#define each_object(objects, id, object) \
	for ((id) = 0; (id) < objects_count(objects) && ((object) = object_get((objects), (id))); (id)++)

/* Stable word: "name", "driver" … */
const char *object_label_name(enum label label);

/* Sets a label (copied); an equal value costs nothing. NULL removes it. */
void object_label(struct object *object, enum label label, const char *value);
void object_labelf(struct object *object, enum label label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The label, or "" when unknown. */
const char *object_text(const struct object *object, enum label label);

/*
 * What stands for a namespace in keys: its inode number and, since the kernel gives the number of one that went to another,
 * how many were seen with that number before. Both take 32 bits.
 */
static inline uint64_t object_netns_key(uint64_t inode, uint64_t holder)
{
	return holder << 32 | inode;
}

static inline uint64_t object_netns_inode(uint64_t key)
{
	return key & UINT32_MAX;
}

/* Its namespace object, or NULL for host-wide things; a namespace's own namespace is itself. */
struct object *object_netns(const struct objects *objects, const struct object *object);
struct object *object_link(const struct objects *objects, const struct object *object);

/* Stable word: "socket", "qdisc" … */
const char *object_kind_name(enum object_kind kind);

/*
 * What people call it: "udp 10.0.0.1:53 (dnsd, pid 12)", "eth0", "CPU 3", "namespace blue"; appended to `ret`. The
 * placed form adds " in namespace X" to things of another namespace than the tool's own. Labels may hold anything
 * a process or rule was named: renderers escape.
 */
void object_describe(const struct objects *objects, const struct object *object, struct text *ret);
void object_describe_placed(const struct objects *objects, const struct object *object, struct text *ret);

/* FNV-1a, for keys made of text. */
uint64_t object_hash(const char *text);

/*
 * The standard command that shows `counter` of `object`, runnable as it stands:
 * it begins with `ip netns exec NAME` or `nsenter -t PID -n` (or
 * `nsenter --net=PATH`) when the object is in another namespace. Placeholders in
 * the row's template: {ifname} (DEVICE where none is known) {cpu} {row} (cpu + 1) {name} (the part of the counter's name
 * after the dot) {handle} {parent} {table} {driver} {chain} {pid} {local} {port} {path}. Appends to `ret`.
 */
void counter_check(const struct objects *objects, counter_id counter, const struct object *object, struct text *ret);

/* Fills the same placeholders in any text, without entering a namespace. `counter` may be COUNTER_NONE. */
void template_fill(const struct objects *objects, counter_id counter, const struct object *object, const char *template,
		   struct text *ret);

/* "nsenter -t 12 -n " or "": what brings a command into the object's namespace. */
void object_enter_prefix(const struct objects *objects, const struct object *object, struct text *ret);

/*
 * sysfs shows the devices of the namespace it was mounted in: `nsenter -n` alone would read, or change, the caller's
 * device of the same name. (`ip netns exec` mounts it anew by itself.)
 */
#define ENTER_SYSFS_SHELL "unshare -m sh -c "
#define ENTER_SYSFS_MOUNT "mount -t sysfs sysfs /sys && "
bool object_enter_needs_sysfs(const char *prefix, const char *command);

/* A command led into the object's namespace; `shell`: all of it, where the prefix holds for its first program only. */
void object_enter(const struct objects *objects, const struct object *object, const char *command, bool shell,
		  struct text *ret);

/* Which namespace needs no prefix: the one this tool was started in (inode). */
void objects_set_home(struct objects *objects, uint64_t netns_inode);
uint64_t objects_home(const struct objects *objects);

/*
 * Whether every namespace in which a process lives, or that has a name, is known: then one of which drop events tell and that
 * is not among these lives on by what its processes left behind alone. Not so in a container, nor for ordinary users.
 */
void objects_set_all_known(struct objects *objects, bool all_known);
bool objects_all_known(const struct objects *objects);
