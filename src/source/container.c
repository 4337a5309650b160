/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers by their control group's path, and their names by files that every
 * runtime leaves on the host:
 *
 *	/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log	the kubelet, with any runtime
 *	/var/log/pods/NAMESPACE_POD_UID/			the same
 *	/var/lib/docker/containers/ID/config.v2.json		"Name": "/web"
 *	/run/containerd/io.containerd.runtime.v2.task/SPACE/ID/config.json,
 *	/run/containers/storage/overlay-containers/ID/userdata/config.json
 *						OCI annotations: containerd, CRI-O
 *	/var/lib/containers/storage/overlay-containers/containers.json
 *						podman: [{"id": …, "names": ["web"]}]
 *
 * Only files below the root are read, no socket of a runtime is opened. Inside a
 * container none of them is there, and the id is what remains.
 */
#include "source/container.h"

#include "base/alloc.h"

#include <ctype.h>
#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SHORT_ID 12
#define FILE_MAX (4u << 20)
#define ENTRIES_MAX 20000

/* ---- the path ---- */

static size_t hex_run(struct slice text)
{
	size_t length = 0;

	while (length < text.length && isxdigit((unsigned char)text.data[length]))
		length++;
	return length;
}

/* Docker, containerd, CRI-O and podman name their groups by 64 hexadecimal digits. */
static void component_id(struct slice component, struct container *container)
{
	for (size_t at = 0; at + CONTAINER_ID_LENGTH <= component.length; at++) {
		struct slice rest = { component.data + at, component.length - at };

		if (hex_run(rest) != CONTAINER_ID_LENGTH)
			continue;
		snprintf(container->id, sizeof(container->id), "%.*s", CONTAINER_ID_LENGTH, rest.data);
		return;
	}
}

/* "pod0123-…", "kubepods-burstable-pod0123_….slice": the uid, with '_' where a slice's name cannot have '-'. */
static void component_pod(struct slice component, struct container *container)
{
	const char *found = NULL;
	size_t length = 0;

	if (!slice_starts(component, "pod") && !slice_starts(component, "kubepods"))
		return;
	for (size_t at = 0; at + 3 < component.length; at++) {
		if (memcmp(component.data + at, "pod", 3) == 0 && isxdigit((unsigned char)component.data[at + 3]))
			found = component.data + at + 3;
	}
	for (; found && found < component.data + component.length && length + 1 < sizeof(container->pod); found++) {
		if (!isxdigit((unsigned char)*found) && *found != '_' && *found != '-')
			break;
		container->pod[length++] = *found;
		if (*found == '_')
			container->pod[length - 1] = '-';
	}
	if (length)
		container->pod[length] = '\0';
}

/* LXC, systemd-nspawn and machined name theirs: "lxc.payload.web", "machine-web.scope", "systemd-nspawn@web.service". */
static void component_name(struct slice component, struct container *container)
{
	static const struct {
		const char *prefix, *suffix;
	} forms[] = {
		{ "lxc.payload.", "" },
		{ "machine-", ".scope" },
		{ "systemd-nspawn@", ".service" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t prefix = strlen(forms[i].prefix), suffix = strlen(forms[i].suffix);

		if (!slice_starts(component, forms[i].prefix) || component.length <= prefix + suffix ||
		    memcmp(component.data + component.length - suffix, forms[i].suffix, suffix) != 0)
			continue;
		if (isgraph((unsigned char)component.data[prefix]))
			snprintf(container->name, sizeof(container->name), "%.*s",
				 (int)(component.length - prefix - suffix), component.data + prefix);
		return;
	}
}

static void component_service(struct slice component, struct container *container)
{
	static const char suffix[] = ".service";
	size_t length = strlen(suffix);

	if (component.length > length && component.length < sizeof(container->service) &&
	    memcmp(component.data + component.length - length, suffix, length) == 0)
		snprintf(container->service, sizeof(container->service), "%.*s", (int)component.length, component.data);
}

static void replace(char *text, size_t size, const char *by)
{
	if (*by)
		snprintf(text, size, "%s", by);
}

/* What `inner` tells is true of it; a service further out is the runtime's own. */
static void merge(struct container *container, const struct container *inner)
{
	if (container_known(inner))
		container->service[0] = '\0';
	replace(container->id, sizeof(container->id), inner->id);
	replace(container->pod, sizeof(container->pod), inner->pod);
	replace(container->name, sizeof(container->name), inner->name);
	replace(container->service, sizeof(container->service), inner->service);
}

void container_of_path(struct slice path, struct container *container)
{
	struct cursor cursor = cursor_of(path.data, path.length);
	struct container inner;
	struct slice component;
	bool more = true;

	while (more) {
		more = cursor_until(&cursor, '/', &component);
		if (!more)
			component = cursor.rest;
		inner = (struct container){ .id = "" };
		component_id(component, &inner);
		component_pod(component, &inner);
		component_name(component, &inner);
		if (!container_known(&inner))
			component_service(component, &inner);
		merge(container, &inner);
	}
}

bool container_known(const struct container *container)
{
	return *container->id || *container->pod || *container->name;
}

/* ---- the kubelet's directories ---- */

/* The entry of a directory that ends with `ending`, without it, in new memory; NULL when there is none. */
static char *entry_ending(const struct source_context *context, const char *directory, const char *ending)
{
	CLEANUP_FREE char *path = text_format("%s%s", context->sysroot, directory);
	CLEANUP_DIRECTORY DIR *open = opendir(path);
	size_t tail = strlen(ending);
	const struct dirent *entry;

	for (size_t i = 0; open && i < ENTRIES_MAX && (entry = readdir(open)); i++) {
		size_t length = strlen(entry->d_name);

		if (length > tail && strcmp(entry->d_name + length - tail, ending) == 0)
			return mem_strndup(entry->d_name, length - tail);
	}
	return NULL;
}

/* "POD_NAMESPACE_CONTAINER" of a link below /var/log/containers. */
static bool name_by_log(const struct source_context *context, const struct container *container, bool whole,
			struct text *ret)
{
	CLEANUP_FREE char *ending = text_format("-%s.log", container->id);
	CLEANUP_FREE char *name = *container->id ? entry_ending(context, "/var/log/containers", ending) : NULL;
	struct cursor cursor = cursor_of(name ? name : "", name ? strlen(name) : 0);
	struct slice pod, space;

	if (!cursor_until(&cursor, '_', &pod) || !cursor_until(&cursor, '_', &space) || !cursor.rest.length)
		return false;
	text_addf(ret, "%.*s/%.*s", (int)space.length, space.data, (int)pod.length, pod.data);
	if (whole)
		text_addf(ret, "/%.*s", (int)cursor.rest.length, cursor.rest.data);
	return true;
}

/* "NAMESPACE_POD" of a directory below /var/log/pods. */
static bool name_by_pod(const struct source_context *context, const struct container *container, struct text *ret)
{
	CLEANUP_FREE char *ending = text_format("_%s", container->pod);
	CLEANUP_FREE char *name = *container->pod ? entry_ending(context, "/var/log/pods", ending) : NULL;
	struct cursor cursor = cursor_of(name ? name : "", name ? strlen(name) : 0);
	struct slice space;

	if (!cursor_until(&cursor, '_', &space) || !cursor.rest.length)
		return false;
	text_addf(ret, "%.*s/%.*s", (int)space.length, space.data, (int)cursor.rest.length, cursor.rest.data);
	return true;
}

/* ---- the runtimes' files ---- */

static void json_release(json_t **json)
{
	json_decref(*json);
}

/* A file as JSON, or NULL; the caller releases it. */
static json_t *read_json(const struct source_context *context, const char *path)
{
	CLEANUP_TEXT struct text bytes = { .max = FILE_MAX };
	struct source_context aside = *context;

	aside.buffer = &bytes;
	if (source_read_file(&aside, path))
		return NULL;
	return json_loadb(text_string(&bytes), bytes.length, 0, NULL);
}

static bool add_text(const json_t *json, struct text *ret)
{
	const char *string = json_string_value(json);

	if (!string || !*string)
		return false;
	text_add(ret, *string == '/' ? string + 1 : string);
	return true;
}

static bool name_by_docker(const struct source_context *context, const char *id, struct text *ret)
{
	CLEANUP_FREE char *path = text_format("/var/lib/docker/containers/%s/config.v2.json", id);
	CLEANUP(json_release) json_t *json = read_json(context, path);

	return add_text(json_object_get(json, "Name"), ret);
}

/* Namespace, pod and container out of the annotations of an OCI bundle, whoever made it. */
static bool name_by_annotations(const json_t *annotations, struct text *ret)
{
	static const char *const keys[][3] = {
		{ "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.cri.sandbox-name",
		  "io.kubernetes.cri.container-name" },
		{ "io.kubernetes.pod.namespace", "io.kubernetes.pod.name", "io.kubernetes.container.name" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *space = json_string_value(json_object_get(annotations, keys[i][0]));
		const char *pod = json_string_value(json_object_get(annotations, keys[i][1]));
		const char *name = json_string_value(json_object_get(annotations, keys[i][2]));

		if (!space || !pod)
			continue;
		text_addf(ret, "%s/%s%s%s", space, pod, name ? "/" : "", name ? name : "");
		return true;
	}
	return add_text(json_object_get(annotations, "nerdctl/name"), ret);
}

static bool name_by_bundle(const struct source_context *context, const char *id, struct text *ret)
{
	static const char *const bundles[] = {
		"/run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
		"/run/containerd/io.containerd.runtime.v2.task/default/%s/config.json",
		"/run/containers/storage/overlay-containers/%s/userdata/config.json",
	};
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(bundles) && !found; i++) {
		const char *rest = strstr(bundles[i], "%s") + 2;
		CLEANUP_FREE char *path = text_format("%.*s%s%s", (int)(rest - 2 - bundles[i]), bundles[i], id, rest);
		CLEANUP(json_release) json_t *json = read_json(context, path);

		found = name_by_annotations(json_object_get(json, "annotations"), ret);
	}
	return found;
}

static bool name_by_podman(const struct source_context *context, const char *id, struct text *ret)
{
	CLEANUP(json_release)
	json_t *json = read_json(context, "/var/lib/containers/storage/overlay-containers/containers.json");
	const json_t *one;
	size_t index;

	json_array_foreach(json, index, one)
	{
		const char *its = json_string_value(json_object_get(one, "id"));

		if (its && strcmp(its, id) == 0)
			return add_text(json_array_get(json_object_get(one, "names"), 0), ret);
	}
	return false;
}

static bool name_by_runtime(const struct source_context *context, const char *id, struct text *ret)
{
	return *id && (name_by_docker(context, id, ret) || name_by_bundle(context, id, ret) ||
		       name_by_podman(context, id, ret));
}

static void describe_by_path(const struct container *container, struct text *ret)
{
	if (*container->id)
		text_add_bytes(ret, container->id, SHORT_ID);
	else
		text_addf(ret, "%s%s", *container->name ? "" : "pod ",
			  *container->name ? container->name : container->pod);
}

void container_describe(const struct source_context *context, const struct container *container, struct text *ret)
{
	if (!name_by_log(context, container, true, ret) && !name_by_runtime(context, container->id, ret) &&
	    !name_by_pod(context, container, ret))
		describe_by_path(container, ret);
}

void container_describe_pod(const struct source_context *context, const struct container *container, struct text *ret)
{
	if (!name_by_log(context, container, false, ret) && !name_by_pod(context, container, ret) &&
	    !name_by_runtime(context, container->id, ret))
		describe_by_path(container, ret);
}
