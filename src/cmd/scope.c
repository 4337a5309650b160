/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces by /proc, interfaces by if_nameindex(3) in each namespace, hosts by getaddrinfo(3). */
#include "cmd/scope.h"

#include "cmd/command.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/netns.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int netns_complain(const char *word, int error)
{
	if (error == -ENOENT)
		return complain(
			"--netns %s: no such network namespace (a name of `ip netns list`, a path, a process id, "
			"or all)",
			word);
	if (error == -EACCES || error == -EPERM)
		return complain("--netns %s: may not be looked at: run it with sudo", word);
	if (error == -EINVAL)
		return complain("--netns %s: is no network namespace", word);
	return complain("--netns %s: %s", word, strerror(-error));
}

/* Compared with a list: asked for one name, the kernel loads a module that is called so (dev_load()). */
static bool is_interface(const char *name)
{
	struct if_nameindex *all = if_nameindex();
	bool found = false;

	for (const struct if_nameindex *each = all; each && each->if_index && !found; each++)
		found = strcmp(each->if_name, name) == 0;
	if (all)
		if_freenameindex(all);
	return found;
}

/* Whether the namespace has such a device; `*ret_error` when it cannot be entered. */
static bool netns_has(const struct netns_list *list, const struct netns *netns, const char *interface, int *ret_error)
{
	int error = netns_enter(list, netns);
	bool found;

	if (error) {
		*ret_error = error;
		return false;
	}
	found = is_interface(interface);
	error = netns_leave(list);
	if (error)
		*ret_error = error;
	return found;
}

static int interface_check(const struct netns_list *list, uint64_t inode, const char *interface)
{
	const struct netns *netns;
	int error = 0;

	if (strlen(interface) >= IFNAMSIZ)
		return complain("--interface %s: a name has at most %d characters", interface, IFNAMSIZ - 1);
	vec_each(&list->items, netns) {
		if ((!inode || netns->inode == inode) && netns_has(list, netns, interface, &error))
			return 0;
	}
	if (error && inode)
		return complain("--interface %s: its namespace may not be entered: %s", interface, strerror(-error));
	return complain("--interface %s: no such interface in %s%s", interface,
			inode ? "that namespace" : "any namespace",
			geteuid() && (error || list->hidden) ? " that may be looked into; sudo shows the others" : "");
}

/* Adds an address that is not there yet; false when there is no room. */
static bool target_add(char ret[SCOPE_TARGET_SIZE], const char *address)
{
	size_t used = strlen(ret), length = strlen(address);

	for (const char *at = ret; (at = strstr(at, address)); at += length)
		if ((at == ret || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	if (used + 1 + length >= SCOPE_TARGET_SIZE)
		return false;
	snprintf(ret + used, SCOPE_TARGET_SIZE - used, "%s%s", used ? " " : "", address);
	return true;
}

/* All its addresses: which of them a connection has is chance. */
static int target_resolve(const char *target, char ret[SCOPE_TARGET_SIZE])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	char address[INET6_ADDRSTRLEN + IFNAMSIZ];
	bool room = true;
	int error = getaddrinfo(target, NULL, &hints, &found);

	if (error)
		return complain("--target %s: %s", target, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
	for (const struct addrinfo *each = found; each && !error && room; each = each->ai_next) {
		error = getnameinfo(each->ai_addr, each->ai_addrlen, address, sizeof(address), NULL, 0, NI_NUMERICHOST);
		room = error || target_add(ret, address);
	}
	freeaddrinfo(found);
	if (!room)
		return complain("--target %s: has too many addresses; give one of them", target);
	return error ? complain("--target %s: %s", target, gai_strerror(error)) : 0;
}

static int namespaces_check(const char *interface, struct scope *scope)
{
	struct netns_list list;
	int error = netns_list_open(&list, "");

	if (error)
		return complain("cannot tell the own network namespace from /proc/self/ns/net: %s; is /proc mounted?",
				strerror(-error));
	netns_list_refresh(&list, clock_monotonic_ns(), true, NULL, 0);
	if (scope->netns) {
		error = netns_resolve(&list, scope->netns, &scope->options.netns);
		if (error)
			error = netns_complain(scope->netns, error);
	}
	if (!error && interface)
		error = interface_check(&list, scope->options.netns, interface);
	netns_list_close(&list);
	return error;
}

int scope_find(const char *netns, const char *interface, const char *target, struct scope *ret)
{
	*ret = (struct scope){ 0 };
	if (netns && strcmp(netns, "all") != 0)
		ret->netns = netns;
	ret->options.interface = interface;
	if ((ret->netns || interface) && namespaces_check(interface, ret))
		return STATUS_ERROR;
	if (target) {
		if (target_resolve(target, ret->target))
			return STATUS_ERROR;
		ret->options.target = ret->target;
	}
	return 0;
}
