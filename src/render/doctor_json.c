/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stable output "wheredrop.doctor/1", described by docs/doctor.schema.json. */
#include "render/doctor.h"

#include "render/json_part.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config.h"

static json_t *json_tool(const struct doctor_answer *answer)
{
	json_t *json = json_object();

	json_set(json, "version", json_string(WHEREDROP_VERSION));
	json_set(json, "cpu_seconds", json_real(answer->cpu_seconds));
	json_set(json, "max_rss_bytes", json_count(answer->max_rss_bytes));
	json_set(json, "root", json_boolean(answer->root));
	return json;
}

static json_t *json_domains(const struct checkup *checkup)
{
	json_t *list = json_array();

	for (size_t d = 0; d < DOMAIN_COUNT; d++) {
		const struct domain_sight *sight = &checkup->domains[d];
		json_t *json = json_object(), *sources = json_array();

		for (size_t s = 0; s < SOURCE_COUNT; s++) {
			if (checkup_serves(checkup, (enum source_id)s, (enum domain)d))
				json_array_append_new(sources, json_string(source_id_name((enum source_id)s)));
		}
		json_set(json, "where", json_string(domain_id((enum domain)d)));
		json_set(json, "observable", json_string(sight_name(sight->sight)));
		json_set(json, "counters", json_count(sight->counters));
		json_set(json, "sources", sources);
		json_set(json, "note", json_known(sight->note));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_objects(const struct checkup *checkup, const uint32_t *ids, size_t count)
{
	const struct objects *objects = series_objects(checkup->series);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		CLEANUP_TEXT struct text name = { 0 };

		object_describe_placed(objects, object_get(objects, ids[i]), &name);
		json_array_append_new(list, json_text(text_string(&name)));
	}
	return list;
}

static json_t *json_obstacles(const struct checkup *checkup)
{
	json_t *list = json_array();
	const struct obstacle *obstacle;

	vec_each(&checkup->obstacles, obstacle) {
		json_t *json = json_object(), *sources = json_array(), *domains = json_array();

		for (size_t s = 0; s < SOURCE_COUNT; s++) {
			if (obstacle->sources[s])
				json_array_append_new(sources, json_string(source_id_name((enum source_id)s)));
		}
		for (size_t d = 0; d < DOMAIN_COUNT; d++) {
			if (obstacle->domains[d])
				json_array_append_new(domains, json_string(domain_id((enum domain)d)));
		}
		json_set(json, "reason", json_text(obstacle->reason));
		json_set(json, "change", json_known(obstacle->change));
		json_set(json, "objects", json_objects(checkup, obstacle->objects.data, obstacle->objects.count));
		json_set(json, "sources", sources);
		json_set(json, "where", domains);
		json_set(json, "counts", json_boolean(obstacle->counts));
		json_set(json, "lowers_the_answer", json_boolean(obstacle->lowers));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_sources(const struct doctor_answer *answer)
{
	json_t *list = json_array();

	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		const struct source_sight *sight = &answer->checkup->sources[s];
		json_t *json = json_object();

		json_set(json, "source", json_string(source_id_name((enum source_id)s)));
		json_set(json, "what", json_string(source_id_what((enum source_id)s)));
		json_set(json, "state", json_string(source_state_name(sight->state)));
		json_set(json, "note", json_known(sight->words));
		json_set(json, "change", json_known(sight->change));
		json_set(json, "seconds", json_real((double)answer->source_ns[s] / NS_PER_S));
		json_array_append_new(list, json);
	}
	return list;
}

static json_t *json_namespaces(const struct doctor_answer *answer)
{
	json_t *json = json_object();

	json_set(json, "seen", json_count(answer->namespaces));
	json_set(json, "refused", json_count(answer->refused));
	json_set(json, "hidden_processes", json_count(answer->hidden_processes));
	return json;
}

void render_doctor_json(const struct doctor_answer *answer, struct text *ret)
{
	json_t *json = json_object();

	json_set(json, "schema", json_string("wheredrop.doctor/1"));
	json_set(json, "tool", json_tool(answer));
	json_set(json, "host", json_host(&answer->host));
	json_set(json, "whole", json_boolean(answer->checkup->whole));
	json_set(json, "domains", json_domains(answer->checkup));
	json_set(json, "obstacles", json_obstacles(answer->checkup));
	json_set(json, "sources", json_sources(answer));
	json_set(json, "links_without_statistics",
		 json_objects(answer->checkup, answer->checkup->silent_links.data,
			      answer->checkup->silent_links.count));
	json_set(json, "namespaces", json_namespaces(answer));
	json_finish(json, ret);
}
