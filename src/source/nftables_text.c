/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How rules were written: libnftables lists the chains of those that lose packets,
 * as `nft -a list chain` does, so anyone can check it. It costs a hundred times
 * what the counters cost, reads until nothing changes any more, and cannot list one
 * rule alone; so it runs in a child with a deadline, for few and short chains at a
 * time. A rule's text never changes: who has one is not asked for again.
 */
#include "config.h"
#include "source/child.h"
#include "source/nftables.h"

#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_MAX 1
#define CHAINS_MAX 16	  /* listed at one reading */
#define RULES_LISTED 4096 /* in all of them */

/* Whether its counter has risen since the first reading; appeared since then and not at 0 is the same. */
static bool has_moved(const struct nftables_texts *texts, counter_id counter, const struct object *object,
		      uint64_t value)
{
	const struct cell *cell = texts->series && object ? series_cell(texts->series, counter, object->id) : NULL;

	return cell ? value > cell->first : value > 0;
}

/* A named counter speaks for its rules: their text is its text. */
static bool counter_has_moved(const struct nftables_texts *texts, const struct firewall_rule *rule)
{
	uint32_t node = texts->firewall->edges.data[rule->counter].to;
	uint64_t packets = node == FIREWALL_NONE ? 0 : texts->firewall->nodes.data[node].packets;
	const struct object *object;

	if (!packets)
		return false;
	object = firewall_counter_object(texts->firewall, &nftables_rows, texts->netns, texts->objects, node);
	return has_moved(texts, C_NAMED_COUNTER_DROPS, object, packets) && (!object || !object->labels[LABEL_TEXT]);
}

static bool matters(const struct nftables_texts *texts, const struct firewall_rule *rule)
{
	bool exact = (rule->facts & FACT_DROP) && (rule->facts & FACT_EXACT);
	const struct object *object;

	if (!(rule->facts & (FACT_DROP | FACT_QUEUE | FACT_NAT)) ||
	    texts->firewall->tables.data[texts->firewall->nodes.data[rule->chain].table].dormant)
		return false;
	if (rule->counter != FIREWALL_NONE && counter_has_moved(texts, rule))
		return true;
	if ((rule->facts & FACT_COUNTED) && !rule->packets)
		return false;
	object = firewall_rule_object(texts->firewall, &nftables_rows, texts->netns, texts->objects, rule);
	if (object && object->labels[LABEL_TEXT])
		return false;
	return !(rule->facts & FACT_COUNTED) ||
	       has_moved(texts, exact ? C_RULE_PACKETS : C_RULE_MATCHED, object, rule->packets);
}

/*
 * As nft's scanner takes a name (src/scanner.l: string). The kernel takes any bytes, and whoever may make a namespace
 * may make such a chain: only a name like this can be nothing but a name in a command.
 */
static bool is_plain(struct slice name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.data[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';

		if (!letter && !(i && ((c >= '0' && c <= '9') || c == '/' || c == '-')))
			return false;
	}
	return name.length > 0;
}

bool nftables_can_list(const struct firewall *firewall, uint32_t chain)
{
	const struct firewall_node *node = &firewall->nodes.data[chain];
	struct cursor table = { .rest = firewall->tables.data[node->table].name };
	struct slice family;

	return cursor_until(&table, ' ', &family) && is_plain(family) && is_plain(table.rest) && is_plain(node->name);
}

/* The chains to list, in the order of their rules: those that matter are named first elsewhere, too. */
static size_t choose(const struct nftables_texts *texts, uint32_t ret_chains[CHAINS_MAX])
{
	const struct firewall_rule *rule;
	size_t count = 0, rules = 0;
	uint32_t last = FIREWALL_NONE;

	vec_each(&texts->firewall->rules, rule) {
		uint32_t listed = texts->firewall->nodes.data[rule->chain].rules;

		if (rule->chain == last || rules + listed > RULES_LISTED ||
		    !nftables_can_list(texts->firewall, rule->chain) || !matters(texts, rule))
			continue;
		last = rule->chain;
		rules += listed;
		ret_chains[count++] = rule->chain;
		if (count == CHAINS_MAX)
			break;
	}
	return count;
}

/* ---- the listing ---- */

static const char handle_mark[] = "# handle ";

/* Cuts " # handle N" off the end; false, and nothing cut, when the line does not end so. */
static bool cut_handle(struct slice *line, uint64_t *ret)
{
	size_t length = sizeof(handle_mark) - 1, at = line->length;
	struct slice digits;

	while (at && line->data[at - 1] >= '0' && line->data[at - 1] <= '9')
		at--;
	if (at < length || memcmp(line->data + at - length, handle_mark, length) != 0)
		return false;
	digits = (struct slice){ line->data + at, line->length - at };
	if (parse_u64(digits, ret))
		return false;
	*line = slice_trim((struct slice){ line->data, at - length });
	return true;
}

static int id_compare(const void *left, const void *right)
{
	const struct firewall_rule *const *a = left, *const *b = right;

	if ((*a)->id != (*b)->id)
		return (*a)->id < (*b)->id ? -1 : 1;
	return 0;
}

struct listing {
	VEC(struct firewall_rule *) rules; /* of the chain, by id */
	VEC(struct slice) nested;	   /* the lines of a chain without a name: its handle comes last */
	unsigned int depth;
};

static void take_text(struct listing *listing, uint64_t id, struct slice text)
{
	struct firewall_rule key = { .id = id }, *wanted = &key, **found;

	if (!listing->rules.count)
		return;
	found = bsearch(&wanted, listing->rules.data, listing->rules.count, sizeof(*found), id_compare);
	if (found)
		(*found)->text = text;
}

static void take_nested(struct listing *listing, uint64_t handle)
{
	for (size_t i = 0; i < listing->nested.count; i++)
		take_text(listing, (uint64_t)(i + 1) << 32 | (uint32_t)handle, listing->nested.data[i]);
	vec_clear(&listing->nested);
}

static void take_line(struct listing *listing, struct slice line)
{
	uint64_t handle = 0;
	bool has_handle = cut_handle(&line, &handle), opens = line.length && line.data[line.length - 1] == '{';
	struct slice *nested;

	if (listing->depth && slice_is(line, "}")) {
		if (--listing->depth == 0 && has_handle)
			take_nested(listing, (uint32_t)handle);
		return;
	}
	if (listing->depth == 1) {
		nested = vec_add(&listing->nested, RULES_LISTED);
		if (nested)
			*nested = line;
	} else if (!listing->depth && has_handle && !opens) {
		take_text(listing, (uint32_t)handle, line);
	}
	if (opens && !slice_starts(line, "table ") && !slice_starts(line, "chain "))
		listing->depth++;
}

void nftables_text_take(struct firewall *firewall, uint32_t chain, struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length);
	struct listing listing = { 0 };
	struct firewall_rule *rule, **slot;
	struct slice line;

	vec_each(&firewall->rules, rule) {
		slot = rule->chain == chain ? vec_add(&listing.rules, RULES_LISTED * 2) : NULL;
		if (slot)
			*slot = rule;
	}
	vec_sort(&listing.rules, id_compare);
	while (cursor_line(&cursor, &line))
		take_line(&listing, slice_trim(line));
	vec_free(&listing.rules);
	vec_free(&listing.nested);
}

/* ---- libnftables ---- */

#if HAVE_NFTABLES

#include <nftables/libnftables.h>

#define CHAIN_END '\f' /* between the listings of two chains */

struct job {
	const struct firewall *firewall;
	uint32_t chains[CHAINS_MAX];
	size_t count;
};

/* In the child. User and service names stay numbers: resolving them could block on the network. */
static int list_chains(void *argument)
{
	const struct job *job = argument;
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	FILE *output = fdopen(STDOUT_FILENO, "w"); /* what waits in `stdout` is not ours to write */

	if (!nft || !output)
		_exit(1); /* and with it goes what it has */
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_TERSE);
	nft_ctx_set_output(nft, output);
	for (size_t i = 0; i < job->count; i++) {
		const struct firewall_node *chain = &job->firewall->nodes.data[job->chains[i]];
		struct slice table = job->firewall->tables.data[chain->table].name;
		CLEANUP_FREE char *command = text_format("list chain %.*s %.*s", (int)table.length, table.data,
							 (int)chain->name.length, chain->name.data);

		(void)nft_run_cmd_from_buffer(nft, command); /* one that is gone meanwhile leaves its place empty */
		fputc(CHAIN_END, output);
		fflush(output);
	}
	nft_ctx_free(nft);
	return fclose(output) ? 1 : 0;
}

void nftables_texts_read(struct nftables_texts *texts)
{
	const struct observation *seen =
		texts->series ? series_observation(texts->series, SOURCE_NFTABLES, texts->netns->id) : NULL;
	struct job job = { .firewall = texts->firewall };
	struct cursor cursor;
	struct slice listing;
	int status;

	if (!seen || !seen->readings) /* the first reading moves nothing and shall be over soon */
		return;
	job.count = choose(texts, job.chains);
	if (!job.count || child_collect(list_chains, &job, SECONDS_MAX, &texts->listing, &status))
		return;
	cursor = cursor_of(text_string(&texts->listing), texts->listing.length);
	for (size_t i = 0; i < job.count && cursor_until(&cursor, CHAIN_END, &listing); i++)
		nftables_text_take(texts->firewall, job.chains[i], listing);
}

#else

void nftables_texts_read(struct nftables_texts *texts)
{
	(void)texts;
}

#endif
