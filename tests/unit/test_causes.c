/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every cause is fired by something and not fired by something that looks alike: a case of tests/diagnosis
 * (`expect cause`, `because`, `also` or `innocent` against `expect never`) or a scene of the lab (CAUSE, BECAUSE, ALSO,
 * EXPECT_INNOCENT against LOOKS_LIKE). A case looks alike when a counter moves in it that moves in one that fires. That
 * it is only traffic will do for a case that is there for that look-alike (CAUSE-not-WHAT.case), and not for one that
 * names the cause in passing. What only probes can tell says so in causes.def, and then nothing may fire it yet.
 *
 * `--list` prints for each cause how it is fired (live, fixture, or nothing: none) and by how many: scenes, cases, and
 * those that look alike.
 */
#include "base/alloc.h"
#include "base/parse.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/cause.h"
#include "model/counter.h"
#include "unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTERS_MAX 20000

/* A counter that moves in a case. */
struct moved {
	const char *counter; /* lives as long as `counters` holds it */
	bool telling;	     /* more than traffic and settings */
	bool dedicated;	     /* in a case that is there for that cause's look-alike */
};

struct moves {
	VEC(struct moved) list;
};

/* What fires a cause, or spares it. */
struct side {
	unsigned int scenes, cases;
	struct moves moves; /* of all those cases */
};

static struct side fired[CAUSE_COUNT], spared[CAUSE_COUNT];

static VEC(char *) counters; /* of all cases */

/* The file that is being read. */
static struct {
	const char *name;
	struct moves moves;
	unsigned int fired[CAUSE_COUNT], spared[CAUSE_COUNT];
} here;

/* Notes the causes in a list such as "a,b", "where/a" or "'a b'"; words that are no cause are the other tests' business. */
static void note(const char *list, unsigned int *times)
{
	CLEANUP_FREE char *copy = mem_strdup(list);
	char *rest = copy, *word;

	while ((word = strsep(&rest, " ,'\"\n"))) {
		const char *slash = strchr(word, '/');
		enum cause cause;

		if (cause_from_id(slash ? slash + 1 : word, &cause))
			times[cause]++;
	}
}

/* Whether the values of such a line stand for a movement (case_values.h): a gauge that is not zero is one as well. */
static bool values_move(struct slice form, struct cursor *values)
{
	uint64_t first = cursor_u64(values), second = cursor_u64(values);

	if (slice_is(form, "gauge"))
		return first || second;
	return first != second || (slice_is(form, "jump") && cursor_u64(values) != second);
}

static bool is_telling(struct slice source, struct slice name)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++) {
		counter_id counter = slice_is(source, source_id_name((enum source_id)i))
					     ? counter_find((enum source_id)i, name.data, name.length)
					     : COUNTER_NONE;

		if (counter != COUNTER_NONE)
			return counter_get(counter)->kind != KIND_TRAFFIC && counter_get(counter)->kind != KIND_CONFIG;
	}
	return true; /* a driver's own */
}

/* "FORM SOURCE COUNTER ID VALUE...": notes the counter when it moves. */
static void read_sample_line(const char *line)
{
	struct cursor words = cursor_of(line, strlen(line));
	struct slice form, source, counter, object;

	if (!cursor_word(&words, &form) || !cursor_word(&words, &source) || !cursor_word(&words, &counter) ||
	    !cursor_word(&words, &object) || !values_move(form, &words))
		return;
	*vec_add(&counters, COUNTERS_MAX) = mem_strndup(counter.data, counter.length);
	*vec_add(&here.moves.list, COUNTERS_MAX) =
		(struct moved){ counters.data[counters.count - 1], is_telling(source, counter), false };
}

static void read_case_line(const char *line)
{
	static const char *const words[] = { "cause ", "because ", "also ", "innocent " };
	static const char *const others[] = { "object ",  "label ",  "late ",	"gone ",
					      "missing ", "window ", "target ", "#" };
	static const char expect[] = "expect ", never[] = "never ";

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strncmp(line, others[i], strlen(others[i])) == 0)
			return;
	}
	if (strncmp(line, expect, strlen(expect)) != 0) {
		read_sample_line(line);
		return;
	}
	line += strlen(expect);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			note(line + strlen(words[i]), here.fired);
	}
	if (strncmp(line, never, strlen(never)) == 0)
		note(line + strlen(never), here.spared);
}

/* The value of a shell variable that is set on this line: up to the blank, or what the quotes hold. */
static void note_variable(const char *line, const char *name, unsigned int *times)
{
	for (const char *at = line; (at = strstr(at, name)); at++) {
		const char *value = at + strlen(name);
		size_t length;
		bool quoted;

		if ((at != line && at[-1] != ' ') || *value++ != '=')
			continue;
		quoted = *value == '\'' || *value == '"';
		value += quoted;
		length = strcspn(value, quoted ? "'\"\n" : " \t\n;");
		CLEANUP_FREE char *list = mem_strndup(value, length);
		note(list, times);
	}
}

static void read_scene_line(const char *line)
{
	static const char *const names[] = { "CAUSE", "BECAUSE", "ALSO", "EXPECT_INNOCENT" };

	if (*line < 'A' || *line > 'Z')
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		note_variable(line, names[i], here.fired);
	note_variable(line, "LOOKS_LIKE", here.spared);
}

/* Whether the file is there for what looks like that cause: CAUSE-not-WHAT.case. */
static bool is_dedicated(enum cause cause)
{
	static const char infix[] = "-not-";
	size_t length = strlen(cause_id(cause));

	return strncmp(here.name, cause_id(cause), length) == 0 &&
	       strncmp(here.name + length, infix, strlen(infix)) == 0;
}

static void settle_side(struct side *side, enum cause cause, bool scene)
{
	*(scene ? &side->scenes : &side->cases) += 1;
	for (size_t i = 0; i < here.moves.list.count; i++) {
		struct moved moved = here.moves.list.data[i];

		moved.dedicated = is_dedicated(cause);
		*vec_add(&side->moves.list, COUNTERS_MAX) = moved;
	}
}

/* At the end of a file its causes get its counters. */
static void settle(bool scene)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (here.fired[i])
			settle_side(&fired[i], (enum cause)i, scene);
		if (here.spared[i])
			settle_side(&spared[i], (enum cause)i, scene);
		here.fired[i] = here.spared[i] = 0;
	}
	vec_free(&here.moves.list);
}

static void read_file(const char *path, void (*read_line)(const char *line))
{
	FILE *file = fopen(path, "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0;

	if (!file)
		fail_msg("%s: cannot be read", path);
	while (getline(&line, &size, file) > 0)
		read_line(line);
	fclose(file);
}

static void read_files(const char *directory, const char *ending, void (*read_line)(const char *line))
{
	struct dirent **entries;
	int count = scandir(directory, &entries, NULL, alphasort);

	if (count <= 0)
		fail_msg("%s: no such directory", directory);
	for (int i = 0; i < count; i++) {
		const char *dot = strrchr(entries[i]->d_name, '.');
		CLEANUP_FREE char *path = text_format("%s/%s", directory, entries[i]->d_name);

		here.name = entries[i]->d_name;
		if (dot && strcmp(dot, ending) == 0)
			read_file(path, read_line);
		settle(read_line == read_scene_line);
		free(entries[i]);
	}
	free(entries);
}

static int read_all(void **state)
{
	read_files("tests/diagnosis", ".case", read_case_line);
	read_files("lab/faults", ".sh", read_scene_line);
	read_files("lab/innocent", ".sh", read_scene_line);
	return 0;
}

static int free_all(void **state)
{
	char **counter;

	vec_each(&counters, counter)
		free(*counter);
	vec_free(&counters);
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		vec_free(&fired[i].moves.list);
		vec_free(&spared[i].moves.list);
	}
	return 0;
}

static bool is_fired(enum cause cause)
{
	return fired[cause].scenes || fired[cause].cases;
}

static bool looks_alike(const struct moved *spares, const struct moved *fires)
{
	return (fires->telling || spares->dedicated) && strcmp(spares->counter, fires->counter) == 0;
}

/* In a case by what moves in both; of scenes only that one fires it and one must not is known. */
static bool has_look_alike(enum cause cause)
{
	const struct moved *spares, *fires;

	if (spared[cause].scenes && fired[cause].scenes)
		return true;
	vec_each(&spared[cause].moves.list, spares) {
		vec_each(&fired[cause].moves.list, fires) {
			if (looks_alike(spares, fires))
				return true;
		}
	}
	return false;
}

static bool needs_probes(enum cause cause)
{
	return cause_get(cause)->proof == PROOF_PROBE;
}

static void assert_none(const struct text *lacking, const char *what)
{
	if (lacking->length)
		fail_msg("%s:%s", what, text_string(lacking));
}

static void every_cause_is_fired(void **state)
{
	CLEANUP_TEXT struct text lacking = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (!needs_probes((enum cause)i) && !is_fired((enum cause)i))
			text_addf(&lacking, " %s", cause_id((enum cause)i));
	}
	assert_none(&lacking, "no case and no scene fires");
}

static void every_cause_has_a_look_alike(void **state)
{
	CLEANUP_TEXT struct text lacking = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (!needs_probes((enum cause)i) && !has_look_alike((enum cause)i))
			text_addf(&lacking, " %s", cause_id((enum cause)i));
	}
	assert_none(&lacking, "nothing that resembles it and must not be called");
}

static void nothing_fires_what_only_probes_show(void **state)
{
	CLEANUP_TEXT struct text wrong = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (needs_probes((enum cause)i) && is_fired((enum cause)i))
			text_addf(&wrong, " %s", cause_id((enum cause)i));
	}
	assert_none(&wrong, "causes.def says that only probes show");
}

static int list(void)
{
	(void)read_all(NULL);
	puts("# cause\tfired\tscenes\tcases\tlook-alikes");
	for (size_t i = 0; i < CAUSE_COUNT; i++)
		printf("%s\t%s\t%u\t%u\t%u\n", cause_id((enum cause)i),
		       fired[i].scenes	? "live"
		       : fired[i].cases ? "fixture"
					: "none",
		       fired[i].scenes, fired[i].cases, spared[i].scenes + spared[i].cases);
	return free_all(NULL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_is_fired),
		cmocka_unit_test(every_cause_has_a_look_alike),
		cmocka_unit_test(nothing_fires_what_only_probes_show),
	};

	if (argc > 1 && strcmp(argv[1], "--list") == 0)
		return list();
	return cmocka_run_group_tests_name("causes", tests, read_all, free_all);
}
