/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unix sockets that listen, by sock_diag: linux/unix_diag.h, net/unix/diag.c.
 *
 * A unix socket loses nothing: who sends to a full one waits or is told (EAGAIN),
 * and there is no counter of that. What can be seen is a listener whose accept
 * queue is full (af_unix.c: unix_recvq_full): its clients wait in connect(), which
 * looks from outside like a network that does not answer. Asking would load
 * unix_diag where it is missing, so it is asked only where it is there.
 */
#include "source/socket_unix.h"

#include "model/series.h"
#include "source/netlink.h"
#include "source/socket.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>

#define LISTENERS_MAX 10000
#define NAME_MAX_BYTES 108 /* sun_path */

/* The path, or "@name" for one of the abstract names, which begin with a zero byte and may hold anything. */
static void label_name(struct object *object, const struct nlattr *name)
{
	char text[NAME_MAX_BYTES + 1] = "";
	size_t length = 0;

	if (name) {
		const char *bytes = mnl_attr_get_payload(name);

		length = mnl_attr_get_payload_len(name);
		length = length < NAME_MAX_BYTES ? length : NAME_MAX_BYTES;
		for (size_t i = 0; i < length; i++)
			text[i] = isprint((unsigned char)bytes[i]) ? bytes[i] : '@';
		while (length && !bytes[length - 1])
			text[--length] = '\0';
	}
	object_label(object, LABEL_PROTOCOL, "unix");
	object_labelf(object, LABEL_NAME, "unix %s", length ? text : "without a name");
}

/* Told while anything waits, and on from there: a queue that is empty all the time needs no object. */
static bool worth_telling(const struct unix_reading *reading, struct object_key key, uint32_t waiting)
{
	const struct object *object = object_find(reading->context->objects, key);
	const struct series *series = reading->context->series;

	return waiting || (object && series && series_cell(series, C_UNIX_ACCEPT_QUEUE, object->id));
}

static void take_listener(struct unix_reading *reading, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[UNIX_DIAG_MAX + 1];
	struct unix_diag_rqlen queue;
	struct unix_diag_msg diag;
	struct object_key key = { OBJECT_SOCKET, reading->context->netns->key.netns, 0, SOCKET_PROTOCOL_UNIX };
	struct object *object;
	bool is_new;

	memcpy(&diag, mnl_nlmsg_get_payload(message), sizeof(diag));
	netlink_attributes(message, sizeof(diag), attributes, ARRAY_SIZE(attributes));
	if (diag.udiag_state != SOCKET_LISTEN ||
	    netlink_copy(attributes[UNIX_DIAG_RQLEN], &queue, sizeof(queue)) < sizeof(queue))
		return;
	key.a = diag.udiag_cookie[0] | (uint64_t)diag.udiag_cookie[1] << 32;
	if (!worth_telling(reading, key, queue.udiag_rqueue))
		return;
	object = object_intern(reading->context->objects, key, &is_new);
	if (!object)
		return;
	if (is_new)
		label_name(object, attributes[UNIX_DIAG_NAME]);
	snapshot_add(reading->snapshot, C_UNIX_ACCEPT_QUEUE, object, queue.udiag_rqueue);
	snapshot_add(reading->snapshot, C_UNIX_ACCEPT_LIMIT, object, queue.udiag_wqueue);
	snapshot_add(reading->snapshot, C_UNIX_INODE, object, diag.udiag_ino);
}

bool socket_unix_take(struct unix_reading *reading, const char *bytes, size_t length)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct unix_diag_msg)))) {
		if (reading->listeners++ >= LISTENERS_MAX) {
			reading->cut = true;
			return false;
		}
		take_listener(reading, message);
	}
	reading->broken |= walk.broken;
	return true;
}

static bool take_datagram(void *reading, const char *bytes, size_t length)
{
	return socket_unix_take(reading, bytes, length);
}

/* Reading the lists of modules costs more than the sockets of most namespaces: once in a while for all of them. */
#define MODULES_VALID_NS (10 * NS_PER_S)

static bool unix_diag_present(const struct source_context *context)
{
	static bool present;
	static uint64_t until_ns;
	uint64_t now_ns = clock_monotonic_ns();

	if (*context->sysroot)
		return false;
	if (now_ns >= until_ns) {
		present = source_module_present(context, "unix_diag");
		until_ns = now_ns + MODULES_VALID_NS;
	}
	return present;
}

static int read_listeners(struct unix_reading *reading, const char **ret_reason)
{
	CLEANUP_NETLINK struct netlink netlink = NETLINK_CLOSED;
	const char *what = "sock_diag: opening a netlink socket";
	struct netlink_request request;
	struct unix_diag_req *header;
	unsigned int state = 0;
	int error = netlink_open(&netlink, NETLINK_SOCK_DIAG);

	if (!error) {
		what = "sock_diag: listing unix sockets";
		header = netlink_request(&request, SOCK_DIAG_BY_FAMILY, 0, sizeof(*header));
		header->sdiag_family = AF_UNIX;
		header->udiag_states = 1u << SOCKET_LISTEN;
		header->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN;
		error = netlink_stream(&netlink, &request, take_datagram, reading, &state);
	}
	reading->cut |= state & NETLINK_CUT;
	if (error)
		*ret_reason = netlink_reason(&netlink, what, error);
	return error;
}

static void unix_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct unix_reading reading = { .context = context, .snapshot = snapshot };
	const char *reason = "the kernel part unix_diag is not there; ss -x loads it";
	int error = unix_diag_present(context) ? read_listeners(&reading, &reason) : -ENOENT;

	if (error)
		snapshot_missed(snapshot, SOURCE_UNIX, context->netns, error, reason);
	else if (reading.cut || reading.broken)
		snapshot_covered_partly(snapshot, SOURCE_UNIX, context->netns,
					reading.cut ? "more unix sockets than are read at a time"
						    : "some unix sockets were not understood");
	else
		snapshot_covered(snapshot, SOURCE_UNIX, context->netns);
}

const struct source source_unix = { SOURCE_UNIX, SCOPE_NETNS, COST_MIDDLE, unix_read };
