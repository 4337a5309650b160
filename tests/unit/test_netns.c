/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/netns: which namespaces a host has, read from a made-up /proc, and entering a real one where that is allowed.
 */
#include "base/netns.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[64];

static void write_file(const char *name, const char *content)
{
	CLEANUP_FREE char *path = text_format("%s/%s", root, name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *name)
{
	CLEANUP_FREE char *path = text_format("%s/%s", root, name);

	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link(const char *target, const char *name)
{
	CLEANUP_FREE char *path = text_format("%s/%s", root, name);

	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static void make_process(const char *pid, const char *net, const char *mnt)
{
	CLEANUP_FREE char *folder = text_format("proc/%s", pid), *ns = text_format("proc/%s/ns", pid);
	CLEANUP_FREE char *net_link = text_format("proc/%s/ns/net", pid),
			  *mnt_link = text_format("proc/%s/ns/mnt", pid);

	make_folder(folder);
	make_folder(ns);
	make_link(net, net_link);
	make_link(mnt, mnt_link);
}

/* A host with three processes in two namespaces, two mounted ones, and one that another mount namespace holds. */
static int setup(void **state)
{
	snprintf(root, sizeof(root), "/tmp/test-netns-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	make_folder("proc");
	make_process("self", "net:[100]", "mnt:[1]");
	make_process("1", "net:[100]", "mnt:[1]");
	make_process("70", "net:[300]", "mnt:[2]");
	make_process("71", "net:[300]", "mnt:[2]");
	make_folder("proc/sys");
	write_file("proc/self/mountinfo", "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
					  "35 27 0:4 net:[200] /opt/a\\040b rw - nsfs nsfs rw\n"
					  "36 27 0:4 net:[200] /run/netns/blue rw shared:5 - nsfs nsfs rw\n"
					  "37 27 0:4 net:[400] /run/docker/netns/cafe rw - nsfs nsfs rw\n"
					  "38 27 0:4 mnt:[9] /run/mnt rw - nsfs nsfs rw\n");
	write_file("proc/70/mountinfo", "9 1 0:4 net:[200] /run/netns/blue rw - nsfs nsfs rw\n"
					"9 1 0:4 net:[500] /run/private rw - nsfs nsfs rw\n");
	return 0;
}

static int teardown(void **state)
{
	CLEANUP_FREE char *command = text_format("rm -rf %s", root);

	return system(command);
}

static void a_mount_line_gives_inode_and_place(void **state)
{
	CLEANUP_TEXT struct text path = { 0 };
	uint64_t inode = 0;

	assert_true(netns_mount_parse(SLICE("36 35 0:4 net:[4026532178] /run/netns/a\\040b\\134 rw - nsfs nsfs rw"),
				      &inode, &path));
	assert_int_equal(inode, 4026532178);
	assert_string_equal(text_string(&path), "/run/netns/a b\\");
}

static void other_lines_are_no_namespaces(void **state)
{
	static const char *const lines[] = {
		"",
		"36 35 0:4",
		"36 35 0:4 net:[12]",
		"36 35 0:4 net:[12] ",
		"36 35 0:4 net:[12] relative rw",
		"36 35 0:4 mnt:[12] /run/x rw - nsfs nsfs rw",
		"36 35 0:4 net:[] /run/x rw - nsfs nsfs rw",
		"36 35 0:4 net:[12]x /run/x rw - nsfs nsfs rw",
		"36 35 0:4 net:[99999999999999999999] /run/x rw",
		"36 35 8:1 / /net:[12] rw - ext4 /dev/sda1 rw",
	};
	CLEANUP_TEXT struct text path = { 0 };
	uint64_t inode = 4711;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_false(netns_mount_parse(slice_of(lines[i]), &inode, &path));
	assert_string_equal(text_string(&path), "");
}

static void assert_item(struct netns_list *list, uint64_t inode, const char *name, const char *path, pid_t pid)
{
	CLEANUP_TEXT struct text text = { 0 };
	const struct netns *netns = netns_find(list, inode);

	assert_non_null(netns);
	netns_path(netns, &text);
	assert_string_equal(netns->name ? netns->name : "", name);
	assert_string_equal(text_string(&text), path);
	assert_int_equal(netns->pid, pid);
}

static void all_kinds_of_namespaces_are_found(void **state)
{
	struct netns_list list;

	assert_int_equal(netns_list_open(&list, root), 0);
	netns_list_refresh(&list, 0, true, NULL, 0);
	assert_int_equal(list.items.count, 5);
	assert_true(list.items.data[0].home);
	assert_int_equal(list.items.data[0].inode, 100);
	assert_item(&list, 200, "blue", "/run/netns/blue", 0);
	assert_item(&list, 300, "", "/proc/70/ns/net", 70);
	assert_item(&list, 400, "", "/run/docker/netns/cafe", 0);
	assert_item(&list, 500, "", "/proc/70/root/run/private", 0);
	netns_list_close(&list);
}

static void what_lives_only_in_skipped_processes_is_not_there(void **state)
{
	const pid_t own[] = { 70, 71 };
	struct netns_list list;

	assert_int_equal(netns_list_open(&list, root), 0);
	netns_list_refresh(&list, 0, true, own, 2);
	assert_null(netns_find(&list, 300));
	netns_list_refresh(&list, 0, true, own, 1);
	assert_item(&list, 300, "", "/proc/71/ns/net", 71);
	netns_list_close(&list);
}

/* More processes than are looked at in one go: the last one's namespace comes with a later call, none is lost. */
static void many_processes_are_looked_at_in_slices(void **state)
{
	struct netns_list list;
	int calls = 1;

	assert_int_equal(netns_list_open(&list, root), 0);
	netns_list_refresh(&list, 0, true, NULL, 0);
	for (int pid = 1000; pid < 1700; pid++) {
		CLEANUP_FREE char *name = text_format("%d", pid), *net = text_format("net:[%d]", pid + 10000);

		make_process(name, net, "mnt:[1]");
	}
	netns_list_refresh(&list, UINT64_MAX, false, NULL, 0);
	assert_true(list.items.count < 5 + 700);
	for (; list.items.count < 5 + 700 && calls < 10; calls++)
		netns_list_refresh(&list, UINT64_MAX, false, NULL, 0);
	assert_in_range(calls, 3, 4);
	assert_item(&list, 11699, "", "/proc/1699/ns/net", 1699);
	assert_item(&list, 300, "", "/proc/70/ns/net", 70);
	netns_list_refresh(&list, UINT64_MAX, false, NULL, 0);
	assert_int_equal(list.items.count, 5 + 700);
	netns_list_close(&list);
}

static void what_went_away_is_forgotten_and_the_generation_tells(void **state)
{
	unsigned int generation;
	struct netns_list list;

	assert_int_equal(netns_list_open(&list, root), 0);
	netns_list_refresh(&list, 0, true, NULL, 0);
	generation = list.generation;
	assert_null(netns_find(&list, 600));
	write_file("proc/self/mountinfo", "36 27 0:4 net:[600] /var/run/netns/red rw - nsfs nsfs rw\n");
	make_link("net:[100]", "proc/70/ns/net");
	netns_list_refresh(&list, 0, true, NULL, 0);
	assert_true(list.generation != generation);
	assert_null(netns_find(&list, 400));
	assert_item(&list, 600, "red", "/var/run/netns/red", 0);
	assert_item(&list, 300, "", "/proc/71/ns/net", 71);
	assert_item(&list, 200, "", "/proc/70/root/run/netns/blue", 0);
	netns_list_close(&list);
}

static void a_users_word_is_resolved(void **state)
{
	struct netns_list list;
	uint64_t inode = 0;

	assert_int_equal(netns_list_open(&list, root), 0);
	netns_list_refresh(&list, 0, true, NULL, 0);
	assert_int_equal(netns_resolve(&list, "blue", &inode), 0);
	assert_int_equal(inode, 200);
	assert_int_equal(netns_resolve(&list, "net:[300]", &inode), 0);
	assert_int_equal(inode, 300);
	assert_int_equal(netns_resolve(&list, "400", &inode), 0);
	assert_int_equal(inode, 400);
	assert_int_equal(netns_resolve(&list, "green", &inode), -ENOENT);
	assert_int_equal(netns_resolve(&list, "net:[12]", &inode), -ENOENT);
	assert_int_equal(netns_resolve(&list, "/does/not/exist", &inode), -ENOENT);
	assert_int_equal(netns_resolve(&list, "/etc/passwd", &inode), -EINVAL);
	assert_int_equal(inode, 400);
	netns_list_close(&list);
}

static bool was_opened(int watch)
{
	char event[4096];

	return read(watch, event, sizeof(event)) > 0;
}

static void what_is_no_namespace_is_not_even_opened(void **state)
{
	CLEANUP_FREE char *file = text_format("%s/proc/self/mountinfo", root), *link = text_format("%s/link", root);
	struct netns_list list;
	uint64_t inode = 0;
	struct stat home;
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	assert_true(inotify_add_watch(watch, file, IN_OPEN) >= 0);
	close(open(file, O_RDONLY | O_CLOEXEC));
	assert_true(was_opened(watch));
	assert_int_equal(netns_list_open(&list, root), 0);
	assert_true(was_opened(watch)); /* to be followed; a path that a user gives is another matter */
	assert_int_equal(netns_resolve(&list, file, &inode), -EINVAL);
	assert_false(was_opened(watch));
	assert_int_equal(netns_resolve(&list, "/proc/self/ns/mnt", &inode), -EINVAL);
	assert_int_equal(inode, 0);
	make_link("/proc/self/ns/net", "link");
	assert_int_equal(stat(link, &home), 0);
	assert_int_equal(netns_resolve(&list, link, &inode), 0);
	assert_int_equal(inode, home.st_ino);
	netns_list_close(&list);
	close(watch);
}

static void a_host_without_proc_is_an_error(void **state)
{
	struct netns_list list;

	assert_int_equal(netns_list_open(&list, "/does/not/exist"), -ENOENT);
}

static void the_own_process_leads_home(void **state)
{
	CLEANUP_FREE char *pid = text_format("%d", (int)getpid());
	struct netns_list list;
	uint64_t inode = 0;

	assert_int_equal(netns_list_open(&list, ""), 0);
	netns_list_refresh(&list, 0, true, NULL, 0);
	assert_int_equal(netns_resolve(&list, pid, &inode), 0);
	assert_int_equal(inode, list.items.data[0].inode);
	assert_int_equal(netns_enter(&list, &list.items.data[0]), 0);
	assert_int_equal(netns_leave(&list), 0);
	netns_list_close(&list);
}

static uint64_t inode_here(void)
{
	struct stat status;

	assert_int_equal(stat("/proc/thread-self/ns/net", &status), 0);
	return status.st_ino;
}

/* A process in a new namespace that waits to be killed; 0 when that is not allowed here. */
static pid_t namespace_child(void)
{
	int ready[2];
	char byte = 0;
	pid_t child;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		byte = unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	if (byte == 'y')
		return child;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

static void a_real_namespace_is_entered_left_and_gone_when_its_process_is(void **state)
{
	pid_t child = namespace_child();
	struct netns_list list;
	uint64_t inode = 0, home = inode_here();
	CLEANUP_FREE char *pid = text_format("%d", (int)child);

	if (!child)
		skip();
	assert_int_equal(netns_list_open(&list, ""), 0);
	netns_list_refresh(&list, 0, true, NULL, 0);
	assert_int_equal(netns_resolve(&list, pid, &inode), 0);
	assert_true(inode != home);
	assert_int_equal(netns_enter(&list, netns_find(&list, inode)), 0);
	assert_int_equal(inode_here(), inode);
	assert_int_equal(netns_leave(&list), 0);
	assert_int_equal(inode_here(), home);

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(netns_enter(&list, netns_find(&list, inode)), -ENOENT);
	netns_list_refresh(&list, 0, true, NULL, 0);
	assert_null(netns_find(&list, inode));
	netns_list_close(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_line_gives_inode_and_place),
		cmocka_unit_test(other_lines_are_no_namespaces),
		cmocka_unit_test_setup_teardown(all_kinds_of_namespaces_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(what_lives_only_in_skipped_processes_is_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(many_processes_are_looked_at_in_slices, setup, teardown),
		cmocka_unit_test_setup_teardown(what_went_away_is_forgotten_and_the_generation_tells, setup, teardown),
		cmocka_unit_test_setup_teardown(a_users_word_is_resolved, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_namespace_is_not_even_opened, setup, teardown),
		cmocka_unit_test(a_host_without_proc_is_an_error),
		cmocka_unit_test(the_own_process_leads_home),
		cmocka_unit_test(a_real_namespace_is_entered_left_and_gone_when_its_process_is),
	};

	return cmocka_run_group_tests_name("base/netns", tests, NULL, NULL);
}
