/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to people: the sentence, the way, the proof, what was ruled out and what was not seen. */
#include "render/report.h"

#include "render/baseline.h"
#include "render/part.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 20    /* longer lists are cut; --json has all */
#define REMEDY_MAX 3   /* of a finding; explain has all */
#define DETAILED_MAX 8 /* findings that are shown with everything */

static void add_amount(const struct answer *answer, const struct finding *finding, struct text *ret)
{
	double rate = finding_rate(answer->diagnosis, finding), share = finding_share(finding);

	text_add(ret, finding->at_least ? "at least " : "");
	text_add_count(ret, finding->packets);
	text_addf(ret, " %s", unit_word(finding->unit));
	if (rate >= 10) {
		text_add(ret, ", ");
		text_add_count(ret, (uint64_t)(rate + 0.5));
		text_add(ret, "/s");
	} else if (rate >= 0) {
		text_addf(ret, ", %.1f/s", rate);
	}
	if (share >= 0)
		text_addf(ret, share < 0.001 ? ", %.3f %% of them" : ", %.1f %% of them", share * 100);
}

/* ---- the way ---- */

static void write_way(const struct answer *answer, struct page *page)
{
	struct way_row rows[DOMAIN_COUNT];

	way_rows(answer, rows);
	page->hooks->way(page, rows);
	way_rows_free(rows);
}

/* ---- evidence ---- */

/* Most are numbers; the state of a process is a letter (proc_pid_stat(5)). */
static void add_value(const struct evidence *evidence, uint64_t value, struct text *ret)
{
	if (evidence->counter == C_PROCESS_STATE && value > ' ' && value < 0x7f)
		text_addf(ret, "%c", (char)value);
	else
		text_add_count(ret, value);
}

static char *change_words(const struct evidence *evidence)
{
	enum unit unit = counter_get(evidence->counter)->unit;
	struct text text = { 0 };

	if (!evidence_is_level(evidence) || evidence->before != evidence->after) {
		add_value(evidence, evidence->before, &text);
		text_add(&text, " -> ");
	}
	add_value(evidence, evidence->after, &text);
	if (unit == UNIT_BYTES || unit == UNIT_NS)
		text_addf(&text, " %s", unit_word(unit));
	if (!evidence_is_level(evidence)) {
		text_add(&text, " (+");
		text_add_count(&text, evidence->delta);
		text_add(&text, ")");
	}
	return text_take(&text);
}

static char *note_words(const struct evidence *evidence)
{
	const char *state = evidence_state(evidence), *note = evidence->note;

	return text_format("%s%s%s", note ? note : "", note && state ? "; " : "", state ? state : "");
}

static void evidence_row_fill(const struct answer *answer, const struct evidence *evidence, struct evidence_row *ret)
{
	struct text place = { 0 }, check = { 0 };

	object_describe_placed(answer_objects(answer), answer_object(answer, evidence->object), &place);
	evidence_check(answer, evidence, &check);
	ret->counter = mem_strdup(counter_name(evidence->counter));
	ret->change = change_words(evidence);
	ret->place = text_take(&place);
	ret->note = note_words(evidence);
	ret->check = text_take(&check);
}

/* `subject` is the object that the lines above speak of. */
static void write_evidence(const struct answer *answer, struct page *page, const struct evidence *evidence,
			   size_t count, uint32_t subject)
{
	CLEANUP_FREE struct evidence_row *rows = mem_new(count + 1, sizeof(*rows));

	for (size_t i = 0; i < count; i++) {
		evidence_row_fill(answer, &evidence[i], &rows[i]);
		rows[i].of_subject = evidence[i].object == subject;
		if (i)
			rows[i - 1].same_check = strcmp(rows[i - 1].check, rows[i].check) == 0;
	}
	if (count)
		page->hooks->evidence(page, rows, count);
	for (size_t i = 0; i < count; i++) {
		free(rows[i].counter);
		free(rows[i].change);
		free(rows[i].place);
		free(rows[i].note);
		free(rows[i].check);
	}
}

/* ---- findings ---- */

static void write_lost(const struct answer *answer, struct page *page, const struct finding *finding)
{
	CLEANUP_TEXT struct text text = { 0 };

	add_amount(answer, finding, &text);
	text_addf(&text, "; %s", direction_name(finding->direction));
	if (finding->pattern != PATTERN_UNKNOWN)
		text_addf(&text, ", %s", pattern_name(finding->pattern));
	if (finding->detail)
		text_addf(&text, ": %s", finding->detail);
	page->hooks->fact(page, "lost", text_string(&text));
}

static void write_effects(const struct answer *answer, struct page *page, const struct finding *finding)
{
	const struct effect *effect;

	vec_each(&finding->effects, effect) {
		CLEANUP_TEXT struct text text = { 0 };

		text_addf(&text, "%llu of %llu %s (", (unsigned long long)effect->followed,
			  (unsigned long long)effect->all, counter_name(effect->counter));
		object_describe(answer_objects(answer), answer_object(answer, effect->object), &text);
		text_addf(&text, ") came within %.1f s after a loss, where %.0f %% would by chance",
			  (double)effect->reach_ms / 1000, effect->chance * 100);
		page->hooks->fact(page, "then", text_string(&text));
	}
}

static void write_mechanism(const struct answer *answer, struct page *page, const char *label, enum cause cause,
			    uint32_t object)
{
	CLEANUP_TEXT struct text text = { 0 };

	cause_describe(answer_objects(answer), cause, object, &text);
	page->hooks->fact(page, label, text_string(&text));
}

#define COMMANDS_MAX 16

static void write_commands(const struct answer *answer, struct page *page, const struct remedy *remedy, uint32_t object)
{
	const char *cursor = remedy->commands;
	char *lines[COMMANDS_MAX];
	CLEANUP_TEXT struct text line = { 0 };
	size_t count = 0;

	while (count < COMMANDS_MAX && remedy_command(answer, object, &cursor, &line))
		lines[count++] = mem_strdup(text_string(&line));
	if (count)
		page->hooks->command(page, (const char *const *)lines, count);
	while (count > 0)
		free(lines[--count]);
}

static void write_remedies(const struct answer *answer, struct page *page, const struct finding *finding)
{
	const struct remedy *remedy;
	uint32_t object;
	size_t i;

	for (i = 0; i < REMEDY_MAX && (remedy = finding_remedy(answer, finding, i, &object)); i++) {
		CLEANUP_TEXT struct text action = { 0 }, risk = { 0 };

		sentence_fill(answer, object, remedy->action, &action);
		page->hooks->fact(page, i ? "or" : "remedy", text_string(&action));
		write_commands(answer, page, remedy, object);
		sentence_fill(answer, object, remedy->risk, &risk);
		page->hooks->fact(page, "costs", text_string(&risk));
	}
}

static void write_next(const struct answer *answer, struct page *page, const struct finding *finding)
{
	CLEANUP_TEXT struct text prefix = { 0 };
	const char **next;

	object_enter_prefix(answer_objects(answer), answer_object(answer, finding->object), &prefix);
	vec_each(&finding->next, next) {
		CLEANUP_TEXT struct text text = { 0 };

		sentence_fill(answer, finding->object, *next, &text);
		if (object_enter_needs_sysfs(text_string(&prefix), text_string(&text)))
			text_addf(&text, " (there: %s" ENTER_SYSFS_SHELL "'" ENTER_SYSFS_MOUNT "COMMAND')",
				  text_string(&prefix));
		else if (prefix.length)
			text_addf(&text, " (there: %.*s COMMAND)", (int)prefix.length - 1, text_string(&prefix));
		page->hooks->fact(page, "next", text_string(&text));
	}
}

static void write_finding(const struct answer *answer, struct page *page, const struct finding *finding, size_t number)
{
	CLEANUP_FREE char *title = text_format("%s: %s (%s; owner: %s)", domain_id(cause_get(finding->cause)->domain),
					       cause_id(finding->cause), confidence_name(finding->confidence),
					       owner_name(finding_owner(finding)));
	const struct because *because;

	page->hooks->finding(page, number, title);
	write_mechanism(answer, page, "what", finding->cause, finding->object);
	write_lost(answer, page, finding);
	write_effects(answer, page, finding);
	if (*object_text(answer_object(answer, finding->object), LABEL_TEXT))
		page->hooks->fact(page, "rule", object_text(answer_object(answer, finding->object), LABEL_TEXT));
	if (number > DETAILED_MAX)
		return;
	if (page->hooks->chart)
		page->hooks->chart(page, answer->diagnosis, finding, number);
	write_evidence(answer, page, finding->evidence.data, finding->evidence.count, finding->object);
	vec_each(&finding->because, because) {
		write_mechanism(answer, page, "because", because->cause, because->object);
		write_evidence(answer, page, because->evidence.data, because->evidence.count, because->object);
	}
	write_remedies(answer, page, finding);
	write_next(answer, page, finding);
}

static void write_findings(const struct answer *answer, struct page *page)
{
	const struct findings *findings = &answer->diagnosis->findings;

	if (findings->list.count)
		page->hooks->section(page,
				     findings->list.count == 1 ? "What was found" : "What was found, worst first");
	for (size_t i = 0; i < findings->list.count; i++)
		write_finding(answer, page, findings->list.data[i], i + 1);
}

/* ---- the rest ---- */

/* False, after one line, when a list has become too long. */
static bool list_goes_on(struct page *page, size_t index, size_t count)
{
	CLEANUP_FREE char *more = NULL;

	if (index < LIST_MAX)
		return true;
	more = text_format("and %zu more (--json has all)", count - index);
	page->hooks->item(page, more);
	return false;
}

static void write_innocent(const struct answer *answer, struct page *page)
{
	const struct findings *innocent = &answer->diagnosis->innocent;

	if (innocent->list.count)
		page->hooks->section(page, "Harmless");
	for (size_t i = 0; i < innocent->list.count && list_goes_on(page, i, innocent->list.count); i++) {
		const struct finding *finding = innocent->list.data[i];
		CLEANUP_TEXT struct text text = { 0 };

		if (finding->packets) {
			add_amount(answer, finding, &text);
			text_add(&text, ": ");
		}
		cause_describe(answer_objects(answer), finding->cause, finding->object, &text);
		text_addf(&text, "; %s", finding->why_innocent ? finding->why_innocent : "it hurts nobody");
		page->hooks->item(page, text_string(&text));
	}
}

static void write_ruled_out(const struct answer *answer, struct page *page)
{
	const struct ruled_out *ruled_out;

	if (answer->diagnosis->ruled_out.count)
		page->hooks->section(page, "Ruled out");
	vec_each(&answer->diagnosis->ruled_out, ruled_out) {
		CLEANUP_FREE char *text = text_format("%s: %s", domain_id(ruled_out->domain), ruled_out->observation);

		page->hooks->item(page, text);
	}
}

/* One line per reason: what it kept from being read, joined when many fail alike. */
static bool said_before(const struct diagnosis *diagnosis, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(diagnosis->not_observed.data[i].reason, diagnosis->not_observed.data[index].reason) == 0)
			return true;
	}
	return false;
}

static void write_not_observed(const struct answer *answer, struct page *page)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	size_t count = diagnosis->not_observed.count;

	if (count)
		page->hooks->section(page, "Not observed");
	for (size_t i = 0; i < count && list_goes_on(page, i, count); i++) {
		CLEANUP_TEXT struct text text = { 0 };

		if (said_before(diagnosis, i))
			continue;
		for (size_t j = i; j < count; j++) {
			const struct not_observed *miss = &diagnosis->not_observed.data[j];

			if (strcmp(miss->reason, diagnosis->not_observed.data[i].reason) == 0)
				text_addf(&text, "%s%s", text.length ? "; " : "", source_id_what(miss->source));
		}
		text_addf(&text, ": %s", diagnosis->not_observed.data[i].reason);
		page->hooks->item(page, text_string(&text));
	}
}

static void write_unexplained(const struct answer *answer, struct page *page)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	size_t count = diagnosis->unexplained.count;

	if (!count)
		return;
	page->hooks->section(page, "Moved, and not explained");
	write_evidence(answer, page, diagnosis->unexplained.data, count < LIST_MAX ? count : LIST_MAX, OBJECT_HOST_ID);
	list_goes_on(page, count > LIST_MAX ? LIST_MAX : 0, count);
}

static void add_host(const struct host *host, struct text *ret)
{
	text_addf(ret, "Host %s", *host->hostname ? host->hostname : "unknown");
	if (*host->kernel)
		text_addf(ret, ", Linux %s", host->kernel);
	if (host->cpus)
		text_addf(ret, ", %u CPU%s", host->cpus, host->cpus == 1 ? "" : "s");
}

/* What nobody watched: outputs of a host that are all that is known of it. */
static void write_pasted(const struct answer *answer, struct page *page)
{
	CLEANUP_TEXT struct text text = { 0 };

	add_host(&answer->host, &text);
	if (series_span(answer->diagnosis->series) == SPAN_MEASURED)
		text_addf(&text, "; readings %.0f s apart", series_seconds(answer->diagnosis->series));
	text_add(&text, "; nothing was watched, this is what its outputs tell.");
	page->hooks->footer(page, text_string(&text));
}

static void write_window(const struct answer *answer, struct page *page)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	char start[CLOCK_RFC3339_SIZE];
	CLEANUP_TEXT struct text text = { 0 };

	if (series_span(diagnosis->series) != SPAN_MEASURED || !series_start_wall_ns(diagnosis->series)) {
		write_pasted(answer, page);
		return;
	}
	clock_rfc3339(series_start_wall_ns(diagnosis->series), start);
	add_host(&answer->host, &text);
	text_addf(&text, "; watched %.1f s from %s", series_seconds(diagnosis->series), start);
	text_addf(&text, ", %zu samples, %zu namespace%s%s", series_snapshots(diagnosis->series), answer->namespaces,
		  answer->namespaces == 1 ? "" : "s", diagnosis->interrupted ? ", cut short by an interrupt" : "");
	if (answer->ended && strcmp(answer->ended, "certain") == 0)
		text_add(&text, ", ended as soon as the answer was certain");
	if (answer->waited_ns)
		text_addf(&text, ", after %.1f s of waiting", (double)answer->waited_ns / (double)NS_PER_S);
	text_add(&text, ".");
	page->hooks->footer(page, text_string(&text));
}

static void add_counted(uint64_t count, const char *words, struct text *ret)
{
	if (!count)
		return;
	text_add(ret, ", ");
	text_add_count(ret, count);
	text_addf(ret, " %s", words);
}

/* What the counters say against what the kernel said of each packet. */
static void write_balance(const struct answer *answer, struct page *page)
{
	const struct event_sum *events = &answer->diagnosis->events;
	CLEANUP_TEXT struct text text = { 0 };

	if (!events->observed || !events->dropped)
		return;
	text_add(&text, "The kernel said that it dropped ");
	text_add_count(&text, events->dropped);
	text_addf(&text, " packet%s: ", events->dropped == 1 ? "" : "s");
	text_add_count(&text, events->matched);
	text_add(&text, " in what is listed above");
	if (events->uncounted) {
		text_add(&text, " (");
		text_add_count(&text, events->uncounted);
		text_add(&text, " of them in no counter)");
	}
	add_counted(events->harmless, "that nobody misses", &text);
	add_counted(events->nameless, "of which only the number is known", &text);
	text_add(&text, events->unmatched_least < events->unmatched ? ", between " : ", ");
	text_add_count(&text, events->unmatched_least);
	if (events->unmatched_least < events->unmatched) {
		text_add(&text, " and ");
		text_add_count(&text, events->unmatched);
	}
	text_add(&text, " that nothing accounts for");
	if (events->unmatched_least)
		text_addf(&text, " (above all %s)",
			  object_text(answer_object(answer, events->rest[0].object), LABEL_NAME));
	text_add(&text, ".");
	page->hooks->footer(page, text_string(&text));
}

/* What counters alone know. */
static void write_counted_only(const struct answer *answer, struct page *page)
{
	const struct event_sum *events = &answer->diagnosis->events;
	CLEANUP_TEXT struct text text = { 0 };

	for (size_t domain = 0; events->observed && domain < DOMAIN_COUNT; domain++) {
		if (!events->counted_only[domain])
			continue;
		text_add(&text, text.length ? ", " : "Counted without a word of the kernel, as such losses are: ");
		text_add_count(&text, events->counted_only[domain]);
		text_addf(&text, " in %s", domain_id((enum domain)domain));
	}
	if (text.length)
		text_add(&text, ".");
	if (events->observed && events->untold) {
		text_addf(&text, "%sOf ", text.length ? " " : "");
		text_add_count(&text, events->untold);
		text_add(&text, " that were counted elsewhere the kernel said nothing, though it should have.");
	}
	if (text.length)
		page->hooks->footer(page, text_string(&text));
}

static void write_account(const struct answer *answer, struct page *page)
{
	const struct diagnosis *diagnosis = answer->diagnosis;
	double seconds = series_seconds(diagnosis->series);
	CLEANUP_TEXT struct text text = { 0 };

	text_addf(&text, "wheredrop %s itself: %.2f s of CPU", WHEREDROP_VERSION, diagnosis->cpu_seconds);
	if (seconds > 0 && series_span(diagnosis->series) == SPAN_MEASURED)
		text_addf(&text, " (%.1f %% of one)", 100 * diagnosis->cpu_seconds / seconds);
	text_addf(&text, ", %.1f MB of memory, %llu events lost.", (double)diagnosis->max_rss_bytes / 1e6,
		  (unsigned long long)diagnosis->events_lost);
	page->hooks->footer(page, text_string(&text));
	for (const char *const *note = answer->notes; note && *note; note++) {
		CLEANUP_FREE char *line = text_format("Note: %s.", *note);

		page->hooks->footer(page, line);
	}
}

static void write_headline(const struct answer *answer, struct page *page)
{
	const struct finding *first = answer->diagnosis->first;
	CLEANUP_TEXT struct text standing = { 0 };

	if (first)
		text_addf(&standing, "Confidence: %s. Owner: %s.", confidence_name(first->confidence),
			  owner_name(finding_owner(first)));
	page->hooks->headline(page, answer->diagnosis->loss, answer->diagnosis->summary, text_string(&standing));
}

void report_write(const struct answer *answer, struct page *page)
{
	write_headline(answer, page);
	write_way(answer, page);
	write_findings(answer, page);
	report_baseline(answer, page);
	write_unexplained(answer, page);
	write_innocent(answer, page);
	write_ruled_out(answer, page);
	write_not_observed(answer, page);
	page->hooks->section(page, "About this answer");
	write_window(answer, page);
	write_balance(answer, page);
	write_counted_only(answer, page);
	write_account(answer, page);
}
