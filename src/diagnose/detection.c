/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of detectors and what they share. */
#include "diagnose/detection.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static const detector detectors[] = {
	detect_sockets,
	detect_tcp,
	detect_messages,
	detect_protocols,
	detect_conntrack,
	detect_firewall,
	detect_filters,
	detect_queues,
	detect_backlog,
	detect_device_queues,
	detect_carrier,
	detect_switching,
	detect_overlay,
	detect_drivers,
	detect_devices,
	detect_members,
	detect_device_links,
	detect_routing,
	detect_neighbours,
	detect_memory,
	detect_rules,
	detect_silent,
	detect_bridges,
	detect_captures,
	detect_innocent,
	detect_events,
	detect_upstream,
	detect_conflicts,
	detect_rearranged,
	detect_path,
	detect_probes,
	detect_pings,
	detect_pressure,
	detect_storms,
	detect_floods,
	detect_bursts,
	detect_device_because,
	detect_cabling,
	detect_log_alone,
	detect_kernel_log,
	detect_firewall_because,
};

detector detector_at(size_t index)
{
	return index < ARRAY_SIZE(detectors) ? detectors[index] : NULL;
}

#define HARMLESS_MAX 1000 /* what hurts nobody does not take the room of what does */

static bool has_room(const struct detection *detection, enum cause cause)
{
	enum cause_class class = cause_get(cause)->class;

	return (class != CAUSE_INNOCENT && class != CAUSE_PRESSURE) || detection->found->list.count < HARMLESS_MAX;
}

bool detect_observed(const struct detection *detection, enum source_id source, uint32_t object)
{
	const struct observation *observation = series_observation(detection->series, source, object);

	return observation && observation->readings;
}

struct finding *detect_add(struct detection *detection, enum cause cause, uint32_t object, enum unit unit,
			   enum direction direction)
{
	struct finding *finding = NULL;

	if (has_room(detection, cause))
		finding = finding_add(detection->found, cause, object);
	if (!finding)
		finding = finding_spare(detection->found, cause, object);
	finding->unit = unit;
	finding->direction = direction;
	finding->confidence = CONFIDENCE_PROVEN;
	return finding;
}

uint64_t detect_claim(struct detection *detection, struct finding *finding, counter_id counter, uint32_t object,
		      uint64_t most)
{
	const struct cell *cell = series_cell(detection->series, counter, object);
	uint64_t claimed;

	if (finding == detection->found->spare && cause_get(finding->cause)->class == CAUSE_LOSS)
		return 0; /* nobody will read of it: it stays unexplained */
	claimed = ledger_claim(detection->ledger, counter, object, most);
	if (!claimed)
		return 0;
	finding->packets += claimed;
	if (cell && cell->state & (CELL_RESET | CELL_VANISHED)) /* what came after the last reading is not known */
		finding->at_least = true;
	finding_evidence(finding, detection->series, counter, object, NULL);
	return claimed;
}

struct finding *detect_device(struct detection *detection, enum cause cause, uint32_t link, enum direction direction)
{
	struct finding **existing, *finding;

	vec_each(&detection->found->list, existing) {
		if ((*existing)->cause == cause && (*existing)->object == link)
			return *existing;
	}
	finding = detect_add(detection, cause, link, UNIT_PACKETS, direction);
	detect_pass(detection, finding, direction == DIRECTION_EGRESS ? C_LINK_TX_PACKETS : C_LINK_RX_PACKETS, link);
	return finding;
}

void detect_each(struct detection *detection, counter_id counter, enum cause cause, enum direction direction)
{
	const struct cell *cell;
	size_t i;

	series_each(detection->series, counter, i, cell) {
		struct finding *finding;

		if (!ledger_left(detection->ledger, counter, cell->object))
			continue;
		finding = detect_add(detection, cause, cell->object, counter_get(counter)->unit, direction);
		detect_claim(detection, finding, counter, cell->object, UINT64_MAX);
	}
}

void detect_pass(const struct detection *detection, struct finding *finding, counter_id counter, uint32_t object)
{
	const struct cell *cell = series_cell(detection->series, counter, object);

	if (!cell)
		return;
	finding->passed = (finding->passed == PASSED_UNKNOWN ? 0 : finding->passed) + cell->increase;
	if (finding->passed_counter == COUNTER_NONE) {
		finding->passed_counter = counter;
		finding->passed_object = object;
	}
}

void detect_passed(struct finding *finding, uint64_t all)
{
	finding->passed = all > finding->packets ? all - finding->packets : 0;
}

enum confidence detect_confidence(uint64_t named, uint64_t packets)
{
	return named >= packets - packets / 20 ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
}

static uint64_t cell_start_ms(const struct series *series, const struct cell *cell)
{
	return (cell->first_ns - series_start_ns(series)) / NS_PER_MS;
}

double cell_seconds(const struct cell *cell)
{
	return (double)(cell->last_ns - cell->first_ns) / (double)NS_PER_S;
}

double detect_time_share(const struct series *series, counter_id counter, uint32_t object)
{
	const struct cell *cell = series_cell(series, counter, object);
	double seconds;

	if (!cell)
		return 0;
	seconds = cell_seconds(cell);
	return seconds > 0 ? (double)cell->increase / (double)NS_PER_S / seconds : 0;
}

/* Sums `weight(value)` over the time the gauge had each value. */
static double gauge_integral(const struct series *series, const struct cell *cell, uint64_t at_least, bool share)
{
	uint64_t value = cell->first, from_ms = cell_start_ms(series, cell);
	uint64_t end_ms = (cell->last_ns - series_start_ns(series)) / NS_PER_MS;
	double sum = 0;

	for (size_t i = 0; i <= cell->points.count; i++) {
		uint64_t until_ms = i < cell->points.count ? cell->points.data[i].time_ms : end_ms;
		double weight = share ? (value >= at_least ? 1.0 : 0.0) : (double)value;

		if (until_ms > from_ms)
			sum += weight * (double)(until_ms - from_ms);
		from_ms = until_ms;
		if (i < cell->points.count)
			value = cell->points.data[i].increase;
	}
	end_ms -= cell_start_ms(series, cell);
	if (!end_ms)
		return share ? (cell->last >= at_least ? 1.0 : 0.0) : (double)cell->last;
	return sum / (double)end_ms;
}

double gauge_mean(const struct series *series, const struct cell *cell)
{
	return gauge_integral(series, cell, 0, false);
}

double gauge_share(const struct series *series, const struct cell *cell, uint64_t at_least)
{
	return gauge_integral(series, cell, at_least, true);
}

uint64_t gauge_at(const struct series *series, const struct cell *cell, uint32_t time_ms)
{
	uint64_t value = cell->first;

	(void)series;
	for (size_t i = 0; i < cell->points.count && cell->points.data[i].time_ms <= time_ms; i++)
		value = cell->points.data[i].increase;
	return value;
}

/* Half the mean time between two readings: a movement that was seen at one of them happened so much earlier. */
static int64_t cell_lag_ms(const struct cell *cell)
{
	return cell->readings > 1 ? (int64_t)((cell->last_ns - cell->first_ns) / NS_PER_MS / (cell->readings - 1) / 2)
				  : 0;
}

double gauge_share_of(const struct series *series, const struct cell *gauge, uint64_t at_least,
		      const struct cell *total)
{
	int64_t shift_ms = cell_lag_ms(gauge) - cell_lag_ms(total);
	uint64_t all = 0, within = 0;

	for (size_t i = 0; i < total->points.count; i++) {
		const struct point *point = &total->points.data[i];
		int64_t at_ms = point->time_ms + shift_ms;

		all += point->increase;
		if (gauge_at(series, gauge, at_ms > 0 ? (uint32_t)at_ms : 0) >= at_least)
			within += point->increase;
	}
	return all ? (double)within / (double)all : 0;
}

/* IPv4 on an IPv6 socket is "::ffff:10.0.0.2"; what is left of it without the first part. */
static const char *unmapped(const char *address)
{
	static const char mapped[] = "::ffff:";

	if (strncmp(address, mapped, sizeof(mapped) - 1) == 0 && strchr(address, '.'))
		return address + sizeof(mapped) - 1;
	return address;
}

bool address_is(const char *endpoint, const char *address)
{
	bool bracketed = *endpoint == '[';
	const char *host = unmapped(endpoint + bracketed), *wanted = unmapped(address);
	size_t length = strlen(wanted);

	return strncmp(host, wanted, length) == 0 && host[length] == (bracketed ? ']' : ':');
}

bool address_is_among(const char *endpoint, const char *addresses)
{
	char address[128];

	for (size_t length; *addresses; addresses += length + (addresses[length] == ' ')) {
		length = strcspn(addresses, " ");
		snprintf(address, sizeof(address), "%.*s", (int)length, addresses);
		if (address_is(endpoint, address))
			return true;
	}
	return false;
}

uint64_t detect_told(const struct detection *detection, const char *reason, uint32_t where)
{
	const struct cell *cell;
	uint64_t sum = 0;
	size_t i;

	series_each(detection->series, C_DROP_SKBS, i, cell) {
		const struct object *drop = object_get(detection->objects, cell->object);

		if ((drop->link == where || drop->netns == where) &&
		    strcmp(object_text(drop, LABEL_REASON), reason) == 0)
			sum += cell->increase;
	}
	return sum;
}
