/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of places: whole, consistent with causes and reasons, and the right row speaks for a drop. */
#include "model/place.h"
#include "unit/unit.h"

#include <ctype.h>
#include <string.h>

static void places_are_unique(void **state)
{
	const struct place *place, *other;

	for (size_t i = 0; (place = place_at(i)); i++) {
		for (size_t k = i + 1; (other = place_at(k)); k++) {
			if (strcmp(place->symbol, other->symbol) == 0 && strcmp(place->reason, other->reason) == 0)
				fail_msg("%s with '%s' stands twice", place->symbol, place->reason);
		}
	}
}

static bool is_symbol(const char *symbol)
{
	size_t stars = 0, letters = 0;

	for (const char *at = symbol; *at; at++) {
		bool at_an_end = at == symbol || !at[1];

		if (*at == '*' && at_an_end)
			stars++;
		else if (isalnum((unsigned char)*at) || *at == '_')
			letters++;
		else
			return false;
	}
	return stars <= 1 && letters >= 4;
}

static void places_are_named_as_the_kernel_names_them(void **state)
{
	const struct place *place;
	size_t i;

	for (i = 0; (place = place_at(i)); i++) {
		if (!is_symbol(place->symbol))
			fail_msg("%s is no symbol", place->symbol);
		if (strlen(place->symbol) >= PLACE_SYMBOL_MAX)
			fail_msg("%s is too long", place->symbol);
		if (strlen(place->meaning) < 10 || place->meaning[strlen(place->meaning) - 1] == '.')
			fail_msg("%s: no clause: %s", place->symbol, place->meaning);
	}
	assert_true(i > 400);
	assert_false(is_symbol("tcp_ack.cold"));
	assert_false(is_symbol("ip*rcv"));
	assert_false(is_symbol("*"));
}

/* A row is for drops of a reason that exists, for all, or for those that give none; never for one that says nothing. */
static void places_have_reasons_that_exist(void **state)
{
	const struct place *place;

	for (size_t i = 0; (place = place_at(i)); i++) {
		const struct reason *reason = reason_find(place->reason);

		if (!*place->reason || strcmp(place->reason, "*") == 0)
			continue;
		if (!reason || strcmp(reason->name, place->reason) != 0 || strcmp(place->reason, "NOT_SPECIFIED") == 0)
			fail_msg("%s: %s is no reason for a row", place->symbol, place->reason);
	}
}

static bool is_class(enum cause cause, enum cause_class class)
{
	return cause == CAUSE_NONE || cause_get(cause)->class == class;
}

static void what_a_place_points_to_is_as_harmful_as_it_is(void **state)
{
	const struct place *place;

	for (size_t i = 0; (place = place_at(i)); i++) {
		if (place->harm == REASON_LOSS && !is_class(place->cause, CAUSE_LOSS))
			fail_msg("%s is a loss, %s is none", place->symbol, cause_id(place->cause));
		if (place->harm == REASON_HARMLESS && !is_class(place->cause, CAUSE_INNOCENT))
			fail_msg("%s is harmless, %s is not", place->symbol, cause_id(place->cause));
		if (place->also != CAUSE_NONE && (place->cause == CAUSE_NONE || place->also == place->cause))
			fail_msg("%s has a second cause without a first", place->symbol);
		if (place->domain == DOMAIN_NONE)
			fail_msg("%s is nowhere", place->symbol);
	}
}

static void symbols_lose_what_the_compiler_adds(void **state)
{
	static const struct {
		const char *name, *bare;
	} symbols[] = {
		{ "tcp_rcv_established", "tcp_rcv_established" },
		{ "br_handle_frame.part.0", "br_handle_frame" },
		{ "ip_fragment.constprop.0", "ip_fragment" },
		{ "vxlan_rcv.isra.0.cold", "vxlan_rcv" },
		{ ".hidden.cold", ".hidden" },
		{ "", "" },
	};
	char bare[PLACE_SYMBOL_MAX], name[4 * PLACE_SYMBOL_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		place_symbol(symbols[i].name, bare);
		assert_string_equal(bare, symbols[i].bare);
	}
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	place_symbol(name, bare);
	assert_int_equal(strlen(bare), PLACE_SYMBOL_MAX - 1);
}

static void assert_row(const char *symbol, const char *reason, const char *row_symbol, const char *row_reason)
{
	const struct place *place = place_find(symbol, reason);

	if (!place)
		fail_msg("no row for %s", symbol);
	assert_string_equal(place->symbol, row_symbol);
	assert_string_equal(place->reason, row_reason);
}

static void the_nearest_row_speaks(void **state)
{
	/* by name, whatever the compiler added and whatever way the reason is written */
	assert_row("ip_error", "NOT_SPECIFIED", "ip_error", "");
	assert_row("ip_error.cold", "SKB_DROP_REASON_NOT_SPECIFIED", "ip_error", "");
	assert_row("ip_error", NULL, "ip_error", "");
	assert_null(place_find("ip_errors", "NOT_SPECIFIED"));
	assert_null(place_find("", "NOT_SPECIFIED"));
	/* the row of that reason before the one for those that say nothing */
	assert_row("__udp4_lib_rcv", "NO_SOCKET", "__udp4_lib_rcv", "NO_SOCKET");
	assert_row("__udp4_lib_rcv", "NOT_SPECIFIED", "__udp4_lib_rcv", "");
	/* a reason that says enough needs no row */
	assert_null(place_find("__udp4_lib_rcv", "UDP_CSUM"));
	assert_null(place_find("ip_error", "IP_INNOROUTES"));
	/* one that no table knows says nothing */
	assert_row("ip_error", "SUN_SPOTS", "ip_error", "");
	/* any reason */
	assert_row("skb_release_data", "QDISC_DROP", "skb_release_data", "*");
	assert_row("skb_release_data", NULL, "skb_release_data", "*");
	/* the longest beginning, and the whole name before it */
	assert_row("wg_packet_tx_worker", NULL, "wg_packet_*", "");
	assert_row("wg_packet_purge_staged_packets", NULL, "wg_packet_purge_staged_packets", "*");
	assert_row("ieee80211_rx_handlers", NULL, "ieee80211_rx_*", "");
	assert_row("ieee80211_tx", NULL, "ieee80211_*", "");
	assert_null(place_find("ieee80211", NULL));
	/* an end */
	assert_row("ixgbe_xmit_frame", NULL, "*_xmit_frame", "");
	assert_row("start_xmit", NULL, "start_xmit", "");
	assert_row("bond_start_xmit", NULL, "bond_start_xmit", "");
	assert_null(place_find("ixgbe_xmit_frames", NULL));
}

/*
 * What has no tracepoint of its own shows as a place: verdicts of netfilter and conntrack, and handshakes for which a full
 * listener had no room. (A SYN that such a listener refuses is no drop to the kernel at all.)
 */
static void verdicts_and_full_listeners_have_rows(void **state)
{
	static const struct {
		const char *symbol, *reason;
		enum cause cause;
	} places[] = {
		{ "nf_hook_slow", "NETFILTER_DROP", CAUSE_FIREWALL_RULE_DROP },
		{ "nft_do_chain", "NETFILTER_DROP", CAUSE_FIREWALL_RULE_DROP },
		{ "nf_queue", NULL, CAUSE_NFQUEUE_FULL },
		{ "__nfqnl_enqueue_packet", NULL, CAUSE_NFQUEUE_FULL },
		{ "nf_reinject", NULL, CAUSE_FIREWALL_RULE_DROP },
		{ "tcf_ct_act", NULL, CAUSE_TC_DROP },
		{ "ovs_ct_execute", NULL, CAUSE_CONNTRACK_INSERT_FAILED },
		{ "tcp_v4_rcv", NULL, CAUSE_TCP_ACCEPT_QUEUE_FULL },
		{ "tcp_v6_rcv", NULL, CAUSE_TCP_ACCEPT_QUEUE_FULL },
		/* messages about them are none of them */
		{ "ctnetlink_conntrack_event", NULL, CAUSE_NON_IP_KERNEL_NOISE },
		{ "ip_set_header", NULL, CAUSE_NON_IP_KERNEL_NOISE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct place *place = place_find(places[i].symbol, places[i].reason);

		if (!place)
			fail_msg("no row for %s", places[i].symbol);
		assert_int_equal(place->cause, places[i].cause);
	}
}

static void place_and_reason_together_say_what_a_drop_is(void **state)
{
	struct drop_meaning meaning = drop_meaning_of("icmp_rcv", "NO_SOCKET");

	assert_int_equal(meaning.harm, REASON_HARMLESS);
	assert_int_equal(meaning.cause, CAUSE_CLONED_ICMP_REPLY);
	assert_string_equal(meaning.known->name, "NO_SOCKET");
	/* elsewhere it is not harmless */
	meaning = drop_meaning_of("__udp6_lib_rcv", "NO_SOCKET");
	assert_int_equal(meaning.harm, REASON_EITHER);
	assert_int_equal(meaning.cause, CAUSE_NO_LISTENER);
	assert_int_equal(meaning.field, PLACE_DEVICE);
	/* where the reason speaks, the place still tells which field holds */
	meaning = drop_meaning_of("tcp_rcv_established", "TCP_OLD_DATA");
	assert_null(meaning.place);
	assert_int_equal(meaning.cause, CAUSE_DUPLICATE_SEGMENTS);
	assert_int_equal(meaning.field, PLACE_RECEIVER);
	assert_int_equal(meaning.way, PLACE_ARRIVING);
	meaning = drop_meaning_of("nowhere_known", "TCP_OLD_DATA");
	assert_int_equal(meaning.cause, CAUSE_DUPLICATE_SEGMENTS);
	assert_int_equal(meaning.field, PLACE_UNKNOWN);
	assert_int_equal(meaning.way, PLACE_EITHER_WAY);
	/* without a place, without a reason, without either */
	meaning = drop_meaning_of(NULL, "IP_RPFILTER");
	assert_int_equal(meaning.cause, CAUSE_REVERSE_PATH_FILTER);
	meaning = drop_meaning_of("ip6_mc_input", NULL);
	assert_int_equal(meaning.cause, CAUSE_MULTICAST_NOT_JOINED);
	meaning = drop_meaning_of(NULL, NULL);
	assert_int_equal(meaning.cause, CAUSE_NONE);
	assert_int_equal(meaning.harm, REASON_EITHER);
	assert_non_null(meaning.meaning);
}

/* What real kernels give no reason for, or one of many meanings (see places.def), and what it has to be taken for. */
static void silent_places_of_real_kernels_are_known(void **state)
{
	static const struct {
		const char *symbol, *reason;
		enum cause cause;
		enum place_field field;
	} drops[] = {
		{ "ip_error", "NOT_SPECIFIED", CAUSE_UNREACHABLE_ROUTE, PLACE_DEVICE },
		{ "ip6_mc_input", "NOT_SPECIFIED", CAUSE_MULTICAST_NOT_JOINED, PLACE_DEVICE },
		{ "veth_xdp_rcv_skb", "NOT_SPECIFIED", CAUSE_XDP_DROP, PLACE_DEVICE },
		{ "neigh_invalidate", "NOT_SPECIFIED", CAUSE_NEIGHBOUR_UNRESOLVED, PLACE_DEVICE },
		{ "ip_fragment.constprop.0", "NOT_SPECIFIED", CAUSE_MTU_EXCEEDED, PLACE_DEVICE },
		{ "br_handle_frame", "NOT_SPECIFIED", CAUSE_BRIDGE_PORT_BLOCKED, PLACE_DEVICE },
		{ "nf_hook_slow", "NETFILTER_DROP", CAUSE_FIREWALL_RULE_DROP, PLACE_DEVICE_OR_SOCKET },
		{ "nft_do_chain", "NETFILTER_DROP", CAUSE_FIREWALL_RULE_DROP, PLACE_DEVICE_OR_SOCKET },
		{ "udp_queue_rcv_one_skb", "SOCKET_RCVBUFF", CAUSE_UDP_RECEIVE_BUFFER_FULL, PLACE_RECEIVER },
		{ "raw_rcv", "SOCKET_RCVBUFF", CAUSE_RAW_RECEIVE_BUFFER_FULL, PLACE_DEVICE },
		{ "tcp_data_queue", "PROTO_MEM", CAUSE_TCP_RECEIVE_QUEUE_PRUNED, PLACE_RECEIVER },
		{ "udp_queue_rcv_one_skb", "PROTO_MEM", CAUSE_UDP_MEMORY_PRESSURE, PLACE_RECEIVER },
		{ "tcp_v4_rcv", "SOCKET_BACKLOG", CAUSE_SOCKET_BACKLOG_FULL, PLACE_RECEIVER },
		{ "tcp_v4_rcv", "NO_SOCKET", CAUSE_NO_LISTENER, PLACE_DEVICE },
		{ "qdisc_reset", "QUEUE_PURGE", CAUSE_INTERFACE_RESTARTED, PLACE_DEVICE },
		{ "inet_sock_destruct", "QUEUE_PURGE", CAUSE_UNREAD_AT_CLOSE, PLACE_UNKNOWN },
		{ "kfree_skb_list_reason", "QDISC_DROP", CAUSE_QDISC_QUEUE_FULL, PLACE_DEVICE },
		{ "ip_forward", "IP_INHDR", CAUSE_TTL_EXPIRED, PLACE_DEVICE },
		{ "ip_rcv_core", "IP_INHDR", CAUSE_IP_HEADER_ERROR, PLACE_DEVICE },
		{ "__netif_receive_skb_core.constprop.0", "TC_INGRESS", CAUSE_TC_DROP, PLACE_DEVICE },
		{ "unix_stream_connect", "NOT_SPECIFIED", CAUSE_NON_IP_KERNEL_NOISE, PLACE_UNKNOWN },
		{ "vxlan_rcv", "VXLAN_VNI_NOT_FOUND", CAUSE_TUNNEL_DROP, PLACE_DEVICE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(drops); i++) {
		struct drop_meaning meaning = drop_meaning_of(drops[i].symbol, drops[i].reason);

		if (meaning.cause != drops[i].cause || meaning.field != drops[i].field)
			fail_msg("%s, %s: %s, field %d", drops[i].symbol, drops[i].reason, cause_id(meaning.cause),
				 meaning.field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_unique),
		cmocka_unit_test(places_are_named_as_the_kernel_names_them),
		cmocka_unit_test(places_have_reasons_that_exist),
		cmocka_unit_test(what_a_place_points_to_is_as_harmful_as_it_is),
		cmocka_unit_test(symbols_lose_what_the_compiler_adds),
		cmocka_unit_test(the_nearest_row_speaks),
		cmocka_unit_test(verdicts_and_full_listeners_have_rows),
		cmocka_unit_test(place_and_reason_together_say_what_a_drop_is),
		cmocka_unit_test(silent_places_of_real_kernels_are_known),
	};

	return cmocka_run_group_tests_name("model/places", tests, NULL, NULL);
}
