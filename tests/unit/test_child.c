/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/child: what a child writes and how it ended come back; one that hangs is ended. */
#include "source/child.h"

#include "base/alloc.h"
#include "unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_and_complain(void *argument)
{
	const char *words = argument;
	bool wrote = write(STDOUT_FILENO, words, strlen(words)) == (ssize_t)strlen(words);

	if (wrote)
		wrote = write(STDERR_FILENO, "not for you", 11) == 11;
	return wrote ? 7 : 8;
}

static int hang(void *argument)
{
	for (;;)
		pause();
	return 0;
}

static int write_for_ever(void *argument)
{
	char block[4096] = { 0 };

	while (write(STDOUT_FILENO, block, sizeof(block)) > 0)
		;
	return 0;
}

static void output_and_status_come_back(void **state)
{
	CLEANUP_TEXT struct text output = { 0 };
	char words[] = "some words";
	int status = 0;

	assert_int_equal(child_collect(write_and_complain, words, 0, &output, &status), 0);
	assert_string_equal(text_string(&output), "some words");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void one_that_hangs_is_ended(void **state)
{
	CLEANUP_TEXT struct text output = { 0 };
	int status = 0;

	assert_int_equal(child_collect(hang, NULL, 1, &output, &status), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGALRM);
}

static void one_that_writes_too_much_is_told_so(void **state)
{
	CLEANUP_TEXT struct text output = { .max = 100000 };
	int status = 0;

	assert_int_equal(child_collect(write_for_ever, NULL, 1, &output, &status), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_come_back),
		cmocka_unit_test(one_that_hangs_is_ended),
		cmocka_unit_test(one_that_writes_too_much_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
