/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheredrop watch for programs: a JSON document a line. */
#include "render/watch.h"

#include "render/json_part.h"

#include "base/alloc.h"
#include "base/clock.h"

static json_t *places(const struct watch_view *view)
{
	json_t *list = json_array();

	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		enum domain domain = (enum domain)i;
		const struct domain_view *seen = &view->answer->diagnosis->domains[domain];
		json_t *json = json_object();

		json_set(json, "where", json_string(domain_id(domain)));
		json_set(json, "packets", json_count(history_total(view->history, domain)));
		json_set(json, "rate", json_real(history_rate(view->history, domain, view->average)));
		json_set(json, "observed", json_boolean(seen->observed));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *losses(const struct history *history)
{
	json_t *list = json_array();
	const struct history_row *row;

	vec_each(&history->rows, row) {
		const struct cause_row *cause = cause_get(row->cause);
		char first[CLOCK_RFC3339_SIZE], last[CLOCK_RFC3339_SIZE];
		json_t *json;

		if (!row->over && !row->now)
			continue;
		json = json_object();
		clock_rfc3339(row->first_ns, first);
		clock_rfc3339(row->last_ns, last);
		json_set(json, "where", json_string(domain_id(cause->domain)));
		json_set(json, "cause", json_string(cause->id));
		json_set(json, "what", json_text(row->words));
		json_set(json, "packets", json_count(row->over + row->now));
		json_set(json, "confidence", json_string(confidence_name(row->confidence)));
		json_set(json, "first", json_string(first));
		json_set(json, "last", json_string(last));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *traffic(const struct watch_view *view)
{
	static const char *const names[WATCH_TRAFFIC_COUNT] = {
		[WATCH_IN] = "in",
		[WATCH_OUT] = "out",
		[WATCH_RESENT] = "resent",
		[WATCH_RESETS] = "resets",
	};
	json_t *json = json_object();

	for (size_t i = 0; i < WATCH_TRAFFIC_COUNT; i++)
		json_set(json, names[i], json_real(watch_traffic(view, (enum watch_traffic)i)));
	return json;
}

static json_t *verdict(const struct diagnosis *diagnosis)
{
	const struct finding *first = diagnosis->first;
	json_t *json = json_object();

	json_set(json, "loss", json_string(loss_name(diagnosis->loss)));
	json_set(json, "where", first ? json_string(domain_id(cause_get(first->cause)->domain)) : json_null());
	json_set(json, "cause", first ? json_string(cause_id(first->cause)) : json_null());
	json_set(json, "confidence", first ? json_string(confidence_name(first->confidence)) : json_null());
	json_set(json, "summary", json_text(diagnosis->summary));
	return json;
}

void render_watch_json(const struct watch_view *view, struct text *ret)
{
	const struct diagnosis *diagnosis = view->answer->diagnosis;
	char time[CLOCK_RFC3339_SIZE];
	json_t *json = json_object();

	clock_rfc3339(view->history->last_ns, time);
	json_set(json, "schema", json_string("wheredrop.watch/1"));
	json_set(json, "time", json_string(time));
	json_set(json, "seconds",
		 json_real((double)(view->history->last_ns - view->history->first_ns) / (double)NS_PER_S));
	json_set(json, "window_seconds", json_real(series_seconds(diagnosis->series)));
	json_set(json, "verdict", verdict(diagnosis));
	json_set(json, "places", places(view));
	json_set(json, "losses", losses(view->history));
	json_set(json, "traffic", traffic(view));
	json_finish_line(json, ret);
}
