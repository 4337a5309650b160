/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons: enum skb_drop_reason, and the enums of subsystems, whose numbers carry the subsystem in the upper half
 * (include/net/dropreason.h). Subsystems that are modules describe theirs in a BTF of their own.
 */
#include "source/kernel_names.h"

#include "source/procfs.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "base/vec.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reason_name {
	uint32_t reason;
	char *name;
};

struct symbol {
	uint64_t address;
	uint32_t name; /* offset in the text of the symbols */
};

struct kernel_names {
	VEC(struct reason_name) reasons;
	VEC(struct symbol) symbols; /* by address */
	char *text;		    /* of /proc/kallsyms, names ended with a zero */
};

/*
 * Where the reasons are: the enum, the module that has it (NULL: the kernel itself), what the names of reasons begin with
 * there, and how much of that is left out. An enum has other names too: results that are no drops, and its own bounds.
 */
static const struct table {
	const char *enumeration, *module, *begin;
	size_t left_out;
} tables[] = {
	{ "skb_drop_reason", NULL, "SKB_DROP_REASON_", 16 },
	{ "mac80211_drop_reason", "mac80211", "RX_DROP", 0 },
	{ "ovs_drop_reason", "openvswitch", "OVS_DROP_", 0 },
	{ "qdisc_drop_reason", NULL, "QDISC_DROP_", 0 },
};

static const char *const bounds[] = { "SKB_DROP_REASON_MAX", "SKB_DROP_REASON_SUBSYS_MASK", "OVS_DROP_MAX",
				      "QDISC_DROP_UNSPEC", "QDISC_DROP_MAX" };

#define REASONS_MAX 4096
#define SYMBOLS_MAX 1000000
#define TEXT_MAX (64 << 20)

static bool is_reason(const struct table *table, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		if (strcmp(bounds[i], name) == 0)
			return false;
	}
	return strncmp(name, table->begin, strlen(table->begin)) == 0;
}

static void take_reasons(struct kernel_names *names, const struct btf *btf, const struct table *table)
{
	int id = btf__find_by_name_kind(btf, table->enumeration, BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	for (uint16_t i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_enum *value = btf_enum(type) + i;
		const char *name = btf__name_by_offset(btf, value->name_off);
		struct reason_name *reason;

		if (!name || !is_reason(table, name))
			continue;
		reason = vec_add(&names->reasons, REASONS_MAX);
		if (reason)
			*reason = (struct reason_name){ (uint32_t)value->val, mem_strdup(name + table->left_out) };
	}
}

static void reasons_read(struct kernel_names *names)
{
	struct btf *kernel = btf__load_vmlinux_btf();

	if (!kernel)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		size_t before = names->reasons.count;
		struct btf *module;

		take_reasons(names, kernel, &tables[i]);
		if (!tables[i].module || names->reasons.count > before)
			continue; /* built in; a module's BTF would show the kernel's again */
		module = btf__load_module_btf(tables[i].module, kernel);
		if (!module)
			continue;
		take_reasons(names, module, &tables[i]);
		btf__free(module);
	}
	btf__free(kernel);
}

/* A line "ffffffff81000000 T _stext" or with a module's name behind a tab; names of code only. */
static void take_symbol(struct kernel_names *names, struct slice line)
{
	struct cursor words = cursor_of(line.data, line.length);
	uint64_t address = cursor_hex(&words);
	struct slice kind, name;
	struct symbol *symbol;

	if (!address || !cursor_word(&words, &kind) || kind.length != 1 || !strchr("tTwW", *kind.data) ||
	    !cursor_word(&words, &name))
		return;
	symbol = vec_add(&names->symbols, SYMBOLS_MAX);
	if (!symbol)
		return;
	*symbol = (struct symbol){ address, (uint32_t)(name.data - names->text) };
	names->text[symbol->name + name.length] = 0;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *first = a, *second = b;

	return first->address < second->address ? -1 : first->address > second->address;
}

static void symbols_read(struct kernel_names *names)
{
	size_t capacity = 16 << 20, length = 0;
	FILE *file = fopen("/proc/kallsyms", "re");
	struct cursor lines;
	struct slice line;

	if (!file)
		return;
	names->text = mem_new(1, capacity);
	for (;;) {
		size_t got = fread(names->text + length, 1, capacity - 1 - length, file);

		length += got;
		if (!got || capacity >= TEXT_MAX)
			break;
		if (length == capacity - 1)
			names->text = mem_resize(names->text, capacity *= 2, 1);
	}
	fclose(file);
	names->text[length] = 0;
	lines = cursor_of(names->text, length);
	while (cursor_line(&lines, &line))
		take_symbol(names, line);
	vec_sort(&names->symbols, by_address);
}

struct kernel_names *kernel_names_new(void)
{
	struct kernel_names *names = NEW(struct kernel_names);

	reasons_read(names);
	symbols_read(names);
	return names;
}

void kernel_names_free(struct kernel_names *names)
{
	struct reason_name *reason;

	if (!names)
		return;
	vec_each(&names->reasons, reason)
		free(reason->name);
	vec_free(&names->reasons);
	vec_free(&names->symbols);
	free(names->text);
	free(names);
}

const char *kernel_reason_name(const struct kernel_names *names, uint32_t number)
{
	const struct reason_name *reason;

	vec_each(&names->reasons, reason) {
		if (reason->reason == number)
			return reason->name;
	}
	return NULL;
}

void kernel_reasons_each(const struct kernel_names *names,
			 void (*each)(void *argument, uint32_t reason, const char *name), void *argument)
{
	const struct reason_name *reason;

	vec_each(&names->reasons, reason)
		each(argument, reason->reason, reason->name);
}

const char *kernel_place_name(const struct kernel_names *names, uint64_t address, uint64_t *ret_offset)
{
	size_t low = 0, high = names->symbols.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->symbols.data[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	*ret_offset = address - names->symbols.data[low - 1].address;
	return names->text + names->symbols.data[low - 1].name;
}
