/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diagnose/chance: exact tests against values worked out with whole fractions. */
#include "diagnose/chance.h"
#include "unit/unit.h"

#include <math.h>

static void assert_near(double value, double expected)
{
	if (fabs(value - expected) > 1e-9 * expected)
		fail_msg("%.15g is not %.15g", value, expected);
}

static void rates_as_worked_out_by_hand(void **state)
{
	(void)state;
	/* 79 / 4096, twice */
	assert_near(chance_rates(10, 1, 2, 1), 0.03857421875);
	assert_near(chance_rates(2, 7, 10, 7), 0.03857421875);
	assert_near(chance_rates(11, 800, 23, 2211), 0.5556999882253092);
	assert_near(chance_rates(0, 5, 20, 5), 1.9073486328125e-06);
	assert_near(chance_rates(1000, 1, 900, 1), 0.02310884510890107);
	assert_near(chance_rates(3, 1, 5, 3), 0.642913818359375);
	assert_near(chance_rates(60, 1, 0, 2), 4.7179649751851457e-29);
}

static void shares_as_worked_out_by_hand(void **state)
{
	(void)state;
	/* Fisher's tea: 17 / 70, twice */
	assert_near(chance_shares(3, 4, 1, 4), 0.4857142857142857);
	assert_near(chance_shares(10, 20, 0, 20), 0.00043591979075850045);
	assert_near(chance_shares(1, 9, 11, 17), 0.02434782608695652);
	assert_near(chance_shares(1, 10, 11, 14), 0.0027594561852200836);
	assert_near(chance_shares(300, 1000, 200, 1000), 2.975241938212637e-07);
}

static void nothing_tells_nothing(void **state)
{
	(void)state;
	assert_near(chance_rates(0, 1, 0, 1), 1);
	assert_near(chance_rates(7, 1, 7, 1), 1);
	assert_near(chance_rates(5, 0, 0, 1), 1);
	assert_near(chance_rates(5, 1, 0, -1), 1);
	assert_near(chance_shares(0, 5, 0, 5), 1);
	assert_near(chance_shares(5, 5, 5, 5), 1);
	assert_near(chance_shares(0, 0, 3, 5), 1);
	assert_near(chance_shares(6, 5, 3, 5), 1);
}

/* Neither is a loop of hours, nor a number that is none. */
static void large_counts_are_judged_at_once(void **state)
{
	(void)state;
	assert_true(chance_rates(UINT64_MAX, 1, 0, 1) == 0);
	assert_true(chance_rates(UINT64_MAX / 2, 1, UINT64_MAX / 2, 1) > 0.99);
	assert_true(chance_rates(1000000000, 1, 900000000, 1) < 1e-300);
	assert_true(chance_rates(500010000, 1, 499990000, 1) > 0.5);
	assert_true(chance_shares(UINT64_MAX / 4, UINT64_MAX / 2, UINT64_MAX / 8, UINT64_MAX / 2) < 1e-300);
	assert_true(chance_shares(0, UINT64_MAX / 2, 0, 1) > 0.99);
}

static void sides_do_not_matter(void **state)
{
	(void)state;
	for (uint64_t a = 0; a < 12; a++) {
		for (uint64_t b = 0; b < 12; b++) {
			assert_near(chance_rates(a, 3, b, 5), chance_rates(b, 5, a, 3));
			assert_near(chance_shares(a, 13, b, 17), chance_shares(b, 17, a, 13));
		}
	}
}

static void many_looks_cost(void **state)
{
	double chances[] = { 0.01, 0.04, 0.03, 0.005 };
	double *pointers[] = { &chances[0], &chances[1], &chances[2], &chances[3] };

	(void)state;
	chance_holm(pointers, ARRAY_SIZE(pointers));
	assert_near(chances[3], 0.02);
	assert_near(chances[0], 0.03);
	assert_near(chances[2], 0.06);
	assert_near(chances[1], 0.06);
	chance_holm(pointers, 0);
	chances[0] = 0.9;
	chance_holm(&pointers[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_as_worked_out_by_hand), cmocka_unit_test(shares_as_worked_out_by_hand),
		cmocka_unit_test(nothing_tells_nothing),       cmocka_unit_test(large_counts_are_judged_at_once),
		cmocka_unit_test(sides_do_not_matter),	       cmocka_unit_test(many_looks_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
