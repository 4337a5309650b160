/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard output and standard error. */
#include "cmd/command.h"

#include "render/printable.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void output_prepare(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return; /* opens the lowest free descriptor: fd */
	}
}

int complain(const char *format, ...)
{
	CLEANUP_TEXT struct text raw = { 0 }, line = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(&raw, format, arguments);
	va_end(arguments);
	text_add(&line, "wheredrop: ");
	text_add_printable(&line, text_string(&raw), true);
	text_add(&line, "\n");
	fputs(text_string(&line), stderr);
	return STATUS_ERROR;
}

bool colour_wanted(const char *colour)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(colour, "auto") != 0)
		return strcmp(colour, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0);
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		/* Whoever shares the pipe or the terminal may have made it non-blocking. */
		if (written < 0 && errno == EAGAIN) {
			(void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

static int output_complain(int error)
{
	return complain("cannot write the answer to standard output: %s", strerror(-error));
}

int output_part(const struct text *text)
{
	int error = write_all(STDOUT_FILENO, text_string(text), text->length);

	return error ? output_complain(error) : STATUS_OK;
}

int output_write(const struct text *text)
{
	int error = write_all(STDOUT_FILENO, text_string(text), text->length);

	if (close(STDOUT_FILENO) < 0 && !error)
		error = -errno;
	if (error)
		return output_complain(error);
	return STATUS_OK;
}

int output_file(const char *path, const char *what, const struct text *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600), error;

	if (fd < 0)
		return complain("cannot write %s to %s: %s", what, path, strerror(errno));
	error = write_all(fd, text_string(text), text->length);
	if (close(fd) < 0 && !error)
		error = -errno;
	return error ? complain("cannot write %s to %s: %s", what, path, strerror(-error)) : STATUS_OK;
}
