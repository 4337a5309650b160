/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The graph of a ruleset. Names are resolved once by binary search and hooks are
 * carried along the edges until nothing changes: a node is visited again only when
 * it gains a hook, so 100,000 rules cost a multiple of 100,000 steps. Hooks are
 * those of enum nf_inet_hooks and nf_dev_hooks (include/uapi/linux/netfilter.h).
 */
#include "source/firewall.h"

#include "base/alloc.h"

#include <string.h>

#define TABLES_MAX 10000
#define NODES_MAX 200000
#define EDGES_MAX 1000000
#define RULES_MAX 1000000
#define NAMES_BLOCK 65536
#define NAME_BLOCKS_MAX 4096
#define DEPTH_MAX 16 /* NFT_JUMP_STACK_SIZE */
#define WALK_MAX UINT32_MAX

static const char *const hook_names[] = {
	"prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"
};

void firewall_free(struct firewall *firewall)
{
	vec_free(&firewall->tables);
	vec_free(&firewall->nodes);
	vec_free(&firewall->edges);
	vec_free(&firewall->rules);
	vec_free(&firewall->entries);
	for (size_t i = 0; i < firewall->names.count; i++)
		free(firewall->names.data[i]);
	vec_free(&firewall->names);
}

struct slice firewall_keep(struct firewall *firewall, const char *name)
{
	struct slice given = slice_of(name);
	char **block, *copy;

	if (!given.length || given.length > NAMES_BLOCK)
		return SLICE("");
	if (given.length > firewall->names_left) {
		block = vec_add(&firewall->names, NAME_BLOCKS_MAX);
		if (!block) {
			firewall->partial = true;
			return SLICE("");
		}
		*block = mem_new(NAMES_BLOCK, 1);
		firewall->names_left = NAMES_BLOCK;
	}
	copy = firewall->names.data[firewall->names.count - 1] + NAMES_BLOCK - firewall->names_left;
	memcpy(copy, given.data, given.length);
	firewall->names_left -= given.length;
	return (struct slice){ copy, given.length };
}

struct firewall_table *firewall_add_table(struct firewall *firewall, struct slice name)
{
	struct firewall_table *table = vec_add(&firewall->tables, TABLES_MAX);

	if (table)
		table->name = name;
	else
		firewall->partial = true;
	return table;
}

struct firewall_node *firewall_add_node(struct firewall *firewall, uint32_t table, enum firewall_node_kind kind,
					struct slice name)
{
	struct firewall_node *node = table < firewall->tables.count ? vec_add(&firewall->nodes, NODES_MAX) : NULL;

	if (!node) {
		firewall->partial = true;
		return NULL;
	}
	node->kind = kind;
	node->name = name;
	node->table = table;
	node->outer = FIREWALL_NONE;
	node->last_rule = FIREWALL_NONE;
	node->edge = FIREWALL_NONE;
	return node;
}

struct firewall_rule *firewall_add_rule(struct firewall *firewall, uint32_t chain, struct slice text)
{
	struct firewall_rule *rule = vec_add(&firewall->rules, RULES_MAX);
	struct firewall_node *node = &firewall->nodes.data[chain];

	if (!rule) {
		firewall->partial = true;
		return NULL;
	}
	rule->chain = chain;
	rule->map = FIREWALL_NONE;
	rule->counter = FIREWALL_NONE;
	rule->state = FIREWALL_NONE;
	rule->verdict = "";
	rule->text = text;
	rule->place = ++node->rules;
	rule->number = rule->place;
	node->last_rule = (uint32_t)firewall->rules.count - 1;
	return rule;
}

void firewall_forget_rule(struct firewall *firewall)
{
	uint32_t chain = firewall->rules.data[--firewall->rules.count].chain;

	firewall->nodes.data[chain].last_rule = FIREWALL_NONE;
}

struct twin {
	uint64_t id;
	uint32_t rule;
};

static int twin_compare(const void *left, const void *right)
{
	const struct twin *a = left, *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

void firewall_separate_twins(struct firewall *firewall, size_t first)
{
	size_t count = firewall->rules.count - first, same = 0;
	CLEANUP_FREE struct twin *twins = mem_new(count + 1, sizeof(*twins));

	for (size_t i = 0; i < count; i++)
		twins[i] = (struct twin){ firewall->rules.data[first + i].id, (uint32_t)(first + i) };
	qsort(twins, count, sizeof(*twins), twin_compare);
	for (size_t i = 1; i < count; i++) {
		same = twins[i].id == twins[i - 1].id ? same + 1 : 0;
		firewall->rules.data[twins[i].rule].id += same;
	}
}

uint32_t firewall_add_edge(struct firewall *firewall, uint32_t from, enum firewall_node_kind kind, struct slice name)
{
	struct firewall_edge *edge = vec_add(&firewall->edges, EDGES_MAX);
	struct firewall_node *node = &firewall->nodes.data[from];

	if (!edge) {
		firewall->partial = true;
		return FIREWALL_NONE;
	}
	edge->kind = kind;
	edge->name = name;
	edge->from = from;
	edge->to = FIREWALL_NONE;
	edge->next = node->edge;
	node->edge = (uint32_t)firewall->edges.count - 1;
	return node->edge;
}

unsigned int firewall_hook(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(hook_names); i++)
		if (name.length == strlen(hook_names[i]) && strncasecmp(name.data, hook_names[i], name.length) == 0)
			return 1u << i;
	return 0;
}

static int entry_compare(const void *left, const void *right)
{
	const struct firewall_entry *a = left, *b = right;
	size_t length = a->name.length < b->name.length ? a->name.length : b->name.length;
	int order;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	order = length ? memcmp(a->name.data, b->name.data, length) : 0;
	if (order == 0 && a->name.length != b->name.length)
		order = a->name.length < b->name.length ? -1 : 1;
	return order;
}

static void sort_entries(struct firewall *firewall)
{
	vec_clear(&firewall->entries);
	for (uint32_t i = 0; i < firewall->nodes.count; i++) {
		const struct firewall_node *node = &firewall->nodes.data[i];
		struct firewall_entry *entry = vec_add(&firewall->entries, NODES_MAX);

		if (entry)
			*entry = (struct firewall_entry){ node->kind, node->table, i, node->name };
	}
	vec_sort(&firewall->entries, entry_compare);
}

uint32_t firewall_find(struct firewall *firewall, uint32_t table, enum firewall_node_kind kind, struct slice name)
{
	struct firewall_entry key = { kind, table, 0, name };
	const struct firewall_entry *found;

	if (firewall->entries.count != firewall->nodes.count)
		sort_entries(firewall);
	if (!firewall->entries.count)
		return FIREWALL_NONE;
	found = bsearch(&key, firewall->entries.data, firewall->entries.count, sizeof(key), entry_compare);
	return found ? found->index : FIREWALL_NONE;
}

static void resolve_names(struct firewall *firewall)
{
	struct firewall_edge *edge;

	vec_each(&firewall->edges, edge)
		edge->to = firewall_find(firewall, firewall->nodes.data[edge->from].table, edge->kind, edge->name);
}

static void carry_hooks(struct firewall *firewall)
{
	CLEANUP_FREE uint32_t *stack = mem_new(firewall->nodes.count + 1, sizeof(*stack));
	struct firewall_node *nodes = firewall->nodes.data;
	size_t depth = 0;

	for (uint32_t i = 0; i < firewall->nodes.count; i++)
		if (nodes[i].base) {
			nodes[i].pending = true;
			stack[depth++] = i;
		}
	while (depth) {
		struct firewall_node *from = &nodes[stack[--depth]];

		from->pending = false;
		for (uint32_t i = from->edge; i != FIREWALL_NONE; i = firewall->edges.data[i].next) {
			uint32_t to = firewall->edges.data[i].to;

			if (to == FIREWALL_NONE || !(from->hooks & ~nodes[to].hooks))
				continue;
			nodes[to].hooks |= from->hooks;
			if (!nodes[to].pending)
				stack[depth++] = to;
			nodes[to].pending = true;
		}
	}
}

/* Each chain is measured once; one that leads back to itself counts itself once. */
static uint64_t measure_walk(struct firewall *firewall, uint32_t chain, unsigned int depth)
{
	struct firewall_node *node = &firewall->nodes.data[chain];
	uint64_t walk = node->rules;

	if (node->walk || depth == DEPTH_MAX)
		return node->walk;
	node->walk = walk;
	for (uint32_t i = node->edge; i != FIREWALL_NONE; i = firewall->edges.data[i].next) {
		const struct firewall_edge *edge = &firewall->edges.data[i];

		if (edge->always && edge->to != FIREWALL_NONE)
			walk += measure_walk(firewall, edge->to, depth + 1);
	}
	node->walk = walk < WALK_MAX ? walk : WALK_MAX;
	return node->walk;
}

void firewall_resolve(struct firewall *firewall)
{
	struct firewall_rule *rule;

	resolve_names(firewall);
	carry_hooks(firewall);
	for (uint32_t i = 0; i < firewall->nodes.count; i++)
		if (firewall->nodes.data[i].base)
			(void)measure_walk(firewall, i, 0);
	vec_each(&firewall->rules, rule) {
		uint32_t map = rule->map == FIREWALL_NONE ? FIREWALL_NONE : firewall->edges.data[rule->map].to;

		if (map == FIREWALL_NONE || !firewall->nodes.data[map].drops)
			continue;
		rule->facts |= FACT_DROP;
		rule->verdict = "vmap drop";
	}
}

void firewall_hooks_text(unsigned int hooks, struct text *ret)
{
	const char *separator = "";

	for (size_t i = 0; i < ARRAY_SIZE(hook_names); i++) {
		if (!(hooks & (1u << i)))
			continue;
		text_addf(ret, "%s%s", separator, hook_names[i]);
		separator = ",";
	}
}

bool firewall_list_holds(struct slice list, const char *wanted)
{
	struct cursor cursor = cursor_of(list.data, list.length);
	struct slice part;

	while (cursor_until(&cursor, ',', &part))
		if (slice_is(part, wanted))
			return true;
	return slice_is(cursor.rest, wanted);
}
