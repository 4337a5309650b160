/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generic netlink families, from a dump of all of them: net/netlink/genetlink.c: ctrl_dumpfamily. */
#include "source/genl.h"

#include "base/clock.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>

#define FRESH_NS (2 * NS_PER_S)
#define LIST_BYTES_MAX (1u << 20)

/* What the kernel last listed. Families come and go with modules, the same in every namespace. */
static struct text list = { .max = LIST_BYTES_MAX };
static uint64_t listed_ns;

void genl_request(struct netlink_request *request, uint16_t family, uint8_t command)
{
	struct genlmsghdr *header = netlink_request(request, family, 0, sizeof(*header));

	header->cmd = command;
	header->version = 1;
}

uint16_t genl_family_find(const void *bytes, size_t length, const char *name)
{
	struct netlink_walk walk = netlink_walk(bytes, length);
	const struct nlmsghdr *message;

	while ((message = netlink_next(&walk, sizeof(struct genlmsghdr)))) {
		const struct nlattr *attributes[CTRL_ATTR_FAMILY_NAME + 1];
		const char *listed;

		netlink_attributes(message, sizeof(struct genlmsghdr), attributes, ARRAY_SIZE(attributes));
		listed = netlink_string(attributes[CTRL_ATTR_FAMILY_NAME]);
		if (listed && strcmp(listed, name) == 0)
			return netlink_u16(attributes[CTRL_ATTR_FAMILY_ID], 0);
	}
	return 0;
}

int genl_family(struct netlink *netlink, const char *name, struct text *buffer, uint16_t *ret)
{
	uint64_t now_ns = clock_monotonic_ns();
	struct netlink_request request;
	unsigned int state;
	uint16_t id;
	int error;

	if (!list.length || now_ns - listed_ns > FRESH_NS) {
		genl_request(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
		error = netlink_dump(netlink, &request, buffer, &state);
		if (error)
			return error;
		text_clear(&list);
		text_add_bytes(&list, buffer->data, buffer->length);
		listed_ns = now_ns;
	}
	id = genl_family_find(list.data, list.length, name);
	if (!id)
		return -ENOENT;
	*ret = id;
	return 0;
}

int genl_open(const struct source_context *context, struct netlink *netlink, const char *family, uint16_t *ret)
{
	int error = *context->sysroot ? -EOPNOTSUPP : netlink_open(netlink, NETLINK_GENERIC);

	return error ? error : genl_family(netlink, family, context->buffer, ret);
}
