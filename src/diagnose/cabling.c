/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known about the way out of this host, beside the losses on it: the switch and port at the other end of a cable
 * when LLDP told them, and next hops of the default route that lead nowhere.
 */
#include "diagnose/detection.h"

#include "base/intern.h"

/* Faults of a link name the port, and what the switch says of it where that may be the fault. */
static void other_end(struct detection *detection, struct finding *finding)
{
	const struct object *object = object_get(detection->objects, finding->object);
	const struct object *link = object_link(detection->objects, object);
	const char *port = link ? object_text(link, LABEL_SWITCH) : "";
	bool tags = finding->cause == CAUSE_VLAN_MISMATCH;

	if (!*port || (cause_get(finding->cause)->domain != DOMAIN_LINK && !tags))
		return;
	finding_evidence(finding, detection->series, C_LLDP_FRAMES, link->id,
			 text_internf("the other end is %s", port));
	if (finding->cause == CAUSE_OVERSIZED_FRAME)
		finding_evidence(finding, detection->series, C_LLDP_MAX_FRAME, link->id,
				 "the longest frame of the switch port");
	if (tags)
		finding_evidence(finding, detection->series, C_LLDP_PORT_VLAN, link->id, "the switch port's own VLAN");
}

/* Flows that are hashed to a next hop without carrier are lost as long as the route keeps it. */
static void dead_ways(struct detection *detection, struct finding *finding)
{
	static const struct {
		counter_id dead, all;
	} families[] = {
		{ C_ROUTE_NEXTHOPS_DEAD_V4, C_ROUTE_NEXTHOPS_V4 },
		{ C_ROUTE_NEXTHOPS_DEAD_V6, C_ROUTE_NEXTHOPS_V6 },
	};
	const struct object *object = object_get(detection->objects, finding->object);

	if (cause_get(finding->cause)->domain != DOMAIN_PATH || cause_get(finding->cause)->class != CAUSE_LOSS)
		return;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!series_last(detection->series, families[i].dead, object->netns))
			continue;
		finding_evidence(finding, detection->series, families[i].dead, object->netns,
				 "next hops of the default route that lead nowhere");
		finding_evidence(finding, detection->series, families[i].all, object->netns, "of so many");
	}
}

void detect_cabling(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		other_end(detection, *slot);
		dead_ways(detection, *slot);
	}
}
