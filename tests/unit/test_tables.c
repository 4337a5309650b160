/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of src/model: the knowledge has no holes, and it knows every counter that the running kernel prints. */
#include "base/parse.h"
#include "base/text.h"
#include "model/cause.h"
#include "model/object.h"
#include "unit/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const cause_symbols[CAUSE_COUNT] = {
#define CAUSE(symbol, id, domain, class, proof, owner, mechanism, evidence, lookalike, next) #symbol,
#include "model/causes.def"
#undef CAUSE
};

static const char *const counter_symbols[COUNTER_STATIC] = {
#define COUNTER(symbol, name, source, domain, kind, form, unit, check, meaning) #symbol,
#include "model/counters.def"
#undef COUNTER
};

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (text = strstr(text, part); text; text = strstr(text + 1, part))
		count++;
	return count;
}

/* Fails when a "{word}" is left that nothing fills; braces around anything else are shell or nft syntax. */
static void assert_placeholders_known(const char *template, const char *where)
{
	struct objects *objects = objects_new();
	struct object *object = object_intern(objects, (struct object_key){ .kind = OBJECT_HOST }, NULL);
	CLEANUP_TEXT struct text text = { 0 };
	const char *brace;

	template_fill(objects, C_IP_IN_RECEIVES, object, template, &text);
	for (brace = strchr(text_string(&text), '{'); brace; brace = strchr(brace + 1, '{')) {
		size_t length = strspn(brace + 1, "abcdefghijklmnopqrstuvwxyz_");

		if (length && brace[1 + length] == '}')
			fail_msg("%s: nothing fills {%.*s} in: %s", where, (int)length, brace + 1, template);
	}
	objects_free(objects);
}

static void cause_ids_are_their_symbols(void **state)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		const char *id = cause_id((enum cause)i), *symbol = cause_symbols[i];
		enum cause found = CAUSE_NONE;

		assert_int_equal(strlen(id), strlen(symbol));
		for (size_t at = 0; id[at]; at++)
			assert_int_equal(id[at] == '-' ? '_' : toupper((unsigned char)id[at]), symbol[at]);
		assert_true(cause_from_id(id, &found));
		assert_int_equal(found, i);
	}
}

static void causes_come_in_the_packets_order(void **state)
{
	for (size_t i = 1; i < CAUSE_COUNT; i++) {
		if (cause_get((enum cause)i)->domain < cause_get((enum cause)(i - 1))->domain)
			fail_msg("%s stands after a later domain", cause_id((enum cause)i));
	}
}

static void every_domain_can_lose(void **state)
{
	bool loses[DOMAIN_COUNT] = { [DOMAIN_APPLICATION] = true }; /* there it is always a reason, never the place */

	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		if (cause_get((enum cause)i)->class == CAUSE_LOSS)
			loses[cause_get((enum cause)i)->domain] = true;
	}
	for (size_t i = 0; i < DOMAIN_COUNT; i++)
		assert_true(loses[i]);
}

static void a_mechanism_is_a_clause_about_one_object(void **state)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		const char *mechanism = cause_get((enum cause)i)->mechanism;

		if (count_of(mechanism, "{object}") != 1 || count_of(mechanism, "{") != 1)
			fail_msg("%s: %s", cause_id((enum cause)i), mechanism);
		if (strchr(".,;:", mechanism[strlen(mechanism) - 1]))
			fail_msg("%s does not end as a clause: %s", cause_id((enum cause)i), mechanism);
	}
}

static void causes_say_what_proves_them_and_what_to_run(void **state)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		const struct cause_row *row = cause_get((enum cause)i);

		if (strlen(row->evidence) < 20)
			fail_msg("%s: nothing proves it", row->id);
		if (row->class != CAUSE_INNOCENT && (!*row->lookalike || !*row->next))
			fail_msg("%s: no look-alike or no next step", row->id);
		assert_placeholders_known(row->evidence, row->id);
		assert_placeholders_known(row->lookalike, row->id);
		assert_placeholders_known(row->next, row->id);
	}
}

static void every_loss_and_every_reason_has_a_remedy(void **state)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		enum cause_class class = cause_get((enum cause)i)->class;

		if ((class == CAUSE_LOSS || class == CAUSE_BECAUSE) && !remedy_of((enum cause)i, 0))
			fail_msg("%s: no remedy", cause_id((enum cause)i));
		if (class == CAUSE_INNOCENT && remedy_of((enum cause)i, 0))
			fail_msg("%s is innocent and has a remedy", cause_id((enum cause)i));
	}
}

/* Switches are 0 to 2; any other number may be less than what a tuned host has. */
static void assert_no_limit_of_ours(const struct remedy *remedy)
{
	const char *set = remedy->commands;

	while ((set = strstr(set, "sysctl -w "))) {
		const char *value = set + strcspn(set, "=\n");

		value += strspn(value, "='");
		if (strspn(value, "0123456789") > 1 || (isdigit((unsigned char)*value) && *value > '2'))
			fail_msg("%s: a fixed limit: %s", cause_id(remedy->cause), set);
		set = value;
	}
}

static void assert_remedy_sound(const struct remedy *remedy)
{
	static const char *const wrong[] = {
		" gro off", " tso off", " gso off", " rx off tx off", "reboot", "shutdown"
	};
	const char *id = cause_id(remedy->cause);

	if (!*remedy->action || remedy->action[strlen(remedy->action) - 1] != '.')
		fail_msg("%s: not a sentence: %s", id, remedy->action);
	if (!*remedy->risk || remedy->risk[strlen(remedy->risk) - 1] != '.')
		fail_msg("%s: no price: %s", id, remedy->action);
	/* What changes a running system must say how to go back, unless it is a cure of its own. */
	if (strstr(remedy->commands, "sysctl -w") && !strstr(remedy->risk, "Undo: "))
		fail_msg("%s: no way back from: %s", id, remedy->commands);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (strstr(remedy->commands, wrong[i]))
			fail_msg("%s: not a remedy: %s", id, remedy->commands);
	}
	assert_no_limit_of_ours(remedy);
	assert_placeholders_known(remedy->action, id);
	assert_placeholders_known(remedy->commands, id);
	assert_placeholders_known(remedy->risk, id);
}

/* Whoever gets a rule of nft as the cure must get one of iptables where that dropped. */
static void rules_of_both_firewalls_have_a_remedy(void **state)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		const struct remedy *remedy;
		size_t nft = 0, legacy = 0;

		if (i == CAUSE_BRIDGE_FILTER_DROP) /* given to rules of nft's bridge family only */
			continue;
		for (size_t index = 0; (remedy = remedy_of((enum cause)i, index)); index++) {
			if (!strstr(remedy->commands, "{table}"))
				continue;
			if (strncmp(remedy->commands, "{driver} ", strlen("{driver} ")) == 0)
				legacy++;
			else
				nft++;
		}
		if (nft != legacy)
			fail_msg("%s: %zu remedies for nft, %zu for iptables", cause_id((enum cause)i), nft, legacy);
	}
}

static void remedies_have_a_price_and_a_way_back(void **state)
{
	for (size_t i = 0; i < CAUSE_COUNT; i++) {
		const struct remedy *remedy;

		for (size_t index = 0; (remedy = remedy_of((enum cause)i, index)); index++)
			assert_remedy_sound(remedy);
	}
}

static void counters_are_unique_and_whole(void **state)
{
	for (counter_id id = 0; id < COUNTER_STATIC; id++) {
		const struct counter *counter = counter_get(id);

		if (counter_find(counter->source, counter->name, strlen(counter->name)) != id)
			fail_msg("%s stands twice in its source", counter->name);
		if (!*counter->check || !*counter->meaning)
			fail_msg("%s: no check or no meaning", counter->name);
		if (counter->kind == KIND_DROP && counter->domain == DOMAIN_NONE)
			fail_msg("%s loses packets in no domain", counter->name);
		if (counter->form == FORM_GAUGE && counter->kind == KIND_DROP)
			fail_msg("%s: a level is no loss", counter->name);
		assert_placeholders_known(counter->check, counter->name);
	}
}

/* "TcpExtTCPOFODrop" and TCP_EXT_TCP_OFO_DROP: the same letters. */
static void nstat_symbols_are_their_names(void **state)
{
	for (counter_id id = 0; id < COUNTER_STATIC; id++) {
		const struct counter *counter = counter_get(id);
		const char *name = counter->name, *symbol = counter_symbols[id];

		if (counter->source != SOURCE_SNMP && counter->source != SOURCE_SNMP6 &&
		    counter->source != SOURCE_NETSTAT)
			continue;
		if (strchr(name, '.'))
			continue; /* worked out by this program: nstat does not know it */
		for (; *symbol; symbol++) {
			if (*symbol == '_')
				continue;
			if (toupper((unsigned char)*name++) != *symbol)
				fail_msg("%s is called %s", counter->name, counter_symbols[id]);
		}
		assert_int_equal(*name, '\0');
		assert_non_null(strstr(counter->check, counter->name));
	}
}

static void assert_counter(const char *name, enum source_id source, enum domain domain, enum counter_kind kind)
{
	counter_id id = counter_find(source, name, strlen(name));

	if (id == COUNTER_NONE || counter_get(id)->domain != domain || counter_get(id)->kind != kind)
		fail_msg("%s is not what it should be", name);
}

static void symptoms_and_pressure_are_no_drops(void **state)
{
	assert_counter("TcpRetransSegs", SOURCE_SNMP, DOMAIN_PATH, KIND_SYMPTOM);
	assert_counter("TcpExtTCPTimeouts", SOURCE_NETSTAT, DOMAIN_PATH, KIND_SYMPTOM);
	assert_counter("TcpExtTCPDSACKRecv", SOURCE_NETSTAT, DOMAIN_PATH, KIND_SYMPTOM);
	assert_counter("TcpExtPruneCalled", SOURCE_NETSTAT, DOMAIN_SOCKET, KIND_PRESSURE);
	assert_counter("TcpExtTCPRcvCollapsed", SOURCE_NETSTAT, DOMAIN_SOCKET, KIND_PRESSURE);
	assert_counter("TcpExtTCPReqQFullDoCookies", SOURCE_NETSTAT, DOMAIN_TRANSPORT, KIND_PRESSURE);
	assert_counter("TcpExtTCPDeferAcceptDrop", SOURCE_NETSTAT, DOMAIN_NONE, KIND_TRAFFIC);
	assert_counter("TcpExtTCPReqQFullDrop", SOURCE_NETSTAT, DOMAIN_TRANSPORT, KIND_DROP);
	assert_counter("TcpExtListenOverflows", SOURCE_NETSTAT, DOMAIN_SOCKET, KIND_DROP);
	assert_counter("UdpRcvbufErrors", SOURCE_SNMP, DOMAIN_SOCKET, KIND_DROP);
	assert_counter("Udp6InCsumErrors", SOURCE_SNMP6, DOMAIN_TRANSPORT, KIND_DROP);
	assert_counter("IpExtInNoRoutes", SOURCE_NETSTAT, DOMAIN_ROUTING, KIND_DROP);
}

/* The kernel makes names out of ICMP type numbers as they occur: IcmpMsgInType3, Icmp6OutType143. */
static bool is_icmp_type(const char *name)
{
	return strncmp(name, "Icmp", 4) == 0 && (strstr(name, "InType") || strstr(name, "OutType"));
}

static size_t missing_name(enum source_id source, const char *name)
{
	if (is_icmp_type(name) || counter_find(source, name, strlen(name)) != COUNTER_NONE)
		return 0;
	print_message("# no row for %s\n", name);
	return 1;
}

/* "Tcp: RtoAlgorithm RtoMin ..." above "Tcp: 1 200 ...": the names of one heading. */
static size_t missing_in_heading(enum source_id source, struct cursor line)
{
	struct slice prefix, word;
	size_t missing = 0;

	if (!cursor_until(&line, ':', &prefix))
		return 0;
	while (cursor_word(&line, &word)) {
		CLEANUP_FREE char *name =
			text_format("%.*s%.*s", (int)prefix.length, prefix.data, (int)word.length, word.data);

		if (isalpha((unsigned char)*word.data))
			missing += missing_name(source, name);
	}
	return missing;
}

static size_t missing_in_line(enum source_id source, struct cursor line)
{
	CLEANUP_FREE char *name = NULL;
	struct slice word;

	if (source != SOURCE_SNMP6)
		return missing_in_heading(source, line);
	if (!cursor_word(&line, &word))
		return 0;
	name = mem_strndup(word.data, word.length);
	return missing_name(source, name);
}

static void assert_kernel_names_known(enum source_id source, const char *path)
{
	FILE *file = fopen(path, "re");
	CLEANUP_FREE char *line = NULL;
	size_t size = 0, missing = 0, lines = 0;
	ssize_t length;

	if (!file)
		skip();
	for (; (length = getline(&line, &size, file)) > 0; lines++)
		missing += missing_in_line(source, cursor_of(line, (size_t)length));
	fclose(file);
	assert_true(lines > 0);
	assert_int_equal(missing, 0);
}

static void this_kernels_snmp_names_have_rows(void **state)
{
	assert_kernel_names_known(SOURCE_SNMP, "/proc/net/snmp");
}

static void this_kernels_snmp6_names_have_rows(void **state)
{
	assert_kernel_names_known(SOURCE_SNMP6, "/proc/net/snmp6");
}

static void this_kernels_netstat_names_have_rows(void **state)
{
	assert_kernel_names_known(SOURCE_NETSTAT, "/proc/net/netstat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cause_ids_are_their_symbols),
		cmocka_unit_test(causes_come_in_the_packets_order),
		cmocka_unit_test(every_domain_can_lose),
		cmocka_unit_test(a_mechanism_is_a_clause_about_one_object),
		cmocka_unit_test(causes_say_what_proves_them_and_what_to_run),
		cmocka_unit_test(every_loss_and_every_reason_has_a_remedy),
		cmocka_unit_test(rules_of_both_firewalls_have_a_remedy),
		cmocka_unit_test(remedies_have_a_price_and_a_way_back),
		cmocka_unit_test(counters_are_unique_and_whole),
		cmocka_unit_test(nstat_symbols_are_their_names),
		cmocka_unit_test(symptoms_and_pressure_are_no_drops),
		cmocka_unit_test(this_kernels_snmp_names_have_rows),
		cmocka_unit_test(this_kernels_snmp6_names_have_rows),
		cmocka_unit_test(this_kernels_netstat_names_have_rows),
	};

	return cmocka_run_group_tests_name("model/tables", tests, NULL, NULL);
}
