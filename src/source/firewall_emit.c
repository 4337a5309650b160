/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a resolved ruleset to objects and samples. Only what can lose, limit, queue
 * or translate packets becomes an object: a large ruleset is mostly accepts. A
 * counter is a count of losses only when nothing after it in its rule can fail to
 * match, and a named counter only when every rule that uses it drops.
 */
#include "source/firewall.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

#define RULE_TEXT_MAX 400	/* bytes of LABEL_TEXT */
#define UNCOUNTED_NAMED_MAX 100 /* rules of one chain that drop without counting, where there are very many rules */
#define WALK_SHOWN 100		/* chains with fewer rules to pass cost nothing worth a word */

struct emitter {
	const struct firewall *firewall;
	const struct firewall_rows *rows;
	const struct object *netns;
	struct snapshot *snapshot;
	uint32_t chain;		 /* of the rule before */
	uint32_t uncounted_here; /* rules of that chain that drop without counting */
	struct text scratch;
};

/* Who uses a named counter. */
struct usage {
	uint32_t users, droppers;
	uint32_t rule; /* the first that drops */
};

static const char *scratch_slice(struct emitter *emitter, struct slice slice)
{
	text_clear(&emitter->scratch);
	text_add_bytes(&emitter->scratch, slice.data, slice.length);
	return text_string(&emitter->scratch);
}

/* The rule as it was written: counters without their values. */
static const char *rule_text(struct emitter *emitter, struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length);
	struct text *scratch = &emitter->scratch;
	struct slice word, previous = SLICE("");

	text_clear(scratch);
	while (cursor_word(&cursor, &word)) {
		if (slice_is(previous, "counter") && slice_is(word, "packets")) {
			for (int values = 0; values < 3; values++) /* N bytes M */
				if (!cursor_word(&cursor, &word))
					break;
			previous = SLICE("");
			continue;
		}
		if (scratch->length + word.length > RULE_TEXT_MAX) {
			text_add(scratch, " …");
			break;
		}
		text_addf(scratch, "%s%.*s", scratch->length ? " " : "", (int)word.length, word.data);
		previous = word;
	}
	return text_string(scratch);
}

static struct slice table_name(const struct emitter *emitter, const struct firewall_node *node)
{
	return emitter->firewall->tables.data[node->table].name;
}

/*
 * Key a of everything in a chain: the hash of "inet filter input", and of the table's handle, because in a table that was
 * made again the same handles are other rules. `infix` tells a counter from a chain.
 */
static uint64_t chain_hash(const struct firewall_rows *rows, const struct firewall_table *table, const char *infix,
			   struct slice name, struct text *scratch)
{
	text_clear(scratch);
	text_addf(scratch, "%s%.*s %s%.*s", rows->key_prefix, (int)table->name.length, table->name.data, infix,
		  (int)name.length, name.data);
	if (table->handle)
		text_addf(scratch, " %llu", (unsigned long long)table->handle);
	return object_hash(text_string(scratch));
}

static struct object_key node_key(const struct firewall *firewall, const struct firewall_rows *rows,
				  const struct object *netns, enum object_kind kind, const struct firewall_node *node,
				  const char *infix, uint64_t id, struct text *scratch)
{
	uint64_t chain = chain_hash(rows, &firewall->tables.data[node->table], infix, node->name, scratch);

	return (struct object_key){ kind, netns->key.netns, chain, id };
}

struct object *firewall_rule_object(const struct firewall *firewall, const struct firewall_rows *rows,
				    const struct object *netns, struct objects *objects,
				    const struct firewall_rule *rule)
{
	const struct firewall_node *chain = &firewall->nodes.data[rule->chain];
	CLEANUP_TEXT struct text scratch = { 0 };

	return object_find(objects, node_key(firewall, rows, netns, OBJECT_RULE, chain, "", rule->id, &scratch));
}

struct object *firewall_counter_object(const struct firewall *firewall, const struct firewall_rows *rows,
				       const struct object *netns, struct objects *objects, uint32_t node)
{
	const struct firewall_node *counter = &firewall->nodes.data[node];
	CLEANUP_TEXT struct text scratch = { 0 };

	return object_find(objects, node_key(firewall, rows, netns, OBJECT_RULE, counter, "counter ", counter->handle,
					     &scratch));
}

/* A new object of which it is known that it counted nothing when the window began started from 0 inside it. */
static struct object *node_object(struct emitter *emitter, enum object_kind kind, const struct firewall_node *node,
				  const char *infix, uint64_t id)
{
	struct object_key key =
		node_key(emitter->firewall, emitter->rows, emitter->netns, kind, node, infix, id, &emitter->scratch);
	bool is_new;
	struct object *object = object_intern(emitter->snapshot->objects, key, &is_new);

	if (!object) {
		emitter->snapshot->truncated = true;
		return NULL;
	}
	if (is_new)
		object->born = emitter->firewall->tables.data[node->table].anew ||
			       (emitter->firewall->sparse && emitter->firewall->known_from_zero);
	object->netns = emitter->netns->id;
	object_label(object, LABEL_TABLE, scratch_slice(emitter, table_name(emitter, node)));
	object_label(object, LABEL_CHAIN, scratch_slice(emitter, node->name));
	object_label(object, LABEL_DRIVER, emitter->rows->driver);
	text_clear(&emitter->scratch);
	firewall_hooks_text(node->hooks, &emitter->scratch);
	object_label(object, LABEL_HOOK, text_string(&emitter->scratch));
	return object;
}

/* Whether an object that is known already is of this very table: 1, of one that had its name: -1, of another: 0. */
static int known_in(const struct firewall_table *table, const struct firewall_rows *rows, const struct object *netns,
		    const struct object *object, struct text *scratch)
{
	bool in_chain = object->key.kind == OBJECT_CHAIN ||
			(object->key.kind == OBJECT_RULE && strcmp(object_text(object, LABEL_KIND), "rule") == 0);

	if (!in_chain || object->netns != netns->id || !slice_is(table->name, object_text(object, LABEL_TABLE)))
		return 0;
	return object->key.a == chain_hash(rows, table, "", slice_of(object_text(object, LABEL_CHAIN)), scratch) ? 1
														 : -1;
}

void firewall_find_anew(struct firewall *firewall, const struct firewall_rows *rows, const struct object *netns,
			const struct objects *objects)
{
	CLEANUP_TEXT struct text scratch = { 0 };
	struct firewall_table *table;

	vec_each(&firewall->tables, table) {
		int known = 0;

		for (uint32_t id = 0; table->handle && id < objects_count(objects) && known <= 0; id++) {
			int found = known_in(table, rows, netns, object_get(objects, id), &scratch);

			known = found ? found : known;
		}
		table->anew = known < 0;
	}
}

/* "nft inet filter input handle 7", "nft inet filter input policy drop" */
static void label_name(struct emitter *emitter, struct object *object, const struct firewall_node *node,
		       const char *infix, const char *suffix)
{
	struct slice table = table_name(emitter, node);

	object_labelf(object, LABEL_NAME, "%s %.*s %s%.*s%s", emitter->rows->tool, (int)table.length, table.data, infix,
		      (int)node->name.length, node->name.data, suffix);
}

static void add(struct emitter *emitter, counter_id counter, const struct object *object, uint64_t value)
{
	if (counter != COUNTER_NONE)
		snapshot_add(emitter->snapshot, counter, object, value);
}

static void add_facts(struct emitter *emitter, const struct object *object, unsigned int facts)
{
	const struct firewall_rows *rows = emitter->rows;

	if (facts & FACT_QUEUE)
		add(emitter, rows->queue, object, 1);
	if (facts & FACT_NAT)
		add(emitter, rows->nat, object, 1);
	if (facts & FACT_LIMIT)
		add(emitter, rows->limit, object, 1);
	if ((facts & FACT_DROP) && (facts & FACT_CT_INVALID))
		add(emitter, rows->ct_invalid, object, 1);
	if ((facts & FACT_DROP) && (facts & FACT_RPFILTER))
		add(emitter, rows->rpfilter, object, 1);
}

static void label_rule_text(struct emitter *emitter, struct object *object, const struct firewall_rule *rule)
{
	if (rule->text.length)
		object_label(object, LABEL_TEXT, rule_text(emitter, rule->text));
}

/* The node of the named counter that a rule uses, or FIREWALL_NONE. */
static uint32_t rule_counter(const struct emitter *emitter, const struct firewall_rule *rule)
{
	return rule->counter == FIREWALL_NONE ? FIREWALL_NONE : emitter->firewall->edges.data[rule->counter].to;
}

/* `named_exact`: a named counter, reported on its own, counts exactly this rule's and other rules' drops. */
static void add_counts(struct emitter *emitter, const struct object *object, const struct firewall_rule *rule,
		       bool named_exact)
{
	const struct firewall_rows *rows = emitter->rows;
	bool drops = rule->facts & FACT_DROP, counted = rule->facts & FACT_COUNTED;
	bool exact = drops && counted && (rule->facts & FACT_EXACT);

	if (counted) {
		add(emitter, exact ? rows->packets : rows->matched, object, rule->packets);
		add(emitter, rows->bytes, object, rule->bytes);
	}
	if (drops && !exact && !named_exact)
		add(emitter, rows->uncounted, object, 1);
}

static void add_ports(struct emitter *emitter, struct object *object, const struct firewall_rule *rule)
{
	if (rule->port && (rule->facts & FACT_DROP))
		add(emitter, emitter->rows->port, object, rule->port);
	object_label(object, LABEL_PROTOCOL, rule->protocol);
	if (rule->nat_ports)
		add(emitter, emitter->rows->nat_ports, object, rule->nat_ports);
}

static bool is_left_out(struct emitter *emitter, const struct firewall_rule *rule)
{
	if (rule->chain != emitter->chain)
		emitter->uncounted_here = 0;
	emitter->chain = rule->chain;
	if (!emitter->firewall->sparse)
		return false;
	if (rule->facts & FACT_COUNTED)
		return !rule->packets;
	return emitter->uncounted_here++ >= UNCOUNTED_NAMED_MAX;
}

static void emit_rule(struct emitter *emitter, const struct firewall_rule *rule, const struct usage *usages)
{
	const struct firewall_node *chain = &emitter->firewall->nodes.data[rule->chain];
	uint32_t counter = rule_counter(emitter, rule);
	const struct usage *usage = counter == FIREWALL_NONE ? NULL : &usages[counter];
	struct object *object;
	char suffix[48];

	if (!(rule->facts & (FACT_DROP | FACT_QUEUE | FACT_NAT | FACT_LIMIT)) || is_left_out(emitter, rule))
		return;
	object = node_object(emitter, OBJECT_RULE, chain, "", rule->id);
	if (!object)
		return;
	snprintf(suffix, sizeof(suffix), " %s %u", emitter->rows->rule_word, rule->number);
	label_name(emitter, object, chain, "", suffix);
	object_label(object, LABEL_KIND, "rule");
	object_label(object, LABEL_VERDICT, *rule->verdict ? rule->verdict : NULL);
	label_rule_text(emitter, object, rule);
	add_counts(emitter, object, rule, usage && usage->users == usage->droppers);
	add_facts(emitter, object, rule->facts);
	add_ports(emitter, object, rule);
}

static void emit_counter(struct emitter *emitter, const struct firewall_node *node, const struct usage *usage)
{
	const struct firewall_rule *rule = &emitter->firewall->rules.data[usage->rule];
	bool exact = usage->users == usage->droppers;
	struct object *object = node_object(emitter, OBJECT_RULE, node, "counter ", node->handle);

	if (!object)
		return;
	label_name(emitter, object, node, "counter ", "");
	object_label(object, LABEL_KIND, "counter");
	object_label(object, LABEL_VERDICT, rule->verdict);
	label_rule_text(emitter, object, rule);
	add(emitter, exact ? emitter->rows->named_drops : emitter->rows->named_matched, object, node->packets);
	add(emitter, emitter->rows->named_bytes, object, node->bytes);
	if (usage->users == 1)
		add_facts(emitter, object, rule->facts);
}

/* What reached the policy: its own counter, or a last rule that does nothing but count. False when nothing counts it. */
static bool policy_count(const struct emitter *emitter, const struct firewall_node *node, uint64_t *ret)
{
	const struct firewall_rule *last =
		node->last_rule == FIREWALL_NONE ? NULL : &emitter->firewall->rules.data[node->last_rule];

	if (node->counted)
		*ret = node->packets;
	else if (last && (last->facts & FACT_COUNTED) && !(last->facts & FACT_MATCHES) && !*last->verdict)
		*ret = last->packets;
	else
		return false;
	return true;
}

static void emit_chain(struct emitter *emitter, const struct firewall_node *node)
{
	bool costly = node->walk >= WALK_SHOWN;
	struct object *object;
	uint64_t packets;

	if (!node->base || !(node->policy_drop || costly))
		return;
	object = node_object(emitter, OBJECT_CHAIN, node, "", node->handle);
	if (!object)
		return;
	label_name(emitter, object, node, "", node->policy_drop ? " policy drop" : "");
	if (costly)
		add(emitter, emitter->rows->walk, object, node->walk);
	if (!node->policy_drop)
		return;
	object_label(object, LABEL_KIND, "policy");
	object_label(object, LABEL_VERDICT, "drop");
	if (emitter->rows->policy == COUNTER_NONE) {
		add(emitter, emitter->rows->policy_packets, object, node->packets);
		add(emitter, emitter->rows->policy_bytes, object, node->bytes);
		return;
	}
	add(emitter, emitter->rows->policy, object, 1);
	if (policy_count(emitter, node, &packets))
		add(emitter, emitter->rows->policy_packets, object, packets);
}

/* Sets that hold a fixed list, and nameless ones, are as large as they are. */
static void emit_set(struct emitter *emitter, const struct firewall_node *node)
{
	struct object *object = node->limit ? node_object(emitter, OBJECT_RULE, node, "set ", node->handle) : NULL;

	if (!object)
		return;
	label_name(emitter, object, node, "set ", "");
	object_label(object, LABEL_KIND, "set");
	add(emitter, emitter->rows->set_elements, object, node->elements);
	add(emitter, emitter->rows->set_size, object, node->limit);
}

static void count_usage(const struct emitter *emitter, struct usage *usages)
{
	const struct firewall_rule *rule;

	vec_each(&emitter->firewall->rules, rule) {
		uint32_t counter = rule_counter(emitter, rule);
		struct usage *usage;

		if (counter == FIREWALL_NONE)
			continue;
		usage = &usages[counter];
		usage->users++;
		if (!(rule->facts & FACT_DROP))
			continue;
		if (!usage->droppers)
			usage->rule = (uint32_t)(rule - emitter->firewall->rules.data);
		if (rule->facts & FACT_EXACT)
			usage->droppers++;
	}
}

void firewall_emit(const struct firewall *firewall, const struct firewall_rows *rows, const struct object *netns,
		   struct snapshot *snapshot)
{
	struct emitter emitter = { .firewall = firewall, .rows = rows, .netns = netns, .snapshot = snapshot };
	CLEANUP_FREE struct usage *usages = mem_new(firewall->nodes.count + 1, sizeof(*usages));
	const struct firewall_rule *rule;
	const struct firewall_node *node;

	emitter.chain = FIREWALL_NONE;
	count_usage(&emitter, usages);
	vec_each(&firewall->rules, rule)
		if (!firewall->tables.data[firewall->nodes.data[rule->chain].table].dormant)
			emit_rule(&emitter, rule, usages);
	vec_each(&firewall->nodes, node) {
		const struct usage *usage = &usages[node - firewall->nodes.data];

		if (firewall->tables.data[node->table].dormant)
			continue;
		if (node->kind == NODE_CHAIN)
			emit_chain(&emitter, node);
		else if (node->kind == NODE_COUNTER && usage->droppers)
			emit_counter(&emitter, node, usage);
		else if (node->kind == NODE_MAP)
			emit_set(&emitter, node);
	}
	text_free(&emitter.scratch);
}
