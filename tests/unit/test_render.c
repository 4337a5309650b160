/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render/: what each format says of a diagnosis built by hand, and that nothing from the host gets through raw. */
#include "render/answer.h"
#include "render/part.h"
#include "render/printable.h"
#include "unit/unit.h"

#include "base/clock.h"
#include "base/parse.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define HOSTILE_NAME "b\033[31m\n|`#"
#define HOSTILE_RULE "comment \"</td>|`\x1b]0;x\a\xff\xe2\x80\xae\" drop"

/* A host with one sick socket in a namespace with a hostile name. */
struct scene {
	struct objects *objects;
	struct series *series;
	struct object *netns, *socket, *process, *rule;
	struct diagnosis diagnosis;
	struct answer answer;
};

static void take_reading(struct scene *scene, uint64_t time_ns, uint64_t lost)
{
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, scene->objects);
	snapshot.time_ns = time_ns;
	snapshot.wall_ns = time_ns;
	snapshot_covered(&snapshot, SOURCE_SNMP, scene->netns);
	snapshot_covered(&snapshot, SOURCE_SOCKET, scene->netns);
	snapshot_covered(&snapshot, SOURCE_PROCESS, scene->process);
	snapshot_add(&snapshot, C_UDP_RCVBUF_ERRORS, scene->netns, 5 + lost);
	snapshot_add(&snapshot, C_SOCK_DROPS, scene->socket, lost);
	snapshot_add(&snapshot, C_SOCK_RCVBUF, scene->socket, 212992);
	snapshot_add(&snapshot, C_PROCESS_STATE, scene->process, 'D');
	series_add(scene->series, &snapshot);
	snapshot_free(&snapshot);
}

static void objects_make(struct scene *scene)
{
	scene->objects = objects_new();
	objects_set_home(scene->objects, 1);
	scene->netns = object_intern(scene->objects, (struct object_key){ OBJECT_NETNS, 2, 0, 0 }, NULL);
	object_label(scene->netns, LABEL_NAME, HOSTILE_NAME);
	scene->netns->pid = 77;
	scene->process = object_intern(scene->objects, (struct object_key){ OBJECT_PROCESS, 0, 42, 1 }, NULL);
	object_label(scene->process, LABEL_COMM, "<b>" HOSTILE_NAME);
	scene->process->pid = 42;
	scene->socket = object_intern(scene->objects, (struct object_key){ OBJECT_SOCKET, 2, 9, 17 }, NULL);
	object_label(scene->socket, LABEL_NAME, "udp 0.0.0.0:7000");
	object_label(scene->socket, LABEL_LOCAL, "0.0.0.0:7000");
	scene->socket->owner = scene->process->id;
	scene->rule = object_intern(scene->objects, (struct object_key){ OBJECT_RULE, 2, 5, 6 }, NULL);
	object_label(scene->rule, LABEL_NAME, "nft inet filter input handle 6");
	object_label(scene->rule, LABEL_TEXT, HOSTILE_RULE);
}

static struct scene *scene_new(void)
{
	struct scene *scene = NEW(struct scene);

	objects_make(scene);
	scene->series = series_new(scene->objects);
	take_reading(scene, NS_PER_S, 0);
	take_reading(scene, 11 * NS_PER_S, 1234567);
	series_finish(scene->series);
	scene->diagnosis.series = scene->series;
	scene->diagnosis.loss = LOSS_UNKNOWN;
	scene->diagnosis.summary = mem_strdup("Nothing was seen.");
	scene->answer.diagnosis = &scene->diagnosis;
	scene->answer.host = (struct host){ "box", "6.1.0", "", 2 };
	scene->answer.namespaces = 2;
	return scene;
}

static void add_socket_finding(struct scene *scene)
{
	struct finding *finding =
		finding_add(&scene->diagnosis.findings, CAUSE_UDP_RECEIVE_BUFFER_FULL, scene->socket->id);
	struct because *because;

	finding->packets = 1234567;
	finding->unit = UNIT_DATAGRAMS;
	finding->confidence = CONFIDENCE_PROVEN;
	finding->harmful = true;
	finding_evidence(finding, scene->series, C_UDP_RCVBUF_ERRORS, scene->netns->id, NULL);
	finding_evidence(finding, scene->series, C_SOCK_DROPS, scene->socket->id, NULL);
	finding_evidence(finding, scene->series, C_SOCK_RCVBUF, scene->socket->id, "its limit");
	finding_next(finding, "ss -uanmp");
	because = finding_because(finding, CAUSE_PROCESS_BLOCKED_ON_DISK, scene->process->id);
	because_evidence(because, scene->series, C_PROCESS_STATE, scene->process->id, NULL);
	scene->diagnosis.first = finding;
	scene->diagnosis.loss = LOSS_YES;
	scene->diagnosis.domains[DOMAIN_SOCKET] = (struct domain_view){ .harmful = 1234567, .observed = true };
	free(scene->diagnosis.summary);
	scene->diagnosis.summary = mem_strdup("Lost in " HOSTILE_NAME ".");
}

static void add_rule_finding(struct scene *scene)
{
	struct finding *finding = finding_add(&scene->diagnosis.findings, CAUSE_FIREWALL_RULE_DROP, scene->rule->id);

	finding->packets = 3;
	finding->passed = 1;
	finding->harmful = true;
	finding->detail = mem_strdup("seldom " HOSTILE_RULE);
}

/* Everything else that an answer may hold. */
static void add_rest(struct scene *scene)
{
	struct finding *innocent = finding_add(&scene->diagnosis.innocent, CAUSE_UNREAD_AT_CLOSE, scene->socket->id);
	struct ruled_out *ruled_out = vec_add(&scene->diagnosis.ruled_out, 10);
	struct not_observed *miss = vec_add(&scene->diagnosis.not_observed, 10);
	struct evidence *unexplained = vec_add(&scene->diagnosis.unexplained, 10);

	innocent->packets = 2;
	innocent->why_innocent = "it hurts nobody";
	ruled_out->domain = DOMAIN_LINK;
	ruled_out->observation = mem_strdup("no counter of " HOSTILE_NAME " moved …");
	*miss = (struct not_observed){ SOURCE_ETHTOOL, scene->netns->id, mem_strdup("refused by " HOSTILE_NAME), false,
				       DOMAIN_NONE };
	*unexplained = (struct evidence){ C_UDP_RCVBUF_ERRORS, scene->netns->id, 1, 2, 1, CELL_RESET, NULL };
}

static struct scene *scene_whole(void)
{
	struct scene *scene = scene_new();

	add_socket_finding(scene);
	add_rule_finding(scene);
	add_rest(scene);
	return scene;
}

static void scene_free(struct scene *scene)
{
	diagnosis_free(&scene->diagnosis);
	series_free(scene->series);
	objects_free(scene->objects);
	free(scene);
}

static void scene_free_ptr(struct scene **scene)
{
	scene_free(*scene);
}

static json_t *render_and_parse(const struct scene *scene)
{
	CLEANUP_TEXT struct text text = { 0 };
	json_error_t error;
	json_t *json;

	render_json(&scene->answer, &text);
	json = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, &error);
	assert_non_null(json);
	return json;
}

/* The text at a path such as "findings", 0, "cause" with numbers as digits. */
static json_t *at(json_t *json, const char *path)
{
	CLEANUP_FREE char *copy = mem_strdup(path);
	char *rest = copy, *part;

	while (json && (part = strsep(&rest, ".")))
		json = *part >= '0' && *part <= '9' ? json_array_get(json, (size_t)(*part - '0'))
						    : json_object_get(json, part);
	return json;
}

static void assert_said(json_t *json, const char *path, const char *expected)
{
	const char *said = json_string_value(at(json, path));

	assert_non_null(said);
	assert_string_equal(said, expected);
}

static void assert_tame(const char *string)
{
	for (; *string; string++) {
		assert_true((unsigned char)*string >= 0x20 || *string == '\n');
		assert_true(*string != 0x7f);
	}
}

static void printable_text_escapes_what_acts(void **state)
{
	static const struct {
		const char *raw, *unicode, *ascii;
	} rows[] = {
		{ "eth0", "eth0", "eth0" },
		{ "a\033[0m", "a\\x1b[0m", "a\\x1b[0m" },
		{ "a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f", "a\\x0ab\\x09c\\x7f" },
		{ "caf\xc3\xa9", "caf\xc3\xa9", "caf\\xc3\\xa9" },
		{ "\xff\xc3", "\\xff\\xc3", "\\xff\\xc3" },			    /* no UTF-8 */
		{ "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf" },			    /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },	    /* a surrogate */
		{ "\xc2\x9b", "\\xc2\\x9b", "\\xc2\\x9b" },			    /* C1: CSI */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae" },	    /* right-to-left override */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80" }, /* four bytes */
		{ "a…", "a…", "a..." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_TEXT struct text unicode = { 0 }, ascii = { 0 };

		text_add_printable(&unicode, rows[i].raw, true);
		text_add_printable(&ascii, rows[i].raw, false);
		assert_string_equal(text_string(&unicode), rows[i].unicode);
		assert_string_equal(text_string(&ascii), rows[i].ascii);
	}
}

static void numbers_have_separators(void **state)
{
	CLEANUP_TEXT struct text text = { 0 };

	text_add_count(&text, 0);
	text_add(&text, " ");
	text_add_count(&text, 999);
	text_add(&text, " ");
	text_add_count(&text, 1000);
	text_add(&text, " ");
	text_add_count(&text, UINT64_MAX);
	assert_string_equal(text_string(&text), "0 999 1,000 18,446,744,073,709,551,615");
}

static void nothing_raw_gets_through(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	const struct style plain = { .unicode = true };
	CLEANUP_TEXT struct text text = { 0 }, markdown = { 0 }, json = { 0 };

	render_text(&scene->answer, &plain, &text);
	render_markdown(&scene->answer, &markdown);
	render_json(&scene->answer, &json);
	assert_tame(text_string(&text));
	assert_tame(text_string(&markdown));
	assert_tame(text_string(&json));
	assert_non_null(strstr(text_string(&text), "b\\x1b[31m\\x0a|`#"));
	assert_null(strstr(text_string(&markdown), "<b>"));
	assert_null(strstr(text_string(&text), "\xe2\x80\xae"));
}

static void text_fits_the_terminal(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	const struct style styles[] = { { .unicode = true }, { .unicode = false } };

	for (size_t i = 0; i < ARRAY_SIZE(styles); i++) {
		CLEANUP_TEXT struct text text = { 0 };
		char *rest, *line;

		render_text(&scene->answer, &styles[i], &text);
		for (rest = text.data; (line = strsep(&rest, "\n"));) {
			bool command = strncmp(line, "              ", 14) == 0;

			assert_true(command || text_columns(line) <= 80);
			for (const char *c = line; !styles[i].unicode && *c; c++)
				assert_true((unsigned char)*c < 0x80);
		}
	}
}

static void colour_only_adds(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	CLEANUP_TEXT struct text plain = { 0 }, coloured = { 0 }, stripped = { 0 };

	render_text(&scene->answer, &(struct style){ .unicode = true }, &plain);
	render_text(&scene->answer, &(struct style){ .unicode = true, .colour = true }, &coloured);
	assert_null(strchr(text_string(&plain), '\033'));
	assert_non_null(strchr(text_string(&coloured), '\033'));
	for (const char *c = text_string(&coloured); *c; c++) {
		if (*c == '\033')
			c = strchr(c, 'm');
		else
			text_add_bytes(&stripped, c, 1);
	}
	assert_string_equal(text_string(&stripped), text_string(&plain));
}

static void text_says_what_an_on_call_person_needs(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	CLEANUP_TEXT struct text text = { 0 };
	static const char *const said[] = {
		"Confidence: proven. Owner: storage",
		"X socket        1,234,567  LOST HERE: udp 0.0.0.0:7000",
		"* application           -  WHY: ",
		"5 -> 1,234,572 (+1,234,567)",
		"              nsenter -t 77 -n nstat -az UdpRcvbufErrors\n",
		"socket.rcvbuf  212,992 bytes: its limit",
		"process.state  D\n",
		"75.0 % of them",
		"counter was reset: at least so many",
		"Harmless",
		"Ruled out",
		"Not observed",
		"Moved, and not explained",
		"watched 10.0 s",
	};

	render_text(&scene->answer, &(struct style){ 0 }, &text);
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		if (!strstr(text_string(&text), said[i]))
			fail_msg("not said: %s\n%s", said[i], text_string(&text));
	}
}

static void json_has_the_stable_names(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	json_t *json = render_and_parse(scene);

	assert_said(json, "schema", "wheredrop.diagnosis/1");
	assert_said(json, "window.start", "1970-01-01T00:00:01.000Z");
	assert_said(json, "verdict.loss", "yes");
	assert_said(json, "verdict.where", "socket");
	assert_said(json, "verdict.cause", "udp-receive-buffer-full");
	assert_said(json, "verdict.because.0", "process-blocked-on-disk");
	assert_said(json, "verdict.owner", "storage"); /* the root's, not the socket's */
	assert_int_equal(json_integer_value(at(json, "verdict.packets")), 1234567);
	assert_true(json_is_null(at(json, "verdict.share")));
	assert_true(json_is_null(at(json, "verdict.skbs")));
	assert_said(json, "findings.0.object.kind", "socket");
	assert_said(json, "findings.0.object.socket", "udp 0.0.0.0:7000");
	assert_said(json, "findings.0.object.netns", "b\\x1b[31m\\x0a|`#");
	assert_int_equal(json_integer_value(at(json, "findings.0.object.pid")), 42);
	assert_said(json, "findings.0.evidence.0.counter", "UdpRcvbufErrors");
	assert_int_equal(json_integer_value(at(json, "findings.0.evidence.0.before")), 5);
	assert_int_equal(json_integer_value(at(json, "findings.0.evidence.0.delta")), 1234567);
	assert_said(json, "findings.0.evidence.0.source", "snmp");
	assert_said(json, "findings.0.evidence.0.check", "nsenter -t 77 -n nstat -az UdpRcvbufErrors");
	assert_said(json, "findings.0.because.0.cause", "process-blocked-on-disk");
	assert_said(json, "findings.1.owner", "security");
	assert_true(json_real_value(at(json, "findings.1.share")) > 0.74);
	assert_said(json, "innocent.0.why_innocent", "it hurts nobody");
	assert_said(json, "not_observed.0.source", "ethtool");
	assert_int_equal(json_array_size(at(json, "domains")), DOMAIN_COUNT);
	json_decref(json);
}

static void no_finding_means_null(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_new();
	CLEANUP_TEXT struct text text = { 0 };
	json_t *json = render_and_parse(scene);

	assert_said(json, "verdict.loss", "unknown");
	assert_true(json_is_null(at(json, "verdict.where")));
	assert_true(json_is_null(at(json, "verdict.cause")));
	assert_int_equal(json_array_size(at(json, "verdict.because")), 0);
	json_decref(json);
	render_text(&scene->answer, &(struct style){ 0 }, &text);
	assert_null(strstr(text_string(&text), "Confidence"));
	assert_null(strstr(text_string(&text), "LOST HERE"));
}

/* Bars that GitHub takes for the end of a cell. */
static size_t bars(const char *line)
{
	size_t count = 0;

	for (const char *c = line; *c; c++) {
		if (*c == '\\' && c[1])
			c++;
		else
			count += *c == '|';
	}
	return count;
}

static void markdown_tables_keep_their_columns(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	CLEANUP_TEXT struct text text = { 0 };
	char *rest, *line;
	size_t rows = 0;

	render_markdown(&scene->answer, &text);
	for (rest = text.data; (line = strsep(&rest, "\n"));) {
		if (*line != '|')
			continue;
		assert_int_equal(bars(line), 5);
		rows++;
	}
	assert_true(rows > DOMAIN_COUNT);
}

static void checks_do_not_run_what_a_name_says(void **state)
{
	static const struct {
		const char *name, *check;
	} rows[] = {
		{ "eth0", "nsenter -t 77 -n ip -s -s link show dev eth0" },
		{ "$(reboot)", "nsenter -t 77 -n ip -s -s link show dev '$(reboot)'" },
		{ "a;b", "nsenter -t 77 -n ip -s -s link show dev 'a;b'" },
		{ "it's", "nsenter -t 77 -n ip -s -s link show dev 'it'\\''s'" },
	};
	CLEANUP(scene_free_ptr) struct scene *scene = scene_new();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct object *link =
			object_intern(scene->objects, (struct object_key){ OBJECT_LINK, 2, i + 1, 0 }, NULL);
		const struct evidence evidence = { .counter = C_LINK_RX_ERRORS, .object = link->id };
		CLEANUP_TEXT struct text check = { 0 };

		object_label(link, LABEL_NAME, rows[i].name);
		evidence_check(&scene->answer, &evidence, &check);
		assert_string_equal(text_string(&check), rows[i].check);
	}
}

static void remedies_run_where_they_belong(void **state)
{
	static const struct {
		const char *template, *command;
	} rows[] = {
		{ "kill -CONT {pid}", "nsenter -t 77 -n kill -CONT 42" },
		{ "sysctl -w net.core.somaxconn=1", "nsenter -t 77 -n sysctl -w net.core.somaxconn=1" },
		{ "sysctl -w net.core.netdev_max_backlog=1", "sysctl -w net.core.netdev_max_backlog=1" },
		{ "echo 3 > /sys/x", "nsenter -t 77 -n sh -c 'echo 3 > /sys/x'" },
		{ "nft 'add x { y; }'", "nsenter -t 77 -n nft 'add x { y; }'" },
		{ "a 'b' | c", "nsenter -t 77 -n sh -c 'a '\\''b'\\'' | c'" },
		{ "sysctl -w x=$((2 * $(sysctl -n x)))",
		  "nsenter -t 77 -n sh -c 'sysctl -w x=$((2 * $(sysctl -n x)))'" },
		{ "echo 3 > /sys/class/net/x",
		  "nsenter -t 77 -n unshare -m sh -c 'mount -t sysfs sysfs /sys && echo 3 > /sys/class/net/x'" },
		{ "tc {parent}", "nsenter -t 77 -n tc parent PARENT" },
	};
	CLEANUP(scene_free_ptr) struct scene *scene = scene_new();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP_TEXT struct text command = { 0 };
		const char *cursor = rows[i].template;

		assert_true(remedy_command(&scene->answer, scene->socket->id, &cursor, &command));
		assert_string_equal(text_string(&command), rows[i].command);
		assert_false(remedy_command(&scene->answer, scene->socket->id, &cursor, &command));
	}
}

static void remedies_name_where_a_queue_hangs(void **state)
{
	static const struct {
		uint64_t parent;
		const char *command;
	} rows[] = {
		{ UINT32_MAX, "nsenter -t 77 -n tc root" },
		{ 0x1002a, "nsenter -t 77 -n tc parent 1:2a" },
		{ 0x3, "nsenter -t 77 -n tc parent :3" },
	};
	CLEANUP(scene_free_ptr) struct scene *scene = scene_new();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct object *qdisc = object_intern(
			scene->objects, (struct object_key){ OBJECT_QDISC, 2, 7, rows[i].parent << 32 }, NULL);
		CLEANUP_TEXT struct text command = { 0 };
		const char *cursor = "tc {parent}";

		assert_true(remedy_command(&scene->answer, qdisc->id, &cursor, &command));
		assert_string_equal(text_string(&command), rows[i].command);
	}
}

static void assert_first_remedy(const struct scene *scene, const struct finding *finding, const char *expected)
{
	CLEANUP_TEXT struct text command = { 0 };
	uint32_t object;
	const struct remedy *remedy = finding_remedy(&scene->answer, finding, 0, &object);
	const char *cursor;

	assert_non_null(remedy);
	cursor = remedy->commands;
	assert_true(remedy_command(&scene->answer, object, &cursor, &command));
	assert_string_equal(text_string(&command), expected);
}

static void remedies_speak_the_language_of_the_rule(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_new();
	struct finding *finding = finding_add(&scene->diagnosis.findings, CAUSE_FIREWALL_RULE_DROP, scene->rule->id);
	uint32_t object;

	object_label(scene->rule, LABEL_TABLE, "inet filter");
	object_label(scene->rule, LABEL_CHAIN, "input");
	assert_first_remedy(
		scene, finding,
		"nsenter -t 77 -n nft insert rule inet filter input position 6 ip saddr SOURCE PROTOCOL dport "
		"PORT accept");
	assert_null(finding_remedy(&scene->answer, finding, 1, &object));
	finding_because(finding, CAUSE_SERVICE_PORT_NOT_ALLOWED, scene->socket->id);
	assert_first_remedy(scene, finding,
			    "nsenter -t 77 -n nft insert rule inet filter input position 6 PROTOCOL dport PORT accept");
	object_label(scene->rule, LABEL_DRIVER, "iptables-legacy");
	object_label(scene->rule, LABEL_TABLE, "filter");
	assert_first_remedy(scene, finding, "nsenter -t 77 -n iptables-legacy -t filter -L input -n --line-numbers");
	assert_non_null(finding_remedy(&scene->answer, finding, 1, &object));
	assert_null(finding_remedy(&scene->answer, finding, 2, &object));
}

/* The report in one line. */
static char *report_of(const struct scene *scene)
{
	struct text text = { 0 }, joined = { 0 };
	struct cursor words;
	struct slice word;

	render_text(&scene->answer, &(struct style){ 0 }, &text);
	words = cursor_of(text_string(&text), text.length);
	for (;;) {
		words.rest = slice_trim(words.rest);
		if (!cursor_word(&words, &word))
			break;
		text_addf(&joined, "%s%.*s", joined.length ? " " : "", (int)word.length, word.data);
	}
	text_free(&text);
	return text_take(&joined);
}

static void the_balance_is_said(void **state)
{
	CLEANUP(scene_free_ptr) struct scene *scene = scene_whole();
	CLEANUP_FREE char *quiet = report_of(scene), *report = NULL;
	json_t *json;

	assert_null(strstr(quiet, "The kernel said"));
	assert_null(strstr(quiet, "Counted without"));
	scene->diagnosis.events = (struct event_sum){
		.observed = true,
		.dropped = 12345,
		.matched = 12000,
		.uncounted = 7,
		.harmless = 300,
		.nameless = 3,
		.unmatched = 42,
		.unmatched_least = 2,
		.counted_only = { [DOMAIN_NIC] = 1500 },
		.untold = 9,
		.rest = { { scene->rule->id, 2, 42 } },
		.rest_count = 1,
	};
	report = report_of(scene);
	assert_non_null(strstr(
		report, "The kernel said that it dropped 12,345 packets: 12,000 in what is listed above (7 of "
			"them in no counter), 300 that nobody misses, 3 of which only the number is known, "
			"between 2 and 42 that nothing accounts for (above all nft inet filter input handle 6)."));
	assert_non_null(strstr(report,
			       "Counted without a word of the kernel, as such losses are: 1,500 in nic. Of 9 that "
			       "were counted elsewhere the kernel said nothing, though it should have."));
	json = render_and_parse(scene);
	assert_int_equal(json_integer_value(at(json, "ledger.events.unmatched")), 42);
	assert_int_equal(json_integer_value(at(json, "ledger.events.unmatched_least")), 2);
	assert_int_equal(json_integer_value(at(json, "ledger.events.unmatched_kinds.0.least")), 2);
	assert_int_equal(json_integer_value(at(json, "ledger.events.uncounted")), 7);
	assert_int_equal(json_integer_value(at(json, "ledger.events.untold")), 9);
	assert_said(json, "ledger.events.counted_only.0.where", "nic");
	assert_int_equal(json_integer_value(at(json, "ledger.events.counted_only.0.packets")), 1500);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printable_text_escapes_what_acts),
		cmocka_unit_test(numbers_have_separators),
		cmocka_unit_test(nothing_raw_gets_through),
		cmocka_unit_test(text_fits_the_terminal),
		cmocka_unit_test(colour_only_adds),
		cmocka_unit_test(text_says_what_an_on_call_person_needs),
		cmocka_unit_test(json_has_the_stable_names),
		cmocka_unit_test(no_finding_means_null),
		cmocka_unit_test(the_balance_is_said),
		cmocka_unit_test(markdown_tables_keep_their_columns),
		cmocka_unit_test(checks_do_not_run_what_a_name_says),
		cmocka_unit_test(remedies_run_where_they_belong),
		cmocka_unit_test(remedies_name_where_a_queue_hangs),
		cmocka_unit_test(remedies_speak_the_language_of_the_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
