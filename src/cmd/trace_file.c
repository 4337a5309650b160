/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interface of the file is a device in a namespace. All are of Ethernet, with a made-up header where the packet's own is
 * not there, because many programs read files of one link type only.
 */
#include "cmd/trace_file.h"

#include "capture/pcapng.h"
#include "cmd/command.h"
#include "cmd/host.h"
#include "render/printable.h"

#include "base/alloc.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct trace_file {
	char *path;
	int fd;
	struct pcapng *pcapng;
};

static int file_complain(const struct trace_file *file, int error)
{
	return complain("cannot write the capture to %s: %s; what is in it can be read", file->path, strerror(-error));
}

static void file_free(struct trace_file *file)
{
	pcapng_free(file->pcapng);
	free(file->path);
	free(file);
}

int trace_file_open(const char *path, struct trace_file **ret)
{
	struct trace_file *file = NEW(struct trace_file);
	const struct host host = host_here();
	CLEANUP_TEXT struct text kernel = { 0 };
	struct pcapng_section section = { .application = "wheredrop " WHEREDROP_VERSION };
	int error = 0;

	text_addf(&kernel, "Linux %s", host.kernel);
	section.system = text_string(&kernel);
	file->path = mem_strdup(strcmp(path, "-") == 0 ? "standard output" : path);
	file->fd = strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file->fd < 0)
		error = -errno;
	if (!error)
		error = pcapng_begin(file->fd, &section, &file->pcapng);
	if (!error) {
		*ret = file;
		return 0;
	}
	error = file_complain(file, error);
	file_free(file);
	return error;
}

static void describe(const struct trace_drop *drop, struct text *name, struct text *description)
{
	if (*drop->at.device)
		text_add_printable(name, drop->at.device, true);
	else
		text_add(name, "unknown");
	if (*drop->at.netns)
		text_add_printable(description, drop->at.netns, true);
	else if (drop->at.netns_inode)
		text_addf(description, "namespace %u", drop->at.netns_inode);
}

static void comment(const struct trace_drop *drop, struct text *ret)
{
	text_addf(ret, "%s at %s+0x%llx: %s", *drop->reason ? drop->reason : "dropped",
		  *drop->place ? drop->place : "an unknown place", (unsigned long long)drop->place_offset,
		  drop->meaning->meaning);
	if (!drop->at.pid)
		return;
	text_add(ret, "; process ");
	text_add_printable(ret, drop->at.comm, true);
	text_addf(ret, " (pid %d)", drop->at.pid);
}

int trace_file_add(struct trace_file *file, const struct drop_sample *sample, const struct trace_drop *drop)
{
	CLEANUP_TEXT struct text name = { 0 }, description = { 0 }, words = { 0 };
	struct pcapng_interface interface = { .link = PCAPNG_ETHERNET };
	struct pcapng_packet packet = {
		.direction = sample->key.direction == DROP_LEAVING ? PCAPNG_OUTBOUND : PCAPNG_INBOUND,
		.time_ns = drop->time_ns,
		.bytes = sample->bytes,
		.captured = sample->byte_count < sample->length ? sample->byte_count : sample->length,
		.original = sample->length,
		.ethertype = sample->key.ethertype,
	};
	int error;

	describe(drop, &name, &description);
	comment(drop, &words);
	interface.name = text_string(&name);
	interface.description = description.length ? text_string(&description) : NULL;
	packet.comment = text_string(&words);
	error = pcapng_interface(file->pcapng, &interface, &packet.interface);
	if (!error)
		error = pcapng_write_packet(file->pcapng, &packet);
	return error && error != -EINTR ? file_complain(file, error) : 0;
}

int trace_file_close(struct trace_file *file)
{
	int error = 0;

	if (!file)
		return 0;
	if (close(file->fd) < 0 && !pcapng_error(file->pcapng))
		error = file_complain(file, -errno);
	file_free(file);
	return error;
}
