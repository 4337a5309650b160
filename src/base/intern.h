/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strings kept for the life of the process, each once: reasons, names that many records share. */
#pragma once

#include <stddef.h>

/* The one copy of that text; never freed. NULL stays NULL. At most 4096 texts, then a fixed "(more reasons)". */
const char *text_intern(const char *text);
const char *text_internf(const char *format, ...) __attribute__((format(printf, 1, 2)));
