/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source/process: which sockets deserve a look-up, who holds them, how those
 * processes fare and what their cgroup allows them.
 */
#include "source/process.h"
#include "unit/tree_fixture.h"

#include <errno.h>

/* ---- single texts ---- */

static void a_name_may_hold_anything(void **state)
{
	static const char text[] = "77 (a) R (b\n) S 1 77 77 0 -1 4194560 99 0 12 0 300 40 0 0 20 0 5 0 8800 1000 10 "
				   "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 6 0 0\n";
	struct process_stat stat;

	assert_int_equal(process_stat_parse(SLICE(text), &stat), 0);
	assert_string_equal(stat.comm, "a) R (b?");
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.major_faults, 12);
	assert_int_equal(stat.cpu_ticks, 340);
	assert_int_equal(stat.threads, 5);
	assert_int_equal(stat.start_ticks, 8800);
	assert_int_equal(stat.io_ticks, 6);
}

static void a_cut_stat_is_refused(void **state)
{
	struct process_stat stat = { .state = 'x' };

	assert_int_equal(process_stat_parse(SLICE(""), &stat), -EBADMSG);
	assert_int_equal(process_stat_parse(SLICE("1 (a"), &stat), -EBADMSG);
	assert_int_equal(process_stat_parse(SLICE("1 )a("), &stat), -EBADMSG);
	assert_int_equal(process_stat_parse(SLICE("1 (a) S 1 2 3"), &stat), -EBADMSG);
	assert_int_equal(stat.state, 'x');
}

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- a host with one socket in trouble ---- */

static struct object *socket_new(const struct tree *tree, uint64_t cookie)
{
	struct object *socket =
		object_intern(tree->objects, (struct object_key){ OBJECT_SOCKET, TREE_NETNS, cookie, 17 }, NULL);

	object_labelf(socket, LABEL_NAME, "udp 10.0.0.2:%u", (unsigned int)cookie);
	return socket;
}

/* A reading of the sockets with that many drops of each; cookie and port are i + 1, the inode is 5001 + i. */
static void drops_read(struct tree *tree, const unsigned int *drops, size_t count)
{
	tree_begin(tree);
	for (size_t i = 0; i < count; i++) {
		const struct object *socket = socket_new(tree, i + 1);

		snapshot_add(&tree->snapshot, C_SOCK_DROPS, socket, drops[i]);
		snapshot_add(&tree->snapshot, C_SOCK_INODE, socket, 5001 + i);
	}
	snapshot_covered(&tree->snapshot, SOURCE_SOCKET, tree->netns);
	tree_end(tree);
}

static void one_socket_drops(struct tree *tree)
{
	drops_read(tree, (unsigned int[]){ 3 }, 1);
	drops_read(tree, (unsigned int[]){ 13 }, 1);
}

struct task {
	int pid, tid;
	char state;
	unsigned int cpu_ticks, threads, start;
	unsigned long long run_ns, delay_ns;
	const char *wchan;
};

static void task_write(const struct tree *tree, const struct task *task)
{
	CLEANUP_FREE char *stat = text_format(
		"%d (worker) %c 1 1 1 0 -1 0 0 0 2 0 %u 0 0 0 20 0 %u 0 %u 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
		task->tid, task->state, task->cpu_ticks, task->threads, task->start);
	CLEANUP_FREE char *schedstat = text_format("%llu %llu 9\n", task->run_ns, task->delay_ns);
	CLEANUP_FREE char *stat_path = text_format("/proc/%d/task/%d/stat", task->pid, task->tid);
	CLEANUP_FREE char *schedstat_path = text_format("/proc/%d/task/%d/schedstat", task->pid, task->tid);
	CLEANUP_FREE char *wchan_path = text_format("/proc/%d/task/%d/wchan", task->pid, task->tid);
	CLEANUP_FREE char *process_path = text_format("/proc/%d/stat", task->pid);

	tree_file(tree, stat_path, stat);
	tree_file(tree, schedstat_path, schedstat);
	tree_file(tree, wchan_path, task->wchan);
	if (task->pid == task->tid)
		tree_file(tree, process_path, stat);
}

static void holds(const struct tree *tree, int pid, int descriptor, unsigned int inode)
{
	CLEANUP_FREE char *path = text_format("/proc/%d/fd/%d", pid, descriptor);
	CLEANUP_FREE char *target = text_format("socket:[%u]", inode);

	tree_link(tree, path, target);
}

/* A process of two threads, of which the second waits for a disk. */
static void worker(const struct tree *tree, unsigned long long run_ns, unsigned long long delay_ns)
{
	task_write(tree, &(struct task){ 200, 200, 'S', 50, 2, 900, 1000, 10, "ep_poll" });
	task_write(tree, &(struct task){ 200, 201, 'D', 40, 2, 950, run_ns, delay_ns, "folio_wait_bit_common" });
	tree_link(tree, "/proc/200/ns/net", "net:[4026531840]");
}

static void the_holder_is_found_and_read(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *process;

	one_socket_drops(tree);
	worker(tree, 5000, 100);
	tree_link(tree, "/proc/200/fd/3", "/dev/null");
	holds(tree, 200, 7, 5001);
	tree_read(tree, &source_process);
	process = tree_object(tree, "worker (pid 200)");
	assert_int_equal(tree_object(tree, "udp 10.0.0.2:1")->owner, process->id);
	assert_int_equal(process->pid, 200);
	assert_string_equal(object_text(process, LABEL_COMM), "worker");
	assert_string_equal(object_text(process, LABEL_WAIT), "folio_wait_bit_common");
	assert_int_equal(tree_value(tree, C_SOCK_OWNER_FD, "udp 10.0.0.2:1"), 7);
	assert_int_equal(tree_value(tree, C_SOCK_HOLDERS, "udp 10.0.0.2:1"), 1);
	assert_int_equal(tree_value(tree, C_PROCESS_STATE, "worker (pid 200)"), 'S');
	assert_int_equal(tree_value(tree, C_PROCESS_THREADS_BLOCKED, "worker (pid 200)"), 1);
	assert_int_equal(tree_value(tree, C_PROCESS_THREADS_STOPPED, "worker (pid 200)"), 0);
	assert_true(series_last(tree->series, C_PROCESS_NET_NS, process->id) == TREE_NETNS);
}

static void threads_add_up_and_an_ended_one_takes_nothing_away(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	one_socket_drops(tree);
	worker(tree, 5000, 100);
	holds(tree, 200, 7, 5001);
	tree_read(tree, &source_process);
	worker(tree, 9000, 400);
	tree_read(tree, &source_process);
	assert_int_equal(tree_value(tree, C_PROCESS_RUN_DELAY_NS, "worker (pid 200)"), 300);
	assert_int_equal(tree_value(tree, C_PROCESS_BUSIEST_THREAD_CPU_NS, "worker (pid 200)"), 4000);
	tree_remove(tree, "/proc/200/task/201");
	tree_read(tree, &source_process);
	assert_int_equal(tree_value(tree, C_PROCESS_RUN_DELAY_NS, "worker (pid 200)"), 300);
	assert_int_equal(tree_value(tree, C_PROCESS_BUSIEST_THREAD_CPU_NS, "worker (pid 200)"), 4000);
	assert_int_equal(tree_value(tree, C_PROCESS_THREADS_BLOCKED, "worker (pid 200)"), 0);
	assert_string_equal(object_text(tree_object(tree, "worker (pid 200)"), LABEL_WAIT), "ep_poll");
}

static void a_stopped_process_is_told_by_its_state(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	one_socket_drops(tree);
	task_write(tree, &(struct task){ 300, 300, 'T', 50, 1, 900, 1000, 10, "do_signal_stop" });
	holds(tree, 300, 4, 5001);
	tree_read(tree, &source_process);
	assert_int_equal(tree_value(tree, C_PROCESS_STATE, "worker (pid 300)"), 'T');
	assert_int_equal(tree_value(tree, C_PROCESS_THREADS_STOPPED, "worker (pid 300)"), 1);
	assert_string_equal(object_text(tree_object(tree, "worker (pid 300)"), LABEL_WAIT), "do_signal_stop");
}

static void of_several_holders_the_one_that_works_is_taken(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	one_socket_drops(tree);
	task_write(tree, &(struct task){ 1, 1, 'S', 9999, 1, 1, 1, 1, "ep_poll" });
	task_write(tree, &(struct task){ 300, 300, 'S', 2, 1, 900, 1, 1, "ep_poll" });
	task_write(tree, &(struct task){ 400, 400, 'S', 800, 1, 901, 1, 1, "ep_poll" });
	holds(tree, 1, 40, 5001);
	holds(tree, 300, 4, 5001);
	holds(tree, 300, 5, 5001); /* a duplicate: still one holder */
	holds(tree, 400, 4, 5001);
	tree_read(tree, &source_process);
	assert_int_equal(tree_object(tree, "udp 10.0.0.2:1")->owner, tree_object(tree, "worker (pid 400)")->id);
	assert_int_equal(tree_value(tree, C_SOCK_HOLDERS, "udp 10.0.0.2:1"), 3);
}

static void a_remembered_holder_is_verified(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_read(tree, &source_process);
	tree_remove(tree, "/proc/200");
	task_write(tree, &(struct task){ 500, 500, 'R', 50, 1, 999, 1000, 10, "0" });
	holds(tree, 500, 7, 5001);
	tree_read(tree, &source_process);
	assert_int_equal(tree_object(tree, "udp 10.0.0.2:1")->owner, tree_object(tree, "worker (pid 500)")->id);
	assert_string_equal(object_text(tree_object(tree, "worker (pid 500)"), LABEL_WAIT), "");
}

static void a_socket_that_nobody_holds_is_told_as_such(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct observation *seen;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 777);
	tree_read(tree, &source_process);
	assert_int_equal(tree_value(tree, C_SOCK_HOLDERS, "udp 10.0.0.2:1"), 0);
	assert_int_equal(tree_object(tree, "udp 10.0.0.2:1")->owner, 0);
	seen = series_observation(tree->series, SOURCE_PROCESS, OBJECT_HOST_ID);
	assert_int_equal(seen->readings, 1);
	/* not searched again a second later, though it would be found */
	holds(tree, 200, 8, 5001);
	tree_read(tree, &source_process);
	assert_int_equal(tree_object(tree, "udp 10.0.0.2:1")->owner, 0);
	tree->time_ns += 60 * NS_PER_S;
	tree_read(tree, &source_process);
	assert_int_not_equal(tree_object(tree, "udp 10.0.0.2:1")->owner, 0);
}

/* ---- which sockets ---- */

static void only_troubled_sockets_are_wanted_worst_first(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct process_want wants[PROCESS_WANTS_MAX];

	drops_read(tree, (unsigned int[]){ 100, 0, 5 }, 3);
	assert_int_equal(process_wants(tree->series, wants), 0);
	drops_read(tree, (unsigned int[]){ 100, 9, 50 }, 3);
	assert_int_equal(process_wants(tree->series, wants), 2);
	assert_true(wants[0].inode == 5003);
	assert_true(wants[1].inode == 5002);
	drops_read(tree, (unsigned int[]){ 100, 9 }, 2); /* the third was closed */
	assert_int_equal(process_wants(tree->series, wants), 1);
	assert_true(wants[0].inode == 5002);
}

static void retransmitting_connections_take_half_of_the_room(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct process_want wants[PROCESS_WANTS_MAX];

	for (unsigned int round = 0; round < 2; round++) {
		tree_begin(tree);
		for (unsigned int i = 1; i <= 100; i++) {
			snapshot_add(&tree->snapshot, C_SOCK_TCP_RETRANS, socket_new(tree, i), round * i);
			snapshot_add(&tree->snapshot, C_SOCK_INODE, socket_new(tree, i), 5000 + i);
		}
		snapshot_covered(&tree->snapshot, SOURCE_SOCKET, tree->netns);
		tree_end(tree);
	}
	assert_int_equal(process_wants(tree->series, wants), PROCESS_WANTS_TCP_MAX);
	assert_true(wants[0].inode == 5100);
	assert_true(wants[PROCESS_WANTS_TCP_MAX - 1].inode == 5100 - PROCESS_WANTS_TCP_MAX + 1);
}

static void a_queue_over_half_is_wanted(void **state)
{
	static const struct {
		unsigned int queue, limit;
		size_t wanted;
	} rows[] = { { 0, 0, 0 }, { 64, 128, 0 }, { 65, 128, 1 }, { 2, 1, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_TREE struct tree *tree = tree_new();
		struct process_want wants[PROCESS_WANTS_MAX];

		tree_begin(tree);
		snapshot_add(&tree->snapshot, C_SOCK_ACCEPT_QUEUE, socket_new(tree, 1), rows[i].queue);
		snapshot_add(&tree->snapshot, C_SOCK_ACCEPT_LIMIT, socket_new(tree, 1), rows[i].limit);
		snapshot_add(&tree->snapshot, C_SOCK_INODE, socket_new(tree, 1), 5001);
		snapshot_covered(&tree->snapshot, SOURCE_SOCKET, tree->netns);
		tree_end(tree);
		assert_int_equal(process_wants(tree->series, wants), rows[i].wanted);
	}
}

/* ---- cgroups ---- */

#define POD "/kubepods.slice/cri-containerd-" HEX64 ".scope"

static void the_nearest_cpu_limit_counts(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *cgroup, *process;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_file(tree, "/proc/200/cgroup", "0::" POD "/inner\n");
	tree_file(tree, "/sys/fs/cgroup" POD "/inner/cpu.max", "max 100000\n");
	tree_file(tree, "/sys/fs/cgroup" POD "/cpu.max", "250000 100000\n");
	tree_file(tree, "/sys/fs/cgroup" POD "/cpu.stat",
		  "usage_usec 5\nnr_periods 10\nnr_throttled 4\nthrottled_usec 700\n");
	tree_file(tree, "/sys/fs/cgroup" POD "/io.pressure",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=8\n");
	tree_read(tree, &source_process);
	process = tree_object(tree, "worker (pid 200)");
	assert_string_equal(object_text(process, LABEL_CGROUP), POD "/inner");
	assert_string_equal(object_text(process, LABEL_CONTAINER), "0123456789ab");
	cgroup = object_get(tree->objects, process->parent);
	assert_int_equal(cgroup->key.kind, OBJECT_CGROUP);
	assert_string_equal(object_text(cgroup, LABEL_PATH), "/sys/fs/cgroup" POD);
	assert_int_equal(series_last(tree->series, C_CGROUP_CPU_QUOTA, cgroup->id), 2500);
	assert_int_equal(series_last(tree->series, C_CGROUP_NR_THROTTLED, cgroup->id), 4);
	assert_int_equal(series_last(tree->series, C_CGROUP_CPU_PERIODS, cgroup->id), 10);
	assert_int_equal(series_last(tree->series, C_CGROUP_CPU_THROTTLED_NS, cgroup->id), 700000);
	assert_int_equal(series_last(tree->series, C_CGROUP_IO_STALL_NS, cgroup->id), 8000);
	assert_null(series_cell(tree->series, C_CGROUP_MEMORY_STALL_NS, cgroup->id));
}

static void version_one_limits_are_read_too(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *cgroup;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_file(tree, "/proc/200/cgroup", "5:memory:/docker/" HEX64 "\n4:cpu,cpuacct:/batch\n0::/\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/batch/cpu.cfs_quota_us", "30000\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/batch/cpu.cfs_period_us", "100000\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/batch/cpu.stat",
		  "nr_periods 48\nnr_throttled 42\nthrottled_time 2501534217\n");
	tree_read(tree, &source_process);
	cgroup = object_get(tree->objects, tree_object(tree, "worker (pid 200)")->parent);
	assert_string_equal(object_text(cgroup, LABEL_NAME), "batch");
	assert_int_equal(series_last(tree->series, C_CGROUP_CPU_QUOTA, cgroup->id), 300);
	assert_true(series_last(tree->series, C_CGROUP_CPU_THROTTLED_NS, cgroup->id) == 2501534217);
	assert_string_equal(object_text(tree_object(tree, "worker (pid 200)"), LABEL_CONTAINER), "0123456789ab");
}

/* The own group tells of memory and storage, although one above it limits the CPU time. */
static void memory_and_storage_are_told_by_the_own_cgroup(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *process, *told;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_file(tree, "/proc/200/cgroup", "0::/pod/app\n");
	tree_file(tree, "/sys/fs/cgroup/pod/cpu.max", "50000 100000\n");
	tree_file(tree, "/sys/fs/cgroup/pod/app/memory.pressure",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=50\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=40\n");
	tree_file(tree, "/sys/fs/cgroup/pod/app/memory.events",
		  "low 0\nhigh 3\nmax 12\noom 1\noom_kill 2\noom_group_kill 0\nsock_throttled 9\n");
	tree_file(tree, "/sys/fs/cgroup/pod/app/memory.stat", "anon 100\nsock 4096\nsocket 7\n");
	tree_file(tree, "/sys/fs/cgroup/pod/app/memory.current", "1000000\n");
	tree_file(tree, "/sys/fs/cgroup/pod/app/memory.max", "max\n");
	tree_read(tree, &source_process);
	process = tree_object(tree, "worker (pid 200)");
	assert_string_equal(object_text(object_get(tree->objects, process->parent), LABEL_PATH), "/sys/fs/cgroup/pod");
	told = object_get(tree->objects, process->peer);
	assert_string_equal(object_text(told, LABEL_PATH), "/sys/fs/cgroup/pod/app");
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_STALL_NS, told->id), 40000);
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_HIGH, told->id), 3);
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_REFUSED, told->id), 12);
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_OOM_KILLS, told->id), 2);
	assert_int_equal(series_last(tree->series, C_CGROUP_SOCK_THROTTLED, told->id), 9);
	assert_int_equal(series_last(tree->series, C_CGROUP_SOCK_BYTES, told->id), 4096);
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_BYTES, told->id), 1000000);
	assert_null(series_cell(tree->series, C_CGROUP_MEMORY_LIMIT, told->id));
}

/* Version 1 has the controllers, version 2 stands beside them and has the pressure files. */
static void a_hybrid_host_has_two_hierarchies(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *process, *told, *limit;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_file(tree, "/proc/200/cgroup",
		  "12:net_cls,net_prio:/\n5:memory:/system.slice/x.service\n4:cpu,cpuacct:/batch\n"
		  "1:name=systemd:/system.slice/x.service\n0::/system.slice/x.service\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/batch/cpu.cfs_quota_us", "30000\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/batch/cpu.cfs_period_us", "100000\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/batch/cpu.stat", "nr_periods 8\nnr_throttled 4\nthrottled_time 77\n");
	tree_file(tree, "/sys/fs/cgroup/memory/system.slice/x.service/memory.failcnt", "5\n");
	tree_file(tree, "/sys/fs/cgroup/unified/system.slice/x.service/cpu.pressure",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=6\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
	tree_file(tree, "/sys/fs/cgroup/unified/system.slice/x.service/io.pressure",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=4\n");
	tree_read(tree, &source_process);
	process = tree_object(tree, "worker (pid 200)");
	limit = object_get(tree->objects, process->parent);
	told = object_get(tree->objects, process->peer);
	assert_string_equal(object_text(process, LABEL_CGROUP), "/batch");
	assert_string_equal(object_text(process, LABEL_SERVICE), "x.service");
	assert_string_equal(object_text(process, LABEL_CONTAINER), "");
	assert_string_equal(object_text(limit, LABEL_PATH), "/sys/fs/cgroup/cpu/batch");
	assert_int_equal(series_last(tree->series, C_CGROUP_CPU_THROTTLED_NS, limit->id), 77);
	assert_string_equal(object_text(told, LABEL_PATH), "/sys/fs/cgroup/unified/system.slice/x.service");
	assert_int_equal(series_last(tree->series, C_CGROUP_IO_STALL_NS, told->id), 4000);
	assert_int_equal(series_last(tree->series, C_CGROUP_CPU_WAIT_NS, told->id), 6000);
}

/* The CPU controller has everybody in its root, and the container is in one hierarchy alone. */
static void the_hierarchy_that_tells_most_names_the_process(void **state)
{
	static const struct {
		const char *groups, *cgroup, *service, *container;
	} rows[] = {
		{ "4:cpu:/\n1:name=systemd:/\n0::/system.slice/x.service\n", "/system.slice/x.service", "x.service",
		  "" },
		{ "4:cpu:/\n1:name=systemd:/system.slice/x.service\n0::/\n", "/system.slice/x.service", "x.service",
		  "" },
		{ "4:cpu:/docker/" HEX64 "\n0::/system.slice/docker.service\n", "/docker/" HEX64, "", "0123456789ab" },
		{ "4:cpu:/system.slice/docker.service\n0::/docker/" HEX64 "\n", "/system.slice/docker.service", "",
		  "0123456789ab" },
		{ "4:cpu:/\n1:name=systemd:/\n0::/\n", "/", "", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_TREE struct tree *tree = tree_new();
		const struct object *process;

		one_socket_drops(tree);
		worker(tree, 1, 1);
		holds(tree, 200, 7, 5001);
		tree_file(tree, "/proc/200/cgroup", rows[i].groups);
		tree_read(tree, &source_process);
		process = tree_object(tree, "worker (pid 200)");
		assert_string_equal(object_text(process, LABEL_CGROUP), rows[i].cgroup);
		assert_string_equal(object_text(process, LABEL_SERVICE), rows[i].service);
		assert_string_equal(object_text(process, LABEL_CONTAINER), rows[i].container);
	}
}

/* In the root of version 2 the pressure files tell of the whole host: the memory controller of version 1 is closer. */
static void without_a_group_of_its_own_version_one_tells_of_memory(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *told;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_file(tree, "/proc/200/cgroup", "4:memory:/box\n1:cpu:/\n0::/\n");
	tree_file(tree, "/sys/fs/cgroup/unified/memory.pressure", "full avg10=0 total=4\n");
	tree_file(tree, "/sys/fs/cgroup/cpu/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n");
	tree_file(tree, "/sys/fs/cgroup/memory/box/memory.failcnt", "5\n");
	tree_file(tree, "/sys/fs/cgroup/memory/box/memory.oom_control",
		  "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
	tree_file(tree, "/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1048576\n");
	tree_read(tree, &source_process);
	told = object_get(tree->objects, tree_object(tree, "worker (pid 200)")->peer);
	assert_string_equal(object_text(told, LABEL_PATH), "/sys/fs/cgroup/memory/box");
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_REFUSED, told->id), 5);
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_OOM_KILLS, told->id), 3);
	assert_int_equal(series_last(tree->series, C_CGROUP_MEMORY_LIMIT, told->id), 1048576);
	assert_null(series_cell(tree->series, C_CGROUP_MEMORY_STALL_NS, told->id));
}

static void without_sys_a_process_still_has_its_labels(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	const struct object *process;

	one_socket_drops(tree);
	worker(tree, 1, 1);
	holds(tree, 200, 7, 5001);
	tree_file(tree, "/proc/200/cgroup", "0::" POD "\n");
	tree_read(tree, &source_process);
	process = tree_object(tree, "worker (pid 200)");
	assert_string_equal(object_text(process, LABEL_CGROUP), POD);
	assert_string_equal(object_text(process, LABEL_CONTAINER), "0123456789ab");
	assert_int_equal(process->parent, 0);
	assert_int_equal(process->peer, 0);
}

/* ---- containers' names ---- */

/* Each runtime leaves the name in another place. */
static void containers_are_called_by_their_names(void **state)
{
	static const char k8s[] = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
				  "0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-" HEX64 ".scope";
	static const struct {
		const char *cgroup, *file, *content, *name;
	} rows[] = {
		{ k8s, "/var/log/containers/cart-7d9f_shop_app-" HEX64 ".log", "", "shop/cart-7d9f/app" },
		{ k8s, "/var/log/pods/shop_cart-7d9f_0a1b2c3d-1111-2222-3333-444455556666/x", "", "shop/cart-7d9f" },
		{ k8s, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" HEX64 "/config.json",
		  "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"app\","
		  "\"io.kubernetes.cri.sandbox-name\":\"cart\",\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}",
		  "shop/cart/app" },
		{ "/docker/" HEX64, "/var/lib/docker/containers/" HEX64 "/config.v2.json",
		  "{\"ID\":\"0123\",\"Name\":\"/web\"}", "web" },
		{ "/machine.slice/libpod-" HEX64 ".scope/container",
		  "/var/lib/containers/storage/overlay-containers/containers.json",
		  "[{\"id\":\"ab\",\"names\":[\"other\"]},{\"id\":\"" HEX64 "\",\"names\":[\"db\"]}]", "db" },
		{ "/crio-" HEX64 ".scope", "/run/containers/storage/overlay-containers/" HEX64 "/userdata/config.json",
		  "{\"annotations\":{\"io.kubernetes.pod.name\":\"cart\",\"io.kubernetes.pod.namespace\":\"shop\"}}",
		  "shop/cart" },
		/* what is no JSON, or another's, tells nothing */
		{ "/docker/" HEX64, "/var/lib/docker/containers/" HEX64 "/config.v2.json", "{\"Name\":\"/web\"",
		  "0123456789ab" },
		{ "/docker/" HEX64, "/var/lib/docker/containers/" HEX64 "/config.v2.json", "[\"Name\"]",
		  "0123456789ab" },
		{ "/docker/" HEX64, "/var/lib/docker/containers/" HEX64 "/config.v2.json", "{\"Name\":7}",
		  "0123456789ab" },
		{ "/kubepods/besteffort/pod0a1b", "/etc/hostname", "h\n", "pod 0a1b" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_TREE struct tree *tree = tree_new();
		CLEANUP_FREE char *cgroup = text_format("0::%s\n", rows[i].cgroup);

		one_socket_drops(tree);
		worker(tree, 1, 1);
		holds(tree, 200, 7, 5001);
		tree_file(tree, "/proc/200/cgroup", cgroup);
		tree_file(tree, rows[i].file, rows[i].content);
		tree_read(tree, &source_process);
		assert_string_equal(object_text(tree_object(tree, "worker (pid 200)"), LABEL_CONTAINER), rows[i].name);
	}
}

/* A namespace belongs to the pod, not to one of its containers. */
static void a_namespace_is_called_by_its_pod(void **state)
{
	CLEANUP_TREE struct tree *tree = tree_new();
	struct object *netns = object_intern(tree->objects, (struct object_key){ OBJECT_NETNS, 4711, 0, 0 }, NULL);
	CLEANUP_TEXT struct text text = { 0 };

	objects_set_home(tree->objects, TREE_NETNS);
	netns->pid = 200;
	object_label(netns, LABEL_NAME, "pid 200 (worker)");
	tree_file(tree, "/proc/200/cgroup", "0::/kubepods/burstable/pod0a1b/" HEX64 "\n");
	tree_file(tree, "/var/log/containers/cart-7d9f_shop_app-" HEX64 ".log", "");
	tree_read(tree, &source_process);
	assert_string_equal(object_text(netns, LABEL_CONTAINER), "shop/cart-7d9f");
	assert_int_equal(series_last(tree->series, C_NETNS_PROCESS, netns->id), 200);
	object_describe(tree->objects, netns, &text);
	assert_string_equal(text_string(&text), "container shop/cart-7d9f");
	tree_read(tree, &source_process); /* asked once */
	assert_int_equal(tree->snapshot.samples.count, 0);
}

static void no_limit_leaves_the_own_cgroup(void **state)
{
	static const char *const quotas[] = { "max 100000\n", "-1\n", "5 0\n", "garbage\n", "" };

	for (size_t i = 0; i < ARRAY_SIZE(quotas); i++) {
		CLEANUP_TREE struct tree *tree = tree_new();
		const struct object *cgroup;

		one_socket_drops(tree);
		worker(tree, 1, 1);
		holds(tree, 200, 7, 5001);
		tree_file(tree, "/proc/200/cgroup", "0::/system.slice/x.service\n");
		tree_file(tree, "/sys/fs/cgroup/system.slice/x.service/cpu.max", quotas[i]);
		tree_read(tree, &source_process);
		cgroup = object_get(tree->objects, tree_object(tree, "worker (pid 200)")->parent);
		assert_string_equal(object_text(cgroup, LABEL_NAME), "x.service");
		assert_null(series_cell(tree->series, C_CGROUP_CPU_QUOTA, cgroup->id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_may_hold_anything),
		cmocka_unit_test(a_cut_stat_is_refused),
		cmocka_unit_test(the_holder_is_found_and_read),
		cmocka_unit_test(threads_add_up_and_an_ended_one_takes_nothing_away),
		cmocka_unit_test(a_stopped_process_is_told_by_its_state),
		cmocka_unit_test(of_several_holders_the_one_that_works_is_taken),
		cmocka_unit_test(a_remembered_holder_is_verified),
		cmocka_unit_test(a_socket_that_nobody_holds_is_told_as_such),
		cmocka_unit_test(only_troubled_sockets_are_wanted_worst_first),
		cmocka_unit_test(retransmitting_connections_take_half_of_the_room),
		cmocka_unit_test(a_queue_over_half_is_wanted),
		cmocka_unit_test(the_nearest_cpu_limit_counts),
		cmocka_unit_test(version_one_limits_are_read_too),
		cmocka_unit_test(memory_and_storage_are_told_by_the_own_cgroup),
		cmocka_unit_test(a_hybrid_host_has_two_hierarchies),
		cmocka_unit_test(the_hierarchy_that_tells_most_names_the_process),
		cmocka_unit_test(without_a_group_of_its_own_version_one_tells_of_memory),
		cmocka_unit_test(without_sys_a_process_still_has_its_labels),
		cmocka_unit_test(containers_are_called_by_their_names),
		cmocka_unit_test(a_namespace_is_called_by_its_pod),
		cmocka_unit_test(no_limit_leaves_the_own_cgroup),
	};

	return cmocka_run_group_tests_name("source/process", tests, NULL, NULL);
}
