/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main() of a fuzz harness that is built as an ordinary test: every file of the
 * corpus directory, whole and cut off at up to 64 places, goes through the
 * harness. Prints TAP. Each input lies in memory of exactly its size, so that
 * AddressSanitizer sees one byte too many. After a crash the last "# input" line
 * names the culprit.
 */
#include "base/alloc.h"
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define CUTS 64

static void replay_bytes(const uint8_t *data, size_t size)
{
	CLEANUP_FREE uint8_t *exact = size ? mem_new(size, 1) : NULL;

	if (size)
		memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
}

static void replay_cuts(const uint8_t *data, size_t size)
{
	for (size_t cut = 0; cut < size; cut += size / CUTS + 1)
		replay_bytes(data, cut);
	replay_bytes(data, size);
}

static int replay_file(const char *path)
{
	CLEANUP_FREE uint8_t *data = NULL;
	FILE *file = fopen(path, "rb");
	size_t size = 0, capacity = 4096;

	if (!file)
		return -1;
	data = mem_resize(NULL, capacity, 1);
	while (!feof(file) && !ferror(file)) {
		if (size == capacity)
			data = mem_resize(data, capacity *= 2, 1);
		size += fread(data + size, 1, capacity - size, file);
	}
	fclose(file);
	printf("# input %s\n", path);
	fflush(stdout);
	replay_cuts(data, size);
	return 0;
}

static int replay_directory(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	int inputs = 0;

	if (!directory)
		return 0;
	while ((entry = readdir(directory))) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (replay_file(name) == 0)
			inputs++;
	}
	closedir(directory);
	return inputs;
}

int main(int argc, char **argv)
{
	int inputs = argc == 2 ? replay_directory(argv[1]) : 0;

	printf("1..1\n%s 1 - %d inputs replayed from %s\n", inputs ? "ok" : "not ok", inputs,
	       argc == 2 ? argv[1] : "no directory");
	return inputs ? 0 : 1;
}
