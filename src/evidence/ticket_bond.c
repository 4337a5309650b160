/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that are made of others: /proc/net/bonding, tunnels (ip -s tunnel) and datapaths of Open vSwitch (ovs-dpctl
 * show).
 */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <string.h>

/* ---- /proc/net/bonding ---- */

/* block->object is the bond, block->other the member that lines tell of, block->number the active member's id. */

enum part {
	PART_NONE,
	PART_ACTOR,
	PART_PARTNER,
};

static const struct named_counter bond_numbers[] = {
	{ "MII Polling Interval (ms)", C_LINK_BOND_MIIMON },
	{ "Aggregator ID", C_LINK_BOND_AGGREGATOR },
	{ "Number of ports", C_LINK_BOND_AGGREGATOR_PORTS },
	{ 0 },
};

static const struct named_counter member_numbers[] = {
	{ "Link Failure Count", C_LINK_BOND_MEMBER_FAILURES },
	{ "Aggregator ID", C_LINK_BOND_MEMBER_AGGREGATOR },
	{ "Actor Churned Count", C_PORT_ACTOR_CHURNED },
	{ "Partner Churned Count", C_PORT_PARTNER_CHURNED },
	{ "Speed", C_ETHTOOL_SPEED_MBPS },
	{ 0 },
};

/* By the kernel's numbers: BOND_MODE_…, BOND_XMIT_POLICY_…, BOND_LINK_… */
static const char *const modes[] = {
	"load balancing (round-robin)", "fault-tolerance (active-backup)",	 "load balancing (xor)",
	"fault-tolerance (broadcast)",	"IEEE 802.3ad Dynamic link aggregation", "transmit load balancing",
	"adaptive load balancing"
};
static const char *const policies[] = { "layer2 (0)",	"layer3+4 (1)", "layer2+3 (2)",
					"encap2+3 (3)", "encap3+4 (4)", "vlan+srcmac (5)" };
static const char *const states[] = { "up", "going down", "down", "going back" };

static void add_place(struct block *block, counter_id counter, const struct object *object, const char *const *names,
		      size_t count, struct slice value)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_starts(value, names[i]) && (value.length == strlen(names[i]) || counter == C_LINK_BOND_MODE))
			block_add(block, counter, object, i);
	}
}

static void add_pair(struct block *block, const struct named_counter *names, const struct object *object,
		     struct slice key, struct slice value)
{
	counter_id counter = counter_named(names, key);
	uint64_t number;

	if (counter != COUNTER_NONE && leading_number(value, &number))
		block_add(block, counter, object, number);
}

static bool bond_made_by(const struct ticket_command *command)
{
	for (size_t i = 1; i < command->count; i++) {
		if (line_has(command->words[i], "net/bonding/"))
			return true;
	}
	return false;
}

static bool bond_begins(struct slice line)
{
	return slice_starts(line, "Ethernet Channel Bonding Driver:");
}

/* The name is that of the file. */
static struct slice bond_name(const struct block *block)
{
	for (size_t i = 1; i < block->command->count; i++) {
		struct slice word = block->command->words[i];
		const char *found = word.length ? memmem(word.data, word.length, "net/bonding/", 12) : NULL;

		if (found && (size_t)(word.data + word.length - found) > 12 &&
		    !memchr(found, '*', word.length - (size_t)(found - word.data)))
			return (struct slice){ found + 12, (size_t)(word.data + word.length - found) - 12 };
	}
	return slice_of("the bond");
}

static void take_bond(struct block *block, struct slice key, struct slice value)
{
	if (slice_is(key, "Bonding Mode"))
		add_place(block, C_LINK_BOND_MODE, block->object, modes, ARRAY_SIZE(modes), value);
	if (slice_is(key, "Transmit Hash Policy"))
		add_place(block, C_LINK_BOND_HASH_POLICY, block->object, policies, ARRAY_SIZE(policies), value);
	if (slice_is(key, "Currently Active Slave") && value.length && !slice_is(value, "None")) {
		const struct object *active = block_link(block, value);

		block->number = active->id;
		block_add(block, C_LINK_BOND_ACTIVE, block->object, active->key.a);
	}
	add_pair(block, bond_numbers, block->object, key, value);
}

static void begin_member(struct block *block, struct slice name)
{
	block->other = block_link(block, name);
	block->other->parent = block->object->id;
	block->state = PART_NONE;
	device_guess_kind(block->other);
	if (block->number)
		block_add(block, C_LINK_BOND_MEMBER_BACKUP, block->other, block->other->id != block->number);
}

static void take_member(struct block *block, struct slice key, struct slice value)
{
	uint64_t number;

	if (slice_is(key, "details actor lacp pdu"))
		block->state = PART_ACTOR;
	if (slice_is(key, "details partner lacp pdu"))
		block->state = PART_PARTNER;
	if (slice_is(key, "MII Status"))
		add_place(block, C_LINK_BOND_MEMBER_MII, block->other, states, ARRAY_SIZE(states), value);
	if (slice_is(key, "Duplex") && !slice_is(value, "Unknown"))
		block_add(block, C_ETHTOOL_FULL_DUPLEX, block->other, slice_is(value, "full"));
	if (slice_is(key, "port state") && block->state != PART_NONE && leading_number(value, &number))
		block_add(block,
			  block->state == PART_ACTOR ? C_LINK_BOND_MEMBER_ACTOR_STATE
						     : C_LINK_BOND_MEMBER_PARTNER_STATE,
			  block->other, number);
	add_pair(block, member_numbers, block->other, key, value);
}

static bool bond_take(struct block *block, struct slice line)
{
	struct slice key, value;

	line = slice_trim(line);
	/* Tabs that somebody's program wrote down as they are called. */
	while (slice_starts(line, "\\t"))
		line = (struct slice){ line.data + 2, line.length - 2 };
	if (!line.length || slice_is(line, "802.3ad info"))
		return true;
	if (!block->object) {
		block->object = block_link(block, bond_name(block));
		object_label(block->object, LABEL_KIND, "bond");
	}
	if (!line_pair(line, &key, &value))
		return false;
	if (slice_is(key, "Slave Interface"))
		begin_member(block, value);
	else if (block->other)
		take_member(block, key, value);
	else
		take_bond(block, key, value);
	return true;
}

/* ---- ip -s tunnel ---- */

static const struct named_counter tunnel_received[] = {
	{ "Packets", C_LINK_RX_PACKETS },
	{ "Bytes", C_LINK_RX_BYTES },
	{ "Errors", C_LINK_RX_ERRORS },
	{ "CsumErrs", C_LINK_RX_FRAME_ERRORS },
	{ "OutOfSeq", C_LINK_RX_FIFO_ERRORS },
	{ "Mcasts", C_LINK_MULTICAST },
	{ 0 },
};

/* What tunnels of the kernel count as these (net/ipv4/ip_tunnel.c; iproute2: tnl_print_stats). */
static const struct named_counter tunnel_sent[] = {
	{ "Packets", C_LINK_TX_PACKETS },
	{ "Bytes", C_LINK_TX_BYTES },
	{ "Errors", C_LINK_TX_ERRORS },
	{ "DeadLoop", C_LINK_COLLISIONS },
	{ "NoRoute", C_LINK_TX_CARRIER_ERRORS },
	{ "NoBufs", C_LINK_TX_DROPPED },
	{ 0 },
};

static bool tunnel_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ip") && (command_has(command, "tunnel") || command_has(command, "tun"));
}

/* "gre1: gre/ip remote 10.0.0.1 local 10.0.0.2 ttl 255" */
static bool tunnel_begins(struct slice line)
{
	struct slice words[3];

	return line_words(line, words, ARRAY_SIZE(words)) == 3 && words[0].data[words[0].length - 1] == ':' &&
	       memchr(words[1].data, '/', words[1].length) && slice_is(words[2], "remote");
}

/* "gre/ip" */
static void take_tunnel(struct block *block, const struct slice *words)
{
	static const struct {
		const char *printed, *kind;
	} kinds[] = {
		{ "gre/ip", "gre" },	  { "ip/ip", "ipip" },	     { "ipv6/ip", "sit" },
		{ "gre/ipv6", "ip6gre" }, { "ipv6/ipv6", "ip6tnl" }, { "ip/ipv6", "ip6tnl" },
	};

	block->object = block_link(block, words[0]);
	block->columns = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (slice_is(words[1], kinds[i].printed) && !*object_text(block->object, LABEL_KIND))
			object_label(block->object, LABEL_KIND, kinds[i].kind);
	}
}

static bool take_tunnel_numbers(struct block *block, const struct slice *words, size_t count)
{
	uint64_t values[BLOCK_COLUMNS_MAX];

	if (!block->columns || count != block->columns)
		return false;
	block->columns = 0;
	for (size_t i = 0; i < count; i++) {
		if (parse_u64(words[i], &values[i]))
			return false;
	}
	block_covers(block, SOURCE_LINK, block->netns);
	for (size_t i = 0; i < count; i++)
		block_add(block, block->counters[i], block->object, values[i]);
	return true;
}

static bool tunnel_take(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (!count)
		return true;
	if (count > 2 && words[0].data == line.data && words[0].data[words[0].length - 1] == ':' &&
	    memchr(words[1].data, '/', words[1].length)) {
		take_tunnel(block, words);
		return true;
	}
	if (!block->object)
		return false;
	if (slice_is(words[0], "RX:") || slice_is(words[0], "TX:")) {
		const struct named_counter *columns = slice_is(words[0], "RX:") ? tunnel_received : tunnel_sent;

		block->columns = count - 1;
		for (size_t i = 1; i < count; i++)
			block->counters[i - 1] = counter_named(columns, words[i]);
		return true;
	}
	return take_tunnel_numbers(block, words, count);
}

/* ---- ovs-dpctl show ---- */

static bool datapath_made_by(const struct ticket_command *command)
{
	return (command_runs(command, "ovs-dpctl") && command_has(command, "show")) ||
	       (command_runs(command, "ovs-appctl") && command_has(command, "dpctl/show"));
}

/* "system@ovs-system:" */
static bool datapath_begins(struct slice line)
{
	return (slice_starts(line, "system@") || slice_starts(line, "netdev@")) && line.length > 8 &&
	       slice_trim(line).data[slice_trim(line).length - 1] == ':';
}

/* "lookups: hit:7027849315 missed:892873665 lost:28741496" */
static bool take_lookups(struct block *block, struct slice line)
{
	static const struct named_counter numbers[] = {
		{ "hit", C_OVS_HIT },
		{ "missed", C_OVS_MISSED },
		{ "lost", C_OVS_LOST },
		{ 0 },
	};
	bool found = false;

	block_covers(block, SOURCE_OPENVSWITCH, block->netns);
	for (const struct named_counter *pair = numbers; pair->name; pair++) {
		uint64_t value;

		if (!number_behind(line, pair->name, &value))
			continue;
		block_add(block, pair->counter, block->object, value);
		found = true;
	}
	return found;
}

static bool datapath_take(struct block *block, struct slice line)
{
	struct slice trimmed = slice_trim(line);
	uint64_t value;

	if (!trimmed.length)
		return true;
	if (datapath_begins(line)) {
		const char *at = memchr(trimmed.data, '@', trimmed.length);

		block->object =
			block_link(block, (struct slice){ at + 1, trimmed.length - (size_t)(at - trimmed.data) - 1 });
		return true;
	}
	if (!block->object)
		block->object = block_link(block, slice_of("ovs-system"));
	if (slice_starts(trimmed, "lookups:"))
		return take_lookups(block, trimmed);
	if (slice_starts(trimmed, "flows:")) {
		if (number_behind(trimmed, "flows", &value))
			block_add(block, C_OVS_FLOWS, block->object, value);
		return true;
	}
	return slice_starts(trimmed, "port ") || slice_starts(trimmed, "masks:") || slice_starts(trimmed, "caches:") ||
	       slice_starts(trimmed, "cache:") || slice_starts(trimmed, "port-stats") ||
	       slice_starts(trimmed, "total:");
}

const struct ticket_format ticket_formats_bond[] = {
	{ "/proc/net/bonding", .made_by = bond_made_by, .begins = bond_begins, .take = bond_take },
	{ "ip -s tunnel", .made_by = tunnel_made_by, .begins = tunnel_begins, .take = tunnel_take, .every_line = true,
	  .sums = true },
	{ "ovs-dpctl show", .made_by = datapath_made_by, .begins = datapath_begins, .take = datapath_take,
	  .every_line = true },
	{ 0 },
};
