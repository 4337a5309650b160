/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The archive that is read: libzstd gives what can still be unpacked of a file that was cut off or damaged, libarchive takes
 * the tar apart. Nothing is written to the disk: the names in it are only compared.
 */
#include "evidence/bundle_parts.h"

#include "base/alloc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define BUFFER_BYTES (128u << 10)
#define MAGIC "\x28\xb5\x2f\xfd" /* of a zstd frame */

struct bundle_in {
	int fd;
	struct archive *tar;
	ZSTD_DStream *zstd;
	char *packed, *unpacked; /* BUFFER_BYTES each */
	ZSTD_inBuffer input;	 /* what of `packed` is still to be unpacked */
	size_t pending;		 /* 0 where a frame has just ended */
	uint64_t total;		 /* unpacked so far */
	uint64_t taken, size;	 /* of the file: read so far, and all of it */
	uint64_t frame;		 /* where the first frame ends; 0 until that was read */
	const char *cut;
	struct text content;
};

static void cut(struct bundle_in *in, const char *why)
{
	if (!in->cut)
		in->cut = why;
}

/* More of the file. False at its end. */
static bool fill(struct bundle_in *in)
{
	ssize_t got;

	do
		got = read(in->fd, in->packed, BUFFER_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		cut(in, "the rest of the file cannot be read");
	else if (!got && in->pending)
		cut(in, "the recording was cut off");
	in->input = (ZSTD_inBuffer){ in->packed, got > 0 ? (size_t)got : 0, 0 };
	in->taken += in->input.size;
	return got > 0;
}

static la_ssize_t give(struct archive *tar, void *argument, const void **ret_bytes)
{
	struct bundle_in *in = argument;
	ZSTD_outBuffer output = { in->unpacked, BUFFER_BYTES, 0 };

	(void)tar;
	while (!output.pos && !in->cut) {
		if (in->input.pos == in->input.size && !fill(in))
			break;
		in->pending = ZSTD_decompressStream(in->zstd, &output, &in->input);
		if (ZSTD_isError(in->pending))
			cut(in, "the file is damaged");
		else if (!in->pending && !in->frame)
			in->frame = in->taken - in->input.size + in->input.pos;
	}
	in->total += output.pos;
	if (in->total > BUNDLE_MOST_BYTES) {
		cut(in, "it unpacks to more than 2 GB");
		return 0;
	}
	*ret_bytes = in->unpacked;
	return (la_ssize_t)output.pos;
}

static const char *open_archive(struct bundle_in *in)
{
	if (!fill(in) || in->input.size < 4 || memcmp(in->packed, MAGIC, 4) != 0)
		return "it is no bundle of wheredrop";
	in->tar = archive_read_new();
	in->zstd = ZSTD_createDStream();
	if (!in->tar || !in->zstd)
		return "no memory to unpack it";
	if (archive_read_support_format_tar(in->tar) != ARCHIVE_OK ||
	    archive_read_set_options(in->tar, "read_concatenated_archives") != ARCHIVE_OK ||
	    archive_read_open(in->tar, in, NULL, give, NULL) != ARCHIVE_OK)
		return "it is no bundle of wheredrop";
	return NULL;
}

int bundle_in_open(const char *path, struct bundle_in **ret, const char **ret_why)
{
	struct bundle_in *in = NEW(struct bundle_in);
	struct stat status;
	int error;

	in->packed = mem_new(BUFFER_BYTES, 1);
	in->unpacked = mem_new(BUFFER_BYTES, 1);
	in->content.max = BUNDLE_FILE_MOST_BYTES;
	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (in->fd < 0) {
		error = -errno;
		*ret_why = strerror(-error);
		bundle_in_close(in);
		return error;
	}
	error = fstat(in->fd, &status) < 0 ? -errno : S_ISDIR(status.st_mode) ? -EISDIR : 0;
	in->size = error ? 0 : (uint64_t)status.st_size;
	*ret_why = error ? strerror(-error) : open_archive(in);
	if (*ret_why) {
		bundle_in_close(in);
		return error ? error : -EPROTO;
	}
	*ret = in;
	return 0;
}

bool bundle_is_one(const char *path)
{
	const struct text *content = NULL;
	const char *name = NULL, *why;
	struct bundle_in *in = NULL;
	bool is_one;

	if (bundle_in_open(path, &in, &why) || !in)
		return false;
	is_one = bundle_in_next(in, &name, &content) && strcmp(name, BUNDLE_MANIFEST) == 0;
	bundle_in_close(in);
	return is_one;
}

static bool read_content(struct bundle_in *in, struct archive_entry *entry)
{
	char buffer[16384];
	la_ssize_t got;

	text_clear(&in->content);
	if (archive_entry_size(entry) > (la_int64_t)BUNDLE_FILE_MOST_BYTES) {
		cut(in, "a file in it is larger than 256 MB");
		return false;
	}
	while ((got = archive_read_data(in->tar, buffer, sizeof(buffer))) > 0)
		text_add_bytes(&in->content, buffer, (size_t)got);
	return !got && !in->content.overflow && (la_int64_t)in->content.length == archive_entry_size(entry);
}

bool bundle_in_next(struct bundle_in *in, const char **ret_name, const struct text **ret_content)
{
	struct archive_entry *entry;
	int status;

	while ((status = archive_read_next_header(in->tar, &entry)) == ARCHIVE_OK) {
		if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) ||
		    !archive_entry_pathname(entry))
			continue;
		if (!read_content(in, entry)) {
			cut(in, "the recording was cut off");
			return false;
		}
		*ret_name = archive_entry_pathname(entry);
		*ret_content = &in->content;
		return true;
	}
	if (status != ARCHIVE_EOF)
		cut(in, "the recording was cut off");
	return false;
}

const char *bundle_in_cut(const struct bundle_in *in)
{
	return in->cut;
}

void bundle_in_frame(const struct bundle_in *in, uint64_t *ret_bytes, bool *ret_followed)
{
	*ret_bytes = in->frame;
	*ret_followed = in->frame && in->size > in->frame;
}

void bundle_in_close(struct bundle_in *in)
{
	archive_read_free(in->tar);
	ZSTD_freeDStream(in->zstd);
	if (in->fd >= 0)
		close(in->fd);
	free(in->packed);
	free(in->unpacked);
	text_free(&in->content);
	free(in);
}
