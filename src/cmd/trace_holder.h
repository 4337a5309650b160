/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes behind the sockets of dropped packets, looked up many at a time and remembered. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct holders;

struct holder {
	uint64_t inode; /* of the socket */
	int pid;	/* 0: none was found */
	char comm[64];
};

struct holders *holders_new(void) __attribute__((warn_unused_result));
void holders_free(struct holders *holders);

/* Notes that the socket is asked for; 0 is none. */
void holders_want(struct holders *holders, uint64_t inode);

/* Walks /proc for those that are not known yet, at most twice a second, because that takes a while. */
void holders_find(struct holders *holders);

/* What is known of it; NULL: not asked for, or not looked up yet. Good until the next holders_want(). */
const struct holder *holders_get(const struct holders *holders, uint64_t inode);
