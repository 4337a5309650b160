/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For scripts/bench-drops.sh: what one run of a BPF program takes. Attaches the probe as wheredrop does (mode "keys" or
 * "flows") or one that does nothing ("empty"), says so, waits for standard input to end, and prints how often the program
 * ran and the nanoseconds of a run. kernel.bpf_stats_enabled has to be 1. Mode "cost" attaches the probe by the project's
 * own function and prints the milliseconds that took, and the bytes of kernel memory in all and of each further CPU.
 */
#include "bpf/drop.h"
#include "bpf/filter.h"

#include "bpf/drop_typed.skel.h"
#include "empty.skel.h"

#include "base/clock.h"
#include "source/drops.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int attach_drops(int flows)
{
	struct drop_typed_bpf *skeleton = drop_typed_bpf__open();
	__u32 cpus = (__u32)libbpf_num_possible_cpus();

	if (!skeleton)
		return -1;
	skeleton->rodata->want_flows = flows;
	bpf_map__set_max_entries(skeleton->maps.slots, cpus * DROP_SLOTS);
	bpf_map__set_max_entries(skeleton->maps.flows, cpus * DROP_FLOWS);
	bpf_map__set_max_entries(skeleton->maps.cpus, cpus);
	if (drop_typed_bpf__load(skeleton) || drop_typed_bpf__attach(skeleton))
		return -1;
	return bpf_program__fd(skeleton->progs.wd_drop_typed);
}

static int attach_empty(void)
{
	struct empty_bpf *skeleton = empty_bpf__open_and_load();

	if (!skeleton || empty_bpf__attach(skeleton))
		return -1;
	return bpf_program__fd(skeleton->progs.wd_empty);
}

static int print_cost(void)
{
	static const struct drops_options options = { .flows = true, .way = DROPS_TYPED };
	uint64_t begin_ns = clock_monotonic_ns();
	struct drops *drops;
	const char *why;

	if (drops_attach(&options, &drops, &why))
		return fail(why);
	printf("%.1f %zu %zu\n", (double)(clock_monotonic_ns() - begin_ns) / 1e6, drops_memory(drops),
	       DROP_SLOTS * sizeof(struct drop_slot) + DROP_FLOWS * sizeof(struct drop_flow) + sizeof(struct drop_cpu));
	drops_detach(drops);
	return 0;
}

static int run(const char *mode)
{
	int program = strcmp(mode, "empty") == 0 ? attach_empty() : attach_drops(strcmp(mode, "flows") == 0);
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);
	char byte;

	if (program < 0)
		return fail("bench-attach");
	puts("attached");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	if (bpf_obj_get_info_by_fd(program, &info, &size))
		return fail("bench-attach");
	printf("%llu %.1f\n", (unsigned long long)info.run_cnt,
	       info.run_cnt ? (double)info.run_time_ns / (double)info.run_cnt : 0);
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc == 2 ? argv[1] : "";

	return strcmp(mode, "cost") == 0 ? print_cost() : run(mode);
}
