/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink requests and answers. One socket serves one namespace for one
 * reading. Format: net/netlink/af_netlink.c; extended errors:
 * Documentation/userspace-api/netlink/intro.rst.
 */
#include "source/netlink.h"

#include "source/source.h"

#include "base/intern.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define DATAGRAM_SIZE 32768 /* the kernel makes dump datagrams no larger than this */
#define ATTEMPTS 3

/* Kernels before 4.20 know neither option used here: they answer at greater length and say less when they refuse. */
static bool set_option(const struct netlink *netlink, int option)
{
	int on = 1;

	return mnl_socket_setsockopt(netlink->socket, option, &on, sizeof(on)) == 0;
}

static void netlink_free(struct netlink *netlink)
{
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	free(netlink->buffer);
	*netlink = NETLINK_CLOSED;
}

/*
 * Sockets that wait for their next use: making one, with its options, costs as much as a short dump. Those of another
 * namespace would keep it alive and are closed when it is left. Reading is single-threaded.
 */
static struct idle {
	struct netlink netlink;
	bool away;
} idle[8];
static bool is_away;

/* An idle socket of that protocol and of the namespace the thread is in. */
static bool take_idle(struct netlink *netlink, int protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++) {
		if (!idle[i].netlink.socket || idle[i].netlink.protocol != protocol || idle[i].away != is_away)
			continue;
		free(netlink->buffer);
		*netlink = idle[i].netlink;
		idle[i].netlink = NETLINK_CLOSED;
		return true;
	}
	return false;
}

static bool put_idle(struct netlink *netlink)
{
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++) {
		if (idle[i].netlink.socket)
			continue;
		idle[i] = (struct idle){ *netlink, is_away };
		*netlink = NETLINK_CLOSED;
		return true;
	}
	return false;
}

void netlink_entered(void)
{
	is_away = true;
}

void netlink_left(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++) {
		if (idle[i].away)
			netlink_free(&idle[i].netlink);
	}
	is_away = false;
}

void netlink_forget(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
		idle[i].netlink = NETLINK_CLOSED;
}

int netlink_open(struct netlink *netlink, int protocol)
{
	struct timeval timeout = { NETLINK_TIMEOUT_MS / 1000, NETLINK_TIMEOUT_MS % 1000 * 1000 };
	struct mnl_socket *socket;

	if (take_idle(netlink, protocol))
		return 0;
	socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0) {
		int error = -errno;

		mnl_socket_close(socket);
		return error;
	}
	if (!netlink->buffer)
		netlink->buffer = mem_resize(NULL, DATAGRAM_SIZE, 1);
	netlink->socket = socket;
	netlink->protocol = protocol;
	netlink->broken = false;
	netlink->extack[0] = '\0';
	set_option(netlink, NETLINK_EXT_ACK);
	netlink->strict = set_option(netlink, NETLINK_GET_STRICT_CHK);
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	if (!netlink->socket || netlink->broken || !put_idle(netlink))
		netlink_free(netlink);
}

/* A dump that was broken off keeps the socket busy; only a new one can go on. */
static int netlink_reopen(struct netlink *netlink)
{
	mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
	return netlink_open(netlink, netlink->protocol);
}

void *netlink_request(struct netlink_request *request, uint16_t type, uint16_t flags, size_t size)
{
	request->header = mnl_nlmsg_put_header(request->bytes);
	request->header->nlmsg_type = type;
	request->header->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(request->header, size);
}

/* The error of an NLMSG_ERROR, or of an NLMSG_DONE that carries one; remembers the kernel's words. */
static int message_error(struct netlink *netlink, const struct nlmsghdr *message)
{
	bool done = message->nlmsg_type == NLMSG_DONE;
	size_t skip = done ? sizeof(int) : sizeof(struct nlmsgerr);
	const struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];
	const char *words;
	int error = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(error))
		return done ? 0 : -EBADMSG;
	memcpy(&error, mnl_nlmsg_get_payload(message), sizeof(error));
	if (error >= 0)
		return 0;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) || mnl_nlmsg_get_payload_len(message) < skip)
		return error;
	if (!done && !(message->nlmsg_flags & NLM_F_CAPPED)) {
		const struct nlmsgerr *refusal = mnl_nlmsg_get_payload(message);

		if (refusal->msg.nlmsg_len > MNL_NLMSG_HDRLEN)
			skip += refusal->msg.nlmsg_len - MNL_NLMSG_HDRLEN;
	}
	if (mnl_nlmsg_get_payload_len(message) < skip)
		return error;
	netlink_attributes(message, skip, attributes, ARRAY_SIZE(attributes));
	words = netlink_string(attributes[NLMSGERR_ATTR_MSG]);
	if (words)
		snprintf(netlink->extack, sizeof(netlink->extack), "%s", words);
	return error;
}

static int netlink_send(struct netlink *netlink, struct netlink_request *request, uint16_t flags)
{
	netlink->extack[0] = '\0';
	request->header->nlmsg_flags |= flags;
	request->header->nlmsg_seq = ++netlink->sequence;
	return mnl_socket_sendto(netlink->socket, request->bytes, request->header->nlmsg_len) < 0 ? -errno : 0;
}

/* The next datagram's length, or -errno. */
static ssize_t netlink_receive(struct netlink *netlink)
{
	ssize_t length;

	do
		length = mnl_socket_recvfrom(netlink->socket, netlink->buffer, DATAGRAM_SIZE);
	while (length < 0 && errno == EINTR);
	if (length >= 0)
		return length;
	netlink->broken = true; /* an answer may come yet */
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return -ETIMEDOUT;
	return errno == ENOSPC ? -EMSGSIZE : -errno;
}

/*
 * How many of the datagram's bytes are answers, up to a final message. *ret_end says whether the answer is over,
 * *ret_error how.
 */
static size_t datagram_answers(struct netlink *netlink, size_t length, bool *ret_end, int *ret_error,
			       unsigned int *state)
{
	struct netlink_walk walk = netlink_walk(netlink->buffer, length);
	const struct nlmsghdr *message;
	size_t answers = 0;

	*ret_end = false;
	*ret_error = 0;
	while ((message = netlink_next(&walk, 0))) {
		if (message->nlmsg_seq != netlink->sequence)
			continue; /* the rest of an answer that timed out */
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			*state |= NETLINK_INTERRUPTED;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
			*ret_end = true;
			*ret_error = message_error(netlink, message);
			break;
		}
		answers = length - walk.left;
	}
	return answers;
}

int netlink_stream(struct netlink *netlink, struct netlink_request *request,
		   bool (*take)(void *data, const char *bytes, size_t length), void *data, unsigned int *ret_state)
{
	int error = netlink_send(netlink, request, NLM_F_DUMP);
	unsigned int state = 0;
	bool end = false;

	while (!error && !end) {
		ssize_t length = netlink_receive(netlink);
		size_t answers;

		if (length < 0)
			return (int)length;
		answers = datagram_answers(netlink, (size_t)length, &end, &error, &state);
		if (error || !answers || take(data, netlink->buffer, answers))
			continue;
		state |= NETLINK_CUT;
		if (end)
			break;
		error = netlink_reopen(netlink);
		end = true;
	}
	if (!error)
		*ret_state = state;
	return error;
}

static bool collect(void *data, const char *bytes, size_t length)
{
	struct text *text = data;
	size_t max = text->max ? text->max : TEXT_MAX_DEFAULT;

	if (length > max - text->length)
		return false;
	text_add_bytes(text, bytes, length);
	return true;
}

int netlink_dump(struct netlink *netlink, struct netlink_request *request, struct text *ret_bytes,
		 unsigned int *ret_state)
{
	unsigned int state = 0;
	int error = 0;

	for (unsigned int attempt = 0; attempt < ATTEMPTS; attempt++) {
		text_clear(ret_bytes);
		error = netlink_stream(netlink, request, collect, ret_bytes, &state);
		if (error || !(state & NETLINK_INTERRUPTED))
			break;
	}
	if (!error)
		*ret_state = state;
	return error;
}

int netlink_ask(struct netlink *netlink, struct netlink_request *request, struct text *ret_bytes)
{
	int error = netlink_send(netlink, request, 0);
	unsigned int state = 0;
	bool end = false;

	text_clear(ret_bytes);
	while (!error && !end) {
		ssize_t length = netlink_receive(netlink);
		size_t answers;

		if (length < 0)
			return (int)length;
		answers = datagram_answers(netlink, (size_t)length, &end, &error, &state);
		if (!answers)
			continue;
		text_add_bytes(ret_bytes, netlink->buffer, answers);
		return 0;
	}
	return error ? error : -ENODATA;
}

const char *netlink_reason(const struct netlink *netlink, const char *what, int error)
{
	const char *words = netlink->extack[0] ? netlink->extack : source_error_phrase(error);

	return text_internf("%s: %s", what, words);
}

/* ---- walking bytes ---- */

struct netlink_walk netlink_walk(const void *bytes, size_t length)
{
	return (struct netlink_walk){ bytes, length, false };
}

const struct nlmsghdr *netlink_next(struct netlink_walk *walk, size_t header_size)
{
	while (walk->left >= MNL_NLMSG_HDRLEN) {
		const struct nlmsghdr *message = (const void *)walk->bytes;
		size_t length = message->nlmsg_len, step = MNL_ALIGN(length);

		if (length < MNL_NLMSG_HDRLEN || length > walk->left)
			break;
		step = step < walk->left ? step : walk->left;
		walk->bytes += step;
		walk->left -= step;
		if (length - MNL_NLMSG_HDRLEN >= MNL_ALIGN(header_size))
			return message;
		walk->broken = true;
	}
	walk->broken |= walk->left > 0;
	walk->left = 0;
	return NULL;
}

static void sort_attributes(const char *bytes, size_t left, const struct nlattr **ret, size_t count)
{
	memset(ret, 0, count * sizeof(*ret));
	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *attribute = (const void *)bytes;
		size_t length = attribute->nla_len, step = MNL_ALIGN(length);

		if (length < sizeof(struct nlattr) || length > left)
			return;
		if (mnl_attr_get_type(attribute) < count)
			ret[mnl_attr_get_type(attribute)] = attribute;
		step = step < left ? step : left;
		bytes += step;
		left -= step;
	}
}

void netlink_attributes(const struct nlmsghdr *message, size_t header_size, const struct nlattr **ret, size_t count)
{
	size_t length = mnl_nlmsg_get_payload_len(message), skip = MNL_ALIGN(header_size);

	skip = skip < length ? skip : length;
	sort_attributes((const char *)mnl_nlmsg_get_payload(message) + skip, length - skip, ret, count);
}

void netlink_nested(const struct nlattr *nest, size_t skip, const struct nlattr **ret, size_t count)
{
	size_t length;

	if (!nest) {
		memset(ret, 0, count * sizeof(*ret));
		return;
	}
	length = mnl_attr_get_payload_len(nest);
	skip = MNL_ALIGN(skip);
	skip = skip < length ? skip : length;
	sort_attributes((const char *)mnl_attr_get_payload(nest) + skip, length - skip, ret, count);
}

size_t netlink_copy(const struct nlattr *attribute, void *ret, size_t size)
{
	size_t length = attribute ? mnl_attr_get_payload_len(attribute) : 0;

	length = length < size ? length : size;
	memset(ret, 0, size);
	if (length)
		memcpy(ret, mnl_attr_get_payload(attribute), length);
	return length;
}

uint8_t netlink_u8(const struct nlattr *attribute, uint8_t otherwise)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 1 ? mnl_attr_get_u8(attribute) : otherwise;
}

uint16_t netlink_u16(const struct nlattr *attribute, uint16_t otherwise)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= 2 ? mnl_attr_get_u16(attribute) : otherwise;
}

uint32_t netlink_u32(const struct nlattr *attribute, uint32_t otherwise)
{
	uint32_t value;

	return netlink_copy(attribute, &value, sizeof(value)) == sizeof(value) ? value : otherwise;
}

uint64_t netlink_u64(const struct nlattr *attribute, uint64_t otherwise)
{
	uint64_t value;

	return netlink_copy(attribute, &value, sizeof(value)) == sizeof(value) ? value : otherwise;
}

const char *netlink_string(const struct nlattr *attribute)
{
	size_t length = attribute ? mnl_attr_get_payload_len(attribute) : 0;
	const char *string = attribute ? mnl_attr_get_payload(attribute) : NULL;

	return length && memchr(string, '\0', length) ? string : NULL;
}
