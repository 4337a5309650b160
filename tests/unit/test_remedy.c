/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render/part: a reason and its loss may have the same remedy; it is said once. */
#include "render/part.h"
#include "unit/unit.h"

static void test_said_once(void **state)
{
	struct objects *objects = objects_new();
	struct series *series = series_new(objects);
	struct diagnosis diagnosis = { .series = series };
	const struct answer answer = { .diagnosis = &diagnosis };
	struct finding *finding = finding_add(&diagnosis.findings, CAUSE_UDP_RECEIVE_BUFFER_FULL, OBJECT_HOST_ID);
	const struct remedy *one, *other;
	uint32_t object;
	size_t count;

	finding_because(finding, CAUSE_RECEIVE_BUFFER_SMALL, OBJECT_HOST_ID);
	for (count = 0; (one = finding_remedy(&answer, finding, count, &object)); count++) {
		for (size_t next = count + 1; (other = finding_remedy(&answer, finding, next, &object)); next++)
			assert_string_not_equal(one->action, other->action);
	}
	assert_true(count >= 2);
	findings_free(&diagnosis.findings);
	series_free(series);
	objects_free(objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_said_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
