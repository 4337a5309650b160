/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a namespace's TCP connections are worth a walk now. It passes every bucket of the host's one connection
 * table, whosever they are (0.2 to 0.4 ms where it has 262,144, in every namespace that has any TCP socket), while
 * listeners and UDP sockets lie in small tables and are read each time.
 *
 * At the window's start and end: always. In between: at once when something has moved that speaks of trouble with
 * connections, else twice a second, and not at all while no segment came or went, for then only what a program reads
 * or accepts can have changed.
 */
#include "source/socket.h"

#include "model/series.h"

#include "base/alloc.h"
#include "base/clock.h"

#define PERIOD_NS (500 * NS_PER_MS)

/* When a counter last moved in this namespace; 0 when it did not. */
static uint64_t moved_ns(const struct source_context *context, counter_id counter)
{
	const struct cell *cell = series_cell(context->series, counter, context->netns->id);

	if (!cell || !cell->points.count)
		return 0;
	return series_start_ns(context->series) + cell->points.data[cell->points.count - 1].time_ms * NS_PER_MS;
}

static bool moved_since(const struct source_context *context, const counter_id *counters, size_t count, uint64_t since)
{
	for (size_t i = 0; i < count; i++) {
		if (moved_ns(context, counters[i]) > since)
			return true;
	}
	return false;
}

bool socket_connections_due(const struct source_context *context)
{
	static const counter_id segments[] = { C_TCP_IN_SEGS, C_TCP_OUT_SEGS, C_TCP_RETRANS_SEGS };
	static const counter_id trouble[] = {
		C_TCP_RETRANS_SEGS,
		C_TCP_ATTEMPT_FAILS,
		C_TCP_ESTAB_RESETS,
		C_TCP_IN_ERRS,
		C_TCP_EXT_LISTEN_DROPS,
		C_TCP_EXT_LISTEN_OVERFLOWS,
		C_TCP_EXT_TCP_REQ_Q_FULL_DROP,
		C_TCP_EXT_TCP_REQ_Q_FULL_DO_COOKIES,
		C_TCP_EXT_SYNCOOKIES_SENT,
		C_TCP_EXT_PRUNE_CALLED,
		C_TCP_EXT_RCV_PRUNED,
		C_TCP_EXT_OFO_PRUNED,
		C_TCP_EXT_TCP_RCV_COLLAPSED,
		C_TCP_EXT_TCP_BACKLOG_DROP,
		C_TCP_EXT_TCP_OFO_QUEUE,
		C_TCP_EXT_TCP_OFO_DROP,
		C_TCP_EXT_TCP_TIMEOUTS,
		C_TCP_EXT_TCP_MEMORY_PRESSURES,
		C_TCP_EXT_TCP_RCV_Q_DROP,
		C_TCP_EXT_TCP_ZERO_WINDOW_DROP,
		C_TCP_EXT_TCP_TO_ZERO_WINDOW_ADV,
		C_TCP_EXT_TCP_WANT_ZERO_WINDOW_ADV,
	};
	const struct cell *walked =
		context->series ? series_cell(context->series, C_SOCK_CONNECTIONS, context->netns->id) : NULL;

	if (!context->between || !walked)
		return true;
	/* The series knows of the tick before; what moved after the last walk may have moved in its own tick. */
	if (moved_since(context, trouble, ARRAY_SIZE(trouble), walked->last_ns - NS_PER_MS))
		return true;
	return clock_monotonic_ns() - walked->last_ns >= PERIOD_NS &&
	       moved_since(context, segments, ARRAY_SIZE(segments), walked->last_ns - NS_PER_MS);
}
