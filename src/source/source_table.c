/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of sources, in the packet's own order. A new source is a row in
 * model/source.def, a file here and a line in this table. SOURCE_PROBE has no
 * reader: this tool sends nothing along the path; only a ticket may tell of it.
 */
#include "source/source.h"

#include "base/alloc.h"

static const struct source *const sources[] = {
	&source_link,	  &source_ethtool,   &source_interrupts, &source_softirqs,    &source_cpu,
	&source_softnet,  &source_nftables,  &source_iptables,	 &source_conntrack,   &source_route_cache,
	&source_route,	  &source_neighbour, &source_snmp,	 &source_snmp6,	      &source_netstat,
	&source_sockstat, &source_socket,    &source_process,	 &source_qdisc,	      &source_sysctl,
	&source_xfrm,	  &source_sctp,	     &source_raw,	 &source_netlink,     &source_nfqueue,
	&source_unix,	  &source_pressure,  &source_memory,	 &source_kernel_log,  &source_qstats,
	&source_ethnl,	  &source_optics,    &source_pci,	 &source_topology,    &source_wireless,
	&source_port,	  &source_filter,    &source_address,	 &source_openvswitch, &source_devlink,
	&source_lldp,	  &source_ipset,     &source_ipvs,	 &source_drops,
};

_Static_assert(ARRAY_SIZE(sources) == SOURCE_COUNT - 1, "every row of source.def but one has its reader here");

const struct source *source_at(size_t index)
{
	return index < ARRAY_SIZE(sources) ? sources[index] : NULL;
}
