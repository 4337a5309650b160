/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In a build without libbpf, clang or bpftool perf events are the only way. */
#include "source/drops_parts.h"

#include <errno.h>

int drops_bpf_attach(struct drops *drops, const struct drops_options *options, enum drops_way way)
{
	(void)drops;
	(void)options;
	(void)way;
	return -EOPNOTSUPP;
}

void drops_bpf_stop(struct drops *drops)
{
	(void)drops;
}

void drops_bpf_free(struct drops *drops)
{
	(void)drops;
}

int drops_bpf_poll(struct drops *drops, int timeout_ms)
{
	(void)drops;
	(void)timeout_ms;
	return -EOPNOTSUPP;
}

uint64_t drops_bpf_missed(const struct drops *drops)
{
	(void)drops;
	return 0;
}
