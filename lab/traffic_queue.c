/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A firewall's user-space queue (nfqueue), number 0: holds the first --count packets until all of them wait,
 * then accepts everything in the order of arrival. Packets of a new flow that wait are not yet in the
 * connection table: all of them are the first. Protocol: linux/netfilter/nfnetlink_queue.h.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_NUMBER 0
#define HELD_MAX 4096

struct request {
	struct nlmsghdr header;
	struct nfgenmsg family;
	struct nlattr attribute;
	uint8_t value[16];
};

static int request_send(int fd, uint16_t message, uint16_t attribute, const void *value, size_t size)
{
	struct request request = { .header = { .nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | message,
					       .nlmsg_flags = NLM_F_REQUEST } };

	request.family.version = NFNETLINK_V0;
	request.family.res_id = htons(QUEUE_NUMBER);
	request.attribute.nla_type = attribute;
	request.attribute.nla_len = (uint16_t)(NLA_HDRLEN + size);
	memcpy(request.value, value, size);
	request.header.nlmsg_len =
		(uint32_t)(NLMSG_LENGTH(sizeof(request.family)) + NLA_ALIGN(request.attribute.nla_len));
	return send(fd, &request, request.header.nlmsg_len, 0) < 0 ? traffic_error("nfqueue") : 0;
}

static int queue_open(void)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = { .copy_mode = NFQNL_COPY_META };
	uint32_t length = htonl(HELD_MAX);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd < 0)
		return traffic_error("netlink socket");
	if (request_send(fd, NFQNL_MSG_CONFIG, NFQA_CFG_CMD, &bind, sizeof(bind)) < 0 ||
	    request_send(fd, NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, &params, sizeof(params)) < 0 ||
	    request_send(fd, NFQNL_MSG_CONFIG, NFQA_CFG_QUEUE_MAXLEN, &length, sizeof(length)) < 0)
		return -EINVAL;
	return fd;
}

static int packet_accept(int fd, uint32_t wire_id)
{
	struct nfqnl_msg_verdict_hdr verdict = { .verdict = htonl(NF_ACCEPT), .id = wire_id };

	return request_send(fd, NFQNL_MSG_VERDICT, NFQA_VERDICT_HDR, &verdict, sizeof(verdict));
}

/* The packet's id (network order) in one message from the queue; false when it has none. */
static bool packet_id(const struct nlmsghdr *header, uint32_t *ret_wire_id)
{
	const uint8_t *data = (const uint8_t *)header + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const uint8_t *end = (const uint8_t *)header + header->nlmsg_len;
	struct nfqnl_msg_packet_hdr packet;
	struct nlattr attribute;

	while (data + NLA_HDRLEN <= end) {
		memcpy(&attribute, data, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > (size_t)(end - data))
			return false;
		if (attribute.nla_type == NFQA_PACKET_HDR) {
			memcpy(&packet, data + NLA_HDRLEN, sizeof(packet));
			*ret_wire_id = packet.packet_id;
			return true;
		}
		data += NLA_ALIGN(attribute.nla_len);
	}
	return false;
}

int traffic_queue(const struct traffic_options *options, struct traffic_result *result)
{
	static uint32_t held[HELD_MAX];
	static union {
		struct nlmsghdr header;
		uint8_t bytes[8192];
	} message;
	int fd = queue_open();

	if (fd < 0)
		return fd;
	errno = E2BIG;
	if (options->count > HELD_MAX)
		return traffic_error("--count");
	traffic_ready();
	while (!traffic_stop) {
		uint32_t id = 0;
		ssize_t size = recv(fd, &message, sizeof(message), 0);

		if (size < (ssize_t)sizeof(message.header) || message.header.nlmsg_len > (size_t)size ||
		    !packet_id(&message.header, &id))
			continue;
		result->received++;
		if (result->received > options->count) {
			packet_accept(fd, id);
			continue;
		}
		held[result->received - 1] = id;
		for (uint64_t i = 0; result->received == options->count && i < options->count; i++)
			packet_accept(fd, held[i]);
	}
	close(fd);
	return 0;
}
