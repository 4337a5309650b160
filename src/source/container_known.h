/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The containers of dropped packets: looked up once and remembered. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct containers;

/* What a packet tells of where it belongs to; 0 where it does not. */
struct container_place {
	uint64_t cgroup; /* of its socket */
	uint32_t netns;
	pid_t pid;	 /* whose it is */
	pid_t netns_pid; /* a process in its namespace, where that is not this program's own */
};

struct containers *containers_new(void) __attribute__((warn_unused_result));
void containers_free(struct containers *containers);

/*
 * The name of the container that the socket's control group (its path, "" when not known) is of, else the one that the
 * process runs in, else the one that the namespace belongs to; "" for none. Good until the next call.
 */
const char *containers_get(struct containers *containers, const struct container_place *place, const char *cgroup_path);
