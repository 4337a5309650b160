/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings, and what every source uses: files, words for errors, which modules are there. */
#include "unit/procfs_fixture.h"
#include "unit/tree_fixture.h"

static void settings_go_to_host_namespace_and_device(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	object_intern(fixture.objects, KEY_LINK(2), NULL);
	object_intern(fixture.objects, KEY_LINK(7), NULL);
	fixture_read(&fixture, &source_sysctl, "sysctl");
	expect_read(&fixture);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_RMEM_MAX, KEY_HOST), 4194304);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_TCP_MEM_PRESSURE, KEY_HOST), 383779);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_NEIGH4_GC_THRESH3, KEY_HOST), 1024);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_SOMAXCONN, KEY_NETNS), 4096);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_TCP_RMEM_MAX, KEY_NETNS), 33554432);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_RP_FILTER_ALL, KEY_NETNS), 2);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_RP_FILTER, KEY_LINK(2)), 1);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_RP_FILTER, KEY_LINK(7)), 2);
	assert_int_equal(fixture_value(&fixture, C_CONNTRACK_MAX, KEY_NETNS), 262144);
	assert_null(object_find(fixture.objects, KEY_LINK(9))); /* a device that the link source does not know */
	fixture_end(&fixture);
}

static void settings_of_an_odd_form_are_left_out(void **state)
{
	struct fixture fixture;

	fixture_begin(&fixture);
	fixture_read(&fixture, &source_sysctl, "sysctl-odd");
	expect_partly(&fixture, "not in a known form");
	assert_int_equal(fixture.snapshot.samples.count, 1);
	assert_int_equal(fixture_value(&fixture, C_SYSCTL_IP_FORWARD, KEY_NETNS), 1);
	fixture_read(&fixture, &source_sysctl, "rt-cache");
	expect_missed(&fixture, -ENOENT, "/proc/sys/net/: not there");
	fixture_end(&fixture);
}

static bool present(const char *sysroot, const char *name)
{
	struct text buffer = { 0 };
	const struct source_context context = { .sysroot = sysroot, .buffer = &buffer };
	bool answer = source_module_present(&context, name);

	text_free(&buffer);
	return answer;
}

static void modules_are_loaded_built_in_or_absent(void **state)
{
	static const char root[] = "tests/fixtures/proc/modules";

	assert_true(present(root, "nf_tables"));
	assert_true(present(root, "udp-diag"));
	assert_true(present(root, "unix"));
	assert_true(present(root, "af_packet"));
	assert_false(present(root, "nf_table"));
	assert_false(present(root, "nft_compat"));
	assert_false(present(root, "ip_tables"));
	assert_false(present(root, ""));
}

static void where_nothing_can_be_loaded_all_is_there(void **state)
{
	assert_true(present("tests/fixtures/proc/rt-cache", "ip_tables"));	 /* no module support */
	assert_true(present("tests/fixtures/proc/modules-locked", "ip_tables")); /* modules_disabled = 1 */
}

static enum module_state state_of(const char *sysroot, const char *name, const char *symbol)
{
	struct text buffer = { 0 };
	const struct source_context context = { .sysroot = sysroot, .buffer = &buffer };
	enum module_state state = source_module_state(&context, name, symbol);

	text_free(&buffer);
	return state;
}

/* In a container the list of what is built into the host's kernel is often out of sight: "no" would be a guess. */
static void without_a_list_of_what_is_built_in_nothing_is_absent(void **state)
{
	struct tree *tree CLEANUP_TREE = tree_new();

	assert_int_equal(state_of("tests/fixtures/proc/modules", "ip_set", NULL), MODULE_ABSENT);
	assert_int_equal(state_of("tests/fixtures/proc/modules", "ip_set", "ip_set_test"), MODULE_ABSENT);
	tree_file(tree, "/proc/modules", "udp_diag 16384 0 - Live 0x0000000000000000\n");
	assert_int_equal(state_of(tree->root, "nf_tables", NULL), MODULE_UNKNOWN); /* no release */
	tree_file(tree, "/proc/sys/kernel/osrelease", "6.1.0-42-amd64\n");
	assert_int_equal(state_of(tree->root, "udp_diag", NULL), MODULE_THERE);
	assert_int_equal(state_of(tree->root, "nf_tables", NULL), MODULE_UNKNOWN);
	assert_int_equal(state_of(tree->root, "nf_tables", "nft_do_chain"), MODULE_UNKNOWN);
	assert_false(present(tree->root, "nf_tables"));
	tree_file(tree, "/lib/modules/6.1.0-42-amd64/modules.builtin", "");
	assert_int_equal(state_of(tree->root, "nf_tables", "nft_do_chain"), MODULE_ABSENT);
}

/* Then the kernel's functions tell, by their whole names. */
static void without_that_list_a_function_tells(void **state)
{
	struct tree *tree CLEANUP_TREE = tree_new();
	struct text symbols = { 0 };

	tree_file(tree, "/proc/modules", "udp_diag 16384 0 - Live 0x0000000000000000\n");
	tree_file(tree, "/proc/sys/kernel/osrelease", "6.1.0-42-amd64\n");
	for (size_t i = 0; i < 10000; i++)
		text_addf(&symbols, "0000000000000000 T nft_do_chain_%zu\n0000000000000000 t old_nft_do_chain\n", i);
	tree_file(tree, "/proc/kallsyms", text_string(&symbols));
	assert_int_equal(state_of(tree->root, "nf_tables", "nft_do_chain"), MODULE_ABSENT);
	for (size_t line = 0; line < 3000; line++) /* wherever it lies in what is read at a time */
		text_add(&symbols, "0000000000000000 T a\n");
	text_add(&symbols, "0000000000000000 T nft_do_chain\n0000000000000000 T last\n");
	tree_file(tree, "/proc/kallsyms", text_string(&symbols));
	assert_int_equal(state_of(tree->root, "nf_tables", "nft_do_chain"), MODULE_THERE);
	tree_file(tree, "/proc/kallsyms", "0000000000000000 T nft_do_chain\t[nf_tables]\n");
	assert_int_equal(state_of(tree->root, "nf_tables", "nft_do_chain"), MODULE_THERE);
	tree_file(tree, "/proc/kallsyms", "");
	assert_int_equal(state_of(tree->root, "nf_tables", "nft_do_chain"), MODULE_UNKNOWN);
	text_free(&symbols);
}

static void a_file_is_read_whole_and_the_maximum_holds(void **state)
{
	struct text buffer = { 0 }, small = { .max = 100 };
	struct source_context context = { .sysroot = "tests/fixtures/proc/centos-7", .buffer = &buffer };

	assert_int_equal(source_read_file(&context, "/proc/thread-self/net/netstat"), 0);
	assert_true(slice_starts(slice_of(text_string(&buffer)), "TcpExt: "));
	assert_int_equal(text_string(&buffer)[buffer.length - 1], '\n');
	assert_int_equal(source_read_file(&context, "/proc/none"), -ENOENT);
	assert_int_equal(buffer.length, 0);
	context.buffer = &small;
	assert_int_equal(source_read_file(&context, "/proc/thread-self/net/netstat"), -EFBIG);
	text_free(&buffer);
	text_free(&small);
}

/* The file of our own namespace stays open; what it says must not grow old. */
static void a_live_file_is_read_anew_each_time(void **state)
{
	struct text buffer = { 0 };
	struct object netns = { .key = { OBJECT_NETNS, 1, 0, 0 } };
	struct source_context context = { .objects = objects_new(), .netns = &netns, .sysroot = "", .buffer = &buffer };

	objects_set_home(context.objects, 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(source_read_file(&context, "/proc/thread-self/net/sockstat"), 0);
		assert_true(slice_starts(slice_of(text_string(&buffer)), "sockets: used "));
		assert_null(strstr(text_string(&buffer) + 1, "sockets:"));
	}
	objects_free(context.objects);
	text_free(&buffer);
}

static void errors_have_words(void **state)
{
	assert_string_equal(source_error_phrase(-EACCES), "no permission (needs root)");
	assert_string_equal(source_error_phrase(-EPERM), "no permission (needs root)");
	assert_string_equal(source_error_phrase(-ENOENT), "not there");
	assert_string_equal(source_error_phrase(-EIO), "Input/output error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_go_to_host_namespace_and_device),
		cmocka_unit_test(settings_of_an_odd_form_are_left_out),
		cmocka_unit_test(modules_are_loaded_built_in_or_absent),
		cmocka_unit_test(where_nothing_can_be_loaded_all_is_there),
		cmocka_unit_test(without_a_list_of_what_is_built_in_nothing_is_absent),
		cmocka_unit_test(without_that_list_a_function_tells),
		cmocka_unit_test(a_file_is_read_whole_and_the_maximum_holds),
		cmocka_unit_test(a_live_file_is_read_anew_each_time),
		cmocka_unit_test(errors_have_words),
	};

	return cmocka_run_group_tests_name("source/source and sysctl", tests, NULL, NULL);
}
