/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that stay open between two readings, because opening one costs several times what reading it does: those
 * below /proc in the namespace this tool was started in. An open file would keep any other namespace alive, so there
 * they are opened for each reading, by way of one directory that always shows the namespace of the moment.
 */
#pragma once

#include "source/source.h"

/* Whether the path may be kept in this context: below /proc, of the home namespace, not of a process. */
bool kept_is_allowed(const struct source_context *context, const char *path);

/* The open file of that path, or -1. Not the caller's to close. */
int kept_find(const char *path);

/* Takes over an open file that has just been read well. It is closed when there is no room. */
void kept_put(const char *path, int fd);

/* Closes the path's file, which could no longer be read. */
void kept_drop(const char *path);

/* Opens a file of /proc for reading, as cheaply as can be. A descriptor of the caller's, or -errno. */
int kept_open(const char *path);

/* In a child that has closed all it inherited: what was kept is the parent's. */
void kept_forget(void);
