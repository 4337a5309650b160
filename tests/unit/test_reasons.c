/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of drop reasons and of other tools' words: whole, consistent with the causes, and found by any spelling. */
#include "base/alloc.h"
#include "model/alias.h"
#include "model/reason.h"
#include "unit/unit.h"

#include <ctype.h>
#include <string.h>

static void reasons_are_unique_and_say_something(void **state)
{
	const struct reason *reason;

	for (size_t i = 0; (reason = reason_at(i)); i++) {
		if (reason_find(reason->name) != reason)
			fail_msg("%s stands twice", reason->name);
		if (strlen(reason->meaning) < 10 || reason->meaning[strlen(reason->meaning) - 1] == '.')
			fail_msg("%s: no clause: %s", reason->name, reason->meaning);
		for (const char *at = reason->name; *at; at++)
			assert_true(isupper((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '_');
	}
}

static bool is_class(enum cause cause, enum cause_class class)
{
	return cause == CAUSE_NONE || cause_get(cause)->class == class;
}

static void what_a_reason_points_to_is_as_harmful_as_it_is(void **state)
{
	const struct reason *reason;

	for (size_t i = 0; (reason = reason_at(i)); i++) {
		if (reason->harm == REASON_LOSS && !is_class(reason->cause, CAUSE_LOSS))
			fail_msg("%s is a loss, %s is none", reason->name, cause_id(reason->cause));
		if (reason->harm == REASON_HARMLESS && !is_class(reason->cause, CAUSE_INNOCENT))
			fail_msg("%s is harmless, %s is not", reason->name, cause_id(reason->cause));
		if (reason->also != CAUSE_NONE && (reason->cause == CAUSE_NONE || reason->also == reason->cause))
			fail_msg("%s has a second cause without a first", reason->name);
	}
}

/* What only drop events can prove needs an event that proves it. */
static void causes_proved_by_events_have_a_reason(void **state)
{
	for (size_t cause = 0; cause < CAUSE_COUNT; cause++) {
		const struct reason *reason;
		bool found = false;

		if (cause_get((enum cause)cause)->proof != PROOF_EVENTS)
			continue;
		for (size_t i = 0; (reason = reason_at(i)); i++)
			found |= reason->cause == cause || reason->also == cause;
		/* a fragment's child has the reason of whatever freed its datagram */
		if (!found && cause != CAUSE_FRAGMENT_LIST_CHILD)
			fail_msg("no drop reason points to %s", cause_id((enum cause)cause));
	}
}

static void a_reason_is_found_by_any_spelling(void **state)
{
	const struct reason *reason = reason_find("NO_SOCKET");

	assert_non_null(reason);
	assert_ptr_equal(reason_find("no_socket"), reason);
	assert_ptr_equal(reason_find("SKB_DROP_REASON_NO_SOCKET"), reason);
	assert_ptr_equal(reason_find("skb_drop_reason_no_socket"), reason);
	assert_string_equal(reason_find("SKB_CONSUMED")->name, "CONSUMED");
	assert_string_equal(reason_find("SKB_NOT_DROPPED_YET")->name, "NOT_DROPPED_YET");
	assert_string_equal(reason_find("SKB_CSUM")->name, "SKB_CSUM");
	assert_string_equal(reason_find("SKB_DROP_REASON_SKB_CSUM")->name, "SKB_CSUM");
	assert_string_equal(reason_find("___RX_DROP_U_REPLAY")->name, "RX_DROP_U_REPLAY");
	assert_null(reason_find("SKB_DROP_REASON_"));
	assert_null(reason_find(""));
	assert_null(reason_find("NO_SOCKETS"));
}

static void aliases_say_what_they_are(void **state)
{
	const struct alias *alias;

	for (size_t i = 0; (alias = alias_at(i)); i++) {
		if (!*alias->shown || (alias->counter == COUNTER_NONE) != (*alias->meaning != '\0'))
			fail_msg("%s is either another name or has a meaning of its own", alias->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_unique_and_say_something),
		cmocka_unit_test(what_a_reason_points_to_is_as_harmful_as_it_is),
		cmocka_unit_test(causes_proved_by_events_have_a_reason),
		cmocka_unit_test(a_reason_is_found_by_any_spelling),
		cmocka_unit_test(aliases_say_what_they_are),
	};

	return cmocka_run_group_tests_name("model/reasons", tests, NULL, NULL);
}
