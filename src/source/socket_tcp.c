/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * struct tcp_info (linux/tcp.h) of any kernel: it only ever grew at its end, so
 * a field is there when the kernel's copy reaches past it. Fields that the
 * build's own header may lack are placed by hand.
 */
#include "source/socket.h"

#include "base/alloc.h"

#include <linux/tcp.h>
#include <string.h>

struct field {
	counter_id counter;
	unsigned short offset, size;
	bool always; /* also for a connection without trouble */
};

#define FIELD(symbol, member)                                                                                         \
	{                                                                                                             \
		C_SOCK_TCP_##symbol, offsetof(struct tcp_info, member), sizeof(((struct tcp_info *)0)->member), false \
	}
#define FIELD_ALWAYS(symbol, member)                                                                                 \
	{                                                                                                            \
		C_SOCK_TCP_##symbol, offsetof(struct tcp_info, member), sizeof(((struct tcp_info *)0)->member), true \
	}

static const struct field fields[] = {
	FIELD_ALWAYS(RETRANS, tcpi_total_retrans),
	FIELD_ALWAYS(SEGS_OUT, tcpi_segs_out),
	FIELD(LOST, tcpi_lost),
	FIELD(RETRANS_OUT, tcpi_retrans),
	FIELD(BYTES_RETRANS, tcpi_bytes_retrans),
	FIELD(SEGS_IN, tcpi_segs_in),
	FIELD(DATA_SEGS_OUT, tcpi_data_segs_out),
	FIELD(REORD_SEEN, tcpi_reord_seen),
	FIELD(DSACK_DUPS, tcpi_dsack_dups),
	FIELD(RCV_OOOPACK, tcpi_rcv_ooopack),
	FIELD(RTT_US, tcpi_rtt),
	FIELD(RTO_US, tcpi_rto),
	FIELD(UNACKED, tcpi_unacked),
	FIELD(SACKED, tcpi_sacked),
	FIELD(BACKOFF, tcpi_backoff),
	FIELD(RWND_LIMITED_US, tcpi_rwnd_limited),
	FIELD(SNDBUF_LIMITED_US, tcpi_sndbuf_limited),
	FIELD(BUSY_US, tcpi_busy_time),
	FIELD(PMTU, tcpi_pmtu),
	FIELD(SND_MSS, tcpi_snd_mss),
	/* Behind snd_wnd, rcv_wnd (6.2) and rehash (6.2), each of four bytes: total_rto, 16 bits (6.7). */
	{ C_SOCK_TCP_TOTAL_RTO, offsetof(struct tcp_info, tcpi_snd_wnd) + 12, 2, false },
};

static bool field_get(const void *info, size_t length, size_t offset, size_t size, uint64_t *ret)
{
	const char *at;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	if (!info || offset + size > length)
		return false;
	at = (const char *)info + offset;
	if (size == sizeof(u64)) {
		memcpy(&u64, at, sizeof(u64));
		*ret = u64;
	} else if (size == sizeof(u32)) {
		memcpy(&u32, at, sizeof(u32));
		*ret = u32;
	} else if (size == sizeof(u16)) {
		memcpy(&u16, at, sizeof(u16));
		*ret = u16;
	} else {
		*ret = *(const uint8_t *)at;
	}
	return true;
}

void socket_tcp_samples(struct snapshot *snapshot, const struct object *object, const void *info, size_t length,
			bool full)
{
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *field = &fields[i];

		if ((full || field->always) && field_get(info, length, field->offset, field->size, &value))
			snapshot_add(snapshot, field->counter, object, value);
	}
}

static uint64_t field_or_zero(const void *info, size_t length, size_t offset, size_t size)
{
	uint64_t value = 0;

	return field_get(info, length, offset, size, &value) ? value : 0;
}

#define VALUE(info, length, member) \
	field_or_zero(info, length, offsetof(struct tcp_info, member), sizeof(((struct tcp_info *)0)->member))

struct socket_trouble socket_tcp_trouble(const void *info, size_t length)
{
	uint64_t missing = VALUE(info, length, tcpi_lost) | VALUE(info, length, tcpi_retrans) |
			   VALUE(info, length, tcpi_backoff) | VALUE(info, length, tcpi_retransmits);

	return (struct socket_trouble){ missing != 0, (uint32_t)VALUE(info, length, tcpi_total_retrans) };
}
