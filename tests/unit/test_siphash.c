/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/siphash: the paper's own example, and that key, length and each byte matter. */
#include "base/siphash.h"
#include "unit/unit.h"

static const uint8_t key[SIPHASH_KEY_BYTES] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const uint8_t message[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };

/* Appendix A of the paper. */
static void the_example_of_the_paper(void **state)
{
	assert_true(siphash(key, message, sizeof(message)) == UINT64_C(0xa129ca6149be45e5));
}

static void another_key_is_another_hash(void **state)
{
	uint8_t other[SIPHASH_KEY_BYTES] = { 0 };

	assert_true(siphash(other, message, sizeof(message)) != siphash(key, message, sizeof(message)));
}

static void every_length_is_another_hash(void **state)
{
	const uint8_t zeros[24] = { 0 };

	for (size_t a = 0; a < sizeof(zeros); a++) {
		for (size_t b = 0; b < a; b++)
			assert_true(siphash(key, zeros, a) != siphash(key, zeros, b));
	}
	assert_true(siphash(key, NULL, 0) == siphash(key, zeros, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_paper),
		cmocka_unit_test(another_key_is_another_hash),
		cmocka_unit_test(every_length_is_another_hash),
	};

	return cmocka_run_group_tests_name("base/siphash", tests, NULL, NULL);
}
