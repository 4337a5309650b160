/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dropped packets as a capture file, with the kernel's reason as each packet's comment. */
#pragma once

#include "bpf/drop.h"
#include "render/trace.h"

struct trace_file;

/* Begins a file of that name, "-": standard output. 0, or STATUS_ERROR after one line on stderr. */
int trace_file_open(const char *path, struct trace_file **ret) __attribute__((warn_unused_result));

/* Adds a packet. 0, or STATUS_ERROR after one line on stderr, once: what is in the file stays readable. */
int trace_file_add(struct trace_file *file, const struct drop_sample *sample, const struct trace_drop *drop)
	__attribute__((warn_unused_result));

/* Ends it; NULL is no file. 0, or STATUS_ERROR likewise. */
int trace_file_close(struct trace_file *file) __attribute__((warn_unused_result));
