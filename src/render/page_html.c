/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as one page for a browser: nothing is fetched, nothing is sent, and it can be printed. Names from the host are
 * escaped everywhere, and the page forbids itself everything but its own style and its own few lines of script, which copy
 * commands.
 */
#include "render/report.h"

#include "render/chart.h"
#include "render/page_html_style.h"

#include "base/alloc.h"

#include <string.h>

static void add_element(struct page *page, const char *begin, const char *string, const char *end)
{
	text_add(page->out, begin);
	text_add_html(page->out, string);
	text_add(page->out, end);
}

static void html_headline(struct page *page, enum loss loss, const char *sentence, const char *standing)
{
	text_addf(page->out, "<header class=\"loss-%s\">\n", loss_name(loss));
	add_element(page, "<h1 id=\"verdict\">", sentence, "</h1>\n");
	if (*standing)
		add_element(page, "<p>", standing, "</p>\n");
	text_add(page->out, "</header>\n");
}

static void html_way(struct page *page, const struct way_row rows[DOMAIN_COUNT])
{
	static const char *const classes[] = {
		[WAY_CLEAN] = "clean", [WAY_LOST] = "lost", [WAY_REASON] = "reason", [WAY_UNSEEN] = "unseen"
	};
	static const char *const signs[] = {
		[WAY_CLEAN] = "", [WAY_LOST] = "✗", [WAY_REASON] = "←", [WAY_UNSEEN] = "?"
	};

	text_add(page->out,
		 "<section>\n<h2>The packet's way</h2>\n<div class=\"wide\"><table class=\"way\">\n"
		 "<thead><tr><th></th><th scope=\"col\">place</th><th scope=\"col\" class=\"count\">lost</th>"
		 "<th scope=\"col\">what</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		text_addf(page->out, "<tr class=\"%s\"><td>%s</td><th scope=\"row\">%s</th>", classes[rows[i].mark],
			  signs[rows[i].mark], domain_id(rows[i].domain));
		text_addf(page->out, "<td class=\"count\">%s</td>", rows[i].count);
		add_element(page, "<td>", rows[i].note, "</td></tr>\n");
	}
	text_add(page->out, "</tbody></table></div>\n</section>\n");
}

static void html_section(struct page *page, const char *title)
{
	add_element(page, "<h2>", title, "</h2>\n");
}

static void html_finding(struct page *page, size_t number, const char *title)
{
	text_addf(page->out, "<h3>%zu. ", number);
	text_add_html(page->out, title);
	text_add(page->out, "</h3>\n");
}

static void html_fact(struct page *page, const char *label, const char *text)
{
	add_element(page, "<p class=\"fact\"><b>", label, "</b> ");
	add_element(page, "", text, "</p>\n");
}

static void html_item(struct page *page, const char *text)
{
	add_element(page, "<p class=\"item\">", text, "</p>\n");
}

static void html_command(struct page *page, const char *const *lines, size_t count)
{
	text_add(page->out, "<div class=\"command\"><button type=\"button\" hidden>copy</button><pre>");
	for (size_t i = 0; i < count; i++)
		add_element(page, "", lines[i], i + 1 < count ? "\n" : "");
	text_add(page->out, "</pre></div>\n");
}

static void html_evidence(struct page *page, const struct evidence_row *rows, size_t count)
{
	CLEANUP_FREE const char **checks = mem_new(count, sizeof(*checks));
	size_t lines = 0;

	text_add(page->out,
		 "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">counter</th><th scope=\"col\">before "
		 "→ after</th><th scope=\"col\">of</th><th scope=\"col\">note</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < count; i++) {
		add_element(page, "<tr><th scope=\"row\">", rows[i].counter, "</th>");
		add_element(page, "<td class=\"number\">", rows[i].change, "</td>");
		add_element(page, "<td>", rows[i].place, "</td>");
		add_element(page, "<td>", rows[i].note, "</td></tr>\n");
		if (*rows[i].check && !rows[i].same_check)
			checks[lines++] = rows[i].check;
	}
	text_add(page->out, "</tbody></table></div>\n");
	if (lines)
		html_command(page, checks, lines);
}

static void html_footer(struct page *page, const char *text)
{
	add_element(page, "<p class=\"about\">", text, "</p>\n");
}

static void html_chart(struct page *page, const struct diagnosis *diagnosis, const struct finding *finding,
		       size_t number)
{
	chart_finding(diagnosis, finding, number, page->out);
}

static const struct page_hooks html_hooks = {
	.headline = html_headline,
	.way = html_way,
	.section = html_section,
	.finding = html_finding,
	.fact = html_fact,
	.item = html_item,
	.evidence = html_evidence,
	.command = html_command,
	.chart = html_chart,
	.footer = html_footer,
};

/* The same answer as text, to be pasted where no page can be. */
static void add_ticket(const struct answer *answer, struct text *ret)
{
	CLEANUP_TEXT struct text markdown = { 0 };

	render_markdown(answer, &markdown);
	text_add(ret, "<details><summary>As text for a ticket (Markdown)</summary>\n<div class=\"command\">"
		      "<button type=\"button\" hidden>copy</button><pre>");
	text_add_html_lines(ret, text_string(&markdown));
	text_add(ret, "</pre></div></details>\n");
}

void render_html(const struct answer *answer, struct text *ret)
{
	struct page page = { &html_hooks, { .unicode = true }, ret };

	text_add(ret, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
		      "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<link rel=\"icon\" href=\"data:,\">\n<title>wheredrop: ");
	text_add_html(ret, answer->host.hostname);
	text_add(ret, "</title>\n<style>\n" PAGE_STYLE "</style>\n</head>\n<body>\n<main>\n");
	report_write(answer, &page);
	add_ticket(answer, ret);
	text_add(ret, "</main>\n<script>\n" PAGE_SCRIPT "</script>\n</body>\n</html>\n");
}
