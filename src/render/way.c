/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/way.h"

#include "render/part.h"

#include "base/alloc.h"

#include <stdlib.h>

static const struct finding *finding_in(const struct answer *answer, enum domain domain)
{
	struct finding **finding;

	vec_each(&answer->diagnosis->findings.list, finding) {
		if (cause_get((*finding)->cause)->domain == domain)
			return *finding;
	}
	return NULL;
}

/* The last reason behind the first finding, when it lies in that domain. */
static const struct because *reason_in(const struct answer *answer, enum domain domain)
{
	const struct finding *first = answer->diagnosis->first;
	const struct because *root;

	if (!first || !first->because.count)
		return NULL;
	root = &first->because.data[first->because.count - 1];
	return cause_get(root->cause)->domain == domain ? root : NULL;
}

/* Packets die here: not on the path, which no host sees, nor in the application, which only fails to read. */
static bool domain_is_local(enum domain domain)
{
	return domain != DOMAIN_PATH && domain != DOMAIN_APPLICATION;
}

static void add_small(const char *what, uint64_t count, struct text *ret)
{
	if (!count)
		return;
	text_add(ret, " (");
	text_add_count(ret, count);
	text_addf(ret, " %s)", what);
}

static enum way_mark way_mark_of(const struct answer *answer, enum domain domain)
{
	const struct domain_view *view = &answer->diagnosis->domains[domain];

	if (view->harmful || finding_in(answer, domain))
		return WAY_LOST;
	if (reason_in(answer, domain))
		return WAY_REASON;
	return view->observed || domain == DOMAIN_APPLICATION ? WAY_CLEAN : WAY_UNSEEN;
}

static void way_note(const struct answer *answer, enum domain domain, enum way_mark mark, struct text *ret)
{
	const struct domain_view *view = &answer->diagnosis->domains[domain];
	const struct finding *finding = finding_in(answer, domain);
	const struct because *reason = reason_in(answer, domain);

	if (mark == WAY_LOST && finding) {
		text_add(ret, "LOST HERE: ");
		object_describe(answer_objects(answer), answer_object(answer, finding->object), ret);
	} else if (reason && mark == WAY_REASON) {
		text_add(ret, "WHY: ");
		cause_describe(answer_objects(answer), reason->cause, reason->object, ret);
	} else if (mark == WAY_UNSEEN) {
		text_add(ret, domain == DOMAIN_PATH ? "beyond this host: not visible from here"
						    : "not wholly observed, see below");
	} else {
		text_add(ret, domain_where(domain));
	}
	add_small("unexplained", view->unexplained, ret);
	add_small("harmless", view->innocent, ret);
}

static void way_count(const struct answer *answer, enum domain domain, enum way_mark mark, struct text *ret)
{
	uint64_t harmful = answer->diagnosis->domains[domain].harmful;

	if (mark == WAY_LOST || (mark != WAY_UNSEEN && domain_is_local(domain)))
		text_add_count(ret, harmful);
	else
		text_add(ret, mark == WAY_UNSEEN ? "?" : "-");
}

void way_rows(const struct answer *answer, struct way_row rows[DOMAIN_COUNT])
{
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		struct text count = { 0 }, note = { 0 };
		enum domain domain = (enum domain)i;

		rows[i].domain = domain;
		rows[i].mark = way_mark_of(answer, domain);
		way_count(answer, domain, rows[i].mark, &count);
		way_note(answer, domain, rows[i].mark, &note);
		rows[i].count = text_take(&count);
		rows[i].note = text_take(&note);
	}
}

void way_rows_free(struct way_row rows[DOMAIN_COUNT])
{
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		free(rows[i].count);
		free(rows[i].note);
	}
}

const char *way_sign(enum way_mark mark, bool unicode)
{
	switch (mark) {
	case WAY_LOST:
		return unicode ? "✗" : "X";
	case WAY_REASON:
		return "*";
	case WAY_CLEAN:
	case WAY_UNSEEN:
		break;
	}
	return unicode ? "│" : "|";
}
