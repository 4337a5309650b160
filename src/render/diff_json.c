/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stable output "wheredrop.diff/1", described by docs/diff.schema.json. */
#include "render/diff.h"

#include "render/baseline.h"
#include "render/json_part.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config.h"

static const char *const side_names[SIDE_COUNT] = { "a", "b" };

static json_t *json_side(const struct diff_side *side)
{
	const struct series *series = side->diagnosis->series;
	json_t *json = json_object();

	json_set(json, "from", json_text(side->from));
	json_set(json, "hostname", json_known(side->host.hostname));
	json_set(json, "kernel", json_known(side->host.kernel));
	json_set(json, "cpus", side->host.cpus ? json_count(side->host.cpus) : json_null());
	json_set(json, "span", json_string(span_name(series_span(series))));
	json_set(json, "seconds", json_real(series_seconds(series)));
	json_set(json, "loss", json_string(loss_name(side->diagnosis->loss)));
	json_set(json, "summary", json_text(side->diagnosis->summary));
	return json;
}

static json_t *json_of_side(const struct difference *difference, size_t side)
{
	json_t *json = json_object();

	json_set(json, "value", json_text(difference->values[side]));
	json_set(json, "count", difference->per ? json_count(difference->counts[side]) : json_null());
	json_set(json, "exposure", difference->per ? json_real(difference->exposures[side]) : json_null());
	return json;
}

static json_t *json_differences(const struct difference *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct difference *difference = &list[i];
		bool known = difference->counter != COUNTER_NONE;
		json_t *json = json_object();

		json_set(json, "kind", json_string(difference_kind_name(difference->kind)));
		json_set(json, "what", json_text(difference->what));
		json_set(json, "where",
			 difference->domain == DOMAIN_NONE ? json_null() : json_string(domain_id(difference->domain)));
		json_set(json, "counter", known ? json_text(counter_name(difference->counter)) : json_null());
		for (size_t side = 0; side < SIDE_COUNT; side++)
			json_set(json, side_names[side], json_of_side(difference, side));
		json_set(json, "per", difference->per ? json_string(difference->per) : json_null());
		json_set(json, "sure", json_string(certainty_name(difference_certainty(difference))));
		json_set(json, "p", json_real(difference->chance));
		json_set(json, "why", json_text(difference->why));
		json_array_append_new(array, json);
	}
	return array;
}

static json_t *json_compared(const struct comparison *comparison)
{
	json_t *json = json_object(), *apart = json_array();
	char **line;

	vec_each(&comparison->apart, line)
		json_array_append_new(apart, json_text(*line));
	json_set(json, "settings", json_count(comparison->settings));
	json_set(json, "counters", json_count(comparison->counters));
	json_set(json, "domains", json_count(comparison->domains));
	json_set(json, "not_compared", apart);
	json_set(json, "enough", json_boolean(comparison->enough));
	return json;
}

json_t *json_baseline(const struct answer_baseline *baseline)
{
	const struct comparison *comparison = baseline->comparison;
	char start[CLOCK_RFC3339_SIZE];
	json_t *json = json_object();

	clock_rfc3339(baseline->start_wall_ns, start);
	json_set(json, "start", json_string(start));
	json_set(json, "seconds", json_real(baseline->seconds));
	json_set(json, "rebooted", json_boolean(baseline->rebooted));
	json_set(json, "differences", json_differences(comparison->differences.data, comparison->differences.count));
	json_set(json, "unsure", json_differences(comparison->unsure.data, comparison->unsure.count));
	json_set(json, "compared", json_compared(comparison));
	return json;
}

void render_diff_json(const struct diff_answer *answer, struct text *ret)
{
	const struct comparison *comparison = answer->comparison;
	json_t *json = json_object();

	json_set(json, "schema", json_string("wheredrop.diff/1"));
	json_set(json, "version", json_string(WHEREDROP_VERSION));
	for (size_t side = 0; side < SIDE_COUNT; side++)
		json_set(json, side_names[side], json_side(&answer->sides[side]));
	json_set(json, "headline", json_text(comparison->headline));
	json_set(json, "differences", json_differences(comparison->differences.data, comparison->differences.count));
	json_set(json, "unsure", json_differences(comparison->unsure.data, comparison->unsure.count));
	json_set(json, "compared", json_compared(comparison));
	json_finish(json, ret);
}
