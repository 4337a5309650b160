/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kinds of events there are, and what their numbers are called. */
#include "source/events.h"

#include "base/alloc.h"

#include <netinet/tcp.h>
#include <string.h>

const struct event_row *event_row(enum event_kind kind)
{
	static const struct event_row rows[EVENT_KINDS] = {
		[EVENT_RETRANSMIT] = { "retransmit", "retransmit", "tcp:tcp_retransmit_skb", "wd_event_resend",
				       EVENTS_RETRANSMITS,
				       "TCP sent it again, or with an error tried to, because nobody acknowledged it" },
		[EVENT_RETRANSMIT_SYNACK] = { "retransmit-synack", "SYN+ACK again", "tcp:tcp_retransmit_synack",
					      "wd_event_synack", EVENTS_RETRANSMITS,
					      "TCP answered a request to connect again, because nothing came back" },
		[EVENT_RESET_SENT] = { "reset-sent", "reset sent", "tcp:tcp_send_reset", "wd_event_rst_tx",
				       EVENTS_RESETS, "TCP refused a packet or gave up a connection" },
		[EVENT_RESET_RECEIVED] = { "reset-received", "reset received", "tcp:tcp_receive_reset",
					   "wd_event_rst_rx", EVENTS_RESETS, "the other side ended a connection" },
		[EVENT_QUEUE_FULL] = { "queue-full", "queue full", "sock:sock_rcvqueue_full", "wd_event_queue",
				       EVENTS_QUEUE_FULL, "a socket's receive buffer had no room for it" },
		[EVENT_UDP_QUEUE_FULL] = { "udp-queue-full", "UDP queue full", "udp:udp_fail_queue_rcv_skb",
					   "wd_event_udp", EVENTS_QUEUE_FULL,
					   "a UDP socket's receive buffer, or UDP's memory, had no room for it" },
		[EVENT_TRANSMIT_FAILED] = { "transmit-failed", "transmit failed", "net:net_dev_xmit", "wd_event_xmit",
					    EVENTS_TRANSMIT, "a driver did not take the packet" },
		[EVENT_TRANSMIT_TIMEOUT] = { "transmit-timeout", "transmit hung", "net:net_dev_xmit_timeout",
					     "wd_event_hang", EVENTS_TRANSMIT,
					     "a device's transmit queue did not move for seconds" },
		[EVENT_POLL_BUDGET] = { "poll-budget", "poll at budget", "napi:napi_poll", "wd_event_poll",
					EVENTS_POLLS, "a poll ended by its budget: more packets were waiting" },
	};

	return &rows[kind];
}

static const struct {
	const char *name;
	unsigned int groups;
} groups[] = {
	{ "retransmits", EVENTS_RETRANSMITS }, { "resets", EVENTS_RESETS }, { "queue-full", EVENTS_QUEUE_FULL },
	{ "transmit", EVENTS_TRANSMIT },       { "polls", EVENTS_POLLS },   { "all", EVENTS_ALL },
};

unsigned int event_group_find(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		if (strlen(groups[i].name) == length && memcmp(groups[i].name, name, length) == 0)
			return groups[i].groups;
	}
	return 0;
}

const char *event_group_names(void)
{
	return "retransmits, resets, queue-full, transmit, polls, all";
}

/* include/linux/netdevice.h */
static void transmit_detail(int code, struct text *ret)
{
	static const struct {
		int code;
		const char *name;
	} codes[] = {
		{ 0x01, "NET_XMIT_DROP" },
		{ 0x02, "NET_XMIT_CN" },
		{ 0x10, "NETDEV_TX_BUSY" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (codes[i].code == code) {
			text_add(ret, codes[i].name);
			return;
		}
	}
	text_addf(ret, "code %d", code);
}

static void error_detail(int error, struct text *ret)
{
	const char *name = error < 0 ? strerrorname_np(-error) : NULL;

	if (name)
		text_add(ret, name);
	else if (error)
		text_addf(ret, "error %d", error);
}

static void reset_detail(int reason, struct kernel_names *names, struct text *ret)
{
	const char *name = reason < 0 ? NULL : kernel_reset_reason_name(names, (uint32_t)reason);

	if (name)
		text_add(ret, name);
	else if (reason >= 0)
		text_addf(ret, "reason %d", reason);
}

void event_detail(const struct event_key *key, struct kernel_names *names, struct text *ret)
{
	switch ((enum event_kind)key->kind) {
	case EVENT_RETRANSMIT:
	case EVENT_UDP_QUEUE_FULL:
		error_detail(key->detail, ret);
		break;
	case EVENT_RESET_SENT:
		reset_detail(key->detail, names, ret);
		break;
	case EVENT_TRANSMIT_FAILED:
		if (key->detail < 0)
			error_detail(key->detail, ret);
		else
			transmit_detail(key->detail, ret);
		break;
	case EVENT_TRANSMIT_TIMEOUT:
		text_addf(ret, "queue %d", key->detail);
		break;
	case EVENT_POLL_BUDGET:
		text_addf(ret, "budget %d", key->detail);
		break;
	case EVENT_RETRANSMIT_SYNACK:
	case EVENT_RESET_RECEIVED:
	case EVENT_QUEUE_FULL:
	case EVENT_KINDS:
		break;
	}
}

const char *event_state(const struct event_key *key)
{
	static const char *const states[] = {
		[TCP_ESTABLISHED] = "ESTABLISHED",
		[TCP_SYN_SENT] = "SYN_SENT",
		[TCP_SYN_RECV] = "SYN_RECV",
		[TCP_FIN_WAIT1] = "FIN_WAIT1",
		[TCP_FIN_WAIT2] = "FIN_WAIT2",
		[TCP_TIME_WAIT] = "TIME_WAIT",
		[TCP_CLOSE] = "CLOSE",
		[TCP_CLOSE_WAIT] = "CLOSE_WAIT",
		[TCP_LAST_ACK] = "LAST_ACK",
		[TCP_LISTEN] = "LISTEN",
		[TCP_CLOSING] = "CLOSING",
		[TCP_CLOSING + 1] = "NEW_SYN_RECV", /* include/net/tcp_states.h; the C library stops before it */
	};

	return key->state < ARRAY_SIZE(states) && states[key->state] ? states[key->state] : "";
}

/*
 * Resets that only close(), connect() and the like send, in the process that calls them (net/ipv4/tcp.c: __tcp_close(),
 * tcp_disconnect()). With TCP_STATE a timer gives connections up as well, but not closed ones.
 */
bool event_is_of_caller(const struct event_key *key, struct kernel_names *names)
{
	static const char *const reasons[] = { "TCP_ABORT_ON_CLOSE", "TCP_ABORT_ON_LINGER",
					       "TCP_DISCONNECT_WITH_DATA" };
	const char *reason = key->kind == EVENT_RESET_SENT && key->detail >= 0
				     ? kernel_reset_reason_name(names, (uint32_t)key->detail)
				     : NULL;

	if (!reason)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (strcmp(reasons[i], reason) == 0)
			return true;
	}
	return strcmp(reason, "TCP_STATE") == 0 && key->state == TCP_CLOSE;
}
