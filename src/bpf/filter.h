/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a pcap filter (the classic BPF instructions that pcap_compile(3PCAP) makes) one instruction at a time, in the
 * kernel's probe and in user space alike. Nothing outside the bytes and the 16 words of memory is touched, whatever the
 * program says; loads beyond the bytes refuse the packet, as in bpf_filter(3PCAP).
 */
#pragma once

#include <linux/types.h>

#define FILTER_INSTRUCTIONS 256 /* a power of two; longer expressions are refused */
#define FILTER_BYTES 256	/* a power of two: of a packet that can be looked at */
#define FILTER_MEMORY 16	/* BPF_MEMWORDS */

/* As struct bpf_insn of libpcap. */
struct filter_instruction {
	__u16 code;
	__u8 jump_true, jump_false;
	__u32 k;
};

struct filter_machine {
	__u32 at, accumulator, index;
	__u32 length;	/* of the packet */
	__u32 captured; /* of these: bytes that are there, from `base` */
	__u32 base;	/* where the packet begins in the bytes */
	__u32 verdict;	/* once it is done: 0 refused */
	__u32 memory[FILTER_MEMORY];
};

enum filter_state { FILTER_GOES_ON, FILTER_DONE };

#define FILTER_INLINE static inline __attribute__((always_inline))

/* Instruction classes and their parts (linux/bpf_common.h, linux/filter.h). */
#define FILTER_CLASS(code) ((code)&0x07)
#define FILTER_LD 0x00
#define FILTER_LDX 0x01
#define FILTER_ST 0x02
#define FILTER_STX 0x03
#define FILTER_ALU 0x04
#define FILTER_JMP 0x05
#define FILTER_RET 0x06
#define FILTER_MISC 0x07
#define FILTER_SIZE(code) ((code)&0x18)
#define FILTER_W 0x00
#define FILTER_H 0x08
#define FILTER_B 0x10
#define FILTER_MODE(code) ((code)&0xe0)
#define FILTER_IMM 0x00
#define FILTER_ABS 0x20
#define FILTER_IND 0x40
#define FILTER_MEM 0x60
#define FILTER_LEN 0x80
#define FILTER_MSH 0xa0
#define FILTER_OP(code) ((code)&0xf0)
#define FILTER_X 0x08
#define FILTER_A 0x10
#define FILTER_TXA 0x80

FILTER_INLINE __u32 filter_byte(const __u8 *bytes, __u32 at)
{
	return bytes[at & (FILTER_BYTES - 1)];
}

/* A number in network order; false beyond the bytes. */
FILTER_INLINE int filter_load(const struct filter_machine *machine, const __u8 *bytes, __u32 offset, __u32 size,
			      __u32 *ret)
{
	__u32 at = machine->base + offset;

	if (offset > FILTER_BYTES || offset + size > machine->captured)
		return 0;
	*ret = filter_byte(bytes, at);
	if (size >= 2)
		*ret = *ret << 8 | filter_byte(bytes, at + 1);
	if (size == 4)
		*ret = (*ret << 8 | filter_byte(bytes, at + 2)) << 8 | filter_byte(bytes, at + 3);
	return 1;
}

FILTER_INLINE int filter_ld(struct filter_machine *machine, const struct filter_instruction *instruction,
			    const __u8 *bytes)
{
	__u32 size = FILTER_SIZE(instruction->code) == FILTER_W	  ? 4
		     : FILTER_SIZE(instruction->code) == FILTER_H ? 2
								  : 1;

	switch (FILTER_MODE(instruction->code)) {
	case FILTER_IMM:
		machine->accumulator = instruction->k;
		return 1;
	case FILTER_LEN:
		machine->accumulator = machine->length;
		return 1;
	case FILTER_MEM:
		machine->accumulator = machine->memory[instruction->k & (FILTER_MEMORY - 1)];
		return 1;
	case FILTER_ABS:
		return filter_load(machine, bytes, instruction->k, size, &machine->accumulator);
	case FILTER_IND:
		return filter_load(machine, bytes, machine->index + instruction->k, size, &machine->accumulator);
	default:
		return 0;
	}
}

FILTER_INLINE int filter_ldx(struct filter_machine *machine, const struct filter_instruction *instruction,
			     const __u8 *bytes)
{
	__u32 byte;

	switch (FILTER_MODE(instruction->code)) {
	case FILTER_IMM:
		machine->index = instruction->k;
		return 1;
	case FILTER_LEN:
		machine->index = machine->length;
		return 1;
	case FILTER_MEM:
		machine->index = machine->memory[instruction->k & (FILTER_MEMORY - 1)];
		return 1;
	case FILTER_MSH: /* the length of an IPv4 header */
		if (!filter_load(machine, bytes, instruction->k, 1, &byte))
			return 0;
		machine->index = (byte & 15) * 4;
		return 1;
	default:
		return 0;
	}
}

FILTER_INLINE int filter_alu(struct filter_machine *machine, __u16 code, __u32 operand)
{
	switch (FILTER_OP(code)) {
	case 0x00:
		machine->accumulator += operand;
		return 1;
	case 0x10:
		machine->accumulator -= operand;
		return 1;
	case 0x20:
		machine->accumulator *= operand;
		return 1;
	case 0x30:
		if (!operand)
			return 0;
		machine->accumulator /= operand;
		return 1;
	case 0x40:
		machine->accumulator |= operand;
		return 1;
	case 0x50:
		machine->accumulator &= operand;
		return 1;
	case 0x60:
		machine->accumulator = operand < 32 ? machine->accumulator << operand : 0;
		return 1;
	case 0x70:
		machine->accumulator = operand < 32 ? machine->accumulator >> operand : 0;
		return 1;
	case 0x80:
		machine->accumulator = -machine->accumulator;
		return 1;
	case 0x90:
		if (!operand)
			return 0;
		machine->accumulator %= operand;
		return 1;
	case 0xa0:
		machine->accumulator ^= operand;
		return 1;
	default:
		return 0;
	}
}

FILTER_INLINE int filter_jump(struct filter_machine *machine, const struct filter_instruction *instruction,
			      __u32 operand)
{
	int yes;

	switch (FILTER_OP(instruction->code)) {
	case 0x00:
		machine->at += instruction->k;
		return instruction->k < FILTER_INSTRUCTIONS;
	case 0x10:
		yes = machine->accumulator == operand;
		break;
	case 0x20:
		yes = machine->accumulator > operand;
		break;
	case 0x30:
		yes = machine->accumulator >= operand;
		break;
	case 0x40:
		yes = (machine->accumulator & operand) != 0;
		break;
	default:
		return 0;
	}
	machine->at += yes ? instruction->jump_true : instruction->jump_false;
	return 1;
}

FILTER_INLINE enum filter_state filter_end(struct filter_machine *machine, __u32 verdict)
{
	machine->verdict = verdict;
	return FILTER_DONE;
}

/* One instruction. `program` has FILTER_INSTRUCTIONS places, of which `count` are used. */
FILTER_INLINE enum filter_state filter_step(struct filter_machine *machine,
					    const volatile struct filter_instruction *program, __u32 count,
					    const __u8 *bytes)
{
	struct filter_instruction instruction;
	__u32 at = machine->at, operand;
	int good;

	if (at >= count || at >= FILTER_INSTRUCTIONS)
		return filter_end(machine, 0);
	instruction.code = program[at].code;
	instruction.jump_true = program[at].jump_true;
	instruction.jump_false = program[at].jump_false;
	instruction.k = program[at].k;
	machine->at = at + 1;
	operand = instruction.code & FILTER_X ? machine->index : instruction.k;
	switch (FILTER_CLASS(instruction.code)) {
	case FILTER_LD:
		good = filter_ld(machine, &instruction, bytes);
		break;
	case FILTER_LDX:
		good = filter_ldx(machine, &instruction, bytes);
		break;
	case FILTER_ST:
		machine->memory[instruction.k & (FILTER_MEMORY - 1)] = machine->accumulator;
		return FILTER_GOES_ON;
	case FILTER_STX:
		machine->memory[instruction.k & (FILTER_MEMORY - 1)] = machine->index;
		return FILTER_GOES_ON;
	case FILTER_ALU:
		good = filter_alu(machine, instruction.code, operand);
		break;
	case FILTER_JMP:
		good = filter_jump(machine, &instruction, operand);
		break;
	case FILTER_RET:
		return filter_end(machine, instruction.code & FILTER_A ? machine->accumulator : instruction.k);
	default:
		if (FILTER_OP(instruction.code) & FILTER_TXA)
			machine->accumulator = machine->index;
		else
			machine->index = machine->accumulator;
		return FILTER_GOES_ON;
	}
	return good ? FILTER_GOES_ON : filter_end(machine, 0);
}
