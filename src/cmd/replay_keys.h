/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a replay that prints lines: single ones, read from the terminal while both standard input and standard output
 * are one. The terminal gets back how it was when the program ends, is stopped, or is killed by what can be caught.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum replay_key {
	REPLAY_KEY_NONE,
	REPLAY_KEY_PAUSE,  /* space */
	REPLAY_KEY_STEP,   /* s, Enter, the arrow to the right */
	REPLAY_KEY_FASTER, /* + */
	REPLAY_KEY_SLOWER, /* - */
	REPLAY_KEY_QUIT,   /* q */
};

/* Whether there are any: without a terminal replay_keys_wait() only waits. */
bool replay_keys_open(void);
void replay_keys_close(void);

/* For a signal that ends the program at once. */
void replay_keys_die(int number);

/* Waits so long at most; earlier for a key, or for a signal. */
enum replay_key replay_keys_wait(uint64_t ns);
