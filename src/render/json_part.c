/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values and objects of JSON by jansson; running out of memory ends the program, as base/alloc.h has it. */
#include "render/json_part.h"

#include "render/printable.h"

#include "base/alloc.h"

#include <stdlib.h>

json_t *json_text(const char *string)
{
	CLEANUP_TEXT struct text text = { 0 };

	text_add_printable(&text, string, true);
	return json_string(text_string(&text));
}

json_t *json_known(const char *string)
{
	return string && *string ? json_text(string) : json_null();
}

json_t *json_count(uint64_t count)
{
	return json_integer((json_int_t)count);
}

json_t *json_known_real(double number)
{
	return number >= 0 ? json_real(number) : json_null();
}

void json_set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value))
		abort(); /* out of memory, as base/alloc.h has it */
}

json_t *json_host(const struct host *host)
{
	json_t *json = json_object();

	json_set(json, "hostname", json_known(host->hostname));
	json_set(json, "kernel", json_known(host->kernel));
	json_set(json, "cpus", json_count(host->cpus));
	json_set(json, "boot_id", json_known(host->boot_id));
	return json;
}

static void finish(json_t *document, size_t layout, struct text *ret)
{
	CLEANUP_FREE char *dump = json_dumps(document, layout | JSON_REAL_PRECISION(9));

	json_decref(document);
	if (!dump)
		abort();
	text_add(ret, dump);
	text_add(ret, "\n");
}

void json_finish(json_t *document, struct text *ret)
{
	finish(document, JSON_INDENT(2), ret);
}

void json_finish_line(json_t *document, struct text *ret)
{
	finish(document, JSON_COMPACT, ret);
}
