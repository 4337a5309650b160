/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What drop events need of the kernel that runs, here and in the guests of tests/guest: every reason that it can give
 * is in reasons.def. One program without files of its own, so that it runs where there is nothing else. Prints TAP.
 */
#include "model/reason.h"
#include "source/kernel_names.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SUBSYSTEM_SHIFT 16 /* SKB_DROP_REASON_SUBSYS_SHIFT */

/* Reasons of the kernel itself, of its subsystems, and those that the table lacks. */
struct coverage {
	unsigned int core, subsystems, unknown;
	char last_unknown[64];
};

static void cover(void *argument, uint32_t number, const char *name)
{
	struct coverage *coverage = argument;

	coverage->core += number >> SUBSYSTEM_SHIFT == 0;
	coverage->subsystems += number >> SUBSYSTEM_SHIFT != 0;
	if (reason_find(name))
		return;
	coverage->unknown++;
	snprintf(coverage->last_unknown, sizeof(coverage->last_unknown), "%s", name);
	print_message("# reasons.def lacks %s (%#x)\n", name, number);
}

static int read_names(void **state)
{
	*state = kernel_names_new();
	return 0;
}

static int free_names(void **state)
{
	kernel_names_free(*state);
	return 0;
}

static void every_reason_of_this_kernel_is_known(void **state)
{
	struct coverage coverage = { 0 };

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	kernel_reasons_each(*state, cover, &coverage);
	print_message("# %u drop reasons of the kernel, %u of subsystems\n", coverage.core, coverage.subsystems);
	assert_int_equal(coverage.unknown, 0);
	assert_true(coverage.core >= 60); /* 6.1 has 65 */
}

static void a_reason_that_the_table_lacks_is_seen(void **state)
{
	struct coverage coverage = { 0 };

	cover(&coverage, 3, "NO_SOCKET");
	assert_int_equal(coverage.unknown, 0);
	cover(&coverage, 0xfffe, "SUN_SPOTS");
	assert_int_equal(coverage.unknown, 1);
	assert_string_equal(coverage.last_unknown, "SUN_SPOTS");
	assert_int_equal(coverage.core, 2);
}

struct search {
	const char *name;
	uint32_t number;
	unsigned int found;
};

static void search_name(void *argument, uint32_t number, const char *name)
{
	struct search *search = argument;

	if (strcmp(search->name, name) != 0)
		return;
	search->number = number;
	search->found++;
}

static void a_number_has_its_name(void **state)
{
	struct search reason = { .name = "NO_SOCKET" }, bound = { .name = "MAX" }, mask = { .name = "SUBSYS_MASK" };

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	kernel_reasons_each(*state, search_name, &reason);
	assert_int_equal(reason.found, 1);
	assert_string_equal(kernel_reason_name(*state, reason.number), "NO_SOCKET");
	assert_null(kernel_reason_name(*state, 0xfffe));
	/* an enum's own bounds are no reasons */
	kernel_reasons_each(*state, search_name, &bound);
	kernel_reasons_each(*state, search_name, &mask);
	assert_int_equal(bound.found + mask.found, 0);
}

/* Kernels from 6.4 on number the reasons of subsystems apart; where such a module is loaded, they have to be there. */
static void loaded_subsystems_have_their_reasons(void **state)
{
	static const struct {
		const char *types, *reason;
	} modules[] = {
		{ "/sys/kernel/btf/mac80211", "RX_DROP_U_REPLAY" },
		{ "/sys/kernel/btf/openvswitch", "OVS_DROP_LAST_ACTION" },
	};
	struct search newer = { .name = "TC_COOKIE_ERROR" }; /* 6.8 */
	size_t loaded = 0;

	kernel_reasons_each(*state, search_name, &newer);
	for (size_t i = 0; newer.found && i < ARRAY_SIZE(modules); i++) {
		struct search reason = { .name = modules[i].reason };

		if (access(modules[i].types, R_OK) != 0)
			continue;
		loaded++;
		kernel_reasons_each(*state, search_name, &reason);
		assert_int_equal(reason.found, 1);
		assert_true(reason.number >> SUBSYSTEM_SHIFT);
	}
	if (!loaded)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_of_this_kernel_is_known),
		cmocka_unit_test(a_reason_that_the_table_lacks_is_seen),
		cmocka_unit_test(a_number_has_its_name),
		cmocka_unit_test(loaded_subsystems_have_their_reasons),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("engine/kernel", tests, read_names, free_names);
}
