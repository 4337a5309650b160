/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentence at the top: what, where, how much, why. */
#include "diagnose/judge.h"

#include "base/alloc.h"

/* "4300 datagrams (430/s, 12 %)". */
static void add_count(const struct diagnosis *diagnosis, const struct finding *finding, struct text *ret)
{
	double share = finding_share(finding), rate = finding_rate(diagnosis, finding);

	text_addf(ret, "%s%llu %s", finding->at_least ? "at least " : "", (unsigned long long)finding->packets,
		  unit_word(finding->unit));
	if (rate < 0)
		return;
	text_addf(ret, rate < 10 ? " (%.1f/s" : " (%.0f/s", rate);
	if (share >= 0)
		text_addf(ret, share < 0.001 ? ", %.3f %%" : ", %.1f %%", share * 100);
	text_add(ret, ")");
}

static void add_where(const struct diagnosis *diagnosis, const struct finding *finding, struct text *ret)
{
	const struct objects *objects = series_objects(diagnosis->series);
	const struct object *netns = object_netns(objects, object_get(objects, finding->object));

	if (cause_get(finding->cause)->domain == DOMAIN_PATH) {
		text_add(ret, "Packets are lost beyond this host: ");
		return;
	}
	text_add(ret, "This host loses packets");
	if (netns && netns->key.netns != objects_home(objects)) {
		text_add(ret, " in ");
		object_describe(objects, netns, ret);
	}
	text_addf(ret, " (%s): ", domain_id(cause_get(finding->cause)->domain));
}

/* " in 10.0 s", as far as anybody knows how long it was. */
static void add_span(const struct diagnosis *diagnosis, struct text *ret)
{
	switch (series_span(diagnosis->series)) {
	case SPAN_MEASURED:
		text_addf(ret, " in %.1f s", series_seconds(diagnosis->series));
		break;
	case SPAN_UNKNOWN:
		text_add(ret, " in an unknown time");
		break;
	case SPAN_SINCE_BOOT:
		text_add(ret, " since boot");
		break;
	}
}

static void add_finding(const struct diagnosis *diagnosis, const struct finding *finding, struct text *ret)
{
	const struct because *because;

	add_where(diagnosis, finding, ret);
	add_count(diagnosis, finding, ret);
	add_span(diagnosis, ret);
	text_add(ret, ": ");
	cause_describe(series_objects(diagnosis->series), finding->cause, finding->object, ret);
	vec_each(&finding->because, because) {
		text_add(ret, ", because ");
		cause_describe(series_objects(diagnosis->series), because->cause, because->object, ret);
	}
	text_add(ret, ".");
}

static size_t harmful_count(const struct diagnosis *diagnosis)
{
	struct finding **finding;
	size_t count = 0;

	vec_each(&diagnosis->findings.list, finding)
		count += (*finding)->harmful;
	return count;
}

/* The local domains that were not fully observed, as a list. */
static void add_unseen(const struct diagnosis *diagnosis, struct text *ret)
{
	size_t count = diagnosis->domains[DOMAIN_IP].unexplained != 0;

	if (diagnosis->domains[DOMAIN_IP].observed && diagnosis->domains[DOMAIN_IP].unexplained)
		text_add(ret, "packets vanished without a counter that says why");
	for (size_t d = 0; d < DOMAIN_COUNT; d++) {
		if (d == DOMAIN_PATH || d == DOMAIN_APPLICATION || diagnosis->domains[d].observed)
			continue;
		text_addf(ret, "%s%s", count++ ? ", " : "", domain_id((enum domain)d));
	}
}

char *diagnose_summary(const struct diagnosis *diagnosis)
{
	struct text text = { 0 };
	size_t others;

	switch (diagnosis->loss) {
	case LOSS_YES:
		add_finding(diagnosis, diagnosis->first, &text);
		others = harmful_count(diagnosis) - 1;
		if (others)
			text_addf(&text, " %zu more finding%s below.", others, others == 1 ? "" : "s");
		break;
	case LOSS_NO:
		text_add(&text, "No harmful loss on this host");
		add_span(diagnosis, &text);
		text_add(&text, ": every local domain was observed for the whole time.");
		break;
	case LOSS_UNKNOWN:
		text_add(&text, "No harmful loss was seen");
		add_span(diagnosis, &text);
		text_add(&text, ", but not everything could be observed: ");
		add_unseen(diagnosis, &text);
		text_add(&text, ".");
		break;
	}
	return text_take(&text);
}
