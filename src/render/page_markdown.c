/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for a ticket: CommonMark with GitHub's tables. Names from the host must not become markup, links or HTML:
 * every character that could be is escaped with a backslash, and commands stand in fences longer than any in them.
 */
#include "render/report.h"

#include "render/printable.h"

#include "base/alloc.h"

#include <string.h>

static void add_escaped(struct text *out, const char *string)
{
	CLEANUP_TEXT struct text clean = { 0 };

	text_add_printable(&clean, string, true);
	for (const char *at = text_string(&clean); *at; at++) {
		if (strchr("\\`*_{}[]<>()#+!|~&@", *at))
			text_add(out, "\\");
		text_add_bytes(out, at, 1);
	}
}

static void markdown_headline(struct page *page, enum loss loss, const char *sentence, const char *standing)
{
	static const char *const titles[] = {
		[LOSS_NO] = "No packet loss on this host",
		[LOSS_YES] = "Packet loss found",
		[LOSS_UNKNOWN] = "No packet loss seen, but not everything was observed",
	};

	text_addf(page->out, "# wheredrop: %s\n\n**", titles[loss]);
	add_escaped(page->out, sentence);
	text_add(page->out, "**\n");
	if (*standing) {
		text_add(page->out, "\n");
		add_escaped(page->out, standing);
		text_add(page->out, "\n");
	}
}

static void markdown_way(struct page *page, const struct way_row rows[DOMAIN_COUNT])
{
	text_add(page->out, "\n## The packet's way\n\n| | place | lost | |\n| --- | --- | ---: | --- |\n");
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		bool lost = rows[i].mark == WAY_LOST;

		text_addf(page->out, "| %s | %s | %s%s%s | ",
			  lost			       ? "**X**"
			  : rows[i].mark == WAY_REASON ? "\\*"
						       : "",
			  domain_id(rows[i].domain), lost ? "**" : "", rows[i].count, lost ? "**" : "");
		add_escaped(page->out, rows[i].note);
		text_add(page->out, " |\n");
	}
}

static void markdown_section(struct page *page, const char *title)
{
	text_addf(page->out, "\n## %s\n\n", title);
}

static void markdown_finding(struct page *page, size_t number, const char *title)
{
	text_addf(page->out, "%s### %zu\\. ", number > 1 ? "\n" : "", number);
	add_escaped(page->out, title);
	text_add(page->out, "\n\n");
}

static void markdown_fact(struct page *page, const char *label, const char *text)
{
	text_addf(page->out, "- **%s**: ", label);
	add_escaped(page->out, text);
	text_add(page->out, "\n");
}

static void markdown_item(struct page *page, const char *text)
{
	text_add(page->out, "- ");
	add_escaped(page->out, text);
	text_add(page->out, "\n");
}

/* Backticks in a row, at most. */
static size_t backticks_longest(const char *const *lines, size_t count)
{
	size_t longest = 0;

	for (size_t i = 0; i < count; i++) {
		size_t run = 0;

		for (const char *at = lines[i]; *at; at++) {
			run = *at == '`' ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
	}
	return longest;
}

static void add_fence(struct text *out, size_t backticks)
{
	for (size_t i = 0; i < backticks; i++)
		text_add(out, "`");
}

static void markdown_command(struct page *page, const char *const *lines, size_t count)
{
	size_t longest = backticks_longest(lines, count), fence = longest < 3 ? 3 : longest + 1;

	text_add(page->out, "\n");
	add_fence(page->out, fence);
	text_add(page->out, "sh\n");
	for (size_t i = 0; i < count; i++) {
		text_add_printable(page->out, lines[i], true);
		text_add(page->out, "\n");
	}
	add_fence(page->out, fence);
	text_add(page->out, "\n\n");
}

static void markdown_evidence(struct page *page, const struct evidence_row *rows, size_t count)
{
	CLEANUP_FREE const char **checks = mem_new(count, sizeof(*checks));
	size_t lines = 0;

	text_add(page->out, "\n| counter | before -> after | of | |\n| --- | --- | --- | --- |\n");
	for (size_t i = 0; i < count; i++) {
		const char *cells[] = { rows[i].counter, rows[i].change, rows[i].place, rows[i].note };

		for (size_t cell = 0; cell < ARRAY_SIZE(cells); cell++) {
			text_add(page->out, "| ");
			add_escaped(page->out, cells[cell]);
			text_add(page->out, " ");
		}
		text_add(page->out, "|\n");
		if (*rows[i].check && !rows[i].same_check)
			checks[lines++] = rows[i].check;
	}
	if (lines)
		markdown_command(page, checks, lines);
	else
		text_add(page->out, "\n");
}

static void markdown_footer(struct page *page, const char *text)
{
	add_escaped(page->out, text);
	text_add(page->out, "\n");
}

static const struct page_hooks markdown_hooks = {
	.headline = markdown_headline,
	.way = markdown_way,
	.section = markdown_section,
	.finding = markdown_finding,
	.fact = markdown_fact,
	.item = markdown_item,
	.evidence = markdown_evidence,
	.command = markdown_command,
	.footer = markdown_footer,
};

void render_markdown(const struct answer *answer, struct text *ret)
{
	struct page page = { &markdown_hooks, { .unicode = true }, ret };

	report_write(answer, &page);
}
