/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that call netfilter's hooks, and those that mark the way from a system call or an interrupt. */
#include "source/stack.h"

#include "base/alloc.h"

#include <string.h>

/*
 * Who runs a hook: callers of nf_hook() and NF_HOOK(), which are inlined into them (net/ipv4, net/ipv6, net/bridge,
 * net/core/dev.c of 5.4 to 6.18).
 */
static const struct {
	const char *function, *hook;
} hooks[] = {
	{ "ip_rcv", "prerouting" },
	{ "ip_list_rcv", "prerouting" },
	{ "ip_sublist_rcv", "prerouting" },
	{ "ipv6_rcv", "prerouting" },
	{ "ipv6_list_rcv", "prerouting" },
	{ "ip6_sublist_rcv", "prerouting" },
	{ "ip_local_deliver", "input" },
	{ "ip6_input", "input" },
	{ "ip6_mc_input", "input" },
	{ "ip_forward", "forward" },
	{ "ip6_forward", "forward" },
	{ "ip_mr_forward", "forward" },
	{ "ipmr_queue_xmit", "forward" },
	{ "__ip_local_out", "output" },
	{ "__ip6_local_out", "output" },
	{ "ip6_local_out", "output" },
	{ "ip_local_out", "output" },
	{ "raw_sendmsg", "output" },
	{ "raw_send_hdrinc", "output" },
	{ "rawv6_sendmsg", "output" },
	{ "rawv6_send_hdrinc", "output" },
	{ "ip6_xmit", "output" },
	{ "mld_sendpack", "output" },
	{ "ndisc_send_skb", "output" },
	{ "ip_output", "postrouting" },
	{ "ip_mc_output", "postrouting" },
	{ "ip6_output", "postrouting" },
	{ "arp_rcv", "input" },
	{ "arp_xmit", "output" },
	{ "br_handle_frame", "prerouting" },
	{ "br_pass_frame_up", "input" },
	{ "__br_forward", "forward" },
	{ "br_forward", "forward" },
	{ "br_forward_finish", "postrouting" },
	{ "__netif_receive_skb_core", "ingress" },
	{ "__dev_queue_xmit", "egress" },
};

/* A dump of the stack ends in these when an interrupt, or a thread of the kernel, did the work. */
static const char *const interrupts[] = {
	"__do_softirq",	 "handle_softirqs", "do_softirq",    "net_rx_action",	 "__napi_poll",
	"run_ksoftirqd", "kthread",	    "ret_from_fork", "common_interrupt",
};

static const char *const system_calls[] = {
	"do_syscall_64",   "entry_SYSCALL_64_after_hwframe",
	"el0_svc",	   "invoke_syscall",
	"__do_sys_sendto", "__x64_sys_sendto",
	"__sys_sendmsg",   "__sys_sendto",
};

bool symbol_is(const char *symbol, const char *function)
{
	size_t length = strlen(function);

	return strncmp(symbol, function, length) == 0 && (!symbol[length] || symbol[length] == '.');
}

static bool has_any(const char *const *frames, size_t count, const char *const *functions, size_t function_count)
{
	for (size_t f = 0; f < count; f++) {
		for (size_t i = 0; i < function_count; i++) {
			if (symbol_is(frames[f], functions[i]))
				return true;
		}
	}
	return false;
}

/* What runs the rules of a hook. */
static const char *const netfilter[] = { "nf_hook_slow", "nf_hook_slow_list", "nft_do_chain", "ipt_do_table",
					 "ip6t_do_table" };

const char *stack_hook(const char *const *frames, size_t count)
{
	size_t from = 0;

	while (from < count && !has_any(frames + from, 1, netfilter, ARRAY_SIZE(netfilter)))
		from++;
	for (size_t f = from; f < count; f++) {
		for (size_t h = 0; h < ARRAY_SIZE(hooks); h++) {
			if (symbol_is(frames[f], hooks[h].function))
				return hooks[h].hook;
		}
	}
	return NULL;
}

bool stack_is_system_call(const char *const *frames, size_t count)
{
	return !has_any(frames, count, interrupts, ARRAY_SIZE(interrupts)) &&
	       has_any(frames, count, system_calls, ARRAY_SIZE(system_calls));
}

size_t stack_inside(const char *const *frames, size_t count, const char *place)
{
	size_t from = 0;

	while (from < count && strcmp(frames[from], place) != 0)
		from++;
	return from < count ? from : 0;
}
