/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where tickets come from: one text, a directory of outputs, or an archive of one (a sosreport). What made a file stands in
 * its name ("sos_commands/networking/ethtool_-S_eth0", "before/proc/net/softnet_stat"), as a rule; other files are looked at, and
 * taken when they begin with an output that is known. Nothing is written, no link is followed, and there is a limit to everything.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (16u << 20)	      /* of one output in a collection */
#define ARCHIVE_BYTES_MAX (UINT64_C(2) << 30) /* unpacked, all files together */
#define FILES_MAX 200000
#define LOOK_BYTES 4096 /* of a file that nobody names */
#define DEPTH_MAX 16

/* ---- names ---- */

/* What stands behind a directory of that name ("proc/"), wherever it is in the path; NULL where there is none. */
static const char *below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	for (const char *at = path; (at = strstr(at, directory)); at++) {
		if (at == path || at[-1] == '/')
			return at + length;
	}
	return NULL;
}

static bool has_directory(const char *path, const char *name)
{
	CLEANUP_FREE char *directory = text_format("%s/", name);

	return below(path, directory) != NULL;
}

/* before/ comes before during/, that before after/. */
static unsigned int phase_of(const char *path)
{
	if (has_directory(path, "before") || has_directory(path, "baseline"))
		return 0;
	return has_directory(path, "after") ? 2 : 1;
}

/* The command of a file's name: "ethtool_-S_eth0.txt" is `ethtool -S eth0`, ".../proc/net/snmp" is `cat /proc/net/snmp`. */
static char *command_of(const char *path)
{
	const char *proc = below(path, "proc/"), *name = strrchr(path, '/');
	char *command, *dot;

	if (proc && !below(path, "sos_commands/"))
		return text_format("cat /proc/%s", proc);
	command = mem_strdup(name ? name + 1 : path);
	dot = strrchr(command, '.');
	if (dot && (strcmp(dot, ".txt") == 0 || strcmp(dot, ".log") == 0 || strcmp(dot, ".out") == 0))
		*dot = '\0';
	if (!strchr(command, ' ')) {
		for (char *at = command; *at; at++)
			*at = (char)(*at == '_' ? ' ' : *at);
	}
	return command;
}

/* Whether a command can be read. What is below /proc of single processes is none of ours. */
static bool is_known_command(const char *command)
{
	struct ticket_command parsed;

	if (strncmp(command, "cat /proc/", 10) == 0 && command[10] >= '0' && command[10] <= '9')
		return false;
	return line_command(slice_of(command), &parsed) && format_of_command(&parsed);
}

/* Whether one of the first lines begins an output. */
static bool looks_known(struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length < LOOK_BYTES ? text.length : LOOK_BYTES);
	struct ticket_command command;
	struct slice line;

	for (size_t i = 0; i < 20 && cursor_line(&cursor, &line); i++) {
		if (format_of_line(line) || (line_command(line, &command) && format_of_command(&command)))
			return true;
	}
	return false;
}

/* Takes a file of a collection if it is an output. */
static void take_file(struct ticket_reader *reader, const char *path, unsigned int phase, struct slice content)
{
	CLEANUP_FREE char *command = command_of(path);
	bool known = is_known_command(command);

	if (!content.length || !ticket_is_text(content.data, content.length) || (!known && !looks_known(content)))
		return;
	ticket_add(reader, path, known ? command : NULL, phase * 3 + phase_of(path), content);
}

/* ---- a file, a directory ---- */

static int read_descriptor(int fd, size_t most, struct text *ret)
{
	char piece[65536];
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		text_add_bytes(ret, piece, (size_t)got);
		if (ret->length > most)
			return -EFBIG;
	}
	return 0;
}

static void take_path(struct ticket_reader *reader, const char *path, const char *name, unsigned int phase)
{
	CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	CLEANUP_TEXT struct text content = { 0 };

	if (fd >= 0 && read_descriptor(fd, FILE_BYTES_MAX, &content) == 0)
		take_file(reader, name, phase, (struct slice){ text_string(&content), content.length });
}

static int compare_names(const FTSENT **left, const FTSENT **right)
{
	return strcmp((*left)->fts_name, (*right)->fts_name);
}

static int read_directory(struct ticket_reader *reader, const char *path, unsigned int phase)
{
	CLEANUP_FREE char *root = mem_strdup(path);
	char *const roots[] = { root, NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare_names);
	size_t skip = strlen(path), files = 0;
	FTSENT *entry;

	if (!walk)
		return -errno;
	while (files < FILES_MAX && (entry = fts_read(walk))) {
		const char *name = entry->fts_path + (strlen(entry->fts_path) > skip ? skip : 0);

		if (entry->fts_info == FTS_D && entry->fts_level > DEPTH_MAX)
			fts_set(walk, entry, FTS_SKIP);
		if (entry->fts_info != FTS_F || !S_ISREG(entry->fts_statp->st_mode))
			continue;
		files++;
		take_path(reader, entry->fts_path, name + strspn(name, "/"), phase);
	}
	fts_close(walk);
	return 0;
}

/* ---- an archive ---- */

static bool is_wanted(const struct archive_entry *entry_const)
{
	struct archive_entry *entry = (struct archive_entry *)entry_const;

	return archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
	       archive_entry_pathname(entry) && archive_entry_size(entry) > 0 &&
	       archive_entry_size(entry) <= (la_int64_t)FILE_BYTES_MAX;
}

/* The content of a file; of one whose name says nothing, only when it begins with something known. */
static bool read_entry(struct archive *archive, struct archive_entry *entry, struct text *content)
{
	CLEANUP_FREE char *command = command_of(archive_entry_pathname(entry));
	bool known = is_known_command(command);
	char piece[65536];
	la_ssize_t got;

	text_clear(content);
	while ((got = archive_read_data(archive, piece, sizeof(piece))) > 0) {
		if (!known && !content->length && !looks_known((struct slice){ piece, (size_t)got }))
			return false;
		text_add_bytes(content, piece, (size_t)got);
		if (content->length > FILE_BYTES_MAX)
			return false;
	}
	return got == 0;
}

static const char *read_entries(struct ticket_reader *reader, struct archive *archive, unsigned int phase)
{
	CLEANUP_TEXT struct text content = { 0 };
	struct archive_entry *entry;
	uint64_t total = 0;
	int status = ARCHIVE_EOF;

	for (size_t files = 0; files < FILES_MAX && (status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK;
	     files++) {
		if (archive_entry_size(entry) > 0)
			total += (uint64_t)archive_entry_size(entry);
		if (total > ARCHIVE_BYTES_MAX)
			return "it unpacks to more than 2 GB";
		if (is_wanted(entry) && read_entry(archive, entry, &content))
			take_file(reader, archive_entry_pathname(entry), phase,
				  (struct slice){ text_string(&content), content.length });
	}
	return status == ARCHIVE_OK || status == ARCHIVE_EOF ? NULL : "the archive is cut off or damaged";
}

static int read_archive(struct ticket_reader *reader, int fd, unsigned int phase, const char **ret_why)
{
	struct archive *archive = archive_read_new();
	int error = 0;

	if (!archive)
		return -ENOMEM;
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_format_tar(archive);
	if (archive_read_open_fd(archive, fd, 65536) != ARCHIVE_OK) {
		*ret_why = "neither a bundle, nor a text, nor an archive";
		error = -EPROTO;
	} else {
		/* What came before the damage can be used. */
		(void)read_entries(reader, archive, phase);
	}
	archive_read_free(archive);
	return error;
}

/* ---- whatever it is ---- */

static int read_file(struct ticket_reader *reader, int fd, unsigned int phase, const char **ret_why)
{
	CLEANUP_TEXT struct text content = { .max = TICKET_BYTES_MAX + 1 };
	char head[LOOK_BYTES];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	int error;

	/* A pipe cannot be looked at twice: it is a text. */
	if (got > 0 && !ticket_is_text(head, (size_t)got))
		return read_archive(reader, fd, phase, ret_why);
	error = read_descriptor(fd, TICKET_BYTES_MAX, &content);
	if (error) {
		*ret_why = error == -EFBIG ? "a ticket of more than 64 MB" : strerror(-error);
		return error;
	}
	if (!content.length || !ticket_is_text(text_string(&content), content.length)) {
		*ret_why = content.length ? "neither a bundle, nor a text, nor an archive" : "it is empty";
		return -EPROTO;
	}
	ticket_add(reader, "", NULL, phase * 3 + 1, (struct slice){ text_string(&content), content.length });
	return 0;
}

int ticket_read(struct ticket_reader *reader, const char *path, unsigned int phase, const char **ret_why)
{
	bool standard = strcmp(path, "-") == 0;
	CLEANUP_CLOSE int opened = standard ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	int error;

	if (!standard && (opened < 0 || fstat(opened, &status) < 0)) {
		error = -errno;
		*ret_why = strerror(-error);
		return error;
	}
	if (standard || !S_ISDIR(status.st_mode))
		return read_file(reader, standard ? STDIN_FILENO : opened, phase, ret_why);
	error = read_directory(reader, path, phase);
	if (error)
		*ret_why = strerror(-error);
	return error;
}
