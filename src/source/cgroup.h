/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control groups by the number that the kernel has for them. */
#pragma once

#include "base/text.h"

#include <stdint.h>

/*
 * Appends the path of a group of version 2 below its root, "/system.slice/nginx.service", by its id: what
 * bpf_get_current_cgroup_id() and a socket's sk_cgrp_data tell. 0, or -errno: -ESTALE when the group is gone, -EPERM
 * without CAP_DAC_READ_SEARCH, -ENOENT where version 2 is not mounted in /sys/fs/cgroup.
 */
int cgroup_path(uint64_t id, struct text *ret) __attribute__((warn_unused_result));
