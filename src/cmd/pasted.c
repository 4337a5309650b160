/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/pasted.h"

#include "evidence/ticket.h"
#include "source/source.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intern.h"
#include "base/usage.h"

#include <string.h>

#define STRANGE_SHOWN 8
#define LINE_SHOWN 60

/* How many outputs of that format there are from `from` on; 0 for one that came before. */
static size_t count_outputs(const struct ticket *ticket, size_t from)
{
	const struct ticket_output *outputs = ticket->outputs.data;
	size_t count = 0;

	for (size_t i = 0; i < from; i++) {
		if (outputs[i].format == outputs[from].format)
			return 0;
	}
	for (size_t i = from; i < ticket->outputs.count; i++)
		count += outputs[i].format == outputs[from].format;
	return count;
}

/* "netstat -s twice, ip -s link" */
static void list_outputs(const struct ticket *ticket, bool unrelated, struct text *text)
{
	for (size_t i = 0; i < ticket->outputs.count; i++) {
		size_t count = count_outputs(ticket, i);

		if (!count || ticket->outputs.data[i].unrelated != unrelated)
			continue;
		text_addf(text, "%s%s", text->length ? ", " : "", ticket->outputs.data[i].format);
		if (count == 2)
			text_add(text, " twice");
		else if (count > 2)
			text_addf(text, " %zu times", count);
	}
}

/* "made from netstat -s twice, ip -s link; 140 of 143 lines were understood" */
static void note_outputs(const struct ticket *ticket, struct evidence_facts *facts)
{
	CLEANUP_TEXT struct text unrelated = { 0 }, made = { 0 };
	struct text text = { 0 };

	list_outputs(ticket, false, &made);
	list_outputs(ticket, true, &unrelated);
	if (unrelated.length)
		evidence_note(facts,
			      text_format("%s: known, and nothing in it bears on loss", text_string(&unrelated)));
	text_addf(&text, "made from %s", made.length ? text_string(&made) : "no output that bears on loss");
	text_addf(&text, "; %zu of %zu lines were understood", ticket->understood,
		  ticket->understood + ticket->not_understood);
	evidence_note(facts, text_take(&text));
}

static const char *in_part(const char *part)
{
	return *part ? text_internf(" of %s", part) : "";
}

/*
 * "line 3 was not understood: …", "line 3 and 40 more were not understood, in another language: …", "line 3, ethtool -g
 * said: …"
 */
static char *described(const struct ticket_line *line)
{
	struct text text = { 0 };

	text_addf(&text, "line %zu%s", line->number, in_part(line->part));
	if (line->lines > 1)
		text_addf(&text, " and %zu more", line->lines - 1);
	if (line->said)
		text_addf(&text, ", %s said", line->said);
	else
		text_addf(&text, " %s not understood%s%s", line->lines > 1 ? "were" : "was", line->why ? ", " : "",
			  line->why ? line->why : "");
	text_addf(&text, ": %.*s", LINE_SHOWN, line->text);
	return text_take(&text);
}

static void note_strange(const struct ticket *ticket, struct evidence_facts *facts)
{
	const struct ticket_output *output;
	size_t shown = 0;

	vec_each(&ticket->outputs, output) {
		if (output->fault)
			evidence_note(facts, text_format("line %zu%s, %s, is not used: %s", output->line,
							 in_part(output->part), output->format, output->fault));
	}
	for (size_t i = 0; i < ticket->strange.count && i < STRANGE_SHOWN; i++) {
		evidence_note(facts, described(&ticket->strange.data[i]));
		shown += ticket->strange.data[i].lines;
	}
	if (ticket->not_understood > shown)
		evidence_note(facts, text_format("%zu more lines were not understood", ticket->not_understood - shown));
}

/* Everything that was not pasted, as one line for a shell, in the packet's order and each command once. */
static void note_collect(const struct ticket *ticket, struct evidence_facts *facts)
{
	struct text text = { 0 };

	for (size_t i = 0; source_at(i); i++) {
		const char *command = ticket_command(source_at(i)->id);
		const struct observation *seen;
		bool missing = false;

		for (size_t o = 0; command && (o < series_observations(ticket->series)); o++) {
			seen = series_observation_at(ticket->series, o);
			missing |= seen->source == source_at(i)->id && !seen->readings;
		}
		if (missing && !(text.length && strstr(text_string(&text), command)))
			text_addf(&text, "; %s", command);
	}
	if (text.length)
		evidence_note(facts,
			      text_format("what is not in it can be had by this, run twice, 10 seconds apart: date%s",
					  text_string(&text)));
	text_free(&text);
}

static void note_all(const struct ticket *ticket, struct evidence_facts *facts)
{
	note_outputs(ticket, facts);
	if (series_span(ticket->series) == SPAN_SINCE_BOOT)
		evidence_note(
			facts,
			mem_strdup("every total was read once and counts since boot: the same commands once more, 10 "
				   "seconds later, would tell what is being lost now"));
	else if (ticket->since_boot)
		evidence_note(facts,
			      mem_strdup("some totals were read once and count since boot: what is found by them is "
					 "possible, no more"));
	if (series_span(ticket->series) == SPAN_UNKNOWN)
		evidence_note(facts,
			      mem_strdup(
				      "nothing tells how much time is between the readings: there are no rates; `date` "
				      "before each of them would tell"));
	if (ticket->swapped)
		evidence_note(facts,
			      mem_strdup("the totals run backwards: what comes last was taken as the earlier reading"));
	if (ticket->mixed_hosts)
		evidence_note(facts, text_format("there are prompts of several hosts: only what %s shows was taken",
						 ticket->hostname));
	note_strange(ticket, facts);
	note_collect(ticket, facts);
}

static const char *known(const char *text)
{
	return text ? text_intern(text) : "";
}

/* Nothing was an output: why, as far as a line tells. */
static int complain_of_nothing(const struct ticket *ticket, const char *path)
{
	const struct ticket_line *line;

	vec_each(&ticket->strange, line) {
		CLEANUP_FREE char *told = line->said || line->why ? described(line) : NULL;

		if (told)
			return complain("%s: no numbers are in it: %s", path, told);
	}
	return complain("%s: no output of a known tool is in it; see: man wheredrop-diagnose", path);
}

int pasted_load(const struct option_list *paths, const char *netns, struct scope *scope, struct watched *ret,
		struct evidence_facts *ret_facts)
{
	struct ticket_reader *reader = ticket_begin();
	const struct bundle_about about = { .interface = "", .target = "" };
	struct ticket ticket;
	const char *why = NULL, *failed = NULL;

	for (size_t i = 0; i < paths->count && !failed; i++) {
		if (ticket_read(reader, paths->items[i], (unsigned int)i, &why))
			failed = paths->items[i];
	}
	ticket_end(reader, &ticket);
	if (failed || !ticket.outputs.count) {
		int status = failed ? complain("cannot read %s: %s", failed, why)
				    : complain_of_nothing(&ticket, paths->items[0]);

		ticket_free(&ticket);
		return status;
	}
	if (evidence_narrow(ticket.objects, &about, paths->items[0], netns, scope)) {
		ticket_free(&ticket);
		return STATUS_ERROR;
	}
	*ret_facts = (struct evidence_facts){
		.cpu_seconds = (double)clock_cpu_ns() / (double)NS_PER_S,
		.max_rss_bytes = usage_max_rss_bytes(),
		.host = { known(ticket.hostname), known(ticket.kernel), "",
			  (unsigned int)objects_count_of(ticket.objects, OBJECT_CPU) },
	};
	note_all(&ticket, ret_facts);
	*ret = (struct watched){
		.objects = TAKE_PTR(ticket.objects),
		.series = TAKE_PTR(ticket.series),
		.end = WATCH_TIME,
	};
	ret->result.namespaces = objects_count_of(ret->objects, OBJECT_NETNS);
	ticket_free(&ticket);
	return 0;
}
