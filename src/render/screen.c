/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By ncurses, which knows what terminals can do. */
#include "render/screen.h"

#include "render/wrap.h"

#include "config.h"

#if HAVE_NCURSES

#include "base/alloc.h"

#include <curses.h>
#include <signal.h>
#include <stdio.h>

static SCREEN *screen;
static volatile sig_atomic_t abandoned;

bool screen_is_there(void)
{
	return true;
}

bool screen_is_open(void)
{
	return screen != NULL;
}

bool screen_open(bool colour)
{
	static const short colours[] = {
		[WATCH_RED] = COLOR_RED, [WATCH_GREEN] = COLOR_GREEN, [WATCH_YELLOW] = COLOR_YELLOW
	};

	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	set_term(screen);
	if (!tigetstr("cup")) { /* it cannot write where it wants */
		screen_close();
		return false;
	}
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, true);
	set_escdelay(50);
	curs_set(0);
	if (colour && has_colors()) {
		start_color();
		use_default_colors();
		for (size_t i = WATCH_RED; i < ARRAY_SIZE(colours); i++)
			init_pair((short)i, colours[i], -1);
	}
	return true;
}

void screen_close(void)
{
	if (!screen || abandoned)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

void screen_abandon(void)
{
	if (screen && !abandoned)
		endwin();
	abandoned = 1;
}

size_t screen_columns(void)
{
	return (size_t)COLS;
}

size_t screen_rows(void)
{
	return LINES > 1 ? (size_t)LINES - 1 : 1;
}

static attr_t attributes_of(enum watch_colour colour)
{
	switch (colour) {
	case WATCH_DIM:
		return A_DIM;
	case WATCH_BOLD:
		return A_BOLD;
	case WATCH_RED:
		return A_BOLD | (attr_t)COLOR_PAIR(WATCH_RED);
	case WATCH_GREEN:
	case WATCH_YELLOW:
		return (attr_t)COLOR_PAIR((int)colour);
	case WATCH_PLAIN:
		break;
	}
	return A_NORMAL;
}

static void show_line(int row, const char *text, attr_t attributes)
{
	attrset((int)attributes);
	mvaddnstr(row, 0, text, (int)text_bytes_of_columns(text, screen_columns()));
}

void screen_show(const struct watch_page *page, size_t top, const char *below)
{
	if (abandoned)
		return;
	erase();
	for (size_t i = 0; i < screen_rows() && top + i < page->lines.count; i++) {
		const struct watch_line *line = &page->lines.data[top + i];

		show_line((int)i, line->text, attributes_of(line->colour));
	}
	show_line((int)screen_rows(), below, A_REVERSE);
	refresh();
}

enum screen_key screen_key(unsigned int wait_ms)
{
	static const struct {
		int code;
		enum screen_key key;
	} keys[] = {
		{ 'q', SCREEN_QUIT },	       { 'Q', SCREEN_QUIT },
		{ ' ', SCREEN_PAUSE },	       { 's', SCREEN_STEP },
		{ KEY_RIGHT, SCREEN_STEP },    { KEY_LEFT, SCREEN_BACK },
		{ 'b', SCREEN_BACK },	       { '+', SCREEN_FASTER },
		{ '=', SCREEN_FASTER },	       { '-', SCREEN_SLOWER },
		{ 'a', SCREEN_OTHER_PAGE },    { '\t', SCREEN_OTHER_PAGE },
		{ KEY_UP, SCREEN_UP },	       { 'k', SCREEN_UP },
		{ KEY_DOWN, SCREEN_DOWN },     { 'j', SCREEN_DOWN },
		{ KEY_PPAGE, SCREEN_PAGE_UP }, { KEY_NPAGE, SCREEN_PAGE_DOWN },
		{ KEY_HOME, SCREEN_TOP },      { KEY_RESIZE, SCREEN_RESIZED },
		{ '\r', SCREEN_STEP },	       { KEY_ENTER, SCREEN_STEP },
	};
	int code;

	if (abandoned)
		return SCREEN_NOTHING;
	timeout((int)wait_ms);
	code = getch();
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].code == code)
			return keys[i].key;
	}
	return SCREEN_NOTHING;
}

#else

bool screen_is_there(void)
{
	return false;
}

bool screen_is_open(void)
{
	return false;
}

bool screen_open(bool colour)
{
	(void)colour;
	return false;
}

void screen_close(void)
{
}

void screen_abandon(void)
{
}

size_t screen_columns(void)
{
	return WRAP_COLUMNS;
}

size_t screen_rows(void)
{
	return 0;
}

void screen_show(const struct watch_page *page, size_t top, const char *below)
{
	(void)page;
	(void)top;
	(void)below;
}

enum screen_key screen_key(unsigned int wait_ms)
{
	(void)wait_ms;
	return SCREEN_QUIT;
}

#endif
