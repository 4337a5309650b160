/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the other end of a cable is: faults of a link name the switch and its port when LLDP told them. */
#include "diagnose/detection.h"

#include "base/intern.h"

void detect_cabling(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		const struct object *object = object_get(detection->objects, (*slot)->object);
		const struct object *link = object_link(detection->objects, object);
		const char *port = link ? object_text(link, LABEL_SWITCH) : "";

		if (*port && cause_get((*slot)->cause)->domain == DOMAIN_LINK)
			finding_evidence(*slot, detection->series, C_LLDP_FRAMES, link->id,
					 text_internf("the other end is %s", port));
	}
}
