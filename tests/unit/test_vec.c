/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/vec: growth, zeroed elements, the maximum, order. */
#include "base/vec.h"
#include "unit/unit.h"

struct pair {
	int left, right;
};

static int pair_compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return (x->left > y->left) - (x->left < y->left);
}

static void elements_survive_growth(void **state)
{
	VEC(struct pair) pairs = { 0 };
	const struct pair *pair;
	int seen = 0;

	for (int i = 0; i < 1000; i++)
		vec_add(&pairs, 1000)->left = i;
	vec_each(&pairs, pair) {
		assert_int_equal(pair->left, seen++);
		assert_int_equal(pair->right, 0);
	}
	assert_int_equal(seen, 1000);
	vec_free(&pairs);
}

static void the_maximum_gives_null(void **state)
{
	VEC(int) numbers = { 0 };

	for (int i = 0; i < 3; i++)
		assert_non_null(vec_add(&numbers, 3));
	assert_null(vec_add(&numbers, 3));
	assert_int_equal(numbers.count, 3);
	vec_free(&numbers);
}

static void reused_elements_are_zero_again(void **state)
{
	VEC(int) numbers = { 0 };

	*vec_add(&numbers, 8) = 5;
	vec_clear(&numbers);
	assert_int_equal(*vec_add(&numbers, 8), 0);
	vec_free(&numbers);
}

static void an_empty_vector_can_be_walked_sorted_and_freed(void **state)
{
	VEC(struct pair) pairs = { 0 };
	const struct pair *pair;

	vec_each(&pairs, pair)
		fail();
	vec_sort(&pairs, pair_compare);
	vec_free(&pairs);
}

static void sorting_orders_by_the_comparison(void **state)
{
	VEC(struct pair) pairs = { 0 };

	for (int i = 0; i < 20; i++)
		vec_add(&pairs, 20)->left = (i * 7) % 20;
	vec_sort(&pairs, pair_compare);
	for (int i = 0; i < 20; i++)
		assert_int_equal(pairs.data[i].left, i);
	vec_free(&pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_survive_growth),
		cmocka_unit_test(the_maximum_gives_null),
		cmocka_unit_test(reused_elements_are_zero_again),
		cmocka_unit_test(an_empty_vector_can_be_walked_sorted_and_freed),
		cmocka_unit_test(sorting_orders_by_the_comparison),
	};

	return cmocka_run_group_tests_name("base/vec", tests, NULL, NULL);
}
