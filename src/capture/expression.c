/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libpcap compiles; src/bpf/filter.h runs. */
#include "capture/expression.h"

#include "base/alloc.h"
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#if HAVE_PCAP

#include <pcap/pcap.h>

#define SNAPLEN 65535

static int take_program(const struct bpf_program *program, struct expression *ret)
{
	if (program->bf_len > FILTER_INSTRUCTIONS)
		return -E2BIG;
	for (u_int i = 0; i < program->bf_len; i++) {
		const struct bpf_insn *from = &program->bf_insns[i];

		ret->instructions[i] = (struct filter_instruction){ from->code, from->jt, from->jf, from->k };
	}
	ret->count = program->bf_len;
	return 0;
}

int expression_compile(const char *words, struct expression *ret, struct text *ret_why)
{
	pcap_t *pcap = pcap_open_dead(DLT_RAW, SNAPLEN);
	struct bpf_program program;
	int error;

	*ret = (struct expression){ 0 };
	if (!pcap)
		return -ENOMEM;
	if (pcap_compile(pcap, &program, words, 1, PCAP_NETMASK_UNKNOWN)) {
		text_add(ret_why, pcap_geterr(pcap));
		error = -EINVAL;
	} else {
		error = take_program(&program, ret);
		pcap_freecode(&program);
	}
	pcap_close(pcap);
	return error;
}

#else

int expression_compile(const char *words, struct expression *ret, struct text *ret_why)
{
	(void)words;
	*ret = (struct expression){ 0 };
	text_add(ret_why, "this wheredrop was built without libpcap");
	return -EOPNOTSUPP;
}

#endif

bool expression_holds(const struct expression *expression, const void *bytes, size_t captured, size_t length)
{
	struct filter_machine machine = { .length = (uint32_t)length };
	uint8_t copy[FILTER_BYTES] = { 0 };

	machine.captured = (uint32_t)(captured < FILTER_BYTES ? captured : FILTER_BYTES);
	memcpy(copy, bytes, machine.captured);
	for (size_t i = 0; i < FILTER_INSTRUCTIONS; i++) {
		if (filter_step(&machine, expression->instructions, (uint32_t)expression->count, copy) == FILTER_DONE)
			return machine.verdict;
	}
	return false;
}
