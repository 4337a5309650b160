/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cases: what was read, and what the diagnosis must say (tests/diagnosis/NAME.case, or those of the directory given
 * as argument). Each is one test. A case is lines of
 *
 *	object ID KIND [in=ID] [a=N] [b=N] [link=ID] [parent=ID] [peer=ID] [owner=ID] [pid=N] [born=1]
 *	label ID LABEL text to the end of the line
 *	FORM SOURCE NAME ID VALUE...				what a counter showed: the forms are in case_values.h
 *	late COUNTER ID MS					is not read before that moment
 *	gone COUNTER ID MS					is not there from that moment on
 *	seldom COUNTER ID MS					is read only so often
 *	missing SOURCE ID reason to the end of the line
 *	window SECONDS						2 unless it says so, read every 100 ms
 *	target ADDRESS						what --target was resolved to
 *	known all						every namespace that a process lives in is an object
 *	expect WORD VALUE
 *
 * A namespace's `a` is its inode. The objects `host` and `home` (the tool's own namespace) are there, and
 * every source was read in both, unless it is `missing`. A driver's name that holds blanks is written with ~ for
 * each; it goes through the source as ethtool's would, so its device needs the label `driver`.
 *
 * Words to expect: loss, findings (how many) and unexplained (a counter, or `none`); of the first finding where,
 * cause, because (`a,b` nearest first, or `none`), packets, confidence, pattern (or `unknown`), direction, object, detail and effect
 * (`COUNTER FOLLOWED` or `none`), at_least (`yes` or `no`) and `note COUNTER TEXT` of its evidence; anywhere
 * `also CAUSE [PACKETS [OBJECT]]`, `innocent CAUSE [PACKETS [OBJECT]]` and `never CAUSE` (nor
 * as a reason); of the ledger what case_answers.h has. A case says either where, cause, because, packets and findings, or loss and `findings 0`.
 */
#include "base/parse.h"
#include "base/text.h"
#include "diagnose/diagnose.h"
#include "source/ethtool.h"
#include "unit/case_answers.h"
#include "unit/case_names.h"
#include "unit/case_values.h"
#include "unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define HOME_INODE 4026531840u

struct named {
	char name[32];
	uint32_t id;
};

struct fixture {
	char *path;
	struct text content;
	VEC(struct line) lines;
	VEC(struct named) names;
	VEC(char *) owned;
	struct objects *objects;
	struct series *series;
};

static uint32_t id_of(const struct fixture *fixture, const char *name)
{
	const struct named *named;

	vec_each(&fixture->names, named) {
		if (strcmp(named->name, name) == 0)
			return named->id;
	}
	fail_msg("%s: no object %s", fixture->path, name);
	return 0;
}

static enum source_id source_of(const char *name)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		if (strcmp(source_id_name((enum source_id)i), name) == 0)
			return (enum source_id)i;
	}
	fail_msg("no source %s", name);
	return SOURCE_SNMP;
}

static void name_object(struct fixture *fixture, const char *name, const struct object *object)
{
	struct named *named = vec_add(&fixture->names, 1000);

	snprintf(named->name, sizeof(named->name), "%s", name);
	named->id = object->id;
}

static void set_relation(struct fixture *fixture, struct object *object, const char *name, const char *value)
{
	if (strcmp(name, "link") == 0)
		object->link = id_of(fixture, value);
	else if (strcmp(name, "parent") == 0)
		object->parent = id_of(fixture, value);
	else if (strcmp(name, "peer") == 0)
		object->peer = id_of(fixture, value);
	else if (strcmp(name, "owner") == 0)
		object->owner = id_of(fixture, value);
	else if (strcmp(name, "pid") == 0)
		object->pid = (pid_t)number(value);
	else if (strcmp(name, "born") == 0)
		object->born = number(value);
	else if (strcmp(name, "in") != 0 && strcmp(name, "a") != 0 && strcmp(name, "b") != 0)
		fail_msg("%s: an object has no %s", fixture->path, name);
}

static void add_object(struct fixture *fixture, const struct line *line)
{
	struct object_key key = { .kind = kind_of(line->words[2]) };
	struct object *object = NULL;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 3; i < line->count; i++) {
			char *name = line->words[i], *value = strchr(name, '=');

			assert_non_null(value);
			*value++ = '\0';
			if (strcmp(name, "in") == 0)
				key.netns = object_get(fixture->objects, id_of(fixture, value))->key.netns;
			else if (strcmp(name, "a") == 0)
				key.a = number(value);
			else if (strcmp(name, "b") == 0)
				key.b = number(value);
			if (pass)
				set_relation(fixture, object, name, value);
			value[-1] = '=';
		}
		if (key.kind == OBJECT_NETNS)
			key = (struct object_key){ OBJECT_NETNS, key.a, 0, 0 }; /* a is its inode */
		object = object_intern(fixture->objects, key, NULL);
	}
	name_object(fixture, line->words[1], object);
}

static counter_id counter_of(const struct line *line)
{
	enum source_id source = source_of(line->words[1]);
	counter_id counter = counter_find(source, line->words[2], strlen(line->words[2]));

	if (counter == COUNTER_NONE)
		fail_msg("no counter %s of %s", line->words[2], line->words[1]);
	return counter;
}

/* A number that ethtool -S printed: the source decides whether it is kept and what it is. */
static void sample_driver(const struct fixture *fixture, struct snapshot *snapshot, const struct line *line,
			  uint64_t value)
{
	const struct object *link = object_get(fixture->objects, id_of(fixture, line->words[3]));
	CLEANUP_FREE char *name = mem_strdup(line->words[2]);

	for (char *blank = name; (blank = strchr(blank, '~'));)
		*blank = ' ';
	if (!*object_text(link, LABEL_DRIVER))
		fail_msg("%s: %s has no driver", fixture->path, line->words[3]);
	if (!ethtool_add_statistic(snapshot, link, object_text(link, LABEL_DRIVER), slice_of(name), 0, value))
		fail_msg("%s: %s would not be read", fixture->path, name);
}

static bool leaves_out(const struct line *line, size_t step)
{
	uint64_t time_ms = step * STEP_MS;

	if (strcmp(line->words[0], "late") == 0)
		return time_ms < number_at(line, 3);
	if (strcmp(line->words[0], "gone") == 0)
		return time_ms >= number_at(line, 3);
	return strcmp(line->words[0], "seldom") == 0 && time_ms % number_at(line, 3);
}

/* Whether the case takes the sample out of this step: `late` before a moment, `gone` from one on, `seldom` in between. */
static bool is_left_out(const struct fixture *fixture, const struct line *sample, size_t step)
{
	const struct line *line;

	vec_each(&fixture->lines, line) {
		if (leaves_out(line, step) && strcmp(line->words[1], sample->words[2]) == 0 &&
		    strcmp(line->words[2], sample->words[3]) == 0)
			return true;
	}
	return false;
}

static void sample_line(const struct fixture *fixture, struct snapshot *snapshot, const struct line *line, size_t step)
{
	const struct object *object;
	uint64_t value;

	if (!is_sample(line) || is_left_out(fixture, line, step))
		return;
	if (line->count < 5)
		fail_msg("%s: %s needs a value", fixture->path, line->words[2]);
	value = value_at(line, step);
	if (strcmp(line->words[1], "ethtool") == 0 && strncmp(line->words[2], "ethtool.", 8) != 0) {
		sample_driver(fixture, snapshot, line, value);
		return;
	}
	object = object_get(fixture->objects, id_of(fixture, line->words[3]));
	snapshot_add(snapshot, counter_of(line), object, value);
}

static const struct line *missing_line(const struct fixture *fixture, enum source_id source)
{
	const struct line *line;

	vec_each(&fixture->lines, line) {
		if (strcmp(line->words[0], "missing") == 0 && source_of(line->words[1]) == source)
			return line;
	}
	return NULL;
}

/* Drop events were observed where a case tells of some, or says `events`. */
static bool has_events(const struct fixture *fixture)
{
	const struct line *line;

	vec_each(&fixture->lines, line) {
		if (strcmp(line->words[1], "drop-events") == 0)
			return true;
	}
	return false;
}

static void cover_all(const struct fixture *fixture, struct snapshot *snapshot)
{
	const struct object *home = object_get(fixture->objects, id_of(fixture, "home"));

	if (has_events(fixture))
		snapshot_covered(snapshot, SOURCE_DROPS, object_get(fixture->objects, OBJECT_HOST_ID));
	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		const struct line *missing = missing_line(fixture, (enum source_id)s);

		if (missing)
			snapshot_missed(snapshot, (enum source_id)s, home, -EPERM, missing->rest[3]);
		else
			snapshot_covered(snapshot, (enum source_id)s, home);
	}
}

static void take_samples(struct fixture *fixture)
{
	struct snapshot snapshot = { 0 };
	uint64_t start = clock_monotonic_ns();

	for (size_t step = 0; step <= steps; step++) {
		const struct line *line;
		struct coverage *coverage;

		snapshot_begin(&snapshot, fixture->objects);
		snapshot.time_ns = start + step * STEP_MS * NS_PER_MS;
		vec_each(&fixture->lines, line)
			sample_line(fixture, &snapshot, line, step);
		cover_all(fixture, &snapshot);
		vec_each(&snapshot.coverage, coverage) {
			coverage->time_ns = snapshot.time_ns;
			coverage->took_ns = 0;
		}
		series_add(fixture->series, &snapshot);
	}
	series_finish(fixture->series);
	snapshot_free(&snapshot);
}

/* Words and rests of the lines, in memory that the fixture owns. */
static void split_lines(struct fixture *fixture)
{
	struct cursor cursor = cursor_of(text_string(&fixture->content), fixture->content.length);
	struct slice text;

	while (cursor_line(&cursor, &text)) {
		char *copy = mem_strndup(text.data, text.length);
		struct cursor words = cursor_of(copy, text.length);
		struct slice word;
		struct line line = { 0 };

		*vec_add(&fixture->owned, 1000) = copy;
		while (line.count < ARRAY_SIZE(line.words) && cursor_word(&words, &word)) {
			line.rest[line.count] = word.data;
			line.words[line.count] = mem_strndup(word.data, word.length);
			*vec_add(&fixture->owned, 10000) = line.words[line.count++];
		}
		if (line.count && line.words[0][0] != '#')
			*vec_add(&fixture->lines, 1000) = line;
	}
}

static void known_words(const struct fixture *fixture)
{
	static const char *const others[] = { "object",	 "label",  "late",   "gone",  "seldom",
					      "missing", "window", "target", "known", "expect" };
	const struct line *line;

	vec_each(&fixture->lines, line) {
		bool known = is_sample(line);

		for (size_t i = 0; i < ARRAY_SIZE(others); i++)
			known |= strcmp(line->words[0], others[i]) == 0;
		if (!known || line->count < 2)
			fail_msg("%s: cannot read the line %s", fixture->path, line->rest[0]);
	}
}

static void fixture_load(struct fixture *fixture)
{
	char block[4096];
	size_t got;
	FILE *file = fopen(fixture->path, "re");
	const struct line *line;
	struct object *home;

	assert_non_null(file);
	while ((got = fread(block, 1, sizeof(block), file)) > 0)
		text_add_bytes(&fixture->content, block, got);
	fclose(file);
	split_lines(fixture);
	known_words(fixture);
	fixture->objects = objects_new();
	objects_set_home(fixture->objects, HOME_INODE);
	home = object_intern(fixture->objects, (struct object_key){ OBJECT_NETNS, HOME_INODE, 0, 0 }, NULL);
	steps = STEPS_USUAL;
	name_object(fixture, "home", home);
	name_object(fixture, "host", object_get(fixture->objects, OBJECT_HOST_ID));
	fixture->series = series_new(fixture->objects);
	vec_each(&fixture->lines, line) {
		if (strcmp(line->words[0], "object") == 0)
			add_object(fixture, line);
		else if (strcmp(line->words[0], "label") == 0)
			object_label(object_get(fixture->objects, id_of(fixture, line->words[1])),
				     label_of(line->words[2]), line->rest[3]);
		else if (strcmp(line->words[0], "known") == 0)
			objects_set_all_known(fixture->objects, true);
		else if (strcmp(line->words[0], "window") == 0)
			steps = number(line->words[1]) * 1000 / STEP_MS;
	}
	take_samples(fixture);
}

static void fixture_free(struct fixture *fixture)
{
	char **owned;

	series_free(fixture->series);
	objects_free(fixture->objects);
	vec_each(&fixture->owned, owned)
		free(*owned);
	vec_free(&fixture->owned);
	vec_free(&fixture->lines);
	vec_free(&fixture->names);
	text_free(&fixture->content);
}

static void expect_same(const struct fixture *fixture, const char *what, const char *wanted, const char *got)
{
	if (strcmp(wanted, got) != 0)
		fail_msg("%s: %s should be %s, is %s", fixture->path, what, wanted, got);
}

/* What a case may expect of its first finding, and that as text. */
static void tell_where(const struct finding *finding, struct text *ret)
{
	text_add(ret, domain_id(cause_get(finding->cause)->domain));
}

static void tell_cause(const struct finding *finding, struct text *ret)
{
	text_add(ret, cause_id(finding->cause));
}

static void tell_because(const struct finding *finding, struct text *ret)
{
	CLEANUP_FREE char *because = because_list(finding);

	text_add(ret, because);
}

static void tell_confidence(const struct finding *finding, struct text *ret)
{
	text_add(ret, confidence_name(finding->confidence));
}

static void tell_pattern(const struct finding *finding, struct text *ret)
{
	text_add(ret, *pattern_name(finding->pattern) ? pattern_name(finding->pattern) : "unknown");
}

static void tell_packets(const struct finding *finding, struct text *ret)
{
	text_addf(ret, "%llu", (unsigned long long)finding->packets);
}

static void tell_at_least(const struct finding *finding, struct text *ret)
{
	text_add(ret, finding->at_least ? "yes" : "no");
}

static void tell_direction(const struct finding *finding, struct text *ret)
{
	text_add(ret, direction_name(finding->direction));
}

static void tell_detail(const struct finding *finding, struct text *ret)
{
	text_add(ret, finding->detail ? finding->detail : "none");
}

static void tell_effect(const struct finding *finding, struct text *ret)
{
	effect_list(finding, ret);
}

static const struct {
	const char *word;
	void (*tell)(const struct finding *finding, struct text *ret);
} told[] = {
	{ "where", tell_where },	   { "cause", tell_cause },	    { "because", tell_because },
	{ "confidence", tell_confidence }, { "pattern", tell_pattern },	    { "packets", tell_packets },
	{ "at_least", tell_at_least },	   { "direction", tell_direction }, { "detail", tell_detail },
	{ "effect", tell_effect },
};

static void expect_finding(const struct fixture *fixture, const struct diagnosis *diagnosis, const char *word,
			   const char *value)
{
	CLEANUP_TEXT struct text text = { 0 };

	if (!diagnosis->first)
		fail_msg("%s: no finding, expected %s %s (%s)", fixture->path, word, value, diagnosis->summary);
	if (strcmp(word, "object") == 0) {
		object_describe(fixture->objects, object_get(fixture->objects, diagnosis->first->object), &text);
		expect_same(fixture, word, value, text_string(&text));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		if (strcmp(word, told[i].word) != 0)
			continue;
		told[i].tell(diagnosis->first, &text);
		expect_same(fixture, word, value, text_string(&text));
		return;
	}
	fail_msg("%s: unknown expectation %s", fixture->path, word);
}

static void expect_unexplained(const struct fixture *fixture, const struct diagnosis *diagnosis, const char *name)
{
	const struct evidence *evidence;

	vec_each(&diagnosis->unexplained, evidence) {
		if (strcmp(counter_name(evidence->counter), name) == 0)
			return;
	}
	if (strcmp(name, "none") != 0 || diagnosis->unexplained.count)
		fail_msg("%s: unexplained should hold %s", fixture->path, name);
}

static void expect_listed(const struct fixture *fixture, const struct findings *findings, const struct line *line)
{
	const struct finding *finding = finding_of(findings, line->words[2]);
	CLEANUP_TEXT struct text object = { 0 };

	if (!finding)
		fail_msg("%s: no %s %s", fixture->path, line->words[1], line->words[2]);
	if (line->count > 3)
		assert_int_equal(finding->packets, number(line->words[3]));
	if (line->count > 4) {
		object_describe(fixture->objects, object_get(fixture->objects, finding->object), &object);
		expect_same(fixture, line->words[2], line->rest[4], text_string(&object));
	}
}

/* `note COUNTER TEXT`: what the first finding says about a counter of its evidence. */
static void expect_note(const struct fixture *fixture, const struct finding *first, const struct line *line)
{
	const struct evidence *evidence;

	assert_non_null(first);
	vec_each(&first->evidence, evidence) {
		if (strcmp(counter_name(evidence->counter), line->words[2]) == 0) {
			expect_same(fixture, "note", line->rest[3], evidence->note ? evidence->note : "none");
			return;
		}
	}
	fail_msg("%s: %s is no evidence", fixture->path, line->words[2]);
}

static void expect(const struct fixture *fixture, const struct diagnosis *diagnosis, const struct line *line)
{
	const char *word = line->words[1], *value = line->rest[2];
	size_t count = diagnosis->findings.list.count;
	CLEANUP_TEXT struct text ledger = { 0 };

	if (strcmp(word, "loss") == 0)
		expect_same(fixture, word, value, loss_name(diagnosis->loss));
	else if (strcmp(word, "findings") == 0 && count != number(value))
		fail_msg("%s: %zu findings should be %s (%s)", fixture->path, count, value, diagnosis->summary);
	else if (strcmp(word, "also") == 0)
		expect_listed(fixture, &diagnosis->findings, line);
	else if (strcmp(word, "innocent") == 0)
		expect_listed(fixture, &diagnosis->innocent, line);
	else if (strcmp(word, "never") == 0 &&
		 (is_named(&diagnosis->findings, value) || is_named(&diagnosis->innocent, value)))
		fail_msg("%s: %s should not be named", fixture->path, value);
	else if (strcmp(word, "unexplained") == 0)
		expect_unexplained(fixture, diagnosis, value);
	else if (ledger_says(&diagnosis->events, word, &ledger))
		expect_same(fixture, word, value, text_string(&ledger));
	else if (strcmp(word, "note") == 0)
		expect_note(fixture, diagnosis->first, line);
	else if (strcmp(word, "findings") != 0 && strcmp(word, "never") != 0)
		expect_finding(fixture, diagnosis, word, value);
}

static bool expects(const struct fixture *fixture, const char *word)
{
	const struct line *line;

	vec_each(&fixture->lines, line) {
		if (line->count > 2 && strcmp(line->words[0], "expect") == 0 && strcmp(line->words[1], word) == 0)
			return true;
	}
	return false;
}

/* A case that says too little could not fail. */
static void expects_enough(const struct fixture *fixture)
{
	static const char *const positive[] = { "where", "cause", "because", "packets", "findings" };

	for (size_t i = 0; i < ARRAY_SIZE(positive) && expects(fixture, "cause"); i++) {
		if (!expects(fixture, positive[i]))
			fail_msg("%s: it does not say %s", fixture->path, positive[i]);
	}
	if (!expects(fixture, "cause") && !(expects(fixture, "loss") && expects(fixture, "findings")))
		fail_msg("%s: without a cause it says loss and findings", fixture->path);
}

static struct diagnose_options options_of(const struct fixture *fixture)
{
	struct diagnose_options ret = { 0 };
	const struct line *line;

	vec_each(&fixture->lines, line) {
		if (strcmp(line->words[0], "target") == 0)
			ret.target = line->words[1];
	}
	return ret;
}

static void case_holds(void **state)
{
	struct fixture fixture = { .path = *state };
	struct diagnose_options options;
	struct diagnosis diagnosis;
	const struct line *line;

	fixture_load(&fixture);
	expects_enough(&fixture);
	options = options_of(&fixture);
	diagnose(fixture.series, &options, &diagnosis);
	vec_each(&fixture.lines, line) {
		if (strcmp(line->words[0], "expect") == 0)
			expect(&fixture, &diagnosis, line);
	}
	diagnosis_free(&diagnosis);
	fixture_free(&fixture);
}

static int is_case(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".case") == 0;
}

int main(int argc, char **argv)
{
	const char *directory = argc > 1 ? argv[1] : "tests/diagnosis";
	struct dirent **entries;
	int count = scandir(directory, &entries, is_case, alphasort);
	struct CMUnitTest *tests = mem_new(count > 0 ? (size_t)count : 1, sizeof(*tests));
	int failed;

	for (int i = 0; i < count; i++) {
		char *path = text_format("%s/%s", directory, entries[i]->d_name);

		tests[i] = (struct CMUnitTest){ entries[i]->d_name, case_holds, NULL, NULL, path };
	}
	failed = _cmocka_run_group_tests("diagnosis cases", tests, count > 0 ? (size_t)count : 0, NULL, NULL);
	for (int i = 0; i < count; i++) {
		free(tests[i].initial_state);
		free(entries[i]);
	}
	if (count > 0)
		free(entries);
	free(tests);
	return count > 0 ? failed : 1;
}
