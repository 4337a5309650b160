/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/until.h"

#include "cmd/command.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/parse.h"

#include <string.h>

/* Words that people use for counters. */
static const struct {
	const char *word;
	counter_id counter;
} words[] = {
	{ "retransmits", C_TCP_RETRANS_SEGS }, { "timeouts", C_TCP_EXT_TCP_TIMEOUTS },
	{ "resets", C_TCP_OUT_RSTS },	       { "drops", C_DROP_SKBS },
	{ "udp-drops", C_UDP_IN_ERRORS },      { "listen-drops", C_TCP_EXT_LISTEN_DROPS },
};

static void add_counter(struct until *until, counter_id counter)
{
	if (counter != COUNTER_NONE && until->count < UNTIL_COUNTERS_MAX)
		until->counters[until->count++] = counter;
}

static void find_counters(struct until *until, struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (slice_is(name, words[i].word))
			add_counter(until, words[i].counter);
	}
	for (size_t s = 0; s < SOURCE_COUNT && !until->count; s++)
		add_counter(until, counter_find((enum source_id)s, name.data, name.length));
}

int until_parse(const char *text, struct until *ret)
{
	struct cursor cursor = cursor_of(text, strlen(text));
	struct slice name, number;
	uint64_t limit;

	*ret = (struct until){ 0 };
	if (!cursor_until(&cursor, '>', &name))
		return complain("--until takes a condition such as 'retransmits>50/s', not '%s'", text);
	number = slice_trim(cursor.rest);
	ret->per_second = number.length > 2 && memcmp(number.data + number.length - 2, "/s", 2) == 0;
	if (ret->per_second)
		number.length -= 2;
	if (parse_u64(slice_trim(number), &limit))
		return complain("--until %s: what stands behind the > is no whole number, such as 50 or 50/s", text);
	ret->limit = (double)limit;
	find_counters(ret, slice_trim(name));
	if (!ret->count)
		return complain("--until %s: there is no such counter; wheredrop explain knows their names", text);
	return 0;
}

static uint64_t value_of(const struct until *until, const struct series *series)
{
	uint64_t sum = 0;

	for (size_t c = 0; c < until->count; c++) {
		bool level = counter_get(until->counters[c])->form == FORM_GAUGE;
		const struct cell *cell;
		size_t i;

		series_each(series, until->counters[c], i, cell) {
			if (!level)
				sum += cell->increase;
			else if (cell->last > sum)
				sum = cell->last;
		}
	}
	return sum;
}

bool until_is_met(struct until *until, const struct series *series, uint64_t now_ns)
{
	uint64_t value = value_of(until, series);
	double seconds = (double)(now_ns - until->since_ns) / (double)NS_PER_S;

	if (until->met_ns)
		return true;
	if (!until->per_second && (double)value > until->limit)
		until->met_ns = now_ns;
	if (!until->since_ns) {
		until->since_ns = now_ns;
		until->from = value;
	} else if (until->per_second && seconds >= 1) {
		if ((double)(value - until->from) > until->limit * seconds)
			until->met_ns = now_ns;
		until->since_ns = now_ns;
		until->from = value;
	}
	return until->met_ns != 0;
}
