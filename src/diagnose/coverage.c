/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was observed: per domain, whether every source it needs was read at the
 * beginning and at the end of the window in every namespace. "Could not look"
 * is never "no loss".
 */
#include "diagnose/coverage.h"
#include "diagnose/judge.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>

static const struct coverage_need needs[] = {
#define NEEDS(domain, source, exact, remedy) { DOMAIN_##domain, SOURCE_##source, exact, remedy },
#include "diagnose/coverage.def"
#undef NEEDS
};

const struct coverage_need *coverage_need_at(size_t index)
{
	return index < ARRAY_SIZE(needs) ? &needs[index] : NULL;
}

/* What every kernel with a network has: where it is missing, something hides it. */
static bool is_always_there(enum source_id source)
{
	return source == SOURCE_SNMP || source == SOURCE_NETSTAT || source == SOURCE_SOFTNET;
}

bool coverage_is_absent(const struct observation *observation)
{
	return !observation->readings && observation->error == -ENOENT && !is_always_there(observation->source);
}

#define NOT_OBSERVED_MAX 200
#define LATE_NS (NS_PER_S + NS_PER_S / 2) /* a source whose last reading is older than this at the end missed it */

/* When anything was last read of that namespace (or host): later, it was gone. */
static uint64_t last_seen_ns(const struct series *series, uint32_t object)
{
	uint64_t last_ns = 0;

	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		const struct observation *observation = series_observation(series, (enum source_id)s, object);

		if (observation && observation->readings && observation->last_ns > last_ns)
			last_ns = observation->last_ns;
	}
	return last_ns;
}

static bool link_vanished(const struct series *series, uint32_t link)
{
	const struct cell *cell = series_cell(series, C_LINK_RX_PACKETS, link);

	return cell && cell->state & CELL_VANISHED;
}

/* A thing that came or went in the window was observed as long as it was there. */
static bool whole_window(const struct series *series, const struct observation *observation)
{
	const struct object *object = object_get(series_objects(series), observation->object);
	uint64_t end_ns = series_end_ns(series), seen_ns = last_seen_ns(series, observation->object);

	if (!observation->readings)
		return coverage_is_absent(observation);
	if (object->born || observation->error == -ENOENT)
		return true;
	if (object->key.kind == OBJECT_LINK && link_vanished(series, object->id))
		return true;
	if (object->key.kind == OBJECT_NETNS && seen_ns + LATE_NS < end_ns)
		return observation->last_ns + LATE_NS > seen_ns;
	return observation->readings >= 2 && observation->last_ns + LATE_NS > end_ns;
}

static struct not_observed *not_observed_find(struct diagnosis *diagnosis, enum source_id source, const char *reason)
{
	struct not_observed *item;

	vec_each(&diagnosis->not_observed, item) {
		if (item->source == source && strncmp(item->reason, reason, strlen(reason)) == 0)
			return item;
	}
	return NULL;
}

static const char *reason_of(const struct observation *observation)
{
	if (observation->reason)
		return observation->reason;
	return observation->readings ? "it was not read until the end of the window" : "it could not be read";
}

/* What would change it (privilege), unless the reason says so already or it is another kind of failure. */
static bool remedy_adds(const struct observation *observation, const struct coverage_need *need)
{
	bool refused = observation->error == -EPERM || observation->error == -EACCES;

	return *need->remedy && refused && !strstr(reason_of(observation), "root");
}

static void add_not_observed(struct diagnosis *diagnosis, const struct observation *observation,
			     const struct coverage_need *need, bool counts)
{
	CLEANUP_FREE char *reason = remedy_adds(observation, need)
					    ? text_format("%s (%s)", reason_of(observation), need->remedy)
					    : mem_strdup(reason_of(observation));
	struct not_observed *item = not_observed_find(diagnosis, observation->source, reason);

	if (item) {
		item->counts |= counts;
		if (item->domain != need->domain)
			item->domain = DOMAIN_NONE;
		return;
	}
	item = vec_add(&diagnosis->not_observed, NOT_OBSERVED_MAX);
	if (!item)
		return;
	*item = (struct not_observed){
		.source = observation->source,
		.object = observation->object,
		.reason = TAKE_PTR(reason),
		.counts = counts,
		.domain = need->domain,
	};
}

/*
 * XDP programs drop before any counter of the stack. A driver that counts xdp_drop is an exact source; without one
 * the filter domain has none for that device.
 */
bool coverage_counts_xdp_drops(const struct series *series, uint32_t link)
{
	for (size_t i = 0; i < series_cells(series); i++) {
		const struct cell *cell = series_cell_by_index(series, i);

		if (cell->object == link && strstr(counter_name(cell->counter), "xdp_drop"))
			return true;
	}
	return false;
}

static bool xdp_is_counted(struct diagnosis *diagnosis)
{
	const struct cell *cell;
	bool all = true;
	size_t i;

	series_each(diagnosis->series, C_LINK_XDP, i, cell) {
		if (!cell->last || coverage_counts_xdp_drops(diagnosis->series, cell->object))
			continue;
		add_not_observed(
			diagnosis,
			&(struct observation){
				.source = SOURCE_LINK,
				.object = cell->object,
				.reason = "an XDP program is attached, and the driver does not count what it drops",
			},
			&(struct coverage_need){ .domain = DOMAIN_FILTER, .exact = true, .remedy = "" }, true);
		all = false;
	}
	return all;
}

/* Whether the source was read for the whole window everywhere; what was not goes to not_observed. */
static bool need_met(struct diagnosis *diagnosis, const struct coverage_need *need)
{
	bool seen = false, met = true;

	for (size_t i = 0; i < series_observations(diagnosis->series); i++) {
		const struct observation *observation = series_observation_at(diagnosis->series, i);

		if (observation->source != need->source)
			continue;
		seen = true;
		if (whole_window(diagnosis->series, observation)) {
			if (observation->partial)
				add_not_observed(diagnosis, observation, need, false);
			continue;
		}
		add_not_observed(diagnosis, observation, need, need->exact);
		met = false;
	}
	if (!seen && need->exact)
		add_not_observed(diagnosis, &(struct observation){ .source = need->source }, need, true);
	return met && (seen || !need->exact);
}

struct readings {
	size_t counters, moved;
	uint64_t readings;
	const char *first, *second;
};

/* What was read of a domain's drop counters. Virtual devices use those of all devices. */
static void readings_of(const struct diagnosis *diagnosis, enum domain domain, struct readings *ret)
{
	for (counter_id id = 0; id < counter_total(); id++) {
		const struct counter *counter = counter_get(id);
		const struct cell *cell;
		size_t i;

		if (counter->kind != KIND_DROP || counter->form == FORM_GAUGE ||
		    (domain == DOMAIN_OVERLAY ? counter->source != SOURCE_LINK : counter->domain != domain))
			continue;
		series_each(diagnosis->series, id, i, cell) {
			if (i == 0) {
				ret->counters++;
				*(ret->first ? &ret->second : &ret->first) = counter->name;
			}
			ret->moved += cell->increase != 0;
			ret->readings += cell->readings;
		}
	}
}

/* Two ways of looking, one answer. */
static void add_no_event(struct ruled_out *item)
{
	char *counters = item->observation;

	item->observation = text_format("%s; observed, no drop event", counters);
	free(counters);
}

static void rule_out(struct diagnosis *diagnosis, enum domain domain)
{
	const struct domain_view *view = &diagnosis->domains[domain];
	struct readings readings = { 0 };
	struct ruled_out *item;

	readings_of(diagnosis, domain, &readings);
	if (!readings.counters)
		return;
	item = vec_add(&diagnosis->ruled_out, DOMAIN_COUNT);
	if (!item)
		return;
	item->domain = domain;
	if (view->innocent || readings.moved)
		item->observation =
			text_format("of %zu drop counters (%s%s%s …) only harmless ones moved, or others count "
				    "the same packets, in %llu readings",
				    readings.counters, readings.first, readings.second ? ", " : "",
				    readings.second ? readings.second : "", (unsigned long long)readings.readings);
	else
		item->observation =
			text_format("none of %zu drop counters (%s%s%s%s) moved in %llu readings", readings.counters,
				    readings.first, readings.second ? ", " : "", readings.second ? readings.second : "",
				    readings.counters > 2 ? " …" : "", (unsigned long long)readings.readings);
	if (diagnosis->events.observed && !diagnosis->events.domains[domain])
		add_no_event(item);
}

void diagnose_coverage(struct diagnosis *diagnosis)
{
	for (size_t d = 0; d < DOMAIN_COUNT; d++) {
		diagnosis->domains[d].observed = d != DOMAIN_PATH && d != DOMAIN_APPLICATION;
		diagnosis->domains[d].partly = true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (!need_met(diagnosis, &needs[i]) && needs[i].exact)
			diagnosis->domains[needs[i].domain].observed = false;
	}
	if (!xdp_is_counted(diagnosis))
		diagnosis->domains[DOMAIN_FILTER].observed = false;
	for (size_t d = 0; d < DOMAIN_COUNT; d++) {
		const struct domain_view *view = &diagnosis->domains[d];

		if (view->observed && !view->harmful && !view->unexplained)
			rule_out(diagnosis, (enum domain)d);
	}
}
