/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/history and render/watch: losses by second over windows that follow each other, and how they look. */
#include "render/watch.h"
#include "unit/unit.h"

#include "base/clock.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define START_WALL_NS (1700000000 * NS_PER_S)
#define HOSTILE "web\033[31m\n"

/* A window with a socket that loses packets. */
struct scene {
	struct objects *objects;
	struct series *series;
	struct object *netns, *socket;
	struct diagnosis diagnosis;
	struct answer answer;
};

static void read_at(struct scene *scene, uint64_t ms, uint64_t lost)
{
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, scene->objects);
	snapshot.time_ns = NS_PER_S + ms * NS_PER_MS;
	snapshot.wall_ns = START_WALL_NS + ms * NS_PER_MS;
	snapshot_covered(&snapshot, SOURCE_SNMP, scene->netns);
	snapshot_add(&snapshot, C_SOCK_DROPS, scene->socket, lost);
	snapshot_add(&snapshot, C_IP_IN_RECEIVES, scene->netns, ms);
	series_add(scene->series, &snapshot);
	snapshot_free(&snapshot);
}

static struct scene *scene_new(void)
{
	struct scene *scene = NEW(struct scene);

	scene->objects = objects_new();
	scene->netns = object_intern(scene->objects, (struct object_key){ OBJECT_NETNS, 2, 0, 0 }, NULL);
	scene->socket = object_intern(scene->objects, (struct object_key){ OBJECT_SOCKET, 2, 9, 17 }, NULL);
	object_label(scene->socket, LABEL_NAME, "udp 0.0.0.0:53 " HOSTILE);
	scene->series = series_new(scene->objects);
	scene->diagnosis.series = scene->series;
	scene->answer = (struct answer){ .diagnosis = &scene->diagnosis, .host = { "box" HOSTILE, "6.1.0", "", 2 } };
	return scene;
}

static void scene_free(struct scene *scene)
{
	diagnosis_free(&scene->diagnosis);
	series_free(scene->series);
	objects_free(scene->objects);
	free(scene);
}

/* What the diagnosis says at that moment: so many lost, all by the socket. */
static void judge(struct scene *scene, uint64_t lost)
{
	struct finding *finding;

	diagnosis_free(&scene->diagnosis);
	scene->diagnosis = (struct diagnosis){ .series = scene->series, .loss = lost ? LOSS_YES : LOSS_NO };
	scene->diagnosis.summary = mem_strdup(lost ? "Lost in " HOSTILE "." : "Nothing was lost.");
	scene->diagnosis.domains[DOMAIN_SOCKET] = (struct domain_view){ .harmful = lost, .observed = true };
	if (!lost)
		return;
	finding = finding_add(&scene->diagnosis.findings, CAUSE_UDP_RECEIVE_BUFFER_FULL, scene->socket->id);
	finding->packets = lost;
	finding->unit = UNIT_DATAGRAMS;
	finding->confidence = CONFIDENCE_PROVEN;
	finding->harmful = true;
	finding_evidence(finding, scene->series, C_SOCK_DROPS, scene->socket->id, NULL);
	scene->diagnosis.first = finding;
}

/* Nothing for two seconds, then ten a second, read ten times a second. */
static void losing(struct scene *scene, uint64_t until_ms)
{
	for (uint64_t ms = 0; ms <= until_ms; ms += 100)
		read_at(scene, ms, ms > 2000 ? (ms - 2000) / 100 : 0);
}

static void each_second_has_its_losses(void **state)
{
	struct scene *scene = scene_new();
	struct history history = { 0 };

	(void)state;
	losing(scene, 6500);
	judge(scene, 45);
	history_look(&history, &scene->diagnosis);
	assert_int_equal(history_total(&history, DOMAIN_SOCKET), 45);
	assert_int_equal(history_lost(&history), 45);
	/* The present second has begun half a second ago. */
	assert_true(history_second(&history, DOMAIN_SOCKET, 0) == 6);
	for (size_t ago = 1; ago <= 3; ago++)
		assert_true(history_second(&history, DOMAIN_SOCKET, ago) == 10);
	assert_true(history_second(&history, DOMAIN_SOCKET, 4) == 9);
	assert_true(history_second(&history, DOMAIN_SOCKET, 5) == 0);
	assert_true(history_second(&history, DOMAIN_SOCKET, 100) == 0);
	assert_true(history_second(&history, DOMAIN_SOCKET, HISTORY_SECONDS) == 0);
	assert_true(history_second(&history, DOMAIN_FILTER, 1) == 0);
	assert_true(history_rate(&history, DOMAIN_SOCKET, 3) == 10);
	/* No more seconds than there were. */
	assert_true(history_rate(&history, DOMAIN_SOCKET, 1000) > 6 && history_rate(&history, DOMAIN_SOCKET, 1000) < 7);
	history_free(&history);
	scene_free(scene);
}

/* A later look takes the place of the one before: nothing counts twice. */
static void a_later_look_replaces(void **state)
{
	struct scene *scene = scene_new();
	struct history history = { 0 };

	(void)state;
	losing(scene, 4500);
	judge(scene, 25);
	history_look(&history, &scene->diagnosis);
	history_look(&history, &scene->diagnosis);
	losing(scene, 0);
	judge(scene, 20); /* five were something else after all */
	history_look(&history, &scene->diagnosis);
	assert_int_equal(history_total(&history, DOMAIN_SOCKET), 20);
	assert_int_equal(history.rows.count, 1);
	assert_int_equal(history.rows.data[0].now, 20);
	judge(scene, 0);
	history_look(&history, &scene->diagnosis);
	assert_int_equal(history_lost(&history), 0);
	assert_int_equal(history.rows.data[0].now + history.rows.data[0].over, 0);
	history_free(&history);
	scene_free(scene);
}

/* The second window's time goes on behind the first one's. */
static void a_window_follows(void **state)
{
	struct scene *first = scene_new(), *second = scene_new();
	struct history history = { 0 };

	(void)state;
	losing(first, 4000);
	judge(first, 20);
	history_look(&history, &first->diagnosis);
	history_turn(&history);
	assert_int_equal(history_total(&history, DOMAIN_SOCKET), 20);
	read_at(second, 4500, 1000);
	read_at(second, 5500, 1000);
	read_at(second, 6500, 1007);
	judge(second, 7);
	history_look(&history, &second->diagnosis);
	assert_int_equal(history_total(&history, DOMAIN_SOCKET), 27);
	assert_true(history_second(&history, DOMAIN_SOCKET, 0) == 7);
	assert_true(history_second(&history, DOMAIN_SOCKET, 1) == 0);
	assert_true(history_second(&history, DOMAIN_SOCKET, 3) == 10);
	assert_int_equal(history.rows.count, 1); /* the same cause at the same object */
	assert_int_equal(history.rows.data[0].over, 20);
	assert_int_equal(history.rows.data[0].now, 7);
	assert_int_equal(history.first_ns, START_WALL_NS);
	history_free(&history);
	scene_free(first);
	scene_free(second);
}

/* Three more were lost while the one was ended and the other begun: only both together tell. */
static void what_is_lost_between_counts(void **state)
{
	struct scene *first = scene_new(), *second = scene_new(), *both = scene_new();
	struct history history = { 0 };

	(void)state;
	losing(first, 4000);
	judge(first, 20);
	history_look(&history, &first->diagnosis);
	history_turn(&history);
	read_at(second, 4500, 23);
	read_at(second, 6500, 30);
	judge(second, 7);
	history_look(&history, &second->diagnosis);
	losing(both, 4000);
	read_at(both, 6500, 30);
	judge(both, 30);
	history_between(&history, &both->diagnosis, START_WALL_NS + 4500 * NS_PER_MS);
	assert_int_equal(history_total(&history, DOMAIN_SOCKET), 30);
	assert_int_equal(history_lost(&history), 30);
	assert_int_equal(history.rows.count, 1);
	assert_int_equal(history.rows.data[0].over + history.rows.data[0].now, 30);
	/* Looking again does not count it again, and neither does the next turn. */
	history_look(&history, &second->diagnosis);
	history_turn(&history);
	assert_int_equal(history_lost(&history), 30);
	history_free(&history);
	scene_free(first);
	scene_free(second);
	scene_free(both);
}

/* After a break longer than what is kept nothing old stands for new seconds. */
static void old_seconds_go(void **state)
{
	struct scene *first = scene_new(), *second = scene_new();
	struct history history = { 0 };

	(void)state;
	losing(first, 4000);
	judge(first, 20);
	history_look(&history, &first->diagnosis);
	history_turn(&history);
	read_at(second, 1000 * (uint64_t)HISTORY_SECONDS * 3, 5);
	read_at(second, 1000 * (uint64_t)HISTORY_SECONDS * 3 + 1000, 5);
	judge(second, 0);
	history_look(&history, &second->diagnosis);
	for (size_t ago = 0; ago < HISTORY_SECONDS; ago++)
		assert_true(history_second(&history, DOMAIN_SOCKET, ago) == 0);
	assert_int_equal(history_total(&history, DOMAIN_SOCKET), 20);
	history_free(&history);
	scene_free(first);
	scene_free(second);
}

/* ---- how it looks ---- */

static const struct watch_line *line_with(const struct watch_page *page, const char *word)
{
	const struct watch_line *line;

	vec_each(&page->lines, line) {
		if (strstr(line->text, word))
			return line;
	}
	return NULL;
}

static struct watch_view view_of(struct scene *scene, struct history *history, uint64_t lost)
{
	losing(scene, 6500);
	judge(scene, lost);
	history_look(history, &scene->diagnosis);
	return (struct watch_view){ .answer = &scene->answer, .history = history, .average = 3 };
}

static void the_page_shows_the_place(void **state)
{
	struct scene *scene = scene_new();
	struct history history = { 0 };
	struct watch_page page = { 0 };
	const struct watch_view view = view_of(scene, &history, 45);
	const struct watch_line *line;

	(void)state;
	watch_page_way(&view, 100, false, &page);
	line = line_with(&page, " X socket ");
	assert_non_null(line);
	assert_int_equal(line->colour, WATCH_RED);
	assert_non_null(strstr(line->text, " 10 "));
	assert_non_null(strstr(line->text, " 45 "));
	assert_non_null(strstr(line->text, "%###"));
	assert_non_null(strstr(line->text, "LOST HERE"));
	assert_int_equal(line_with(&page, "| nic ")->colour, WATCH_YELLOW); /* nobody looked there */
	assert_non_null(line_with(&page, "Lost since"));
	assert_non_null(line_with(&page, "45 datagrams, proven: "));
	assert_non_null(line_with(&page, "IP packets in 1,000/s"));
	watch_page_free(&page);
	history_free(&history);
	scene_free(scene);
}

static void nothing_lost_is_said(void **state)
{
	struct scene *scene = scene_new();
	struct history history = { 0 };
	struct watch_page page = { 0 };
	const struct watch_view view = view_of(scene, &history, 0);

	(void)state;
	watch_page_way(&view, 80, true, &page);
	assert_null(line_with(&page, "LOST HERE"));
	assert_int_equal(line_with(&page, " socket ")->colour, WATCH_DIM);
	assert_int_equal(line_with(&page, "Nothing was lost.")->colour, WATCH_GREEN);
	assert_non_null(line_with(&page, "Nothing that hurts was lost since"));
	watch_page_free(&page);
	history_free(&history);
	scene_free(scene);
}

/* Names hold escape sequences; a screen may be as narrow as it likes, and pages are no wider than it. */
static void no_page_harms_a_terminal(void **state)
{
	static const size_t widths[] = { 0, 1, 20, 58, 80, 81, 200, 1000 };
	struct scene *scene = scene_new();
	struct history history = { 0 };
	const struct watch_view view = view_of(scene, &history, 45);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		struct watch_page page = { 0 };
		const struct watch_line *line;

		watch_page_way(&view, widths[i], false, &page);
		watch_page_answer(&scene->answer, false, &page);
		vec_each(&page.lines, line) {
			for (const char *at = line->text; *at; at++)
				assert_true((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f);
		}
		line = line_with(&page, " X socket ");
		assert_true(widths[i] < 80 || strlen(line->text) <= widths[i]);
		watch_page_free(&page);
	}
	history_free(&history);
	scene_free(scene);
}

static void a_line_has_what_is_new(void **state)
{
	const struct style style = { 0 };
	struct scene *scene = scene_new();
	struct history history = { 0 };
	struct watch_view view = view_of(scene, &history, 45);
	uint64_t fresh[DOMAIN_COUNT] = { [DOMAIN_SOCKET] = 12 };
	struct text head = { 0 }, line = { 0 }, news = { 0 };
	size_t at;

	(void)state;
	view.fresh = fresh;
	render_watch_head(&head);
	render_watch_line(&view, &style, &line);
	render_watch_news(&history.rows.data[0], &style, &news);
	/* The number stands below the end of its name; where nobody looked stands a question mark. */
	at = (size_t)(strstr(text_string(&head), " socket ") - text_string(&head)) + strlen(" socket");
	assert_memory_equal(text_string(&line) + at - 3, " 12", 3);
	assert_non_null(strstr(text_string(&line), " LOST "));
	at = (size_t)(strstr(text_string(&head), " nic ") - text_string(&head)) + strlen(" nic");
	assert_memory_equal(text_string(&line) + at - 2, " ?", 2);
	assert_non_null(strstr(text_string(&news), "socket: "));
	assert_non_null(strstr(text_string(&news), "(proven, 45 datagrams so far)"));
	assert_null(strchr(text_string(&news), '\033'));
	text_free(&head);
	text_free(&line);
	text_free(&news);
	history_free(&history);
	scene_free(scene);
}

static void a_document_adds_up(void **state)
{
	struct scene *scene = scene_new();
	struct history history = { 0 };
	const struct watch_view view = view_of(scene, &history, 45);
	struct text text = { 0 };
	json_t *json, *place;
	json_int_t sum = 0;
	size_t i;

	(void)state;
	render_watch_json(&view, &text);
	assert_non_null(strchr(text_string(&text), '\n'));
	assert_string_equal(strchr(text_string(&text), '\n'), "\n"); /* a line */
	json = json_loads(text_string(&text), 0, NULL);
	assert_non_null(json);
	json_array_foreach(json_object_get(json, "places"), i, place)
	{
		sum += json_integer_value(json_object_get(place, "packets"));
	}
	assert_int_equal(i, DOMAIN_COUNT);
	assert_int_equal(sum, 45);
	assert_int_equal(json_array_size(json_object_get(json, "losses")), 1);
	assert_string_equal(json_string_value(json_object_get(json_object_get(json, "verdict"), "cause")),
			    "udp-receive-buffer-full");
	json_decref(json);
	text_free(&text);
	history_free(&history);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_second_has_its_losses),
		cmocka_unit_test(a_later_look_replaces),
		cmocka_unit_test(a_window_follows),
		cmocka_unit_test(what_is_lost_between_counts),
		cmocka_unit_test(old_seconds_go),
		cmocka_unit_test(the_page_shows_the_place),
		cmocka_unit_test(nothing_lost_is_said),
		cmocka_unit_test(no_page_harms_a_terminal),
		cmocka_unit_test(a_line_has_what_is_new),
		cmocka_unit_test(a_document_adds_up),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
