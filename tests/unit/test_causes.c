/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every cause is fired by something and not fired by something that looks alike: a case of tests/diagnosis
 * (`expect cause`, `because`, `also` or `innocent` against `expect never`) or a scene of the lab (CAUSE, BECAUSE, ALSO,
 * EXPECT_INNOCENT against LOOKS_LIKE). A case that looks alike has a counter of one that fires. What only drop events or
 * probes can tell says so in causes.def, and then nothing that reads counters may fire it.
 */
#include "base/alloc.h"
#include "base/parse.h"
#include "base/text.h"
#include "base/vec.h"
#include "model/cause.h"
#include "unit/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int fired[CAUSE_COUNT], spared[CAUSE_COUNT];

#define COUNTERS_MAX 20000

/* Names of counters; they live as long as `counters` holds them. */
struct names {
	VEC(const char *) list;
};

static VEC(char *) counters;					       /* of all cases */
static struct names here;					       /* those of the case that is being read, */
static unsigned int here_fired[CAUSE_COUNT], here_spared[CAUSE_COUNT]; /* and its causes */
static struct names firing[CAUSE_COUNT], sparing[CAUSE_COUNT];

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

/* "FORM SOURCE COUNTER ID VALUE...": notes the counter. */
static void read_sample_line(const char *line)
{
	struct cursor words = cursor_of(line, strlen(line));
	struct slice form, source, counter;

	if (!cursor_word(&words, &form) || !cursor_word(&words, &source) || !cursor_word(&words, &counter))
		return;
	*vec_add(&counters, COUNTERS_MAX) = mem_strndup(counter.data, counter.length);
	*vec_add(&here.list, COUNTERS_MAX) = counters.data[counters.count - 1];
}

static void read_case_line(const char *line)
{
	static const char *const words[] = { "cause ", "because ", "also ", "innocent " };
	static const char *const others[] = { "object ", "label ", "late ", "missing ", "window ", "target ", "#" };
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
			note(line + strlen(words[i]), here_fired);
	}
	if (strncmp(line, never, strlen(never)) == 0)
		note(line + strlen(never), here_spared);
}

static void add_names(struct names *to, const struct names *from)
{
	for (size_t i = 0; i < from->list.count; i++)
		*vec_add(&to->list, COUNTERS_MAX) = from->list.data[i];
}

/* At the end of a case its causes get its counters. */
static void settle_case(void)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (here_fired[i])
			add_names(&firing[i], &here);
		if (here_spared[i])
			add_names(&sparing[i], &here);
		fired[i] += here_fired[i];
		spared[i] += here_spared[i];
		here_fired[i] = here_spared[i] = 0;
	}
	vec_free(&here.list);
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
		note_variable(line, names[i], fired);
	note_variable(line, "LOOKS_LIKE", spared);
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

		if (dot && strcmp(dot, ending) == 0)
			read_file(path, read_line);
		settle_case();
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
		vec_free(&firing[i].list);
		vec_free(&sparing[i].list);
	}
	return 0;
}

static bool have_one_in_common(const struct names *left, const struct names *right)
{
	for (size_t i = 0; i < left->list.count; i++) {
		for (size_t j = 0; j < right->list.count; j++) {
			if (strcmp(left->list.data[i], right->list.data[j]) == 0)
				return true;
		}
	}
	return false;
}

static void assert_none(const struct text *lacking, const char *what)
{
	if (lacking->length)
		fail_msg("%s:%s", what, text_string(lacking));
}

static void every_cause_that_counters_show_is_fired(void **state)
{
	CLEANUP_TEXT struct text lacking = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (cause_get((enum cause)i)->proof == PROOF_COUNTERS && !fired[i])
			text_addf(&lacking, " %s", cause_id((enum cause)i));
	}
	assert_none(&lacking, "no case and no scene fires");
}

static void every_cause_that_counters_show_has_a_look_alike(void **state)
{
	CLEANUP_TEXT struct text lacking = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (cause_get((enum cause)i)->proof == PROOF_COUNTERS && !spared[i])
			text_addf(&lacking, " %s", cause_id((enum cause)i));
	}
	assert_none(&lacking, "no look-alike that must not be called");
}

static void look_alikes_have_a_counter_in_common(void **state)
{
	CLEANUP_TEXT struct text strange = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (firing[i].list.count && sparing[i].list.count && !have_one_in_common(&firing[i], &sparing[i]))
			text_addf(&strange, " %s", cause_id((enum cause)i));
	}
	assert_none(&strange, "no look-alike moves a counter that is seen when it fires");
}

static void counters_fire_nothing_that_they_cannot_show(void **state)
{
	CLEANUP_TEXT struct text wrong = { 0 };

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (cause_get((enum cause)i)->proof != PROOF_COUNTERS && fired[i])
			text_addf(&wrong, " %s", cause_id((enum cause)i));
	}
	assert_none(&wrong, "causes.def says that no counter shows");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_that_counters_show_is_fired),
		cmocka_unit_test(every_cause_that_counters_show_has_a_look_alike),
		cmocka_unit_test(look_alikes_have_a_counter_in_common),
		cmocka_unit_test(counters_fire_nothing_that_they_cannot_show),
	};

	return cmocka_run_group_tests_name("causes", tests, read_all, free_all);
}
