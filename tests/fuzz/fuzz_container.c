/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A runtime's file: any bytes as the configuration of a container. Its name is short, or the id remains. */
#include "fuzz/proc_file.h"
#include "source/container.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct container container = { .id = ID };
	struct text buffer = { 0 }, name = { .max = CONTAINER_NAME_MAX };
	struct source_context context = { .sysroot = proc_root, .buffer = &buffer };

	proc_write("/run/containers/storage/overlay-containers/" ID "/userdata/config.json", data, size);
	container_describe(&context, &container, &name);
	REQUIRE(name.length && name.length <= CONTAINER_NAME_MAX);
	text_free(&name);
	text_free(&buffer);
	return 0;
}
