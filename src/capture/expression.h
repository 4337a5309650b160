/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions of pcap-filter(7), as tcpdump takes them, as instructions for packets that begin with an IP header. */
#pragma once

#include "bpf/filter.h"

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct expression {
	struct filter_instruction instructions[FILTER_INSTRUCTIONS];
	size_t count;
};

/*
 * 0; -EINVAL with what is wrong with it in `ret_why`; -E2BIG for one with more instructions than FILTER_INSTRUCTIONS;
 * -EOPNOTSUPP in a build without libpcap. Names of hosts are looked up by pcap_compile(3PCAP).
 */
int expression_compile(const char *words, struct expression *ret, struct text *ret_why)
	__attribute__((warn_unused_result));

/* Whether it holds for the packet: `length` bytes on the wire, `captured` of them given. */
bool expression_holds(const struct expression *expression, const void *bytes, size_t captured, size_t length);
