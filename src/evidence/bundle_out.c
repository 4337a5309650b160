/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The archive that is written: a tar (POSIX.1-1988, ustar) that libzstd compresses. After each file the compressor is
 * flushed, so that the file on the disk can be read up to there, whatever happens then; all the same it goes on with what
 * it has seen, because one snapshot is much like the one before.
 *
 * A header has ten fields. libarchive, which reads the tar, could write them; but with its writer come libraries for XML
 * and Unicode, 40 MB to load at every start.
 */
#include "evidence/bundle_parts.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define LEVEL 3
#define BUFFER_BYTES (128u << 10)

struct bundle_out {
	int fd;
	ZSTD_CStream *zstd;
	char *buffer; /* BUFFER_BYTES */
	int error;    /* -errno of the first write that failed */
	off_t start;  /* what was in the file before */
	bool left_open;
};

static void write_all(struct bundle_out *out, const char *bytes, size_t length)
{
	while (length && !out->error) {
		ssize_t written = write(out->fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			out->error = written < 0 ? -errno : -EIO;
			return;
		}
		bytes += written;
		length -= (size_t)written;
	}
}

static void compress(struct bundle_out *out, const void *bytes, size_t length, ZSTD_EndDirective directive)
{
	ZSTD_inBuffer input = { bytes, length, 0 };
	size_t left;

	if (out->error)
		return;
	do {
		ZSTD_outBuffer output = { out->buffer, BUFFER_BYTES, 0 };

		left = ZSTD_compressStream2(out->zstd, &output, &input, directive);
		if (ZSTD_isError(left)) {
			out->error = out->error ? out->error : -EIO;
			return;
		}
		write_all(out, out->buffer, output.pos);
	} while (!out->error && (directive == ZSTD_e_continue ? input.pos < input.size : left > 0));
}

static void out_free(struct bundle_out *out)
{
	ZSTD_freeCStream(out->zstd);
	if (out->fd >= 0)
		close(out->fd);
	free(out->buffer);
	free(out);
}

/* Owns the descriptor, which is -errno when there is none. */
static int out_new(int fd, off_t start, struct bundle_out **ret)
{
	struct bundle_out *out = NEW(struct bundle_out);
	int error = fd < 0 ? fd : 0;

	out->buffer = mem_new(BUFFER_BYTES, 1);
	out->zstd = ZSTD_createCStream();
	out->fd = fd;
	out->start = start;
	if (!error && !out->zstd)
		error = -ENOMEM;
	if (!error && (ZSTD_isError(ZSTD_CCtx_setParameter(out->zstd, ZSTD_c_compressionLevel, LEVEL)) ||
		       ZSTD_isError(ZSTD_CCtx_setParameter(out->zstd, ZSTD_c_checksumFlag, 1))))
		error = -EIO;
	if (error) {
		out_free(out);
		return error;
	}
	*ret = out;
	return 0;
}

int bundle_out_open(const char *path, struct bundle_out **ret)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return out_new(fd < 0 ? -errno : fd, 0, ret);
}

/* Nobody else adds to it, nobody has since it was looked at, and nobody else may read it. */
static int claim(int fd, uint64_t bytes)
{
	struct stat status;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(fd, &status) < 0 || ((status.st_mode & 077) && fchmod(fd, 0600) < 0))
		return -errno;
	return (uint64_t)status.st_size == bytes ? 0 : -EBUSY;
}

int bundle_out_append(const char *path, uint64_t bytes, struct bundle_out **ret)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	int error = fd < 0 ? -errno : claim(fd, bytes);

	if (fd >= 0 && error)
		close(fd);
	return out_new(error ? error : fd, (off_t)bytes, ret);
}

void bundle_out_leave_open(struct bundle_out *out)
{
	out->left_open = true;
}

#define BLOCK 512

/* Numbers are octal, and end with a NUL or a blank. */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], unused[12];
};

_Static_assert(sizeof(struct tar_header) == BLOCK, "a tar header is one block");

static void header_make(const char *name, size_t size, struct tar_header *ret)
{
	unsigned int sum = 0;

	*ret = (struct tar_header){ .type = '0', .magic = "ustar", .version = { '0', '0' } };
	memcpy(ret->name, name, strnlen(name, sizeof(ret->name)));
	snprintf(ret->mode, sizeof(ret->mode), "%07o", 0600U);
	snprintf(ret->uid, sizeof(ret->uid), "%07o", 0U);
	snprintf(ret->gid, sizeof(ret->gid), "%07o", 0U);
	snprintf(ret->size, sizeof(ret->size), "%011o", (unsigned int)size); /* BUNDLE_FILE_MOST_BYTES at most */
	snprintf(ret->mtime, sizeof(ret->mtime), "%011llo", clock_wall_ns() / NS_PER_S & 077777777777ULL);
	memset(ret->checksum, ' ', sizeof(ret->checksum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += ((const unsigned char *)ret)[i];
	snprintf(ret->checksum, sizeof(ret->checksum), "%06o", sum & 0777777);
}

int bundle_out_file(struct bundle_out *out, const char *name, const struct text *content)
{
	static const char zeros[BLOCK];
	size_t rest = content->length % BLOCK;
	struct tar_header header;

	header_make(name, content->length, &header);
	compress(out, &header, sizeof(header), ZSTD_e_continue);
	compress(out, text_string(content), content->length, ZSTD_e_continue);
	compress(out, zeros, rest ? BLOCK - rest : 0, ZSTD_e_flush);
	return out->error;
}

int bundle_out_close(struct bundle_out *out)
{
	static const char end[2 * BLOCK];
	int error;

	compress(out, end, out->left_open ? 0 : sizeof(end), ZSTD_e_end);
	if (close(TAKE_FD(out->fd)) < 0 && !out->error)
		out->error = -errno;
	error = out->error;
	out_free(out);
	return error;
}

int bundle_out_undo(struct bundle_out *out)
{
	int error = out->error;

	if (ftruncate(out->fd, out->start) < 0 && !error)
		error = -errno;
	out_free(out);
	return error;
}
