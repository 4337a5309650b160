/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nftables rules of this namespace with their counters, through libnftables and as
 * text: it is what `nft -a list ruleset` prints, so anyone can check it. Contents
 * of sets are left out (terse); only maps whose elements are verdicts are asked for
 * one by one, since such an element may drop. Asking the kernel would load
 * nf_tables where it is missing, so it is asked only where it is there. User and
 * service names stay numbers: resolving them could block on the network.
 */
#include "source/nftables.h"
#include "config.h"
#include "source/source.h"

#include "base/alloc.h"

#include <errno.h>

const struct firewall_rows nftables_rows = {
	.tool = "nft",
	.rule_word = "handle",
	.key_prefix = "",
	.packets = C_RULE_PACKETS,
	.bytes = C_RULE_BYTES,
	.matched = C_RULE_MATCHED,
	.uncounted = C_RULE_UNCOUNTED,
	.queue = C_RULE_QUEUE,
	.nat = C_RULE_NAT,
	.limit = C_RULE_LIMIT,
	.ct_invalid = C_RULE_CT_INVALID,
	.rpfilter = C_RULE_RPFILTER,
	.policy = C_CHAIN_POLICY_DROP,
	.policy_packets = C_CHAIN_POLICY_COUNTED,
	.policy_bytes = COUNTER_NONE,
	.named_drops = C_NAMED_COUNTER_DROPS,
	.named_bytes = C_NAMED_COUNTER_BYTES,
	.named_matched = C_NAMED_COUNTER_MATCHED,
};

#if HAVE_NFTABLES

#include "base/intern.h"

#include <fcntl.h>
#include <nftables/libnftables.h>
#include <string.h>
#include <unistd.h>

#define MAPS_MAX 64 /* verdict maps whose elements are asked for */

static void context_free(struct nft_ctx **nft)
{
	if (*nft)
		nft_ctx_free(*nft);
}

static struct nft_ctx *context_new(void)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!nft)
		return NULL;
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_TERSE);
	if (nft_ctx_buffer_output(nft) || nft_ctx_buffer_error(nft)) {
		nft_ctx_free(nft);
		return NULL;
	}
	return nft;
}

/* The library itself writes "(you must be root)" to standard error, past its buffer (src/mnl.c: mnl_genid_get). */
static int run_silently(struct nft_ctx *nft, const char *command)
{
	CLEANUP_CLOSE int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	CLEANUP_CLOSE int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int failed, error;

	if (saved >= 0 && null >= 0)
		dup2(null, STDERR_FILENO);
	errno = 0;
	failed = nft_run_cmd_from_buffer(nft, command);
	error = errno;
	if (saved >= 0 && null >= 0)
		dup2(saved, STDERR_FILENO);
	if (!failed)
		return 0;
	return error ? -error : -EIO;
}

/* Runs a command; its output is appended to `ret`. */
static int run(struct nft_ctx *nft, const char *command, struct text *ret)
{
	int error = run_silently(nft, command);
	const char *output;

	if (error)
		return error;
	output = nft_ctx_get_output_buffer(nft);
	text_add(ret, output ? output : "");
	return ret->overflow ? -EFBIG : 0;
}

/* The first line of what the library complained about. */
static const char *complaint(struct nft_ctx *nft, int error)
{
	const char *message = nft_ctx_get_error_buffer(nft);
	struct cursor cursor = cursor_of(message ? message : "", message ? strlen(message) : 0);
	struct slice line;

	if (error == -EPERM || error == -EACCES || !cursor_line(&cursor, &line))
		return source_error_phrase(error);
	return text_internf("%.*s", (int)line.length, line.data);
}

static bool map_is_wanted(const struct firewall_node *node)
{
	return node->kind == NODE_MAP && node->verdicts && !node->complete;
}

/* `ret_text` keeps the elements that the firewall then points into; it has room, so it does not move. */
static void read_maps(struct nft_ctx *nft, struct firewall *firewall, struct text texts[MAPS_MAX])
{
	size_t count = 0;

	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_HANDLE);
	for (uint32_t i = 0; i < firewall->nodes.count; i++) {
		const struct firewall_node *node = &firewall->nodes.data[i];
		struct slice table = firewall->tables.data[node->table].name;
		CLEANUP_FREE char *command = NULL;

		if (!map_is_wanted(node))
			continue;
		if (count == MAPS_MAX) {
			firewall->partial = true;
			return;
		}
		command = text_format("list map %.*s %.*s", (int)table.length, table.data, (int)node->name.length,
				      node->name.data);
		if (run(nft, command, &texts[count])) /* gone meanwhile */
			continue;
		nftables_map_add(firewall, i, slice_of(text_string(&texts[count])));
		count++;
	}
}

static void read_rules(const struct source_context *context, struct nft_ctx *nft, struct snapshot *snapshot)
{
	struct firewall firewall = { 0 };
	struct text maps[MAPS_MAX] = { 0 };
	CLEANUP_TEXT struct text ruleset = { 0 };
	int error = run(nft, "list ruleset", &ruleset);

	if (error) {
		snapshot_missed(snapshot, SOURCE_NFTABLES, context->netns, error, complaint(nft, error));
		return;
	}
	nftables_text_add(&firewall, slice_of(text_string(&ruleset)));
	read_maps(nft, &firewall, maps);
	firewall_resolve(&firewall);
	firewall_emit(&firewall, &nftables_rows, context->netns, snapshot);
	if (firewall.partial)
		snapshot_covered_partly(snapshot, SOURCE_NFTABLES, context->netns,
					"some lines were not understood, or there are too many");
	else
		snapshot_covered(snapshot, SOURCE_NFTABLES, context->netns);
	firewall_free(&firewall);
	for (size_t i = 0; i < MAPS_MAX; i++)
		text_free(&maps[i]);
}

static void read_live(const struct source_context *context, struct snapshot *snapshot)
{
	CLEANUP(context_free) struct nft_ctx *nft = context_new();

	if (nft)
		read_rules(context, nft, snapshot);
	else
		snapshot_missed(snapshot, SOURCE_NFTABLES, context->netns, -ENOMEM, "the library could not start");
}

#else

static void read_live(const struct source_context *context, struct snapshot *snapshot)
{
	snapshot_missed(snapshot, SOURCE_NFTABLES, context->netns, -ENOSYS,
			"this wheredrop was built without libnftables");
}

#endif

static void nftables_read(const struct source_context *context, struct snapshot *snapshot)
{
	if (*context->sysroot)
		snapshot_missed(snapshot, SOURCE_NFTABLES, context->netns, -ENOSYS,
				"a recorded file tree does not hold them");
	else if (!source_module_present(context, "nf_tables"))
		snapshot_covered(snapshot, SOURCE_NFTABLES, context->netns); /* no kernel part, no rules */
	else
		read_live(context, snapshot);
}

const struct source source_nftables = {
	.id = SOURCE_NFTABLES,
	.scope = SCOPE_NETNS,
	.cost = COST_DEAR,
	.read = nftables_read,
};
