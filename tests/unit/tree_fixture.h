/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sysroot that the test writes file by file, and a source read from it again
 * and again into one series, as the sampler does.
 */
#pragma once

#include "base/clock.h"
#include "model/series.h"
#include "source/source.h"
#include "unit/unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_NETNS 4026531840u

struct tree {
	char root[32];
	struct objects *objects;
	struct object *netns;
	struct series *series;
	struct snapshot snapshot; /* the last reading */
	struct text buffer;
	uint64_t time_ns;
};

static inline struct tree *tree_new(void)
{
	struct tree *tree = NEW(struct tree);

	snprintf(tree->root, sizeof(tree->root), "/tmp/wheredrop-XXXXXX");
	assert_non_null(mkdtemp(tree->root));
	tree->objects = objects_new();
	tree->netns = object_intern(tree->objects, (struct object_key){ OBJECT_NETNS, TREE_NETNS, 0, 0 }, NULL);
	tree->series = series_new(tree->objects);
	tree->time_ns = NS_PER_S;
	return tree;
}

static inline int tree_remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void tree_remove(const struct tree *tree, const char *path)
{
	CLEANUP_FREE char *whole = text_format("%s%s", tree->root, path);

	nftw(whole, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void tree_free(struct tree **tree)
{
	tree_remove(*tree, "");
	snapshot_free(&(*tree)->snapshot);
	series_free((*tree)->series);
	objects_free((*tree)->objects);
	text_free(&(*tree)->buffer);
	free(*tree);
}

#define CLEANUP_TREE CLEANUP(tree_free)

/* The path below the root, with the folders above it made. */
static inline char *tree_path(const struct tree *tree, const char *path)
{
	char *whole = text_format("%s%s", tree->root, path);

	for (char *slash = strchr(whole + strlen(tree->root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	return whole;
}

static inline void tree_file(const struct tree *tree, const char *path, const char *content)
{
	CLEANUP_FREE char *whole = tree_path(tree, path);
	FILE *file = fopen(whole, "we");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static inline void tree_link(const struct tree *tree, const char *path, const char *target)
{
	CLEANUP_FREE char *whole = tree_path(tree, path);

	unlink(whole);
	assert_int_equal(symlink(target, whole), 0);
}

static inline struct source_context tree_context(struct tree *tree)
{
	return (struct source_context){ .objects = tree->objects,
					.netns = tree->netns,
					.series = tree->series,
					.sysroot = tree->root,
					.buffer = &tree->buffer };
}

/* Begins the next moment, a second after the one before. */
static inline void tree_begin(struct tree *tree)
{
	snapshot_begin(&tree->snapshot, tree->objects);
	tree->time_ns += NS_PER_S;
	tree->snapshot.time_ns = tree->time_ns;
}

static inline void tree_end(struct tree *tree)
{
	series_add(tree->series, &tree->snapshot);
}

static inline void tree_read(struct tree *tree, const struct source *source)
{
	struct source_context context = tree_context(tree);

	tree_begin(tree);
	source->read(&context, &tree->snapshot);
	tree_end(tree);
}

/* The object of that name, which must be there. */
static inline struct object *tree_object(const struct tree *tree, const char *name)
{
	for (uint32_t id = 0; id < objects_count(tree->objects); id++) {
		if (strcmp(object_text(object_get(tree->objects, id), LABEL_NAME), name) == 0)
			return object_get(tree->objects, id);
	}
	fail_msg("no object is called %s", name);
	return NULL;
}

/* Increase of a total, level of a gauge; fails when it was never read. */
static inline uint64_t tree_value(const struct tree *tree, counter_id counter, const char *name)
{
	uint32_t object = tree_object(tree, name)->id;

	if (!series_cell(tree->series, counter, object))
		fail_msg("%s of %s was not read", counter_name(counter), name);
	return series_increase(tree->series, counter, object);
}
