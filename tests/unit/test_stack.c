/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/stack: the netfilter hook of a drop and whose doing it was, by stacks as this kernel gives them. */
#include "source/stack.h"
#include "unit/unit.h"

#include <string.h>

/* Stacks of real drops, innermost first (Linux 6.18), and what they tell. */
static const struct {
	const char *frames[20];
	const char *hook; /* NULL: none */
	bool system_call;
} stacks[] = {
	{ { "bpf_prog_b10b3bb06b4a9b62_wd_drop_typed", "bpf_trace_run4", "sk_skb_reason_drop", "nft_do_chain",
	    "nft_do_chain_inet", "nf_hook_slow", "ip_local_deliver", "__netif_receive_skb_one_core", "process_backlog",
	    "__napi_poll", "net_rx_action", "handle_softirqs", "do_softirq.part.0", "__local_bh_enable_ip",
	    "__dev_queue_xmit", "ip_finish_output2", "do_syscall_64" },
	  "input",
	  false },
	{ { "sk_skb_reason_drop", "nf_hook_slow", "ip_forward", "__netif_receive_skb_one_core", "net_rx_action",
	    "handle_softirqs" },
	  "forward",
	  false },
	{ { "sk_skb_reason_drop", "nft_do_chain", "nft_do_chain_ipv4", "nf_hook_slow", "__ip_local_out", "ip_send_skb",
	    "udp_send_skb", "udp_sendmsg", "__sys_sendto", "__x64_sys_sendto", "do_syscall_64",
	    "entry_SYSCALL_64_after_hwframe" },
	  "output",
	  true },
	{ { "sk_skb_reason_drop", "nft_do_chain", "nft_do_chain_ipv6", "nf_hook_slow", "ip6_output", "ip6_xmit" },
	  "postrouting",
	  false },
	{ { "sk_skb_reason_drop", "nf_hook_slow", "ipv6_rcv", "__netif_receive_skb_one_core" }, "prerouting", false },
	/* Through ip_local_deliver(), but not by its hook. */
	{ { "sk_skb_reason_drop", "__udp4_lib_rcv", "ip_protocol_deliver_rcu", "ip_local_deliver_finish",
	    "ip_local_deliver", "net_rx_action", "handle_softirqs" },
	  NULL,
	  false },
	{ { "sk_skb_reason_drop", "__dev_queue_xmit", "packet_sendmsg", "__sys_sendto", "__x64_sys_sendto",
	    "do_syscall_64", "entry_SYSCALL_64_after_hwframe" },
	  NULL,
	  true },
	{ { "sk_skb_reason_drop", "ip6_mc_input", "mld_sendpack", "mld_ifc_work", "process_one_work", "worker_thread",
	    "kthread", "ret_from_fork" },
	  NULL,
	  false },
	{ { "", "", "" }, NULL, false }, /* kernel.kptr_restrict: no names */
};

static void each_stack_as_it_is(void **state)
{
	for (size_t i = 0; i < sizeof(stacks) / sizeof(*stacks); i++) {
		size_t count = 0;
		const char *hook;

		while (count < 20 && stacks[i].frames[count])
			count++;
		hook = stack_hook(stacks[i].frames, count);
		assert_string_equal(hook ? hook : "none", stacks[i].hook ? stacks[i].hook : "none");
		assert_int_equal(stack_is_system_call(stacks[i].frames, count), stacks[i].system_call);
	}
}

static void what_the_compiler_adds_is_no_part_of_a_name(void **state)
{
	assert_true(symbol_is("ip_fragment.constprop.0", "ip_fragment"));
	assert_true(symbol_is("ip_fragment", "ip_fragment"));
	assert_false(symbol_is("ip_fragments", "ip_fragment"));
	assert_false(symbol_is("ip_frag", "ip_fragment"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stack_as_it_is),
		cmocka_unit_test(what_the_compiler_adds_is_no_part_of_a_name),
	};

	return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
