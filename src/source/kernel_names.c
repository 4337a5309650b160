/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reasons: enum skb_drop_reason, and the enums of subsystems, whose numbers carry the subsystem in the upper half
 * (include/net/dropreason.h). Subsystems that are modules describe theirs in a BTF of their own.
 */
#include "source/kernel_names.h"

#include "base/alloc.h"
#include "base/parse.h"
#include "base/vec.h"
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#if HAVE_BPF
#include <bpf/btf.h>
#endif

#define REASONS_MAX 4096
#define PLACES_MAX 65536
#define LINE_MAX_BYTES 640 /* KSYM_NAME_LEN is 512 */

struct reason_name {
	uint32_t reason;
	char *name;
};

struct reason_list {
	VEC(struct reason_name) rows;
};

struct kernel_names {
	struct reason_list reasons, resets;
	bool some_read, all_read, resets_read;
	VEC(struct kernel_place) places; /* by address */
	bool wanting;
};

#if HAVE_BPF

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

static const struct table resets = { "sk_rst_reason", NULL, "SK_RST_REASON_", 14 };

static const char *const bounds[] = { "SKB_DROP_REASON_MAX", "SKB_DROP_REASON_SUBSYS_MASK",
				      "OVS_DROP_MAX",	     "QDISC_DROP_UNSPEC",
				      "QDISC_DROP_MAX",	     "SK_RST_REASON_MAX" };

static bool is_reason(const struct table *table, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		if (strcmp(bounds[i], name) == 0)
			return false;
	}
	return strncmp(name, table->begin, strlen(table->begin)) == 0;
}

static void take_reasons(struct reason_list *list, const struct btf *btf, const struct table *table)
{
	int id = btf__find_by_name_kind(btf, table->enumeration, BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	for (uint16_t i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_enum *value = btf_enum(type) + i;
		const char *name = btf__name_by_offset(btf, value->name_off);
		struct reason_name *reason;

		if (!name || !is_reason(table, name))
			continue;
		reason = vec_add(&list->rows, REASONS_MAX);
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
		size_t before = names->reasons.rows.count;
		struct btf *module;

		take_reasons(&names->reasons, kernel, &tables[i]);
		if (!tables[i].module || names->reasons.rows.count > before)
			continue; /* built in; a module's BTF would show the kernel's again */
		module = btf__load_module_btf(tables[i].module, kernel);
		if (!module)
			continue;
		take_reasons(&names->reasons, module, &tables[i]);
		btf__free(module);
	}
	btf__free(kernel);
}

static void resets_read(struct kernel_names *names)
{
	struct btf *kernel = btf__load_vmlinux_btf();

	if (!kernel)
		return;
	take_reasons(&names->resets, kernel, &resets);
	btf__free(kernel);
}

#else

static void reasons_read(struct kernel_names *names)
{
	(void)names;
}

static void resets_read(struct kernel_names *names)
{
	(void)names;
}

#endif

/* ---- without BTF: the tracepoint's own table, "… { 2, "NOT_SPECIFIED" }, { 3, "NO_SOCKET" }, …" ---- */

#define FORMAT "/sys/kernel/tracing/events/skb/kfree_skb/format"
#define FORMAT_BYTES 65536

static void take_pair(struct kernel_names *names, struct slice pair)
{
	struct cursor cursor = cursor_of(pair.data, pair.length);
	struct slice number, name;
	struct reason_name *reason;
	uint64_t value;

	if (!cursor_word(&cursor, &number) || number.length < 2 || number.data[number.length - 1] != ',' ||
	    parse_u64((struct slice){ number.data, number.length - 1 }, &value) || !cursor_until(&cursor, '"', &name) ||
	    !cursor_until(&cursor, '"', &name) || slice_is(name, "MAX"))
		return;
	reason = vec_add(&names->reasons.rows, REASONS_MAX);
	if (reason)
		*reason = (struct reason_name){ (uint32_t)value, mem_strndup(name.data, name.length) };
}

static void format_read(struct kernel_names *names)
{
	CLEANUP_FREE char *text = mem_new(1, FORMAT_BYTES);
	FILE *file = fopen(FORMAT, "re");
	struct cursor cursor;
	struct slice part;

	if (!file)
		return;
	cursor = cursor_of(text, fread(text, 1, FORMAT_BYTES, file));
	fclose(file);
	while (cursor_until(&cursor, '{', &part)) {
		struct cursor rest = cursor;

		if (cursor_until(&rest, '}', &part))
			take_pair(names, part);
	}
}

static void reasons_drop(struct reason_list *list)
{
	struct reason_name *reason;

	vec_each(&list->rows, reason)
		free(reason->name);
	vec_clear(&list->rows);
}

/* All of them: only BTF has those of subsystems. */
static void reasons_need_all(struct kernel_names *names)
{
	if (names->all_read)
		return;
	names->all_read = names->some_read = true;
	reasons_drop(&names->reasons);
	reasons_read(names);
	if (!names->reasons.rows.count)
		format_read(names);
}

/* The kernel's own: the tracepoint's table is a small file, where that is mounted. */
static void reasons_need(struct kernel_names *names)
{
	if (names->some_read)
		return;
	names->some_read = true;
	format_read(names);
	if (!names->reasons.rows.count)
		reasons_need_all(names);
}

struct kernel_names *kernel_names_new(void)
{
	return NEW(struct kernel_names);
}

void kernel_names_free(struct kernel_names *names)
{
	if (!names)
		return;
	reasons_drop(&names->reasons);
	reasons_drop(&names->resets);
	vec_free(&names->reasons.rows);
	vec_free(&names->resets.rows);
	vec_free(&names->places);
	free(names);
}

static const char *reason_find_name(const struct reason_list *list, uint32_t number)
{
	const struct reason_name *reason;

	vec_each(&list->rows, reason) {
		if (reason->reason == number)
			return reason->name;
	}
	return NULL;
}

const char *kernel_reason_name(struct kernel_names *names, uint32_t number)
{
	const char *name;

	reasons_need(names);
	name = reason_find_name(&names->reasons, number);
	if (name || number >> 16 == 0)
		return name;
	reasons_need_all(names);
	return reason_find_name(&names->reasons, number);
}

const char *kernel_reset_reason_name(struct kernel_names *names, uint32_t number)
{
	if (!names->resets_read) {
		names->resets_read = true;
		resets_read(names);
	}
	return reason_find_name(&names->resets, number);
}

const char *kernel_reason_of(struct kernel_names *names, const struct drop_key *key)
{
	const char *reason = kernel_reason_name(names, key->reason);

	return reason && key->direction == DROP_ARRIVING_ASTRAY && strcmp(reason, "OTHERHOST") == 0 ? "OTHERHOST_VLAN"
												    : reason;
}

bool kernel_reason_number(struct kernel_names *names, const char *name, uint32_t *ret)
{
	const struct reason_name *reason;

	reasons_need(names);
	vec_each(&names->reasons.rows, reason) {
		if (strcmp(reason->name, name) == 0) {
			*ret = reason->reason;
			return true;
		}
	}
	return false;
}

void kernel_reasons_each(struct kernel_names *names, void (*each)(void *argument, uint32_t reason, const char *name),
			 void *argument)
{
	const struct reason_name *reason;

	reasons_need_all(names);
	vec_each(&names->reasons.rows, reason)
		each(argument, reason->reason, reason->name);
}

/* ---- places ---- */

/* The index of the first place at or above that address. */
static size_t place_from(const struct kernel_names *names, uint64_t address)
{
	size_t low = 0, high = names->places.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->places.data[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct kernel_place *kernel_place(const struct kernel_names *names, uint64_t address)
{
	size_t at = place_from(names, address);

	return at < names->places.count && names->places.data[at].address == address ? &names->places.data[at] : NULL;
}

const char *kernel_place_name(const struct kernel_names *names, uint64_t address)
{
	const struct kernel_place *place = kernel_place(names, address);

	return place ? place->name : "";
}

bool kernel_place_want(struct kernel_names *names, uint64_t address)
{
	size_t at = place_from(names, address);
	struct kernel_place *places;

	if (at < names->places.count && names->places.data[at].address == address)
		return false;
	if (!vec_add(&names->places, PLACES_MAX))
		return false;
	places = names->places.data;
	memmove(places + at + 1, places + at, (names->places.count - 1 - at) * sizeof(*places));
	places[at] = (struct kernel_place){ .address = address };
	names->wanting = true;
	return true;
}

#define FUNCTION_MAX (256 << 10) /* bytes of code in one; none comes near */

/* A function: places above it are in it, unless there is a nearer one. The file is sorted, except for modules' parts. */
static void take_function(struct kernel_names *names, uint64_t start, const char *name, size_t length)
{
	size_t size = length < KERNEL_NAME_SIZE ? length : KERNEL_NAME_SIZE - 1;

	for (size_t i = place_from(names, start); i < names->places.count; i++) {
		struct kernel_place *place = &names->places.data[i];

		if (place->address - start > FUNCTION_MAX)
			break;
		if (place->start >= start)
			continue; /* two names for one address: the first */
		place->start = start;
		memcpy(place->name, name, size);
		place->name[size] = 0;
	}
}

/* Whether every place has its function, which no later one can replace: those of the kernel itself are sorted. */
static bool all_found(const struct kernel_names *names, uint64_t address, const char *line)
{
	const struct kernel_place *place;

	if (!names->places.count || names->places.data[names->places.count - 1].address >= address || strchr(line, '['))
		return false;
	vec_each(&names->places, place) {
		if (!place->start)
			return false;
	}
	return true;
}

/* "ffffffff81000000 T _stext", or with the name of a module behind a tab. False when there is no need for more. */
static bool take_line(struct kernel_names *names, const char *line)
{
	struct cursor words = cursor_of(line, strlen(line));
	uint64_t address = cursor_hex(&words);
	struct slice kind, name;

	if (all_found(names, address, line))
		return false;

	if (address && cursor_word(&words, &kind) && kind.length == 1 && strchr("tTwW", *kind.data) &&
	    cursor_word(&words, &name))
		take_function(names, address, name.data, name.length);
	return true;
}

int kernel_places_find(struct kernel_names *names)
{
	char line[LINE_MAX_BYTES];
	FILE *file;
	int error;

	if (!names->wanting)
		return 0;
	names->wanting = false;
	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return -errno;
	(void)setvbuf(file, NULL, _IOFBF, 1 << 16); /* else there is a system call for each 1024 bytes */
	while (fgets(line, sizeof(line), file) && take_line(names, line))
		;
	error = ferror(file) ? -EIO : 0;
	fclose(file);
	return error;
}
