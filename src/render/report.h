/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer for people. report.c decides what is said, in which words and order; a page decides how it looks. A page
 * gets text as it is and must make it printable.
 */
#pragma once

#include "render/way.h"

/* One number that anyone can check. */
struct evidence_row {
	char *counter, *change, *place, *note, *check; /* never NULL; "" when there is nothing to say */
	bool of_subject;			       /* it belongs to what the lines above speak of */
	bool same_check;			       /* the row after it is checked by the same command */
};

struct page {
	const struct page_hooks *hooks;
	struct style style;
	struct text *out;
};

struct page_hooks {
	/* The sentence, and who must act with which confidence ("" when nothing was found). */
	void (*headline)(struct page *page, enum loss loss, const char *sentence, const char *standing);
	void (*way)(struct page *page, const struct way_row rows[DOMAIN_COUNT]);
	void (*section)(struct page *page, const char *title);
	void (*finding)(struct page *page, size_t number, const char *title);
	void (*fact)(struct page *page, const char *label, const char *text);
	void (*item)(struct page *page, const char *text);
	void (*evidence)(struct page *page, const struct evidence_row *rows, size_t count);
	void (*command)(struct page *page, const char *const *lines, size_t count);
	/* How the loss went over time; NULL where a page has no pictures. */
	void (*chart)(struct page *page, const struct diagnosis *diagnosis, const struct finding *finding,
		      size_t number);
	void (*footer)(struct page *page, const char *text);
};

void report_write(const struct answer *answer, struct page *page);
