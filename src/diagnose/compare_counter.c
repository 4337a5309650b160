/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of loss, of what follows from it and of what comes before it, by the traffic that they belong to. */
#include "diagnose/compare_parts.h"

#include "base/alloc.h"

#include "base/parse.h"
#include <string.h>

/* What a counter is a part of: by its source and the beginning of its name. */
struct belonging {
	enum source_id source;
	const char *prefix;
	counter_id traffic[2];
	enum { OF_SUBJECT, OF_HOST, OF_LINK } whose;
};

static const struct belonging belongings[] = {
	{ SOURCE_SNMP, "Tcp", { C_TCP_IN_SEGS, C_TCP_OUT_SEGS }, OF_SUBJECT },
	{ SOURCE_SNMP, "Udp", { C_UDP_IN_DATAGRAMS, C_UDP_OUT_DATAGRAMS }, OF_SUBJECT },
	{ SOURCE_SNMP, "Icmp", { C_ICMP_IN_MSGS, C_ICMP_OUT_MSGS }, OF_SUBJECT },
	{ SOURCE_SNMP6, "Icmp6", { C_ICMP6_IN_MSGS, C_ICMP6_OUT_MSGS }, OF_SUBJECT },
	{ SOURCE_NETSTAT, "Tcp", { C_TCP_IN_SEGS, C_TCP_OUT_SEGS }, OF_SUBJECT },
	{ SOURCE_LINK, "", { C_LINK_RX_PACKETS, C_LINK_TX_PACKETS }, OF_SUBJECT },
	{ SOURCE_ETHTOOL, "", { C_LINK_RX_PACKETS, C_LINK_TX_PACKETS }, OF_SUBJECT },
	{ SOURCE_QSTATS, "", { C_LINK_RX_PACKETS, C_LINK_TX_PACKETS }, OF_SUBJECT },
	{ SOURCE_QDISC, "", { C_LINK_RX_PACKETS, C_LINK_TX_PACKETS }, OF_LINK },
	{ SOURCE_SOFTNET, "", { C_SOFTNET_PROCESSED, COUNTER_NONE }, OF_HOST },
};

static double traffic_of(const struct table *table, const struct reading *reading)
{
	const struct counter *counter = counter_get(reading->counter);
	const struct object *object = object_get(table_objects(table), reading->object);
	const char *netns = object->netns ? table->subjects.keys[object->netns] : NULL;
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(belongings); i++) {
		const struct belonging *row = &belongings[i];
		const char *key = row->whose == OF_HOST	  ? NULL
				  : row->whose == OF_LINK ? table->subjects.keys[object->link]
							  : reading->key;

		if (row->source != counter->source || !slice_starts(slice_of(counter->name), row->prefix))
			continue;
		for (size_t t = 0; t < ARRAY_SIZE(row->traffic); t++)
			sum += row->traffic[t] == COUNTER_NONE ? 0
							       : (double)table_increase(table, key, row->traffic[t]);
		break;
	}
	return sum > 0 ? sum : table_ip_packets(table, netns);
}

/* Of a subject that is not there nothing was lost; what it would have belonged to is its namespace's. */
static double traffic_without(const struct table *table, const struct table *other, const struct reading *reading)
{
	const struct object *object = object_get(table_objects(other), reading->object);

	return table_ip_packets(table, object->netns ? other->subjects.keys[object->netns] : NULL);
}

static bool is_compared(const struct counter *counter)
{
	if (counter->form == FORM_GAUGE || counter->unit == UNIT_BYTES || counter->unit == UNIT_NS)
		return false;
	/* How busy programs keep the host is no matter of packets. */
	if (counter->kind == KIND_PRESSURE)
		return counter->domain != DOMAIN_APPLICATION;
	return counter->kind == KIND_DROP || counter->kind == KIND_SYMPTOM;
}

static char *value_of(uint64_t count, double exposure, const char *per)
{
	struct text value = { 0 };

	text_add_grouped(&value, count);
	if (!count)
		return text_take(&value);
	if (strcmp(per, "packets") == 0)
		text_add_share(&value, (double)count / exposure);
	else
		text_addf(&value, " (%.3g/s)", (double)count / exposure);
	return text_take(&value);
}

static char *what_of(const struct table *table, const struct reading *reading)
{
	struct text what = { 0 };

	text_addf(&what, "%s of ", counter_name(reading->counter));
	object_describe_placed(table_objects(table), object_get(table_objects(table), reading->object), &what);
	return text_take(&what);
}

static void count_side(const struct reading *reading, const struct reading *other, size_t side, struct counted *counted)
{
	/* Not there: it could have moved as often as the other. */
	counted->steps[side] = reading ? reading->steps : other->steps;
	counted->counts[side] = reading ? reading->increase : 0;
	counted->moved[side] = reading ? reading->moved : 0;
	counted->burst[side] = reading ? reading->burst : 1;
}

/* Most of what moved is told by others, or harmless. */
static bool is_told_elsewhere(const struct reading *a, const struct reading *b)
{
	const struct reading *more = !b || (a && a->increase >= b->increase) ? a : b;

	return more->elsewhere * 2 > more->increase;
}

static void test(struct comparing *comparing, const struct reading *const pair[SIDE_COUNT])
{
	const struct reading *any = pair[SIDE_A] ? pair[SIDE_A] : pair[SIDE_B];
	const struct table *any_table = &comparing->tables[pair[SIDE_A] ? SIDE_A : SIDE_B];
	struct counted counted = { 0 };
	double totals[SIDE_COUNT];
	struct difference *difference;
	const char *per;

	for (size_t side = 0; side < SIDE_COUNT; side++) {
		const struct table *table = &comparing->tables[side];

		count_side(pair[side], any, side, &counted);
		totals[side] = pair[side] && pair[SIDE_COUNT - 1 - side] ? traffic_of(table, pair[side])
									 : traffic_without(table, any_table, any);
	}
	per = counted_expose(&counted, comparing->tables, totals);
	if (counted.counts[SIDE_A] < COMPARE_COUNT && counted.counts[SIDE_B] < COMPARE_COUNT)
		return;
	difference = difference_new(vec_add(&comparing->tested, DIFFERENCES_MAX), DIFFERENCE_COUNTER,
				    counter_get(any->counter)->domain);
	if (!difference)
		return;
	difference->counter = any->counter;
	difference->per = per;
	difference->chance = counted_is_large(&counted) ? counted_chance(&counted) : 1;
	difference->what = what_of(any_table, any);
	difference->why = mem_strdup(counter_get(any->counter)->meaning);
	difference->one_sided = !counted.counts[SIDE_A] || !counted.counts[SIDE_B];
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		difference->counts[side] = counted.counts[side];
		difference->exposures[side] = counted.exposures[side];
		difference->values[side] = value_of(counted.counts[side], counted.exposures[side], per);
	}
}

/* Whether a subject that one side alone has could have been there: its namespace is on both. */
static bool has_its_netns(const struct comparing *comparing, size_t side, const struct reading *reading)
{
	const struct table *own = &comparing->tables[side], *other = &comparing->tables[SIDE_COUNT - 1 - side];
	const struct object *object = object_get(table_objects(own), reading->object);
	const char *netns = object->netns ? own->subjects.keys[object->netns] : NULL;

	return !netns || table_find(other, netns, C_IP_IN_RECEIVES);
}

static void compare_reading(struct comparing *comparing, size_t side, const struct reading *reading)
{
	const struct reading *other =
		table_find(&comparing->tables[SIDE_COUNT - 1 - side], reading->key, reading->counter);
	const struct reading *pair[SIDE_COUNT] = { side == SIDE_A ? reading : other, side == SIDE_A ? other : reading };

	/* Both are met with A's. */
	if (!is_compared(counter_get(reading->counter)) || (side == SIDE_B && other))
		return;
	if (!other && (counter_get(reading->counter)->kind != KIND_DROP || !has_its_netns(comparing, side, reading)))
		return;
	comparing->result->counters++;
	if (!is_told_elsewhere(pair[SIDE_A], pair[SIDE_B]))
		test(comparing, pair);
}

void compare_counters(struct comparing *comparing)
{
	const struct reading *reading;

	for (size_t side = 0; side < SIDE_COUNT; side++) {
		if (series_span(table_series(&comparing->tables[side])) == SPAN_SINCE_BOOT)
			return;
	}
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		vec_each(&comparing->tables[side].readings, reading)
			compare_reading(comparing, side, reading);
	}
}
