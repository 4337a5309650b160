/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of qdisc says in its own words: limits and rates (TCA_OPTIONS)
 * and drops by reason (TCA_STATS_APP). Formats: include/uapi/linux/pkt_sched.h
 * and net/sched/sch_*.c. Structures grow at their end: only what came is sampled.
 */
#include "source/qdisc.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

static uint32_t field32(const char *bytes, size_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

/* ---- one number at a fixed place of a structure, or in an attribute ---- */

struct option_row {
	const char *kind;
	uint16_t attribute; /* nested in the options; 0: the options begin with the structure */
	uint16_t offset;    /* of a u32 in it */
	counter_id counter;
};

static const struct option_row option_rows[] = {
	{ "pfifo", 0, offsetof(struct tc_fifo_qopt, limit), C_QDISC_LIMIT_PACKETS },
	{ "pfifo_head_drop", 0, offsetof(struct tc_fifo_qopt, limit), C_QDISC_LIMIT_PACKETS },
	{ "bfifo", 0, offsetof(struct tc_fifo_qopt, limit), C_QDISC_LIMIT_BYTES },
	{ "netem", 0, offsetof(struct tc_netem_qopt, limit), C_QDISC_LIMIT_PACKETS },
	{ "sfq", 0, offsetof(struct tc_sfq_qopt, limit), C_QDISC_LIMIT_PACKETS },
	{ "tbf", TCA_TBF_PARMS, offsetof(struct tc_tbf_qopt, limit), C_QDISC_LIMIT_BYTES },
	{ "red", TCA_RED_PARMS, offsetof(struct tc_red_qopt, limit), C_QDISC_LIMIT_BYTES },
	{ "choke", TCA_CHOKE_PARMS, offsetof(struct tc_red_qopt, limit), C_QDISC_LIMIT_PACKETS },
	{ "codel", TCA_CODEL_LIMIT, 0, C_QDISC_LIMIT_PACKETS },
	{ "fq_codel", TCA_FQ_CODEL_LIMIT, 0, C_QDISC_LIMIT_PACKETS },
	{ "fq_codel", TCA_FQ_CODEL_MEMORY_LIMIT, 0, C_QDISC_LIMIT_BYTES },
	{ "fq", TCA_FQ_PLIMIT, 0, C_QDISC_LIMIT_PACKETS },
	{ "pie", TCA_PIE_LIMIT, 0, C_QDISC_LIMIT_PACKETS },
	{ "fq_pie", TCA_FQ_PIE_LIMIT, 0, C_QDISC_LIMIT_PACKETS },
	{ "hhf", TCA_HHF_BACKLOG_LIMIT, 0, C_QDISC_LIMIT_PACKETS },
};

#define OPTIONS_KNOWN 32 /* no kind above has an attribute beyond that */

static void add_rate(struct snapshot *snapshot, const struct object *object, counter_id counter, uint32_t rate,
		     const struct nlattr *rate64)
{
	snapshot_add(snapshot, counter, object, netlink_u64(rate64, rate));
}

static void add_tbf(struct snapshot *snapshot, const struct object *qdisc, const struct nlattr *const *options)
{
	struct tc_tbf_qopt tbf;

	if (netlink_copy(options[TCA_TBF_PARMS], &tbf, sizeof(tbf)) == sizeof(tbf))
		add_rate(snapshot, qdisc, C_QDISC_RATE_BYTES_PER_SECOND, tbf.rate.rate, options[TCA_TBF_RATE64]);
}

static void add_netem(struct snapshot *snapshot, const struct object *qdisc, const struct nlattr *options)
{
	struct tc_netem_qopt netem;
	const struct nlattr *nested[TCA_NETEM_RATE64 + 1];
	struct tc_netem_rate rate;

	if (netlink_copy(options, &netem, sizeof(netem)) < sizeof(netem))
		return;
	snapshot_add(snapshot, C_QDISC_NETEM_LOSS_PPM, qdisc, (uint64_t)netem.loss * 1000000 / UINT32_MAX);
	netlink_nested(options, sizeof(netem), nested, ARRAY_SIZE(nested));
	if (netlink_copy(nested[TCA_NETEM_RATE], &rate, sizeof(rate)) == sizeof(rate) && rate.rate)
		add_rate(snapshot, qdisc, C_QDISC_RATE_BYTES_PER_SECOND, rate.rate, nested[TCA_NETEM_RATE64]);
}

void qdisc_add_options(struct snapshot *snapshot, const struct object *qdisc, const char *kind,
		       const struct nlattr *options)
{
	const struct nlattr *nested[OPTIONS_KNOWN];

	if (!options)
		return;
	netlink_nested(options, 0, nested, ARRAY_SIZE(nested));
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *row = &option_rows[i];
		const struct nlattr *holder = row->attribute ? nested[row->attribute] : options;
		char bytes[64];

		if (strcmp(kind, row->kind) == 0 &&
		    netlink_copy(holder, bytes, sizeof(bytes)) >= row->offset + sizeof(uint32_t))
			snapshot_add(snapshot, row->counter, qdisc, field32(bytes, row->offset));
	}
	if (strcmp(kind, "tbf") == 0)
		add_tbf(snapshot, qdisc, nested);
	else if (strcmp(kind, "netem") == 0)
		add_netem(snapshot, qdisc, options);
	else if (strcmp(kind, "cake") == 0 && netlink_u64(nested[TCA_CAKE_BASE_RATE64], 0))
		add_rate(snapshot, qdisc, C_QDISC_RATE_BYTES_PER_SECOND, 0, nested[TCA_CAKE_BASE_RATE64]);
}

void class_add_options(struct snapshot *snapshot, const struct object *class, const char *kind,
		       const struct nlattr *options)
{
	const struct nlattr *nested[TCA_HTB_CEIL64 + 1];
	struct tc_htb_opt htb;

	if (strcmp(kind, "htb") != 0)
		return;
	netlink_nested(options, 0, nested, ARRAY_SIZE(nested));
	if (netlink_copy(nested[TCA_HTB_PARMS], &htb, sizeof(htb)) < sizeof(htb))
		return;
	add_rate(snapshot, class, C_CLASS_RATE_BYTES_PER_SECOND, htb.rate.rate, nested[TCA_HTB_RATE64]);
	add_rate(snapshot, class, C_CLASS_CEIL_BYTES_PER_SECOND, htb.ceil.rate, nested[TCA_HTB_CEIL64]);
}

/* ---- extended statistics: numbers at fixed places ---- */

struct extended_row {
	const char *kind;
	uint16_t offset;
	uint16_t width; /* bytes */
	counter_id counter;
};

#define EXTENDED(kind, structure, field, symbol)                                                                     \
	{                                                                                                            \
		kind, offsetof(struct structure, field), sizeof(((struct structure *)NULL)->field), C_QDISC_##symbol \
	}

static const struct extended_row extended_rows[] = {
	EXTENDED("fq_codel", tc_fq_codel_xstats, qdisc_stats.drop_overlimit, DROP_OVERLIMIT),
	EXTENDED("fq_codel", tc_fq_codel_xstats, qdisc_stats.drop_overmemory, DROP_OVERMEMORY),
	EXTENDED("fq_codel", tc_fq_codel_xstats, qdisc_stats.ecn_mark, ECN_MARKS),
	EXTENDED("codel", tc_codel_xstats, drop_overlimit, DROP_OVERLIMIT),
	EXTENDED("codel", tc_codel_xstats, ecn_mark, ECN_MARKS),
	EXTENDED("fq", tc_fq_qd_stats, flows_plimit, FLOWS_PLIMIT),
	EXTENDED("fq", tc_fq_qd_stats, horizon_drops, HORIZON_DROPS),
	EXTENDED("fq", tc_fq_qd_stats, throttled, THROTTLED),
	EXTENDED("red", tc_red_xstats, early, EARLY_DROPS),
	EXTENDED("red", tc_red_xstats, pdrop, DROP_OVERLIMIT),
	EXTENDED("red", tc_red_xstats, marked, ECN_MARKS),
	EXTENDED("choke", tc_choke_xstats, early, EARLY_DROPS),
	EXTENDED("choke", tc_choke_xstats, pdrop, DROP_OVERLIMIT),
	EXTENDED("choke", tc_choke_xstats, marked, ECN_MARKS),
	EXTENDED("pie", tc_pie_xstats, dropped, EARLY_DROPS),
	EXTENDED("pie", tc_pie_xstats, overlimit, DROP_OVERLIMIT),
	EXTENDED("pie", tc_pie_xstats, ecn_mark, ECN_MARKS),
	EXTENDED("fq_pie", tc_fq_pie_xstats, dropped, EARLY_DROPS),
	EXTENDED("fq_pie", tc_fq_pie_xstats, overlimit, DROP_OVERLIMIT),
	EXTENDED("fq_pie", tc_fq_pie_xstats, overmemory, DROP_OVERMEMORY),
	EXTENDED("fq_pie", tc_fq_pie_xstats, ecn_mark, ECN_MARKS),
};

void qdisc_add_extended(struct snapshot *snapshot, const struct object *qdisc, const char *kind,
			const struct nlattr *statistics)
{
	char bytes[256];
	size_t length = netlink_copy(statistics, bytes, sizeof(bytes));

	/* Before 5.6 this structure began with four bytes less (include/uapi/linux/pkt_sched.h: prob). */
	if (strcmp(kind, "pie") == 0 && length < sizeof(struct tc_pie_xstats))
		return;
	if (strcmp(kind, "fq_codel") == 0 && (length < 4 || field32(bytes, 0) != TCA_FQ_CODEL_XSTATS_QDISC))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(extended_rows); i++) {
		const struct extended_row *row = &extended_rows[i];
		uint64_t value = 0;

		if (strcmp(kind, row->kind) != 0 || (size_t)row->offset + row->width > length)
			continue;
		if (row->width == sizeof(uint32_t))
			value = field32(bytes, row->offset);
		else
			memcpy(&value, bytes + row->offset, sizeof(value));
		snapshot_add(snapshot, row->counter, qdisc, value);
	}
}
