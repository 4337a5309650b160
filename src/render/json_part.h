/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the JSON documents share. Texts from the host are made printable before JSON's own escapes; unknown is null. */
#pragma once

#include "render/answer.h"

#include <jansson.h>

json_t *json_text(const char *string);
json_t *json_known(const char *string); /* null when it is NULL or empty */
json_t *json_count(uint64_t count);
json_t *json_known_real(double number); /* null below zero */
json_t *json_host(const struct host *host);

/* Takes the value over. */
void json_set(json_t *object, const char *name, json_t *value);

/* Appends the document, indented, with a newline, and frees it. */
void json_finish(json_t *document, struct text *ret);
/* The same on a line of its own. */
void json_finish_line(json_t *document, struct text *ret);
