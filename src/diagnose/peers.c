/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other ends of connections, where they are sockets of this host. A busy host has thousands of sockets, and each
 * that sent something again is looked for: they are found by their local address.
 */
#include "diagnose/detection.h"

#include "base/parse.h"

#include <string.h>

/* The address and the port of an endpoint; IPv4 on an IPv6 socket, "[::ffff:10.0.0.1]:80", is as "10.0.0.1:80". */
static struct slice endpoint_address(const char *endpoint, struct slice *ret_port)
{
	static const char mapped[] = "[::ffff:";
	const char *start = endpoint, *colon = strrchr(endpoint, ':'), *end;

	if (!colon)
		return *ret_port = slice_of("");
	*ret_port = slice_of(colon + 1);
	if (strncmp(start, mapped, sizeof(mapped) - 1) == 0)
		start += sizeof(mapped) - 1;
	else if (*start == '[')
		start++;
	end = colon > start && colon[-1] == ']' ? colon - 1 : colon;
	return (struct slice){ start, (size_t)(end - start) };
}

static bool same_endpoint(const char *left, const char *right)
{
	struct slice left_port, right_port;

	return slice_same(endpoint_address(left, &left_port), endpoint_address(right, &right_port)) &&
	       slice_same(left_port, right_port);
}

/* ---- sockets by their local address ---- */

static uint64_t slice_hash(struct slice text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static struct socket_at socket_at(const char *endpoint, uint32_t id)
{
	struct slice port, address = endpoint_address(endpoint, &port);

	return (struct socket_at){ slice_hash(address), slice_hash(port), id };
}

static int compare_sockets(const void *left, const void *right)
{
	const struct socket_at *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static void fill(const struct detection *detection, struct peers *peers)
{
	const struct object *object;
	uint32_t id;

	peers->filled = true;
	each_object(detection->objects, id, object) {
		struct socket_at *at = object->key.kind == OBJECT_SOCKET ? vec_add(&peers->sockets, UINT32_MAX) : NULL;

		if (at)
			*at = socket_at(object_text(object, LABEL_LOCAL), id);
	}
	vec_sort(&peers->sockets, compare_sockets);
}

/* The place of the first socket that is not before `wanted`. */
static size_t first_of(const struct peers *peers, const struct socket_at *wanted)
{
	size_t low = 0, high = peers->sockets.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_sockets(&peers->sockets.data[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct object *socket_in(const struct detection *detection, size_t place)
{
	return object_get(detection->objects, detection->peers->sockets.data[place].id);
}

/* Bound to `local` and connected to `remote`. */
static const struct object *find_connected(const struct detection *detection, const struct object *socket,
					   const char *local, const char *remote)
{
	struct socket_at wanted = socket_at(local, 0);
	const struct peers *peers = detection->peers;

	for (size_t i = first_of(peers, &wanted); i < peers->sockets.count; i++) {
		const struct object *other = socket_in(detection, i);

		if (peers->sockets.data[i].address != wanted.address || peers->sockets.data[i].port != wanted.port)
			break;
		if (other != socket && same_endpoint(object_text(other, LABEL_LOCAL), local) &&
		    same_endpoint(object_text(other, LABEL_REMOTE), remote))
			return other;
	}
	return NULL;
}

/* The last one of another namespace that has the address of `endpoint`. */
static const struct object *find_near(const struct detection *detection, const struct object *socket,
				      const char *endpoint)
{
	struct socket_at wanted = socket_at(endpoint, 0);
	const struct peers *peers = detection->peers;
	const struct object *near = NULL;

	wanted.port = 0;
	for (size_t i = first_of(peers, &wanted);
	     i < peers->sockets.count && peers->sockets.data[i].address == wanted.address; i++) {
		const struct object *other = socket_in(detection, i);
		struct slice port;

		if (other->netns != socket->netns && (!near || other->id > near->id) &&
		    slice_same(endpoint_address(object_text(other, LABEL_LOCAL), &port),
			       endpoint_address(endpoint, &port)))
			near = other;
	}
	return near;
}

const struct object *detect_peer(const struct detection *detection, const struct object *socket)
{
	const char *remote = object_text(socket, LABEL_REMOTE), *local = object_text(socket, LABEL_LOCAL);
	const struct object *peer;

	if (!*remote)
		return NULL;
	if (!detection->peers->filled)
		fill(detection, detection->peers);
	peer = find_connected(detection, socket, remote, local);
	return peer ? peer : find_near(detection, socket, remote);
}

void peers_free(struct peers *peers)
{
	vec_free(&peers->sockets);
}
