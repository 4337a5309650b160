/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of remedies, so that they can be run as they stand: led into the object's namespace, but for settings
 * that only the first namespace has or may change (net/core/sysctl_net_core.c: net_core_table, net/core/neighbour.c:
 * neigh_sysctl_register, net/netfilter/nf_conntrack_standalone.c).
 */
#include "render/part.h"

#include "render/printable.h"

#include "base/alloc.h"
#include "base/parse.h"

#include <string.h>

static bool is_of_whole_host(const char *command)
{
	static const char *const settings[] = {
		"net.core.netdev_",
		"net.core.rmem_",
		"net.core.wmem_",
		"net.ipv4.tcp_mem",
		"net.ipv4.udp_mem",
		"net.ipv4.tcp_max_orphans",
		"net.ipv4.neigh.default.gc_",
		"net.ipv6.neigh.default.gc_",
		"net.netfilter.nf_conntrack_max",
		"net.netfilter.nf_conntrack_buckets",
		"vm.",
	};
	static const char set[] = "sysctl -w ";

	if (!slice_starts(slice_of(command), set))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (slice_starts(slice_of(command + strlen(set)), settings[i]))
			return true;
	}
	return false;
}

/* A pipe, a redirection, a second command or a value read: the prefix would hold for the first program only. */
static bool needs_shell(const char *command)
{
	bool quoted = false;

	for (; *command; command++) {
		if (*command == '\'')
			quoted = !quoted;
		else if (!quoted && strchr("|&;<>$", *command))
			return true;
	}
	return false;
}

static void command_place(const struct answer *answer, uint32_t object, const char *command, struct text *ret)
{
	if (is_of_whole_host(command))
		text_add(ret, command);
	else
		object_enter(answer_objects(answer), answer_object(answer, object), command, needs_shell(command), ret);
}

bool remedy_command(const struct answer *answer, uint32_t object, const char **cursor, struct text *ret)
{
	CLEANUP_TEXT struct text template = { 0 }, command = { 0 }, placed = { 0 };
	size_t length = strcspn(*cursor, "\n");

	text_clear(ret);
	if (!length)
		return false;
	text_add_bytes(&template, *cursor, length);
	*cursor += length + ((*cursor)[length] == '\n');
	template_fill(answer_objects(answer), COUNTER_NONE, answer_object(answer, object), text_string(&template),
		      &command);
	command_place(answer, object, text_string(&command), &placed);
	text_add_printable(ret, text_string(&placed), true);
	return true;
}
