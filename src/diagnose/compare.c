/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both sides asked the same, what differs put in order, and the sentence. */
#include "diagnose/compare_parts.h"

#include "diagnose/chance.h"

#include "base/alloc.h"

#include <math.h>
#include <string.h>

/* Where, as people say it. */
static const char *const places[DOMAIN_COUNT] = {
	[DOMAIN_PATH] = "beyond the host",
	[DOMAIN_LINK] = "on the link",
	[DOMAIN_NIC] = "in the network card",
	[DOMAIN_BACKLOG] = "in the backlog",
	[DOMAIN_FILTER] = "at a filter",
	[DOMAIN_ROUTING] = "in routing",
	[DOMAIN_IP] = "in IP",
	[DOMAIN_TRANSPORT] = "in the transport layer",
	[DOMAIN_SOCKET] = "at the socket",
	[DOMAIN_QDISC] = "in a queue on the way out",
	[DOMAIN_OVERLAY] = "in an overlay or virtual interface",
	[DOMAIN_APPLICATION] = "in the application",
};

void text_add_grouped(struct text *text, uint64_t count)
{
	if (count >= 1000) {
		text_add_grouped(text, count / 1000);
		text_addf(text, ",%03u", (unsigned int)(count % 1000));
	} else {
		text_addf(text, "%u", (unsigned int)count);
	}
}

void text_add_share(struct text *text, double share)
{
	if (share < 1)
		text_addf(text, share < 0.1 ? " (%.2g %%)" : " (%.0f %%)", 100 * share);
}

struct difference *difference_new(struct difference *slot, enum difference_kind kind, enum domain domain)
{
	if (slot)
		*slot = (struct difference){ .kind = kind, .domain = domain, .counter = COUNTER_NONE };
	return slot;
}

void difference_free(struct difference *difference)
{
	free(difference->what);
	free(difference->why);
	for (size_t side = 0; side < SIDE_COUNT; side++)
		free(difference->values[side]);
}

enum certainty difference_certainty(const struct difference *difference)
{
	if (difference->chance < 1e-4)
		return CERTAINTY_CERTAIN;
	if (difference->chance < 1e-2)
		return CERTAINTY_VERY_LIKELY;
	return difference->chance < COMPARE_CHANCE ? CERTAINTY_LIKELY : CERTAINTY_NONE;
}

const char *certainty_name(enum certainty certainty)
{
	static const char *const names[] = { "may be chance", "likely", "very likely", "certain" };

	return names[certainty];
}

const char *difference_kind_name(enum difference_kind kind)
{
	static const char *const names[] = { "loss", "counter", "cause", "setting" };

	return names[kind];
}

/* Losses, which are what was asked for, are corrected among themselves: counters tell of the same packets once more. */
static void correct_for_all(struct comparing *comparing, enum difference_kind kind)
{
	double **chances = mem_new(comparing->tested.count + 1, sizeof(*chances));
	struct difference *difference;
	size_t count = 0;

	vec_each(&comparing->tested, difference) {
		if (difference->kind == kind)
			chances[count++] = &difference->chance;
	}
	chance_holm(chances, count);
	free(chances);
}

static bool is_large(const struct difference *difference)
{
	const struct counted counted = {
		.counts = { difference->counts[SIDE_A], difference->counts[SIDE_B] },
		.exposures = { difference->exposures[SIDE_A], difference->exposures[SIDE_B] },
	};

	return counted_is_large(&counted);
}

/* What differs for sure; a loss that may be chance is told apart; the rest is noise. */
static void sort_out(struct comparing *comparing)
{
	struct comparison *result = comparing->result;
	struct difference *difference, *slot;

	vec_each(&comparing->tested, difference) {
		if (difference_certainty(difference) != CERTAINTY_NONE)
			slot = vec_add(&result->differences, DIFFERENCES_MAX);
		else if (difference->kind == DIFFERENCE_LOSS && difference->one_sided && is_large(difference))
			slot = vec_add(&result->unsure, DIFFERENCES_MAX);
		else
			slot = NULL;
		if (slot)
			*slot = *difference;
		else
			difference_free(difference);
	}
	vec_free(&comparing->tested);
}

/* Settings that bear on a domain of which one side loses more. */
static void connect_causes(struct comparison *result)
{
	bool differs[DOMAIN_COUNT] = { false };
	struct difference *difference;

	vec_each(&result->differences, difference) {
		if (difference->kind == DIFFERENCE_LOSS)
			differs[difference->domain] = true;
	}
	vec_each(&result->differences, difference) {
		if (difference->kind == DIFFERENCE_SETTING && difference->domain != DOMAIN_NONE &&
		    differs[difference->domain])
			difference->kind = DIFFERENCE_CAUSE;
	}
}

/* "mtu of eth0 and 7 more" */
static void tell_more_of_same(struct comparison *result)
{
	struct difference *difference;

	vec_each(&result->differences, difference) {
		char *what = difference->what;

		if (!difference->same)
			continue;
		difference->what = text_format("%s and %zu more", what, difference->same);
		free(what);
	}
}

static double ratio_of(const struct difference *difference)
{
	double rates[SIDE_COUNT];

	for (size_t side = 0; side < SIDE_COUNT; side++)
		rates[side] = difference->exposures[side] > 0
				      ? ((double)difference->counts[side] + 0.5) / difference->exposures[side]
				      : 1;
	return fmax(rates[SIDE_A], rates[SIDE_B]) / fmin(rates[SIDE_A], rates[SIDE_B]);
}

/* Counters of loss before symptoms, and these before pressure. */
static int kind_of(const struct difference *difference)
{
	return difference->counter == COUNTER_NONE ? 0 : (int)counter_get(difference->counter)->kind;
}

static int order_of_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

static int tells_more(const void *left, const void *right)
{
	const struct difference *a = left, *b = right;
	int order = (int)a->kind - (int)b->kind;

	if (!order && a->kind == DIFFERENCE_LOSS)
		order = (int)b->one_sided - (int)a->one_sided;
	if (!order)
		order = kind_of(a) - kind_of(b);
	if (!order)
		order = (int)difference_certainty(b) - (int)difference_certainty(a);
	if (!order)
		order = order_of_numbers(ratio_of(b), ratio_of(a));
	/* Settings that can lose packets before those that cannot. */
	if (!order)
		order = (a->domain == DOMAIN_NONE) - (b->domain == DOMAIN_NONE);
	return order ? order : strcmp(a->what, b->what);
}

/* ---- the sentence ---- */

static const struct difference *first_of(const struct comparison *result, enum difference_kind kind)
{
	const struct difference *difference;

	vec_each(&result->differences, difference) {
		if (difference->kind == kind)
			return difference;
	}
	return NULL;
}

static void add_loss(const struct difference *loss, struct text *ret)
{
	double a = (double)loss->counts[SIDE_A] * loss->exposures[SIDE_B];
	double b = (double)loss->counts[SIDE_B] * loss->exposures[SIDE_A];
	char more = a >= b ? 'A' : 'B', less = a >= b ? 'B' : 'A';

	if (loss->one_sided)
		text_addf(ret, "%c loses packets %s and %c does not: %s", more, places[loss->domain], less, loss->why);
	else
		text_addf(ret, "%c loses %.3g times as many packets %s as %c: %s", more, fmax(a, b) / fmin(a, b),
			  places[loss->domain], less, loss->why);
}

static void add_values(const struct difference *difference, const char *before, struct text *ret)
{
	text_addf(ret, "%s%s is %s on A and %s on B", before, difference->what, difference->values[SIDE_A],
		  difference->values[SIDE_B]);
}

static char *headline_of(const struct comparison *result)
{
	const struct difference *loss = first_of(result, DIFFERENCE_LOSS), *cause = first_of(result, DIFFERENCE_CAUSE);
	struct text words = { 0 };

	if (loss) {
		add_loss(loss, &words);
		if (cause && cause->domain == loss->domain)
			add_values(cause, "; ", &words);
	} else if (result->differences.count) {
		add_values(&result->differences.data[0], "Neither A nor B loses more than the other for certain; ",
			   &words);
	} else {
		text_add(&words, "Nothing that matters differs between A and B");
	}
	if (!loss && result->unsure.count) {
		text_add(&words, ". What may be chance: ");
		add_loss(&result->unsure.data[0], &words);
	}
	text_add(&words, ".");
	return text_take(&words);
}

/* ---- all of it ---- */

/* Fewer numbers on both sides say nothing about two hosts. */
#define NUMBERS_ENOUGH 10

void compare(const struct compare_side sides[SIDE_COUNT], struct comparison *ret)
{
	const struct series *series[SIDE_COUNT];
	struct subjects subjects[SIDE_COUNT];
	struct table tables[SIDE_COUNT] = { 0 };
	struct comparing comparing = { .tables = tables, .result = ret };

	*ret = (struct comparison){ .enough = true };
	for (size_t side = 0; side < SIDE_COUNT; side++)
		series[side] = sides[side].diagnosis->series;
	subjects_name(series, subjects);
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		tables[side].side = &sides[side];
		tables[side].subjects = subjects[side];
		table_fill(&tables[side]);
	}
	compare_losses(&comparing);
	compare_counters(&comparing);
	correct_for_all(&comparing, DIFFERENCE_LOSS);
	correct_for_all(&comparing, DIFFERENCE_COUNTER);
	sort_out(&comparing);
	compare_settings(&comparing);
	compare_presence(&comparing);
	compare_coverage(&comparing);
	tell_more_of_same(ret);
	connect_causes(ret);
	vec_sort(&ret->differences, tells_more);
	ret->enough &= ret->settings + ret->counters >= NUMBERS_ENOUGH;
	ret->headline = headline_of(ret);
	for (size_t side = 0; side < SIDE_COUNT; side++)
		table_free(&tables[side]);
}

void comparison_free(struct comparison *comparison)
{
	struct difference *difference;
	char **line;

	vec_each(&comparison->differences, difference)
		difference_free(difference);
	vec_each(&comparison->unsure, difference)
		difference_free(difference);
	vec_each(&comparison->apart, line)
		free(*line);
	vec_free(&comparison->differences);
	vec_free(&comparison->unsure);
	vec_free(&comparison->apart);
	free(comparison->headline);
	*comparison = (struct comparison){ 0 };
}
