/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of a sample become names. */
#include "cmd/trace_look.h"

#include "cmd/command.h"
#include "source/cgroup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <langinfo.h>
#include <string.h>
#include <sys/random.h>

int trace_look_prepare(struct trace_look *look, const struct trace_settings *settings)
{
	if (settings->redact && getrandom(look->key, SIPHASH_KEY_BYTES, 0) != SIPHASH_KEY_BYTES)
		return complain("--redact needs random numbers: %s", strerror(errno));
	look->redact_key = settings->redact ? look->key : NULL;
	look->json = settings->json;
	look->style = (struct style){ .colour = colour_wanted(settings->colour),
				      .unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 };
	return 0;
}

void trace_look_at(const struct trace_look *look, const struct trace_spot *spot, struct text *cgroup,
		   struct trace_whereabouts *ret)
{
	const struct netns *netns = spot->netns ? netns_find(&look->netns, spot->netns) : NULL;
	const struct holder *holder = holders_get(look->holders, spot->socket_inode);
	struct container_place place = {
		.cgroup = spot->cgroup,
		.netns = spot->netns,
		.netns_pid = netns && !netns->home ? netns->pid : 0,
	};

	*ret = (struct trace_whereabouts){
		.netns = netns && netns->name ? netns->name : "",
		.netns_inode = spot->netns,
		.ifindex = spot->ifindex,
		.home = netns && netns->home,
		.device = spot->device,
		.cpu = spot->cpu,
		.comm = spot->pid		? spot->comm
			: holder && holder->pid ? holder->comm
						: "",
		.pid = spot->pid ? spot->pid
		       : holder	 ? holder->pid
				 : 0,
		.socket_inode = spot->socket_inode,
		.cgroup = "",
	};
	if (spot->cgroup && cgroup_path(spot->cgroup, cgroup) == 0)
		ret->cgroup = text_string(cgroup);
	place.pid = ret->pid;
	ret->container = containers_get(look->containers, &place, ret->cgroup);
}

bool trace_flow_of(const struct drop_flow_key *key, struct packet_flow *ret)
{
	bool ipv6 = key->ethertype == 0x86dd;

	*ret = (struct packet_flow){
		.family = ipv6 ? PACKET_FAMILY_IPV6 : PACKET_FAMILY_IPV4,
		.ethertype = key->ethertype,
		.protocol = key->protocol,
		.has_ports = key->source_port || key->destination_port,
		.source_port = ntohs(key->source_port),
		.destination_port = ntohs(key->destination_port),
	};
	memcpy(ret->source, key->source, sizeof(ret->source));
	memcpy(ret->destination, key->destination, sizeof(ret->destination));
	return ipv6 || key->ethertype == 0x0800;
}
