/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPsec and SCTP, whose statistics name a reason each. A row of either table is
 * a counter; those of one cause and direction become one finding per namespace,
 * with every reason in its evidence.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

static const counter_id arriving[] = {
	C_XFRM_IN_ERROR,	   C_XFRM_IN_BUFFER_ERROR,	C_XFRM_IN_HDR_ERROR,
	C_XFRM_IN_NO_STATES,	   C_XFRM_IN_STATE_PROTO_ERROR, C_XFRM_IN_STATE_MODE_ERROR,
	C_XFRM_IN_STATE_SEQ_ERROR, C_XFRM_IN_STATE_EXPIRED,	C_XFRM_IN_STATE_MISMATCH,
	C_XFRM_IN_STATE_INVALID,   C_XFRM_IN_TMPL_MISMATCH,	C_XFRM_IN_NO_POLS,
	C_XFRM_IN_POL_BLOCK,	   C_XFRM_IN_POL_ERROR,		C_XFRM_FWD_HDR_ERROR,
	C_XFRM_ACQUIRE_ERROR,	   C_XFRM_IN_STATE_DIR_ERROR,	C_XFRM_IN_IPTFS_ERROR,
};

static const counter_id leaving[] = {
	C_XFRM_OUT_ERROR,	    C_XFRM_OUT_BUNDLE_GEN_ERROR,  C_XFRM_OUT_BUNDLE_CHECK_ERROR,
	C_XFRM_OUT_NO_STATES,	    C_XFRM_OUT_STATE_PROTO_ERROR, C_XFRM_OUT_STATE_MODE_ERROR,
	C_XFRM_OUT_STATE_SEQ_ERROR, C_XFRM_OUT_STATE_EXPIRED,	  C_XFRM_OUT_POL_BLOCK,
	C_XFRM_OUT_POL_DEAD,	    C_XFRM_OUT_POL_ERROR,	  C_XFRM_OUT_STATE_INVALID,
	C_XFRM_OUT_STATE_DIR_ERROR, C_XFRM_OUT_NO_QUEUE_SPACE,
};

/* One finding of what is left of all those counters of the namespace; NULL when nothing is. */
static struct finding *claim_all(struct detection *detection, enum cause cause, uint32_t netns,
				 const counter_id *counters, size_t count, enum direction direction)
{
	struct finding *finding = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!ledger_left(detection->ledger, counters[i], netns))
			continue;
		if (!finding)
			finding = detect_add(detection, cause, netns, counter_get(counters[i])->unit, direction);
		detect_claim(detection, finding, counters[i], netns, UINT64_MAX);
	}
	return finding;
}

static void sctp(struct detection *detection, uint32_t netns)
{
	static const counter_id damaged[] = { C_SCTP_CHECKSUM_ERRORS }, refused[] = { C_SCTP_IN_PKT_DISCARDS };
	uint64_t all = series_increase(detection->series, C_SCTP_IN_SCTP_PACKS, netns);
	struct finding *finding =
		claim_all(detection, CAUSE_SCTP_CHECKSUM_ERROR, netns, damaged, ARRAY_SIZE(damaged), DIRECTION_INGRESS);

	if (finding)
		detect_passed(finding, all);
	finding =
		claim_all(detection, CAUSE_SCTP_PACKET_DISCARD, netns, refused, ARRAY_SIZE(refused), DIRECTION_INGRESS);
	if (!finding)
		return;
	detect_passed(finding, all);
	finding->confidence = CONFIDENCE_LIKELY;
	finding_evidence(finding, detection->series, C_SCTP_IN_PKT_BACKLOG, netns,
			 "packets that waited because a program held the socket");
	finding_evidence(finding, detection->series, C_SCTP_IN_DATA_CHUNK_DISCARDS, netns, NULL);
}

void detect_protocols(struct detection *detection)
{
	const struct object *object;
	uint32_t id;

	each_object(detection->objects, id, object) {
		if (object->key.kind != OBJECT_NETNS)
			continue;
		claim_all(detection, CAUSE_XFRM_DROP, id, arriving, ARRAY_SIZE(arriving), DIRECTION_INGRESS);
		claim_all(detection, CAUSE_XFRM_DROP, id, leaving, ARRAY_SIZE(leaving), DIRECTION_EGRESS);
		sctp(detection, id);
	}
}
