/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every observation of the series that failed becomes an obstacle; those with the same reason become one. A place is seen
 * when all it needs was read once, everywhere.
 */
#include "diagnose/checkup.h"

#include "diagnose/coverage.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

enum who { WHO_ANYONE, WHO_ROOT, WHO_ORDINARY };

#define SOURCE_ANY SOURCE_COUNT
#define OBSTACLE_OBJECTS_MAX 100000

static const struct advice {
	unsigned int source;
	int error;
	enum who who;
	const char *words;
} advices[] = {
#define ADVICE(source, error, who, words) { SOURCE_##source, -E##error, WHO_##who, words },
#include "diagnose/advice.def"
#undef ADVICE
};

static const struct absent {
	enum source_id source;
	const char *words, *change;
} absents[] = {
#define ABSENT(source, words, change) { SOURCE_##source, words, change },
#include "diagnose/absent.def"
#undef ABSENT
};

const char *sight_name(enum sight sight)
{
	switch (sight) {
	case SIGHT_NO:
		return "no";
	case SIGHT_PARTLY:
		return "partly";
	case SIGHT_YES:
		return "yes";
	}
	return "";
}

const char *source_state_name(enum source_state state)
{
	switch (state) {
	case SOURCE_STATE_READ:
		return "read";
	case SOURCE_STATE_EMPTY:
		return "nothing there";
	case SOURCE_STATE_PARTLY:
		return "in part";
	case SOURCE_STATE_MISSED:
		return "not read";
	}
	return "";
}

static const char *advice_for(unsigned int source, int error, bool root)
{
	if (error == -EACCES)
		error = -EPERM;
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++) {
		const struct advice *advice = &advices[i];

		if (advice->error == error && (advice->source == source || advice->source == SOURCE_ANY) &&
		    (advice->who == WHO_ANYONE || (advice->who == WHO_ROOT) == root))
			return advice->words;
	}
	return "";
}

/* ---- obstacles ---- */

static bool is_missed(const struct observation *observation)
{
	return !observation->readings && !coverage_is_absent(observation);
}

static struct obstacle *obstacle_of(struct checkup *checkup, const char *reason, const char *change)
{
	struct obstacle *obstacle;

	vec_each(&checkup->obstacles, obstacle) {
		if (strcmp(obstacle->reason, reason) == 0 && strcmp(obstacle->change, change) == 0)
			return obstacle;
	}
	obstacle = vec_add(&checkup->obstacles, OBSTACLES_MAX);
	if (obstacle)
		*obstacle = (struct obstacle){ .reason = mem_strdup(reason), .change = change };
	return obstacle;
}

/* The same reason is often met on one object by several sources. */
static void add_object(struct obstacle *obstacle, uint32_t object)
{
	uint32_t *known;

	vec_each(&obstacle->objects, known) {
		if (*known == object)
			return;
	}
	known = vec_add(&obstacle->objects, OBSTACLE_OBJECTS_MAX);
	if (known)
		*known = object;
}

/* The places that need the source miss it. */
static void add_source(struct obstacle *obstacle, enum source_id source, bool missed)
{
	const struct coverage_need *need;

	obstacle->sources[source] = true;
	for (size_t i = 0; (need = coverage_need_at(i)); i++) {
		if (need->source != source)
			continue;
		obstacle->domains[need->domain] = true;
		obstacle->counts = true;
		obstacle->lowers |= missed && need->exact;
	}
}

/* A device that has no such numbers hides nothing. */
static bool is_lack(const struct observation *observation, const char *change)
{
	return observation->error == -EOPNOTSUPP && !*change;
}

static void add_observation(struct checkup *checkup, const struct observation *observation, bool root)
{
	bool missed = is_missed(observation);
	const char *reason = observation->reason ? observation->reason : "it could not be read";
	const char *change = advice_for(observation->source, observation->error, root);
	struct obstacle *obstacle;

	if ((!missed && !observation->partial) || is_lack(observation, change))
		return;
	obstacle = obstacle_of(checkup, reason, change);
	if (!obstacle)
		return;
	add_object(obstacle, observation->object);
	add_source(obstacle, observation->source, missed);
}

static void add_xdp(struct checkup *checkup)
{
	const struct cell *cell;
	size_t i;

	series_each(checkup->series, C_LINK_XDP, i, cell) {
		struct obstacle *obstacle;

		if (!cell->last || coverage_counts_xdp_drops(checkup->series, cell->object))
			continue;
		obstacle =
			obstacle_of(checkup, "an XDP program is attached, and the driver does not count what it drops",
				    "the program's own numbers: bpftool prog show, bpftool map dump");
		if (!obstacle)
			return;
		add_object(obstacle, cell->object);
		obstacle->sources[SOURCE_LINK] = obstacle->domains[DOMAIN_FILTER] = true;
		obstacle->counts = obstacle->lowers = true;
	}
}

/* What one look cannot find out, because nothing is in trouble now: processes of others need root. */
static void add_privileges(struct checkup *checkup, const struct checkup_options *options)
{
	struct obstacle *obstacle;

	/* It may be that there is nothing behind them: no place misses a source by that. */
	if (options->hidden_processes) {
		CLEANUP_FREE char *reason =
			text_format("the namespaces of %zu process%s may not be looked at: there may be more of them",
				    options->hidden_processes, options->hidden_processes == 1 ? "" : "es");

		(void)obstacle_of(checkup, reason, advice_for(SOURCE_ANY, -EPERM, options->root));
	}
	if (options->root)
		return;
	obstacle = obstacle_of(checkup, "processes of other users may not be looked into",
			       advice_for(SOURCE_PROCESS, -EPERM, options->root));
	if (obstacle)
		add_source(obstacle, SOURCE_PROCESS, true);
}

static int by_weight(const void *a, const void *b)
{
	const struct obstacle *left = a, *right = b;

	if (left->counts != right->counts)
		return left->counts ? -1 : 1;
	if (left->lowers != right->lowers)
		return left->lowers ? -1 : 1;
	return strcmp(left->reason, right->reason);
}

/* ---- sources ---- */

/* Which sources gave any number at all. */
static void samples_of(const struct series *series, bool ret[SOURCE_COUNT])
{
	for (size_t i = 0; i < series_cells(series); i++)
		ret[counter_get(series_cell_by_index(series, i)->counter)->source] = true;
}

static void judge_source(struct source_sight *sight, enum source_id source, bool has_samples)
{
	if (sight->state != SOURCE_STATE_READ || has_samples)
		return;
	sight->state = SOURCE_STATE_EMPTY;
	for (size_t i = 0; i < ARRAY_SIZE(absents); i++) {
		if (absents[i].source == source) {
			sight->words = absents[i].words;
			sight->change = absents[i].change;
		}
	}
}

static void judge_sources(struct checkup *checkup)
{
	bool has_samples[SOURCE_COUNT] = { false }, read[SOURCE_COUNT] = { false };
	const struct obstacle *obstacle;

	samples_of(checkup->series, has_samples);
	for (size_t i = 0; i < series_observations(checkup->series); i++) {
		const struct observation *observation = series_observation_at(checkup->series, i);

		read[observation->source] |= observation->readings || coverage_is_absent(observation);
	}
	read[SOURCE_PROBE] = true; /* there is nothing to read on a host */
	for (size_t s = 0; s < SOURCE_COUNT; s++)
		checkup->sources[s] =
			(struct source_sight){ read[s] ? SOURCE_STATE_READ : SOURCE_STATE_MISSED, "", "" };
	vec_each(&checkup->obstacles, obstacle) {
		for (size_t s = 0; s < SOURCE_COUNT; s++) {
			if (obstacle->sources[s] && read[s])
				checkup->sources[s].state = SOURCE_STATE_PARTLY;
		}
	}
	for (size_t s = 0; s < SOURCE_COUNT; s++)
		judge_source(&checkup->sources[s], (enum source_id)s, has_samples[s]);
}

/* Virtual devices mostly. Told only where every driver could be asked. */
static void find_silent_links(struct checkup *checkup)
{
	const struct objects *objects = series_objects(checkup->series);
	CLEANUP_FREE bool *speaks = mem_new(objects_count(objects), sizeof(*speaks));
	const struct cell *cell;
	uint32_t *slot;
	size_t i;

	if (checkup->sources[SOURCE_ETHTOOL].state != SOURCE_STATE_READ)
		return;
	for (i = 0; i < series_cells(checkup->series); i++) {
		const struct object *link;

		cell = series_cell_by_index(checkup->series, i);
		link = object_link(objects, object_get(objects, cell->object));
		if (link && counter_get(cell->counter)->source == SOURCE_ETHTOOL)
			speaks[link->id] = true;
	}
	series_each(checkup->series, C_LINK_RX_PACKETS, i, cell) {
		slot = speaks[cell->object] ? NULL : vec_add(&checkup->silent_links, OBSTACLE_OBJECTS_MAX);
		if (slot)
			*slot = cell->object;
	}
}

/* ---- places ---- */

/* Whether any exact loss source of the place was read; true for a place without one. */
static bool is_seen_at_all(const struct checkup *checkup, enum domain domain)
{
	const struct coverage_need *need;
	size_t needed = 0;

	for (size_t i = 0; (need = coverage_need_at(i)); i++) {
		if (need->domain != domain || !need->exact)
			continue;
		if (checkup->sources[need->source].state != SOURCE_STATE_MISSED)
			return true;
		needed++;
	}
	return needed == 0;
}

static enum sight sight_of(const struct checkup *checkup, enum domain domain)
{
	const struct obstacle *obstacle;

	if (!is_seen_at_all(checkup, domain))
		return SIGHT_NO;
	vec_each(&checkup->obstacles, obstacle) {
		if (obstacle->counts && obstacle->domains[domain])
			return SIGHT_PARTLY;
	}
	return SIGHT_YES;
}

/* Counters of loss of that place that were read; virtual devices use those of all devices. */
static size_t counters_of(const struct series *series, enum domain domain)
{
	size_t count = 0;

	for (counter_id id = 0; id < counter_total(); id++) {
		const struct counter *counter = counter_get(id);

		if (counter->kind == KIND_DROP && counter->form != FORM_GAUGE &&
		    (counter->domain == domain || (domain == DOMAIN_OVERLAY && counter->source == SOURCE_LINK)))
			count += series_cell_at(series, id, 0) != NULL;
	}
	return count;
}

bool checkup_serves(const struct checkup *checkup, enum source_id source, enum domain domain)
{
	const struct coverage_need *need;

	for (size_t i = 0; (need = coverage_need_at(i)); i++) {
		if (need->domain == domain && need->source == source &&
		    checkup->sources[source].state != SOURCE_STATE_MISSED)
			return true;
	}
	return false;
}

static void judge_domains(struct checkup *checkup)
{
	for (size_t d = 0; d < DOMAIN_COUNT; d++) {
		struct domain_sight *sight = &checkup->domains[d];

		sight->sight = sight_of(checkup, (enum domain)d);
		sight->counters = counters_of(checkup->series, (enum domain)d);
		sight->note = "";
	}
	checkup->domains[DOMAIN_PATH].sight = SIGHT_PARTLY;
	checkup->domains[DOMAIN_PATH].note = "no host counts what is lost beyond it; retransmissions tell of it";
	checkup->domains[DOMAIN_APPLICATION].sight = sight_of(checkup, DOMAIN_SOCKET);
	checkup->domains[DOMAIN_APPLICATION].note = "nothing is lost here; the reasons for it are";
}

void checkup_make(const struct series *series, const struct checkup_options *options, struct checkup *ret)
{
	const struct obstacle *obstacle;

	*ret = (struct checkup){ .series = series, .whole = true };
	for (size_t i = 0; i < series_observations(series); i++)
		add_observation(ret, series_observation_at(series, i), options->root);
	add_xdp(ret);
	add_privileges(ret, options);
	vec_sort(&ret->obstacles, by_weight);
	judge_sources(ret);
	find_silent_links(ret);
	judge_domains(ret);
	vec_each(&ret->obstacles, obstacle)
		ret->whole &= !obstacle->counts;
}

void checkup_free(struct checkup *checkup)
{
	struct obstacle *obstacle;

	vec_each(&checkup->obstacles, obstacle) {
		free(obstacle->reason);
		vec_free(&obstacle->objects);
	}
	vec_free(&checkup->obstacles);
	vec_free(&checkup->silent_links);
}
