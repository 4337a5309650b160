/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables rules of this namespace with their counters, from the kernel's own
 * messages: a dump each of tables, chains, sets, counters and rules, and the
 * elements of those sets that may decide about a packet. The generation id before
 * and after tells whether they fit together; if not, all is read again. Asking the
 * kernel would load nf_tables where it is missing, so it is asked only where it is
 * there.
 */
#include "source/nftables.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#define ATTEMPTS 3
#define SETS_MAX 4096	 /* whose elements are asked for */
#define RULES_MANY 10000 /* that can lose packets: of more each one is not worth an object */

const struct firewall_rows nftables_rows = {
	.tool = "nft",
	.rule_word = "handle",
	.key_prefix = "",
	.packets = C_RULE_PACKETS,
	.bytes = C_RULE_BYTES,
	.matched = C_RULE_MATCHED,
	.uncounted = C_RULE_UNCOUNTED,
	.queue = C_RULE_QUEUE,
	.nat = C_RULE_NAT,
	.limit = C_RULE_LIMIT,
	.ct_invalid = C_RULE_CT_INVALID,
	.rpfilter = C_RULE_RPFILTER,
	.port = C_RULE_PORT,
	.nat_ports = C_RULE_NAT_PORTS,
	.walk = C_CHAIN_WALK,
	.set_elements = C_SET_ELEMENTS,
	.set_size = C_SET_SIZE,
	.policy = C_CHAIN_POLICY_DROP,
	.policy_packets = C_CHAIN_POLICY_COUNTED,
	.policy_bytes = COUNTER_NONE,
	.named_drops = C_NAMED_COUNTER_DROPS,
	.named_bytes = C_NAMED_COUNTER_BYTES,
	.named_matched = C_NAMED_COUNTER_MATCHED,
};

struct reading {
	const struct source_context *context;
	struct netlink netlink;
	struct firewall firewall;
	uint32_t generation;
	unsigned int state; /* of all dumps */
	bool changed;	    /* the rules, while they were read, at every attempt */
};

static void request_begin(struct netlink_request *request, uint16_t message, uint8_t family)
{
	struct nfgenmsg *header =
		netlink_request(request, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | message), 0, sizeof(*header));

	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
}

static int read_generation(struct reading *reading, uint32_t *ret)
{
	const struct nlattr *attributes[NFTA_GEN_MAX + 1];
	CLEANUP_TEXT struct text answer = { 0 };
	struct netlink_request request;
	struct netlink_walk walk;
	const struct nlmsghdr *message;
	int error;

	request_begin(&request, NFT_MSG_GETGEN, NFPROTO_UNSPEC);
	error = netlink_ask(&reading->netlink, &request, &answer);
	if (error)
		return error;
	walk = netlink_walk(text_string(&answer), answer.length);
	message = netlink_next(&walk, sizeof(struct nfgenmsg));
	if (!message)
		return -EPROTO;
	netlink_attributes(message, sizeof(struct nfgenmsg), attributes, ARRAY_SIZE(attributes));
	*ret = ntohl(netlink_u32(attributes[NFTA_GEN_ID], 0));
	return 0;
}

static bool take(void *data, const char *bytes, size_t length)
{
	nftables_add(data, bytes, length);
	return true;
}

static int dump(struct reading *reading, struct netlink_request *request)
{
	unsigned int state = 0;
	int error = netlink_stream(&reading->netlink, request, take, &reading->firewall, &state);

	reading->state |= state;
	return error;
}

static int dump_all(struct reading *reading, uint16_t message)
{
	struct netlink_request request;

	request_begin(&request, message, NFPROTO_UNSPEC);
	return dump(reading, &request);
}

/* Kernels before 4.10 have no named counters. */
static int dump_counters(struct reading *reading)
{
	struct netlink_request request;
	int error;

	request_begin(&request, NFT_MSG_GETOBJ, NFPROTO_UNSPEC);
	mnl_attr_put_u32(request.header, NFTA_OBJ_TYPE, htonl(NFT_OBJECT_COUNTER));
	error = dump(reading, &request);
	return error == -EINVAL || error == -EOPNOTSUPP ? 0 : error;
}

/* A set that is gone meanwhile shows in the generation. */
static int dump_elements(struct reading *reading, uint32_t set)
{
	const struct firewall_node *node = &reading->firewall.nodes.data[set];
	const struct firewall_table *table = &reading->firewall.tables.data[node->table];
	struct cursor cursor = cursor_of(table->name.data, table->name.length);
	CLEANUP_FREE char *name = mem_strndup(node->name.data, node->name.length);
	CLEANUP_FREE char *table_name = NULL;
	struct netlink_request request;
	struct slice family;
	int error;

	if (!cursor_until(&cursor, ' ', &family))
		return 0;
	table_name = mem_strndup(cursor.rest.data, cursor.rest.length);
	request_begin(&request, NFT_MSG_GETSETELEM, table->family);
	if (!mnl_attr_put_strz_check(request.header, sizeof(request.bytes), NFTA_SET_ELEM_LIST_TABLE, table_name) ||
	    !mnl_attr_put_strz_check(request.header, sizeof(request.bytes), NFTA_SET_ELEM_LIST_SET, name))
		return -EMSGSIZE;
	error = dump(reading, &request);
	return error == -ENOENT ? 0 : error;
}

static int dump_wanted_elements(struct reading *reading)
{
	uint32_t asked = 0;
	int error = 0;

	for (uint32_t i = 0; i < reading->firewall.nodes.count && !error; i++) {
		const struct firewall_node *node = &reading->firewall.nodes.data[i];

		if (node->kind != NODE_MAP || !node->wanted)
			continue;
		if (asked++ == SETS_MAX) {
			reading->firewall.partial = true;
			break;
		}
		error = dump_elements(reading, i);
	}
	return error;
}

/* Everything once. *ret_same: nothing changed meanwhile. */
static int read_once(struct reading *reading, bool *ret_same)
{
	static const uint16_t kinds[] = { NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETSET };
	uint32_t after = 0;
	int error = read_generation(reading, &reading->generation);

	reading->state = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !error; i++) {
		error = dump_all(reading, kinds[i]);
		if (i == 0 && !reading->firewall.tables.count)
			break; /* no tables, nothing in them */
	}
	if (!error && reading->firewall.tables.count)
		error = dump_counters(reading);
	if (!error && reading->firewall.tables.count)
		error = dump_all(reading, NFT_MSG_GETRULE);
	if (!error)
		error = dump_wanted_elements(reading);
	if (!error)
		error = read_generation(reading, &after);
	*ret_same = after == reading->generation && !(reading->state & NETLINK_INTERRUPTED);
	return error;
}

static int read_all(struct reading *reading)
{
	bool same = false;
	int error = netlink_open(&reading->netlink, NETLINK_NETFILTER);

	for (unsigned int attempt = 0; attempt < ATTEMPTS && !error && !same; attempt++) {
		firewall_free(&reading->firewall);
		memset(&reading->firewall, 0, sizeof(reading->firewall));
		error = read_once(reading, &same);
	}
	reading->changed = !same;
	return error;
}

/* The generations of the window's readings so far, or NULL at the first. */
static const struct cell *generations(const struct reading *reading)
{
	const struct source_context *context = reading->context;

	return context->series ? series_cell(context->series, C_NFTABLES_GENERATION, context->netns->id) : NULL;
}

/* No rule came since the window's first reading: a rule not known yet had counted nothing then. */
static bool nothing_added(const struct reading *reading)
{
	const struct cell *cell = generations(reading);

	return cell && cell->low == cell->high && cell->last == reading->generation;
}

/* Since the reading before. */
static bool changed_since(const struct reading *reading)
{
	const struct cell *cell = generations(reading);

	return cell && cell->last != reading->generation;
}

/* Of very many rules those are not known that had counted nothing; a new one may have come with a count. */
static bool misses_beginnings(const struct reading *reading)
{
	return reading->firewall.sparse && generations(reading) && !nothing_added(reading);
}

static void cover(const struct reading *reading, struct snapshot *snapshot)
{
	const struct object *netns = reading->context->netns;

	if (reading->changed)
		snapshot_covered_partly(snapshot, SOURCE_NFTABLES, netns,
					"the rules changed each of the three times they were read");
	else if (misses_beginnings(reading))
		snapshot_covered_partly(
			snapshot, SOURCE_NFTABLES, netns,
			"very many rules, which were changed meanwhile: what a rule dropped before it was "
			"first seen is missing");
	else if (reading->firewall.partial)
		snapshot_covered_partly(snapshot, SOURCE_NFTABLES, netns,
					"some rules were not understood, or there are too many");
	else
		snapshot_covered(snapshot, SOURCE_NFTABLES, netns);
}

static void emit(struct reading *reading, struct snapshot *snapshot)
{
	const struct source_context *context = reading->context;
	struct nftables_texts texts = { .firewall = &reading->firewall,
					.netns = context->netns,
					.series = context->series,
					.objects = context->objects };

	nftables_resolve(&reading->firewall);
	reading->firewall.sparse = reading->firewall.rules.count > RULES_MANY;
	reading->firewall.known_from_zero = nothing_added(reading);
	if (changed_since(reading))
		firewall_find_anew(&reading->firewall, &nftables_rows, context->netns, context->objects);
	nftables_texts_read(&texts);
	firewall_emit(&reading->firewall, &nftables_rows, context->netns, snapshot);
	snapshot_add(snapshot, C_NFTABLES_GENERATION, context->netns, reading->generation);
	cover(reading, snapshot);
	text_free(&texts.listing);
}

/* Without nf_tables or without nfnetlink the kernel knows neither the message nor the protocol. */
static int plain_error(int error)
{
	return error == -EINVAL || error == -EPROTONOSUPPORT ? -EOPNOTSUPP : error;
}

static void read_live(const struct source_context *context, struct snapshot *snapshot)
{
	struct reading reading = { .context = context };
	int error = plain_error(read_all(&reading));

	if (error)
		snapshot_missed(snapshot, SOURCE_NFTABLES, context->netns, error, source_error_phrase(error));
	else
		emit(&reading, snapshot);
	firewall_free(&reading.firewall);
	netlink_close(&reading.netlink);
}

static void nftables_read(const struct source_context *context, struct snapshot *snapshot)
{
	if (source_part_there(context, snapshot, SOURCE_NFTABLES, "nf_tables", "nft_do_chain"))
		read_live(context, snapshot);
}

const struct source source_nftables = {
	.id = SOURCE_NFTABLES,
	.scope = SCOPE_NETNS,
	.cost = COST_DEAR,
	.read = nftables_read,
};
