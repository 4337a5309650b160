/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a terminal of 80 columns: the sentence, every place in the packet's order, what is in the way and how to change it,
 * what is not there, and what a look costs.
 */
#include "render/doctor.h"

#include "render/printable.h"
#include "render/wrap.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 5
#define DEAREST 5
#define FACT_COLUMN 14

struct sheet {
	const struct doctor_answer *answer;
	const struct style *style;
	struct text *out;
};

/* "  label     text", with the text wrapped behind the label. */
static void add_fact(struct sheet *sheet, const char *label, const char *words)
{
	CLEANUP_TEXT struct text clean = { 0 };

	text_add_printable(&clean, words, sheet->style->unicode);
	text_addf(sheet->out, "  %-*s", FACT_COLUMN - 2, label);
	text_add_wrapped(sheet->out, text_string(&clean), FACT_COLUMN, FACT_COLUMN);
}

static void add_word(struct text *list, const char *word)
{
	text_addf(list, "%s%s", list->length ? ", " : "", word);
}

/* ---- the places ---- */

/* The sources that a place is seen by. */
static void sources_of(const struct checkup *checkup, enum domain domain, struct text *ret)
{
	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		if (checkup_serves(checkup, (enum source_id)s, domain))
			add_word(ret, source_id_name((enum source_id)s));
	}
}

static void add_domain(struct sheet *sheet, enum domain domain)
{
	const struct domain_sight *sight = &sheet->answer->checkup->domains[domain];
	CLEANUP_TEXT struct text words = { 0 }, sources = { 0 };

	text_addf(&words, "%-8s", sight_name(sight->sight));
	sources_of(sheet->answer->checkup, domain, &sources);
	if (*sight->note)
		text_add(&words, sight->note);
	else
		text_addf(&words, "%zu counter%s of loss; read: %s", sight->counters, sight->counters == 1 ? "" : "s",
			  sources.length ? text_string(&sources) : "nothing");
	text_addf(sheet->out, "  %-13s", domain_id(domain));
	text_add_wrapped(sheet->out, text_string(&words), 15, 23);
}

/* ---- what is in the way ---- */

static const struct objects *objects_of(const struct sheet *sheet)
{
	return series_objects(sheet->answer->checkup->series);
}

/* "namespace a, namespace b and 3 more" */
static void objects_named(const struct sheet *sheet, const uint32_t *ids, size_t count, struct text *ret)
{
	size_t shown = count > NAMES_MAX ? NAMES_MAX : count;

	for (size_t i = 0; i < shown; i++) {
		text_add(ret, i ? ", " : "");
		object_describe_placed(objects_of(sheet), object_get(objects_of(sheet), ids[i]), ret);
	}
	if (count > shown)
		text_addf(ret, " and %zu more", count - shown);
}

/* Returns how many there are. */
static size_t ids_marked(const bool *marks, size_t count, const char *(*name)(size_t), struct text *ret)
{
	size_t marked = 0;

	for (size_t i = 0; i < count; i++) {
		if (marks[i])
			add_word(ret, name(i));
		marked += marks[i];
	}
	return marked;
}

static const char *source_name_at(size_t index)
{
	return source_id_name((enum source_id)index);
}

static const char *domain_name_at(size_t index)
{
	return domain_id((enum domain)index);
}

/* Only the own namespace: that goes without saying. */
static bool is_just_here(const struct sheet *sheet, const struct obstacle *obstacle)
{
	const struct object *first;

	if (obstacle->objects.count != 1)
		return false;
	first = object_get(objects_of(sheet), obstacle->objects.data[0]);
	return first->key.kind == OBJECT_HOST || first->key.netns == objects_home(objects_of(sheet));
}

/* "loss unseen in filter: nftables, iptables: no permission (on namespace web)" */
static void add_obstacle(struct sheet *sheet, const struct obstacle *obstacle)
{
	CLEANUP_TEXT struct text words = { 0 }, sources = { 0 }, domains = { 0 }, clean = { 0 };

	size_t count = ids_marked(obstacle->sources, SOURCE_COUNT, source_name_at, &sources);

	ids_marked(obstacle->domains, DOMAIN_COUNT, domain_name_at, &domains);
	if (domains.length)
		text_addf(&words, "%s %s: ", obstacle->lowers ? "loss unseen in" : "reasons unseen in",
			  text_string(&domains));
	if (count > NAMES_MAX)
		text_addf(&words, "%zu sources: ", count);
	else if (count)
		text_addf(&words, "%s: ", text_string(&sources));
	text_add(&words, obstacle->reason);
	if (obstacle->objects.count && !is_just_here(sheet, obstacle)) {
		text_add(&words, " (on ");
		objects_named(sheet, obstacle->objects.data, obstacle->objects.count, &words);
		text_add(&words, ")");
	}
	text_add_printable(&clean, text_string(&words), sheet->style->unicode);
	text_add(sheet->out, "    - ");
	text_add_wrapped(sheet->out, text_string(&clean), 6, 6);
}

static bool is_first_of_its_change(const struct checkup *checkup, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(checkup->obstacles.data[i].change, checkup->obstacles.data[index].change) == 0)
			return false;
	}
	return true;
}

/* By what would change them: that is what somebody will do. */
static void add_obstacles(struct sheet *sheet)
{
	const struct checkup *checkup = sheet->answer->checkup;

	if (checkup->obstacles.count)
		text_add(sheet->out, "\nWhat is in the way\n\n");
	for (size_t i = 0; i < checkup->obstacles.count; i++) {
		const char *change = checkup->obstacles.data[i].change;

		if (!is_first_of_its_change(checkup, i))
			continue;
		add_fact(sheet, "change", *change ? change : "nothing that is known");
		for (size_t other = i; other < checkup->obstacles.count; other++) {
			if (strcmp(checkup->obstacles.data[other].change, change) == 0)
				add_obstacle(sheet, &checkup->obstacles.data[other]);
		}
	}
}

/* ---- what is not there ---- */

static void add_absent_line(struct sheet *sheet, enum source_id source, const char *words, bool *first)
{
	CLEANUP_TEXT struct text clean = { 0 };

	if (*first)
		text_add(sheet->out, "\nNothing to read now, and nothing missed by that\n\n");
	*first = false;
	text_add_printable(&clean, words, sheet->style->unicode);
	text_addf(sheet->out, "  %-17s", source_id_name(source));
	text_add_wrapped(sheet->out, text_string(&clean), 19, 19);
}

static void add_absent(struct sheet *sheet)
{
	const struct checkup *checkup = sheet->answer->checkup;
	CLEANUP_TEXT struct text silent = { 0 };
	bool first = true;

	if (checkup->silent_links.count) {
		text_add(&silent, "no statistics of the driver's own: ");
		objects_named(sheet, checkup->silent_links.data, checkup->silent_links.count, &silent);
		add_absent_line(sheet, SOURCE_ETHTOOL, text_string(&silent), &first);
	}
	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		const struct source_sight *sight = &checkup->sources[s];
		CLEANUP_FREE char *words =
			text_format("%s%s%s%s", *sight->words ? sight->words : "nothing there",
				    *sight->change ? " (to have it: " : "", sight->change, *sight->change ? ")" : "");

		if (sight->state == SOURCE_STATE_EMPTY)
			add_absent_line(sheet, (enum source_id)s, words, &first);
	}
}

/* ---- cost ---- */

static const uint64_t *costs; /* for qsort(3), which hands nothing through */

static int by_cost(const void *a, const void *b)
{
	uint64_t left = costs[*(const size_t *)a], right = costs[*(const size_t *)b];

	return left < right ? 1 : left > right ? -1 : 0;
}

static void add_cost(struct sheet *sheet)
{
	const struct doctor_answer *answer = sheet->answer;
	CLEANUP_TEXT struct text words = { 0 };
	size_t order[SOURCE_COUNT];
	uint64_t all_ns = 0;

	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		order[s] = s;
		all_ns += answer->source_ns[s];
	}
	costs = answer->source_ns;
	qsort(order, SOURCE_COUNT, sizeof(*order), by_cost);
	text_addf(&words, "one reading of everything takes %.1f ms; the dearest:", (double)all_ns / NS_PER_MS);
	for (size_t i = 0; i < DEAREST && answer->source_ns[order[i]]; i++)
		text_addf(&words, "%s %s %.1f ms", i ? "," : "", source_id_name((enum source_id)order[i]),
			  (double)answer->source_ns[order[i]] / NS_PER_MS);
	add_fact(sheet, "cost", text_string(&words));
	text_clear(&words);
	text_addf(&words, "%.3f s of CPU, %.1f MiB of memory", answer->cpu_seconds,
		  (double)answer->max_rss_bytes / (1024 * 1024));
	add_fact(sheet, "this look", text_string(&words));
}

/* ---- the whole ---- */

/* The places that are seen so far and no further; the path, which no host sees, is not among them. */
static void places_seen(const struct checkup *checkup, enum sight sight, struct text *ret)
{
	for (size_t d = 0; d < DOMAIN_COUNT; d++) {
		if (d != DOMAIN_PATH && checkup->domains[d].sight == sight)
			add_word(ret, domain_id((enum domain)d));
	}
}

static void add_sentence(struct sheet *sheet)
{
	const struct checkup *checkup = sheet->answer->checkup;
	CLEANUP_TEXT struct text words = { 0 }, partly = { 0 }, blind = { 0 };

	places_seen(checkup, SIGHT_PARTLY, &partly);
	places_seen(checkup, SIGHT_NO, &blind);
	if (checkup->whole)
		text_add(&words, "Everything that a host can show of lost packets can be observed here.");
	else
		text_add(&words, "Not everything can be observed here.");
	if (blind.length)
		text_addf(&words, " Not at all: %s.", text_string(&blind));
	if (partly.length)
		text_addf(&words, " Only in part: %s.", text_string(&partly));
	text_add_wrapped(sheet->out, text_string(&words), 0, 0);
}

static void add_about(struct sheet *sheet)
{
	const struct doctor_answer *answer = sheet->answer;
	CLEANUP_FREE char *host = text_format("%s, Linux %s, %u CPU%s, as %s", answer->host.hostname,
					      answer->host.kernel, answer->host.cpus, answer->host.cpus == 1 ? "" : "s",
					      answer->root ? "root" : "an ordinary user");
	CLEANUP_TEXT struct text namespaces = { 0 };

	text_addf(&namespaces, "%zu", answer->namespaces);
	text_add(&namespaces, answer->refused ? "" : ", all of them entered");
	if (answer->refused)
		text_addf(&namespaces, ", %zu of them cannot be entered", answer->refused);
	text_add(sheet->out, "\nAbout this host\n\n");
	add_fact(sheet, "host", host);
	add_fact(sheet, "namespaces", text_string(&namespaces));
	add_cost(sheet);
}

void render_doctor_text(const struct doctor_answer *answer, const struct style *style, struct text *ret)
{
	struct sheet sheet = { answer, style, ret };

	add_sentence(&sheet);
	text_add(ret, "\nThe packet's way\n\n");
	for (size_t d = 0; d < DOMAIN_COUNT; d++)
		add_domain(&sheet, (enum domain)d);
	add_obstacles(&sheet);
	add_absent(&sheet);
	add_about(&sheet);
}
