/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events that are no drops: their kinds and names, the layout that probe and reader share, and their lines. */
#include "cmd/trace_also.h"
#include "cmd/trace_look.h"
#include "render/trace.h"
#include "source/events.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

/* Keys are compared as bytes, in the kernel and here: nothing between members may be left over. */
static void keys_have_no_gaps(void **state)
{
	assert_int_equal(sizeof(struct event_key), 16);
	assert_int_equal(sizeof(struct event_count), 4 * sizeof(uint64_t));
	assert_int_equal(offsetof(struct event_sample, comm) + 16, sizeof(struct event_sample));
	assert_int_equal(sizeof(struct event_sample) % 8, 0);
	assert_int_equal(sizeof(struct drop_flow_key), 48);
}

static bool is_program_name(const char *name)
{
	return strncmp(name, "wd_event_", 9) == 0 && strlen(name) < 16; /* BPF_OBJ_NAME_LEN */
}

static void every_kind_is_described(void **state)
{
	unsigned int groups = 0;

	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		const struct event_row *row = event_row((enum event_kind)kind);

		assert_non_null(row->id);
		assert_true(strlen(row->label) > 3 && strlen(row->label) <= 16);
		assert_non_null(strchr(row->tracepoint, ':'));
		assert_true(is_program_name(row->program));
		assert_true(strlen(row->meaning) > 10 && row->meaning[strlen(row->meaning) - 1] != '.');
		groups |= row->group;
		for (int other = 0; other < kind; other++) {
			assert_string_not_equal(event_row((enum event_kind)other)->id, row->id);
			assert_string_not_equal(event_row((enum event_kind)other)->program, row->program);
		}
	}
	assert_int_equal(groups, EVENTS_ALL);
	assert_false(is_program_name("wd_event_retransmit"));
}

static void a_list_of_names_is_read(void **state)
{
	unsigned int groups = 0;

	assert_int_equal(trace_also_parse("resets", &groups), 0);
	assert_int_equal(groups, EVENTS_RESETS);
	assert_int_equal(trace_also_parse("polls,retransmits", &groups), 0);
	assert_int_equal(groups, EVENTS_POLLS | EVENTS_RETRANSMITS);
	assert_int_equal(trace_also_parse("transmit,all", &groups), 0);
	assert_int_equal(groups, EVENTS_ALL);
}

static void wrong_names_are_refused(void **state)
{
	static const char *const lists[] = { "", "reset", "resets,", ",resets", "resets, polls", "resetsx", "ALL" };
	unsigned int groups = 77;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		assert_int_not_equal(trace_also_parse(lists[i], &groups), 0);
		assert_int_equal(groups, 77);
	}
	/* the message names every group that there is */
	for (const char *at = event_group_names(); at; at = strstr(at, ", ") ? strstr(at, ", ") + 2 : NULL)
		assert_int_not_equal(event_group_find(at, strcspn(at, ",")), 0);
}

static void assert_detail(enum event_kind kind, int detail, const char *expected)
{
	const struct event_key key = { .kind = (uint16_t)kind, .detail = detail };
	struct kernel_names *names = kernel_names_new();
	struct text text = { 0 };

	event_detail(&key, names, &text);
	assert_string_equal(text_string(&text), expected);
	text_free(&text);
	kernel_names_free(names);
}

static void numbers_have_their_names(void **state)
{
	assert_detail(EVENT_RETRANSMIT, 0, "");
	assert_detail(EVENT_RETRANSMIT, -ENOBUFS, "ENOBUFS");
	assert_detail(EVENT_RETRANSMIT, -100000, "error -100000");
	assert_detail(EVENT_UDP_QUEUE_FULL, -ENOMEM, "ENOMEM");
	assert_detail(EVENT_TRANSMIT_FAILED, 1, "NET_XMIT_DROP");
	assert_detail(EVENT_TRANSMIT_FAILED, 16, "NETDEV_TX_BUSY");
	assert_detail(EVENT_TRANSMIT_FAILED, 3, "code 3");
	assert_detail(EVENT_TRANSMIT_FAILED, -ENETDOWN, "ENETDOWN");
	assert_detail(EVENT_TRANSMIT_TIMEOUT, 3, "queue 3");
	assert_detail(EVENT_POLL_BUDGET, 64, "budget 64");
	assert_detail(EVENT_RESET_SENT, -1, ""); /* before 6.10 */
	assert_detail(EVENT_RESET_SENT, 9999, "reason 9999");
	assert_detail(EVENT_RESET_RECEIVED, 7, "");
}

static void states_have_their_names(void **state)
{
	struct event_key key = { .kind = EVENT_RETRANSMIT };

	assert_string_equal(event_state(&key), "");
	key.state = TCP_ESTABLISHED;
	assert_string_equal(event_state(&key), "ESTABLISHED");
	key.state = 12;
	assert_string_equal(event_state(&key), "NEW_SYN_RECV");
	key.state = 13;
	assert_string_equal(event_state(&key), "");
	key.state = 0xffff;
	assert_string_equal(event_state(&key), "");
}

/* Where the kernel names them. The process that runs is behind a reset of its own close() alone. */
static void reasons_of_resets_come_from_the_kernel(void **state)
{
	struct kernel_names *names = kernel_names_new();
	struct event_key key = { .kind = EVENT_RESET_SENT, .state = TCP_CLOSE };
	const char *name = kernel_reset_reason_name(names, 1);
	unsigned int callers = 0;

	if (!name) {
		kernel_names_free(names);
		skip();
	}
	assert_string_equal(name, "NO_SOCKET");
	for (key.detail = -1; key.detail < 100; key.detail++) {
		name = key.detail < 0 ? NULL : kernel_reset_reason_name(names, (uint32_t)key.detail);
		if (name)
			assert_string_not_equal(name, "MAX");
		if (event_is_of_caller(&key, names)) {
			assert_non_null(name);
			assert_true(strstr(name, "ABORT_ON_") || strstr(name, "DISCONNECT") ||
				    strcmp(name, "TCP_STATE") == 0);
			callers++;
		}
	}
	assert_int_equal(callers, 4);
	key.kind = EVENT_RESET_RECEIVED;
	key.detail = 11;
	assert_false(event_is_of_caller(&key, names));
	kernel_names_free(names);
}

/* ---- lines ---- */

static void flow_make(const char *source, const char *destination, struct packet_flow *ret)
{
	struct drop_flow_key key = { .source_port = htons(443),
				     .destination_port = htons(40000),
				     .ethertype = strchr(source, ':') ? 0x86dd : 0x0800,
				     .protocol = IPPROTO_TCP };
	int family = key.ethertype == 0x86dd ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, source, key.source), 1);
	assert_int_equal(inet_pton(family, destination, key.destination), 1);
	assert_true(trace_flow_of(&key, ret));
}

static struct trace_event event_make(const char *source, const char *destination)
{
	struct trace_event event = {
		.time_ns = UINT64_C(1700000000123456789),
		.id = "reset-sent",
		.label = "reset sent",
		.detail = "TCP_ABORT_ON_CLOSE",
		.state = "CLOSE_WAIT",
		.has_flow = true,
		.at = { .netns = "web",
			.netns_inode = 4026532000,
			.ifindex = 2,
			.device = "eth0",
			.cpu = 3,
			.comm = "nginx\033[31m",
			.pid = 77,
			.socket_inode = 4711,
			.container = "",
			.cgroup = "/web.slice" },
		.packets = 1,
	};

	flow_make(source, destination, &event.flow);
	return event;
}

static void a_line_tells_it_all(void **state)
{
	const struct style style = { .unicode = true };
	struct trace_event event = event_make("192.0.2.1", "198.51.100.7");
	struct text text = { 0 };

	render_trace_event_text(&event, &style, NULL, &text);
	assert_non_null(
		strstr(text_string(&text),
		       ".123456  reset sent        IPv4 192.0.2.1:443 > 198.51.100.7:40000 TCP  eth0 in web  nginx"));
	assert_non_null(strstr(text_string(&text), "[77]  /web.slice  TCP_ABORT_ON_CLOSE, CLOSE_WAIT\n"));
	assert_null(strchr(text_string(&text), '\033')); /* not the name's, and no colour was asked for */
	text_clear(&text);
	event.at.container = "web-1";
	render_trace_event_text(&event, &style, NULL, &text);
	assert_non_null(strstr(text_string(&text), "[77]  container web-1  TCP_ABORT_ON_CLOSE, CLOSE_WAIT\n"));
	text_free(&text);
}

static void a_line_leaves_out_what_is_not_known(void **state)
{
	const struct style style = { .colour = true };
	const struct trace_event event = {
		.label = "poll at budget",
		.detail = "budget 64",
		.state = "",
		.at = { .netns = "", .device = "", .comm = "", .container = "", .cgroup = "" },
		.packets = 64,
	};
	struct text text = { 0 };

	render_trace_event_text(&event, &style, NULL, &text);
	assert_non_null(strstr(text_string(&text), "\033[33mpoll at budget  \033[0m (64 packets)  budget 64\n"));
	text_free(&text);
}

static void redaction_leaves_no_address(void **state)
{
	static const uint8_t key[SIPHASH_KEY_BYTES] = { 1, 2, 3 };
	static const char *const ends[][2] = { { "192.0.2.1", "198.51.100.7" }, { "2001:db8::1", "2001:db8::7" } };
	const struct style style = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct trace_event event = event_make(ends[i][0], ends[i][1]);
		struct text text = { 0 };

		render_trace_event_text(&event, &style, key, &text);
		render_trace_event_json(&event, key, &text);
		assert_null(strstr(text_string(&text), ends[i][0]));
		assert_null(strstr(text_string(&text), ends[i][1]));
		text_clear(&text);
		render_trace_event_json(&event, NULL, &text);
		assert_non_null(strstr(text_string(&text), ends[i][0]));
		text_free(&text);
	}
}

static json_t *parse(struct text *text)
{
	json_error_t error;
	json_t *json = json_loads(text_string(text), 0, &error);

	if (!json)
		fail_msg("%s", error.text);
	text_free(text);
	return json;
}

static void a_document_has_every_field(void **state)
{
	struct trace_event event = event_make("2001:db8::1", "2001:db8::7");
	struct text text = { 0 };
	json_t *json, *flow;

	render_trace_event_json(&event, NULL, &text);
	assert_int_equal(text_string(&text)[text.length - 1], '\n');
	json = parse(&text);
	assert_string_equal(json_string_value(json_object_get(json, "type")), "event");
	assert_string_equal(json_string_value(json_object_get(json, "event")), "reset-sent");
	assert_string_equal(json_string_value(json_object_get(json, "detail")), "TCP_ABORT_ON_CLOSE");
	assert_string_equal(json_string_value(json_object_get(json, "state")), "CLOSE_WAIT");
	assert_int_equal(json_integer_value(json_object_get(json, "pid")), 77);
	flow = json_object_get(json, "flow");
	assert_string_equal(json_string_value(json_object_get(flow, "source")), "2001:db8::1");
	assert_int_equal(json_integer_value(json_object_get(flow, "destination_port")), 40000);
	assert_null(json_object_get(flow, "ttl")); /* nobody saw the packet's */
	json_decref(json);

	event.has_flow = false;
	event.detail = event.state = "";
	render_trace_event_json(&event, NULL, &text);
	json = parse(&text);
	assert_true(json_is_null(json_object_get(json, "flow")));
	assert_true(json_is_null(json_object_get(json, "detail")));
	json_decref(json);
}

static void totals_stand_below_those_of_drops(void **state)
{
	const struct trace_event_total rows[] = {
		{ "retransmit", "retransmit", "", "ESTABLISHED", "sent again", 34, 40, 30, 36 },
		{ "poll-budget", "poll at budget", "budget 64", "", "more were waiting", 2, 128, 0, 0 },
	};
	const struct trace_event_totals events = { .rows = rows, .count = 2, .shown = 9, .over_rate = 20, .missed = 3 };
	const struct trace_totals totals = { .seconds = 1, .filtered = true, .events = &events };
	struct text text = { 0 };
	const char *drops, *row;
	json_t *json;

	render_trace_totals_text(&totals, NULL, &text);
	drops = strstr(text_string(&text), "0 packets dropped in 1.0 s");
	row = strstr(text_string(&text), "          34           40          30  retransmit, ESTABLISHED ");
	assert_non_null(drops);
	assert_true(row && row > drops);
	assert_non_null(strstr(row, "           2          128           0  poll at budget, budget 64 "));
	assert_non_null(strstr(row, "Other events not shown: 20 above the rate (--rate).\n"));
	assert_non_null(strstr(row, "Of 3 other events only the number is known.\n"));
	text_clear(&text);
	render_trace_totals_json(&totals, NULL, &text);
	json = parse(&text);
	assert_int_equal(json_array_size(json_object_get(json, "events")), 2);
	assert_int_equal(json_integer_value(json_object_get(json, "events_over_rate")), 20);
	json_decref(json);
}

static void without_also_nothing_is_said_of_them(void **state)
{
	const struct trace_totals totals = { .seconds = 1 };
	struct text text = { 0 };

	render_trace_totals_text(&totals, NULL, &text);
	render_trace_totals_json(&totals, NULL, &text);
	assert_null(strstr(text_string(&text), "event"));
	text_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_have_no_gaps),
		cmocka_unit_test(every_kind_is_described),
		cmocka_unit_test(a_list_of_names_is_read),
		cmocka_unit_test(wrong_names_are_refused),
		cmocka_unit_test(numbers_have_their_names),
		cmocka_unit_test(states_have_their_names),
		cmocka_unit_test(reasons_of_resets_come_from_the_kernel),
		cmocka_unit_test(a_line_tells_it_all),
		cmocka_unit_test(a_line_leaves_out_what_is_not_known),
		cmocka_unit_test(redaction_leaves_no_address),
		cmocka_unit_test(a_document_has_every_field),
		cmocka_unit_test(totals_stand_below_those_of_drops),
		cmocka_unit_test(without_also_nothing_is_said_of_them),
	};

	return cmocka_run_group_tests_name("unit/events", tests, NULL, NULL);
}
