/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/watch_show.h"

#include "cmd/command.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AVERAGE_SECONDS 3	/* of the rates on a screen */
#define HEAD_EVERY 20		/* lines */
#define YOUNG_NS (5 * NS_PER_S) /* up to then a window without a loss leaves the word to the one before */
#define PAGE_OVERLAP 2

int show_begin(bool json, bool lines, const char *colour, struct show *ret)
{
	setlocale(LC_CTYPE, "");
	*ret = (struct show){
		.how = json						       ? SHOW_JSON
		       : lines || !isatty(STDOUT_FILENO) || !screen_is_there() ? SHOW_LINES
									       : SHOW_SCREEN,
		.style = { colour_wanted(colour), strcmp(nl_langinfo(CODESET), "UTF-8") == 0 },
		.below = "",
	};
	if (ret->how == SHOW_SCREEN && !isatty(STDIN_FILENO))
		ret->how = SHOW_LINES;
	return json && lines ? complain("--json and --lines: choose one") : 0;
}

static uint64_t end_wall_ns(const struct series *series)
{
	return series_start_wall_ns(series) + series_end_ns(series) - series_start_ns(series);
}

bool show_is_due(const struct show *show, const struct series *series)
{
	return show->how == SHOW_SCREEN || end_wall_ns(series) / NS_PER_S > show->told_second;
}

/* ---- lines ---- */

/* Each packet is in one line, however often the diagnosis changes its mind about the place. */
static void tell(struct show *show)
{
	for (size_t i = 0; i < DOMAIN_COUNT; i++) {
		uint64_t total = history_total(&show->history, (enum domain)i);

		show->fresh[i] = total > show->told[i] ? total - show->told[i] : 0;
		show->told[i] += show->fresh[i];
	}
}

static int show_line(struct show *show, const struct watch_view *view)
{
	CLEANUP_TEXT struct text text = { 0 };
	struct history_row *row;

	if (show->how == SHOW_JSON) {
		render_watch_json(view, &text);
		return output_part(&text);
	}
	tell(show);
	if (show->lines++ % HEAD_EVERY == 0)
		render_watch_head(&text);
	vec_each(&show->history.rows, row) {
		if (!row->told && row->now)
			render_watch_news(row, &show->style, &text);
		row->told |= row->now > 0;
	}
	render_watch_line(view, &show->style, &text);
	return output_part(&text);
}

/* ---- the screen ---- */

static struct watch_page *page_of(const struct show *show)
{
	return (struct watch_page *)(show->other ? &show->answer : &show->way);
}

void show_again(const struct show *show)
{
	if (screen_is_open())
		screen_show(page_of(show), show->top, show->below);
}

static int show_page(struct show *show, const struct watch_view *view)
{
	if (!screen_is_open() && !screen_open(show->style.colour))
		return complain("the terminal %s cannot show a screen: use --lines",
				getenv("TERM") ? getenv("TERM") : "(TERM is not set)");
	if (show->held)
		return 0;
	watch_page_free(&show->way);
	watch_page_free(&show->answer);
	watch_page_way(view, screen_columns(), show->style.unicode, &show->way);
	watch_page_answer(view->answer, show->style.unicode, &show->answer);
	show_again(show);
	return 0;
}

static void scroll_to(struct show *show, size_t top)
{
	size_t count = page_of(show)->lines.count, rows = screen_rows();

	show->top = count > rows && top > count - rows ? count - rows : count > rows ? top : 0;
}

bool show_key(struct show *show, enum screen_key key)
{
	size_t page = screen_rows() > PAGE_OVERLAP ? screen_rows() - PAGE_OVERLAP : 1;

	switch (key) {
	case SCREEN_OTHER_PAGE:
		show->other = !show->other;
		show->top = 0;
		break;
	case SCREEN_UP:
		scroll_to(show, show->top ? show->top - 1 : 0);
		break;
	case SCREEN_DOWN:
		scroll_to(show, show->top + 1);
		break;
	case SCREEN_PAGE_UP:
		scroll_to(show, show->top > page ? show->top - page : 0);
		break;
	case SCREEN_PAGE_DOWN:
		scroll_to(show, show->top + page);
		break;
	case SCREEN_TOP:
	case SCREEN_RESIZED:
		show->top = 0;
		break;
	case SCREEN_NOTHING:
	case SCREEN_QUIT:
	case SCREEN_PAUSE:
	case SCREEN_STEP:
	case SCREEN_BACK:
	case SCREEN_FASTER:
	case SCREEN_SLOWER:
		return false;
	}
	show_again(show);
	return true;
}

/* ---- a look ---- */

/* Rates of lines are those since the line before. */
static size_t average_of(const struct show *show)
{
	uint64_t second = show->history.last_ns / NS_PER_S;

	if (show->how == SHOW_SCREEN)
		return AVERAGE_SECONDS;
	return show->told_second && second > show->told_second ? second - show->told_second : 1;
}

static bool is_young(const struct series *series)
{
	return series_end_ns(series) - series_start_ns(series) < YOUNG_NS;
}

/* What was lost between the window before and this one. */
static void count_between(struct show *show, const struct series *later)
{
	struct diagnosis both;

	series_join(show->earlier, later);
	diagnose(show->earlier, show->options, &both);
	history_between(&show->history, &both, series_start_wall_ns(later));
	diagnosis_free(&both);
	show->earlier = NULL;
}

static void judge(struct show *show, const struct series *series, struct diagnosis *ret)
{
	diagnose(series, show->options, ret);
	history_look(&show->history, ret);
}

int show_look(struct show *show, const struct series *series)
{
	struct diagnosis diagnosis;
	const struct answer answer = {
		.diagnosis = &diagnosis,
		.host = show->host,
		.namespaces = show->options->netns ? 1 : objects_count_of(series_objects(series), OBJECT_NETNS),
	};
	struct watch_view view = {
		.answer = &answer, .history = &show->history, .fresh = show->fresh, .recorded = show->recorded
	};
	int error;

	judge(show, series, &diagnosis);
	if (show->earlier && !is_young(series)) /* everything was read by now */
		count_between(show, series);
	view.average = average_of(show);
	view.before = is_young(series) && diagnosis.loss != LOSS_YES ? show->before : NULL;
	error = show->how == SHOW_SCREEN ? show_page(show, &view) : show_line(show, &view);
	show->failed |= error != 0;
	show->told_second = end_wall_ns(series) / NS_PER_S;
	diagnosis_free(&diagnosis);
	return error;
}

void show_turn(struct show *show, const struct series *series, struct series *keep)
{
	struct diagnosis diagnosis;

	judge(show, series, &diagnosis);
	if (show->earlier)
		count_between(show, series);
	history_turn(&show->history);
	show->earlier = keep;
	free(show->before);
	show->before = diagnosis.loss == LOSS_YES ? mem_strdup(diagnosis.summary) : NULL;
	diagnosis_free(&diagnosis);
}

/* ---- the end ---- */

static int show_sum(struct show *show)
{
	CLEANUP_TEXT struct text text = { 0 };
	struct watch_page page = { 0 };
	const struct watch_line *line;
	int error;

	watch_page_rows(&show->history, screen_is_open() ? screen_columns() : 0, show->style.unicode, &page);
	screen_close();
	vec_each(&page.lines, line)
		text_addf(&text, "%s\n", line->text);
	error = output_write(&text);
	watch_page_free(&page);
	return error;
}

int show_end(struct show *show)
{
	int status = history_lost(&show->history) ? STATUS_LOSS : STATUS_OK;

	if (show->how != SHOW_JSON && show->history.first_ns && !show->failed && show_sum(show))
		status = STATUS_ERROR;
	screen_close();
	history_free(&show->history);
	watch_page_free(&show->way);
	watch_page_free(&show->answer);
	free(show->before);
	return status;
}
