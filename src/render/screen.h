/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal as a screen, and its keys. There is one. */
#pragma once

#include "render/watch.h"

enum screen_key {
	SCREEN_NOTHING,
	SCREEN_QUIT,
	SCREEN_PAUSE,
	SCREEN_STEP,
	SCREEN_BACK,
	SCREEN_FASTER,
	SCREEN_SLOWER,
	SCREEN_OTHER_PAGE,
	SCREEN_UP,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_TOP,
	SCREEN_RESIZED,
};

/* Whether this program was built with it. */
bool screen_is_there(void);

/* Takes the terminal. False when it cannot show a screen; then it is as it was. */
bool screen_open(bool colour);
bool screen_is_open(void);

/* Gives it back as it was. Nothing when it was not taken. */
void screen_close(void);

/* The same from a signal's handler that ends the program: what is done with the screen after that does nothing. */
void screen_abandon(void);

size_t screen_columns(void);
size_t screen_rows(void); /* for the page: without the line below it */

/* Shows the page from its line `top` on, and a line below it. */
void screen_show(const struct watch_page *page, size_t top, const char *below);

/* The next key, waited for up to so long; SCREEN_NOTHING when there was none, or after a signal. */
enum screen_key screen_key(unsigned int wait_ms);
