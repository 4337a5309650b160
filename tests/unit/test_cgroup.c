/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/cgroup: the path of a control group by its number, which is the inode number of its directory. */
#include "source/cgroup.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

static const char *root_of_version_2(void)
{
	static const char *const roots[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs info;

	for (size_t i = 0; i < 2; i++) {
		if (statfs(roots[i], &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	}
	return NULL;
}

static void a_group_has_its_path(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };
	const char *root = root_of_version_2();
	char path[256], name[64];
	struct stat info;

	snprintf(name, sizeof(name), "/wd-test-%d.slice", (int)getpid());
	snprintf(path, sizeof(path), "%s%s", root ? root : "", name);
	if (!root || mkdir(path, 0755) != 0)
		skip();
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(cgroup_path(info.st_ino, &text), 0);
	assert_string_equal(text_string(&text), name);
	assert_int_equal(rmdir(path), 0);
	text_clear(&text);
	assert_true(cgroup_path(info.st_ino, &text) < 0); /* gone */
	assert_int_equal(text.length, 0);
}

static void the_root_is_a_slash(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };
	const char *root = root_of_version_2();
	struct stat info;

	if (!root || geteuid() != 0)
		skip();
	assert_int_equal(stat(root, &info), 0);
	assert_int_equal(cgroup_path(info.st_ino, &text), 0);
	assert_string_equal(text_string(&text), "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_has_its_path),
		cmocka_unit_test(the_root_is_a_slash),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
