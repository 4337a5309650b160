/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Legacy iptables rules of this namespace with their counters, from the tool's own
 * save format. Asking for a table creates it, so only tables are asked for that
 * /proc/net/ip_tables_names and ip6_tables_names list as being there (readable by
 * root; no files where ip_tables is not there). The tool must never load a module:
 * its modprobe is replaced by true(1).
 */
#include "source/iptables.h"
#include "source/child.h"
#include "source/source.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TABLES_MAX 16
#define EXIT_NO_TOOL 127

/* clang-format off */
#define ROWS(tool_name, driver_name)                                                                     \
	{                                                                                                \
		.tool = (tool_name), .driver = (driver_name), .rule_word = "rule",                       \
		.key_prefix = tool_name " ", .packets = C_LEGACY_RULE_PACKETS,                           \
		.bytes = C_LEGACY_RULE_BYTES, .matched = C_LEGACY_RULE_MATCHED,                          \
		.uncounted = COUNTER_NONE, .queue = C_LEGACY_RULE_QUEUE, .nat = C_LEGACY_RULE_NAT,       \
		.limit = C_LEGACY_RULE_LIMIT, .ct_invalid = C_LEGACY_RULE_CT_INVALID,                    \
		.rpfilter = C_LEGACY_RULE_RPFILTER, .port = COUNTER_NONE, .nat_ports = COUNTER_NONE,     \
		.walk = C_LEGACY_CHAIN_WALK, .set_elements = COUNTER_NONE, .set_size = COUNTER_NONE, .policy = COUNTER_NONE,                                     \
		.policy_packets = C_CHAIN_POLICY_PACKETS, .policy_bytes = C_CHAIN_POLICY_BYTES,          \
		.named_drops = COUNTER_NONE, .named_bytes = COUNTER_NONE, .named_matched = COUNTER_NONE, \
	}
/* clang-format on */

const struct firewall_rows iptables_rows = ROWS("iptables", "iptables-legacy");
const struct firewall_rows ip6tables_rows = ROWS("ip6tables", "ip6tables-legacy");

struct family {
	const char *names_path;
	const char *tool, *fallback; /* the fallback is nftables' variant on newer systems: look before using it */
	const struct firewall_rows *rows;
};

static const struct family families[] = {
	{ "/proc/thread-self/net/ip_tables_names", "iptables-legacy-save", "iptables-save", &iptables_rows },
	{ "/proc/thread-self/net/ip6_tables_names", "ip6tables-legacy-save", "ip6tables-save", &ip6tables_rows },
};

/* Becomes the tool. */
static int tool_exec(void *argument)
{
	static char *const environment[] = { "PATH=/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin", "LC_ALL=C", NULL };
	char *const *arguments = argument;

	environ = (char **)environment;
	execvp(arguments[0], arguments);
	return EXIT_NO_TOOL;
}

/* Runs a tool and appends what it prints. -ENOENT: no such tool; -EIO: it failed. */
static int tool_run(char *const arguments[], struct text *ret)
{
	int status = 0, error = child_collect(tool_exec, (void *)arguments, 0, ret, &status);

	if (error)
		return error;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO_TOOL)
		return -ENOENT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* True when the plain name is the legacy variant: "iptables-save v1.8.9 (legacy)", older ones name none. */
static bool is_legacy(const char *tool)
{
	char *const arguments[] = { (char *)tool, "--version", NULL };
	CLEANUP_TEXT struct text version = { 0 };

	return tool_run(arguments, &version) == 0 && !strstr(text_string(&version), "nf_tables");
}

static int table_run(const char *tool, const char *table, struct text *ret)
{
	char *const arguments[] = { (char *)tool, "-c", "-M", "/bin/true", "-t", (char *)table, NULL };

	return tool_run(arguments, ret);
}

static int save_table(const struct family *family, const char *table, struct text *ret)
{
	int error = table_run(family->tool, table, ret);

	if (error == -ENOENT && is_legacy(family->fallback))
		error = table_run(family->fallback, table, ret);
	return error;
}

/* All listed tables of a family as one text. */
static int save_tables(const struct family *family, const char *names, struct text *ret, const char **ret_reason)
{
	struct cursor cursor = cursor_of(names, strlen(names));
	struct slice line;
	int error = 0;

	for (int count = 0; count < TABLES_MAX && !error && cursor_line(&cursor, &line); count++) {
		CLEANUP_FREE char *table = mem_strndup(line.data, line.length);

		error = save_table(family, table, ret);
		if (error == -ENOENT)
			*ret_reason = text_internf("%s is not installed, but table %s exists", family->tool, table);
		else if (error)
			*ret_reason = text_internf("%s -t %s: %s", family->tool, table, source_error_phrase(error));
	}
	return error;
}

static int family_read(const struct source_context *context, const struct family *family, struct snapshot *snapshot,
		       bool *ret_partial, const char **ret_reason)
{
	CLEANUP_TEXT struct text saved = { 0 };
	struct firewall firewall = { 0 };
	int error = source_read_file(context, family->names_path);

	if (error == -ENOENT)
		return 0;
	if (error) {
		*ret_reason = text_internf("%s: %s", family->names_path, source_error_phrase(error));
		return error;
	}
	if (*context->sysroot && context->buffer->length) {
		*ret_reason = "a recorded file tree does not hold the iptables rules";
		return -ENOSYS;
	}
	error = save_tables(family, text_string(context->buffer), &saved, ret_reason);
	if (error)
		return error;
	iptables_save_add(&firewall, slice_of(text_string(&saved)));
	firewall_resolve(&firewall);
	firewall_emit(&firewall, family->rows, context->netns, snapshot);
	*ret_partial = *ret_partial || firewall.partial;
	firewall_free(&firewall);
	return 0;
}

/*
 * Legacy ebtables has no list of its tables, and to ask for one creates it (net/bridge/netfilter/ebtables.c:
 * find_table_lock). A module of a table is there because somebody asked for the table; it concerns who has a bridge.
 */
static const char *ebtables_unread(const struct source_context *context)
{
	static const char *const modules[] = { "ebtable_filter", "ebtable_nat", "ebtable_broute" };
	const struct object *object;

	for (uint32_t id = 0; id < objects_count(context->objects); id++) {
		object = object_get(context->objects, id);
		if (object->key.kind != OBJECT_LINK || object->netns != context->netns->id ||
		    strcmp(object_text(object, LABEL_KIND), "bridge") != 0)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
			if (source_module_loaded(context, modules[i]))
				return text_internf("legacy ebtables rules (%s is loaded) are not read: asking for "
						    "them would create their table",
						    modules[i]);
		return NULL;
	}
	return NULL;
}

static void iptables_read(const struct source_context *context, struct snapshot *snapshot)
{
	const char *reason = NULL, *unread;
	bool partial = false;
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int failed = family_read(context, &families[i], snapshot, &partial, &reason);

		error = error ? error : failed;
	}
	unread = ebtables_unread(context);
	if (error)
		snapshot_missed(snapshot, SOURCE_IPTABLES, context->netns, error, reason);
	else if (partial)
		snapshot_covered_partly(snapshot, SOURCE_IPTABLES, context->netns,
					"legacy iptables rules: some lines were not understood, or there are too many");
	else if (unread)
		snapshot_covered_partly(snapshot, SOURCE_IPTABLES, context->netns, unread);
	else
		snapshot_covered(snapshot, SOURCE_IPTABLES, context->netns);
}

const struct source source_iptables = {
	.id = SOURCE_IPTABLES,
	.scope = SCOPE_NETNS,
	.cost = COST_DEAR,
	.read = iptables_read,
};
