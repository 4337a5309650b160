/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Harmful losses by domain, as both diagnoses have them. */
#include "diagnose/compare_parts.h"

#include "base/alloc.h"

#include <math.h>

/* What passes by where a domain loses packets; host-wide. */
static double traffic_of(const struct table *table, enum domain domain)
{
	if (domain == DOMAIN_LINK || domain == DOMAIN_NIC)
		return (double)table_increase(table, NULL, C_LINK_RX_PACKETS);
	if (domain == DOMAIN_BACKLOG)
		return (double)table_increase(table, NULL, C_SOFTNET_PROCESSED);
	return table_ip_packets(table, NULL);
}

/* What of a domain one side lost. */
struct domain_loss {
	const struct table *table;
	enum domain domain;
	uint64_t packets;
	const struct finding *worst; /* NULL when nothing harmful was lost */
	bool causes[CAUSE_COUNT];
	struct steps steps;
};

static void steps_of_finding(struct domain_loss *loss, const struct finding *finding)
{
	const struct series *series = table_series(loss->table);
	const struct evidence *evidence;
	const struct cell *cell, *best = NULL;

	/* The one that was read most often tells best when it was. */
	vec_each(&finding->evidence, evidence) {
		cell = series_cell(series, evidence->counter, evidence->object);
		if (cell && cell->increase && counter_get(cell->counter)->form != FORM_GAUGE &&
		    (!best || cell->readings > best->readings))
			best = cell;
	}
	if (best)
		steps_add(&loss->steps, best);
}

static void loss_find(struct domain_loss *loss)
{
	const struct diagnosis *diagnosis = loss->table->side->diagnosis;
	struct finding **slot;

	steps_init(&loss->steps, diagnosis->series);
	loss->packets = diagnosis->domains[loss->domain].harmful;
	vec_each(&diagnosis->findings.list, slot) {
		const struct finding *finding = *slot;

		if (cause_get(finding->cause)->domain != loss->domain || !finding->harmful)
			continue;
		loss->worst = loss->worst ? loss->worst : finding;
		loss->causes[finding->cause] = true;
		steps_of_finding(loss, finding);
	}
}

/* What hurts on one side only because it is a little more there. */
static void loss_add_harmless(struct domain_loss *loss, const struct domain_loss *other)
{
	struct finding **slot;

	vec_each(&loss->table->side->diagnosis->innocent.list, slot) {
		if (!other->causes[(*slot)->cause] || cause_get((*slot)->cause)->domain != loss->domain)
			continue;
		loss->packets += (*slot)->packets;
		steps_of_finding(loss, *slot);
	}
}

static void loss_count(const struct domain_loss *loss, size_t side, struct counted *counted)
{
	counted->counts[side] = loss->packets;
	counted->steps[side] = loss->steps.all;
	counted->moved[side] = steps_moved(&loss->steps);
	counted->burst[side] = steps_burst(&loss->steps, loss->steps.all);
}

/* "2,600 packets (81 %)" */
static char *value_of(const struct domain_loss *loss)
{
	double share = loss->worst ? finding_share(loss->worst) : -1;
	struct text value = { 0 };

	text_add_grouped(&value, loss->packets);
	text_add(&value, " packets");
	if (share >= 0)
		text_add_share(&value, share);
	return text_take(&value);
}

/* "the receive buffer of udp *:53 was full, because its reader was stopped" */
static char *why_of(const struct domain_loss *loss)
{
	const struct objects *objects = table_objects(loss->table);
	const struct because *because;
	const char *link = ", because ";
	struct text why = { 0 };

	cause_describe(objects, loss->worst->cause, loss->worst->object, &why);
	vec_each(&loss->worst->because, because) {
		text_add(&why, link);
		cause_describe(objects, because->cause, because->object, &why);
		link = ", and that because ";
	}
	return text_take(&why);
}

#define CHANCE_LEAST_PARTLY 1e-3

static bool loses_nothing_for_sure(const struct domain_loss *loss)
{
	return loss->table->side->diagnosis->domains[loss->domain].observed;
}

static void differ(struct comparing *comparing, const struct domain_loss losses[SIDE_COUNT],
		   const struct counted *counted, const char *per)
{
	struct difference *difference =
		difference_new(vec_add(&comparing->tested, DIFFERENCES_MAX), DIFFERENCE_LOSS, losses[SIDE_A].domain);
	size_t worse = counted->counts[SIDE_A] * counted->exposures[SIDE_B] >=
				       counted->counts[SIDE_B] * counted->exposures[SIDE_A]
			       ? SIDE_A
			       : SIDE_B;

	if (!difference)
		return;
	if (!losses[worse].worst)
		worse = SIDE_COUNT - 1 - worse;
	difference->what = text_format("harmful loss: %s", domain_id(losses[SIDE_A].domain));
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		difference->counts[side] = counted->counts[side];
		difference->exposures[side] = counted->exposures[side];
		difference->values[side] = value_of(&losses[side]);
	}
	difference->per = per;
	difference->why = why_of(&losses[worse]);
	difference->one_sided = !losses[SIDE_A].packets || !losses[SIDE_B].packets;
	difference->chance = counted_is_large(counted) ? counted_chance(counted) : 1;
	/* Nothing where not all could be seen is not nothing. */
	if (difference->one_sided && !loses_nothing_for_sure(&losses[losses[SIDE_A].packets ? SIDE_B : SIDE_A]))
		difference->chance = fmax(difference->chance, CHANCE_LEAST_PARTLY);
}

static void compare_domain(struct comparing *comparing, enum domain domain)
{
	struct domain_loss losses[SIDE_COUNT] = {
		{ .table = &comparing->tables[SIDE_A], .domain = domain },
		{ .table = &comparing->tables[SIDE_B], .domain = domain },
	};
	struct counted counted = { 0 };
	double totals[SIDE_COUNT];
	const char *per;

	for (size_t side = 0; side < SIDE_COUNT; side++)
		loss_find(&losses[side]);
	loss_add_harmless(&losses[SIDE_A], &losses[SIDE_B]);
	loss_add_harmless(&losses[SIDE_B], &losses[SIDE_A]);
	for (size_t side = 0; side < SIDE_COUNT; side++) {
		loss_count(&losses[side], side, &counted);
		totals[side] = traffic_of(&comparing->tables[side], domain);
		steps_free(&losses[side].steps);
	}
	per = counted_expose(&counted, comparing->tables, totals);
	if (losses[SIDE_A].worst || losses[SIDE_B].worst)
		differ(comparing, losses, &counted, per);
}

static const struct domain_view *view_of(const struct comparing *comparing, size_t side, enum domain domain)
{
	return &comparing->tables[side].side->diagnosis->domains[domain];
}

static bool was_watched(const struct domain_view *view)
{
	return view->observed || view->partly || view->harmful;
}

/* Nobody watches what is beyond the host, or in programs: what is found there is found by chance. */
static bool is_never_watched(enum domain domain)
{
	return domain == DOMAIN_PATH || domain == DOMAIN_APPLICATION;
}

static void tell_apart(struct comparing *comparing, enum domain domain, size_t watched)
{
	char **apart = vec_add(&comparing->result->apart, DIFFERENCES_MAX);
	bool partly = was_watched(view_of(comparing, SIDE_COUNT - 1 - watched, domain));

	comparing->result->enough = false;
	if (apart)
		*apart = text_format("losses in %s: watched %son %c only", domain_id(domain), partly ? "wholly " : "",
				     watched == SIDE_A ? 'A' : 'B');
}

void compare_losses(struct comparing *comparing)
{
	for (enum domain domain = 0; domain < DOMAIN_COUNT; domain++) {
		const struct domain_view *a = view_of(comparing, SIDE_A, domain),
					 *b = view_of(comparing, SIDE_B, domain);

		if (is_never_watched(domain) || (was_watched(a) && was_watched(b)))
			compare_domain(comparing, domain);
		if (is_never_watched(domain))
			continue;
		comparing->result->domains += a->observed && b->observed;
		if (a->observed != b->observed || was_watched(a) != was_watched(b))
			tell_apart(comparing, domain,
				   a->observed > b->observed || was_watched(a) > was_watched(b) ? SIDE_A : SIDE_B);
	}
}
