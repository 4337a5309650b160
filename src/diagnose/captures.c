/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures that miss packets. A packet socket gets a copy of each packet
 * (net/packet/af_packet.c: packet_rcv); one that finds its receive buffer full
 * is lost to the capture alone, the packet itself goes on. Captures with a ring
 * tell their losses to nobody else, so there is nothing to find there.
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

void detect_captures(struct detection *detection)
{
	const struct series *series = detection->series;
	const struct cell *cell;
	size_t i;

	series_each(series, C_PACKET_SOCKET_DROPS, i, cell) {
		struct finding *finding;

		if (!ledger_left(detection->ledger, C_PACKET_SOCKET_DROPS, cell->object))
			continue;
		finding = detect_add(detection, CAUSE_PACKET_SOCKET_OVERFLOW, cell->object, UNIT_PACKETS,
				     DIRECTION_INGRESS);
		detect_claim(detection, finding, C_PACKET_SOCKET_DROPS, cell->object, UINT64_MAX);
		finding_evidence(finding, series, C_PACKET_SOCKET_RMEM, cell->object, "the level of its receive queue");
		finding_evidence(finding, series, C_PACKET_SOCKET_RCVBUF, cell->object, "its limit");
		finding->detail = mem_strdup("the capture alone missed them, the packets themselves went on");
		detect_reader(detection, finding, cell->object, READER_CAPTURE);
	}
}
