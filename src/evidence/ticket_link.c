/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices as `ip link` shows them, with -s, -s -s, -d, -o, and as the head of `ip addr`. Columns are known by their
 * names: "overrun" is rx_over_errors and "missed" rx_missed_errors, in whichever of the two lines a version of
 * iproute2 has them.
 */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <string.h>

enum state {
	STATE_NONE,
	STATE_UPON,    /* the device's name has another one behind an "@" */
	STATE_NUMBERS, /* the columns are known, the next line has the numbers */
};

/* ---- columns ---- */

static const struct named_counter received[] = {
	{ "bytes", C_LINK_RX_BYTES },
	{ "packets", C_LINK_RX_PACKETS },
	{ "errors", C_LINK_RX_ERRORS },
	{ "dropped", C_LINK_RX_DROPPED },
	{ "overrun", C_LINK_RX_OVER_ERRORS },
	{ "missed", C_LINK_RX_MISSED_ERRORS },
	{ "mcast", C_LINK_MULTICAST },
	{ "length", C_LINK_RX_LENGTH_ERRORS },
	{ "crc", C_LINK_RX_CRC_ERRORS },
	{ "frame", C_LINK_RX_FRAME_ERRORS },
	{ "fifo", C_LINK_RX_FIFO_ERRORS },
	{ "nohandler", C_LINK_RX_NOHANDLER },
	{ "otherhost", C_LINK_RX_OTHERHOST_DROPPED },
	{ 0 },
};

static const struct named_counter sent[] = {
	{ "bytes", C_LINK_TX_BYTES },
	{ "packets", C_LINK_TX_PACKETS },
	{ "errors", C_LINK_TX_ERRORS },
	{ "dropped", C_LINK_TX_DROPPED },
	{ "carrier", C_LINK_TX_CARRIER_ERRORS },
	{ "collsns", C_LINK_COLLISIONS },
	{ "aborted", C_LINK_TX_ABORTED_ERRORS },
	{ "fifo", C_LINK_TX_FIFO_ERRORS },
	{ "window", C_LINK_TX_WINDOW_ERRORS },
	{ "heartbeat", C_LINK_TX_HEARTBEAT_ERRORS },
	{ "heartbt", C_LINK_TX_HEARTBEAT_ERRORS },
	{ "transns", C_LINK_CARRIER_CHANGES },
	{ 0 },
};

/* "RX:  bytes packets …", "TX errors: aborted …". */
static bool is_heading(struct slice line)
{
	struct slice words[3];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	if (count < 3 || !(slice_starts(words[0], "RX") || slice_starts(words[0], "TX")))
		return false;
	return (words[0].length == 3 && words[0].data[2] == ':' && slice_is(words[1], "bytes")) ||
	       (words[0].length == 2 && slice_is(words[1], "errors:"));
}

static void take_heading(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool rx = slice_starts(words[0], "RX");
	size_t from = words[0].length == 2 ? 2 : 1;

	block->columns = 0;
	for (size_t i = from; i < count; i++)
		block->counters[block->columns++] =
			rx ? counter_named(received, words[i]) : counter_named(sent, words[i]);
	block->state = STATE_NUMBERS;
}

static bool take_numbers(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	uint64_t values[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));

	block->state = STATE_NONE;
	if (!block->object || count != block->columns)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (parse_u64(words[i], &values[i]))
			return false;
	}
	block_covers(block, SOURCE_LINK, block->netns);
	for (size_t i = 0; i < count; i++)
		block_add(block, block->counters[i], block->object, values[i]);
	return true;
}

/* ---- the first line of a device ---- */

/* "2: eth0@if5: <BROADCAST,…> mtu 1500 …" */
static bool is_device(struct slice line)
{
	struct slice words[3];
	uint64_t index;

	if (line_words(line, words, ARRAY_SIZE(words)) < 3 || words[0].data != line.data || words[0].length < 2 ||
	    words[0].data[words[0].length - 1] != ':' || words[1].data[words[1].length - 1] != ':')
		return false;
	words[0].length--;
	return !parse_u64(words[0], &index) && words[2].data[0] == '<';
}

/* Whether "<BROADCAST,UP,LOWER_UP>" has that flag. */
static bool has_flag(struct slice flags, const char *wanted)
{
	struct cursor cursor = cursor_of(flags.data + 1, flags.length - 1);
	struct slice flag;

	while (cursor_until(&cursor, ',', &flag)) {
		if (slice_is(flag, wanted))
			return true;
	}
	flag = cursor.rest;
	if (flag.length && flag.data[flag.length - 1] == '>')
		flag.length--;
	return slice_is(flag, wanted);
}

static void take_state(struct block *block, struct slice word)
{
	static const char *const states[] = { "UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN",
					      "TESTING", "DORMANT",    "UP" }; /* IF_OPER_UNKNOWN … IF_OPER_UP */

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (slice_is(word, states[i]))
			block_add(block, C_LINK_OPERSTATE, block->object, i);
	}
}

/* What stands behind the "@": the other end of a pair, or the device below; "if5" is one of another namespace. */
static void take_lower(struct block *block, struct slice name)
{
	const char *at = memchr(name.data, '@', name.length);
	struct slice lower;
	uint64_t index;

	if (!at)
		return;
	lower = (struct slice){ at + 1, (size_t)(name.data + name.length - at) - 1 };
	if (lower.length && lower.data[lower.length - 1] == ':')
		lower.length--;
	if (!lower.length || slice_is(lower, "NONE") ||
	    (slice_starts(lower, "if") && leading_number((struct slice){ lower.data + 2, lower.length - 2 }, &index)))
		return;
	block->other = block_link(block, lower);
	block_add(block, C_LINK_LOWER_IFINDEX, block->object, block->other->key.a);
}

static void take_device(struct block *block, struct slice line)
{
	struct slice words[BLOCK_COLUMNS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool up = has_flag(words[2], "UP");

	block->object = block_link(block, words[1]);
	block->other = NULL;
	block->state = memchr(words[1].data, '@', words[1].length) ? STATE_UPON : STATE_NONE;
	block->number = 0; /* programs of XDP */
	block_add(block, C_LINK_FLAGS_UP, block->object, up);
	if (up)
		block_add(block, C_LINK_CARRIER, block->object, has_flag(words[2], "LOWER_UP"));
	take_lower(block, words[1]);
	for (size_t i = 3; i + 1 < count; i++) {
		uint64_t value;

		if (slice_is(words[i], "state"))
			take_state(block, words[i + 1]);
		if (slice_is(words[i], "master"))
			block->object->parent = block_link(block, words[i + 1])->id;
		if (slice_is(words[i], "mtu") && !parse_u64(words[i + 1], &value))
			block_add(block, C_LINK_MTU, block->object, value);
		if (slice_is(words[i], "qlen") && !parse_u64(words[i + 1], &value))
			block_add(block, C_LINK_TXQLEN, block->object, value);
	}
}

/* ---- what -d tells ---- */

static const struct named_counter details[] = {
	{ "promiscuity", C_LINK_PROMISCUITY },
	{ "numtxqueues", C_LINK_NUM_TX_QUEUES },
	{ "numrxqueues", C_LINK_NUM_RX_QUEUES },
	{ "miimon", C_LINK_BOND_MIIMON },
	{ "fdb_n_learned", C_LINK_BRIDGE_FDB_LEARNED },
	{ "fdb_max_learned", C_LINK_BRIDGE_FDB_MAX },
	{ "stp_state", C_LINK_BRIDGE_STP },
	{ "vlan_filtering", C_LINK_BRIDGE_VLAN_FILTERING },
	{ "topology_change", C_LINK_BRIDGE_TOPOLOGY_CHANGE },
	{ "link_failure_count", C_LINK_BOND_MEMBER_FAILURES },
	{ "ad_aggregator_id", C_LINK_BOND_MEMBER_AGGREGATOR },
	{ "ad_actor_oper_port_state", C_LINK_BOND_MEMBER_ACTOR_STATE },
	{ "ad_partner_oper_port_state", C_LINK_BOND_MEMBER_PARTNER_STATE },
	{ "ad_num_ports", C_LINK_BOND_AGGREGATOR_PORTS },
	{ "ad_aggregator", C_LINK_BOND_AGGREGATOR },
	{ 0 },
};

/* Switches of a bridge port: told while they are not what a new port has. */
static const struct {
	const char *name, *usual;
	counter_id counter;
} port_switches[] = {
	{ "learning", "on", C_LINK_PORT_NO_LEARNING },
	{ "flood", "on", C_LINK_PORT_NO_UNICAST_FLOOD },
	{ "mcast_flood", "on", C_LINK_PORT_NO_MULTICAST_FLOOD },
	{ "bcast_flood", "on", C_LINK_PORT_NO_BROADCAST_FLOOD },
	{ "isolated", "off", C_LINK_PORT_ISOLATED },
	{ "locked", "off", C_LINK_PORT_LOCKED },
};

/* Words behind a word that are numbers to the kernel, each by its place in the list. */
static const struct {
	const char *kind, *name;
	counter_id counter;
	const char *values[8];
} named_values[] = {
	{ "bridge_slave",
	  "state",
	  C_LINK_BRIDGE_PORT_STATE,
	  { "disabled", "listening", "learning", "forwarding", "blocking" } },
	{ "bond_slave", "state", C_LINK_BOND_MEMBER_BACKUP, { "ACTIVE", "BACKUP" } },
	{ "bond_slave", "mii_status", C_LINK_BOND_MEMBER_MII, { "UP", "GOING_DOWN", "DOWN", "GOING_BACK" } },
	{ "bond",
	  "mode",
	  C_LINK_BOND_MODE,
	  { "balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb" } },
	{ "bond",
	  "xmit_hash_policy",
	  C_LINK_BOND_HASH_POLICY,
	  { "layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac" } },
};

static void take_named_value(struct block *block, struct slice kind, struct slice name, struct slice value)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_values); i++) {
		if (!slice_is(kind, named_values[i].kind) || !slice_is(name, named_values[i].name))
			continue;
		for (size_t v = 0; v < ARRAY_SIZE(named_values[i].values) && named_values[i].values[v]; v++) {
			if (slice_is(value, named_values[i].values[v]))
				block_add(block, named_values[i].counter, block->object, v);
		}
	}
}

static void take_device_below(struct block *block, struct slice kind, struct slice name, struct slice value)
{
	if (slice_is(kind, "vxlan") && slice_is(name, "dev"))
		block_add(block, C_LINK_VXLAN_LOWER, block->object, block_link(block, value)->key.a);
	if (slice_is(kind, "bond") && slice_is(name, "active_slave"))
		block_add(block, C_LINK_BOND_ACTIVE, block->object, block_link(block, value)->key.a);
}

static void take_detail(struct block *block, struct slice kind, struct slice name, struct slice value)
{
	counter_id counter = counter_named(details, name);
	uint64_t number;

	if (counter != COUNTER_NONE && !parse_u64(value, &number))
		block_add(block, counter, block->object, number);
	if (slice_is(kind, "vlan") && slice_is(name, "id") && !parse_u64(value, &number))
		block_add(block, C_LINK_VLAN_ID, block->object, number);
	for (size_t i = 0; i < ARRAY_SIZE(port_switches) && slice_is(kind, "bridge_slave"); i++) {
		bool is_switch = slice_is(value, "on") || slice_is(value, "off");

		if (slice_is(name, port_switches[i].name) && is_switch && !slice_is(value, port_switches[i].usual))
			block_add(block, port_switches[i].counter, block->object, 1);
	}
	take_named_value(block, kind, name, value);
	take_device_below(block, kind, name, value);
}

/* Kinds as `ip -d` prints them that are not the kernel's words, or are followed by none. */
static bool is_kind(struct slice word)
{
	static const char *const kinds[] = {
		"veth",	     "bridge", "bond",	 "team",      "vxlan",	     "vlan",	  "macvlan", "macvtap",
		"ipvlan",    "ipvtap", "tun",	 "dummy",     "geneve",	     "gre",	  "gretap",  "ipip",
		"sit",	     "ip6tnl", "ip6gre", "ip6gretap", "erspan",	     "ip6erspan", "vti",     "vti6",
		"wireguard", "ifb",    "vrf",	 "netkit",    "openvswitch", "nlmon",	  "vcan",    "can",
		"hsr",	     "macsec", "xfrm",	 "bareudp",   "ipoib",	     "wwan",
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (slice_is(word, kinds[i]))
			return true;
	}
	return false;
}

#define MEMBER "_slave"

static bool is_membership(struct slice word)
{
	size_t length = sizeof(MEMBER) - 1;

	return word.length > length && memcmp(word.data + word.length - length, MEMBER, length) == 0;
}

/* "bridge_slave": what the device above is. */
static void label_master(struct block *block, struct slice word)
{
	struct object *master = block->object->parent ? object_get(block->objects, block->object->parent) : NULL;
	CLEANUP_FREE char *kind = mem_strndup(word.data, word.length - (sizeof(MEMBER) - 1));

	if (master && !*object_text(master, LABEL_KIND))
		object_label(master, LABEL_KIND, kind);
}

static void relate_pair(struct block *block)
{
	const char *kind = object_text(block->object, LABEL_KIND);

	if (block->other && (strcmp(kind, "veth") == 0 || strcmp(kind, "netkit") == 0))
		block->object->peer = block->other->id;
}

/* A tunnel's kind tells over which family it sends; that of others is told by the addresses. */
static void take_family(struct block *block, struct slice kind, const struct slice *words, size_t count)
{
	bool over6 = slice_starts(kind, "ip6") || slice_is(kind, "vti6"), tunnel = over6;
	static const char *const tunnels[] = { "gre", "gretap", "ipip", "sit", "erspan", "vti", "vxlan", "geneve" };

	for (size_t i = 0; i < ARRAY_SIZE(tunnels); i++)
		tunnel |= slice_is(kind, tunnels[i]);
	for (size_t i = 0; i + 1 < count; i++) {
		if (slice_is(words[i], "local") || slice_is(words[i], "remote") || slice_is(words[i], "group"))
			over6 |= memchr(words[i + 1].data, ':', words[i + 1].length) != NULL;
	}
	if (tunnel)
		block_add(block, C_LINK_TUNNEL_IPV6, block->object, over6);
}

#define DETAIL_WORDS_MAX 256

/* "    vxlan id 1 local 10.6.3.201 dev ens3 …", "    bridge_slave state forwarding …": the kind and pairs of words. */
static bool take_details(struct block *block, struct slice line)
{
	struct slice words[DETAIL_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	CLEANUP_FREE char *kind = NULL;

	if (!count || !(is_kind(words[0]) || is_membership(words[0])))
		return false;
	if (is_membership(words[0])) {
		label_master(block, words[0]);
	} else {
		kind = mem_strndup(words[0].data, words[0].length);
		object_label(block->object, LABEL_KIND, kind);
		relate_pair(block);
		take_family(block, words[0], words, count);
	}
	for (size_t i = 1; i + 1 < count; i++)
		take_detail(block, words[0], words[i], words[i + 1]);
	return true;
}

/* "    link/ether 00:16:3e:ae:9e:44 brd … promiscuity 0 …" */
static void take_address(struct block *block, struct slice line)
{
	struct slice words[DETAIL_WORDS_MAX];
	size_t count = line_words(line, words, ARRAY_SIZE(words));
	bool detailed = line_has(line, "promiscuity"), ether = slice_is(words[0], "link/ether");
	const char *kind = slice_is(words[0], "link/loopback") ? "loopback" : NULL;

	if (count > 1 && memchr(words[1].data, ':', words[1].length)) {
		CLEANUP_FREE char *address = mem_strndup(words[1].data, words[1].length);

		object_label(block->object, LABEL_ADDRESS, address);
	}
	/* With -d a device that has a kind tells it in a line of its own, below this one; without, its name may. */
	if (!kind && !detailed)
		kind = device_usual_kind(object_text(block->object, LABEL_NAME));
	/* Upon another device: there are many kinds of them. */
	if (!kind && (detailed || !ether || !block->state))
		kind = ether ? "ether" : "none";
	if (kind && !*object_text(block->object, LABEL_KIND))
		object_label(block->object, LABEL_KIND, kind);
	for (size_t i = 1; i + 1 < count; i++)
		take_detail(block, words[0], words[i], words[i + 1]);
}

/* ---- the format ---- */

static bool made_by(const struct ticket_command *command)
{
	static const char *const objects[] = { "link", "l", "li", "lin", "addr", "address", "a", "ad" };

	for (size_t w = 1; w < command->count && command_runs(command, "ip"); w++) {
		for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
			if (slice_is(command->words[w], objects[i]))
				return true;
		}
	}
	return false;
}

/* The device that `ip link show [dev] NAME` names, where grep left out the line that tells. */
static struct object *device_asked_for(struct block *block)
{
	for (size_t i = 1; i + 1 < block->command->count; i++) {
		struct slice word = block->command->words[i], next = block->command->words[i + 1];

		if ((slice_is(word, "dev") || slice_is(word, "show") || slice_is(word, "ls")) &&
		    !slice_is(next, "dev") && next.data[0] != '-' && i + 2 >= block->command->count)
			return block_link(block, next);
	}
	return NULL;
}

static bool is_passed_over(struct slice line)
{
	static const char *const beginnings[] = { "inet ", "inet6 ",	"valid_lft", "alias ", "altname ", "prog/xdp",
						  "vf ",   "parentbus", "xdp",	     "queue",  "numa" };

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++) {
		if (slice_starts(line, beginnings[i]))
			return true;
	}
	return false;
}

static bool take_piece(struct block *block, struct slice line)
{
	struct slice trimmed = slice_trim(line);

	if (is_device(line)) {
		take_device(block, line);
		return true;
	}
	if (!block->object)
		block->object = device_asked_for(block);
	if (!trimmed.length || !block->object)
		return !trimmed.length;
	if (is_heading(trimmed)) {
		take_heading(block, trimmed);
		return true;
	}
	if (block->state == STATE_NUMBERS)
		return take_numbers(block, trimmed);
	if (slice_starts(trimmed, "link/")) {
		take_address(block, trimmed);
		return true;
	}
	if (slice_starts(trimmed, "prog/xdp") && !block->number++)
		block_add(block, C_LINK_XDP, block->object, 1);
	return take_details(block, trimmed) || is_passed_over(trimmed);
}

/* With -o a device is one line, with a backslash where others break it. */
static bool take(struct block *block, struct slice line)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice piece;
	bool understood = true;

	while (cursor_until(&cursor, '\\', &piece))
		understood &= take_piece(block, piece);
	if (cursor.rest.data == line.data || slice_trim(cursor.rest).length)
		understood &= take_piece(block, cursor.rest);
	return understood;
}

/* Whether the command shows every device, and of what kind each is. */
static bool shows_kinds(const struct ticket_command *command)
{
	struct slice last = command->count ? command->words[command->count - 1] : (struct slice){ "", 0 };

	return (command_has(command, "-d") || command_has(command, "-details")) && !command->filtered &&
	       (slice_is(last, "link") || slice_is(last, "l") || slice_is(last, "show") || slice_is(last, "ls"));
}

/* Every datapath of Open vSwitch has a device: where there is none of that kind, there is no datapath. */
static void end(struct block *block)
{
	const struct object *object;
	uint32_t id;

	if (!block->object || !shows_kinds(block->command))
		return;
	each_object(block->objects, id, object) {
		if (object->key.kind == OBJECT_LINK && object->key.netns == block->netns->key.netns &&
		    strcmp(object_text(object, LABEL_KIND), "openvswitch") == 0)
			return;
	}
	block_covers(block, SOURCE_OPENVSWITCH, block->netns);
}

const struct ticket_format ticket_formats_link[] = {
	{ "ip -s link", .made_by = made_by, .begins = is_device, .take = take, .end = end, .every_line = true,
	  .first = true },
	{ 0 },
};
