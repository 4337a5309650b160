/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ethtool netlink source: asking, and the parts that work without a device. */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

#include "base/parse.h"

/*
 * One or more answers of the ethtool family about `link`, told apart by their command, as samples: what a driver does
 * not say is left out. False when an answer was cut or malformed.
 */
bool ethnl_parse(struct snapshot *snapshot, const struct object *link, const void *bytes, size_t length);

/* The kind of connector (PORT_FIBRE … of linux/ethtool.h) in an answer to ETHTOOL_MSG_LINKINFO_GET; PORT_OTHER if none. */
uint8_t ethnl_parse_port(const void *bytes, size_t length);

/* The piece of memory in an answer to ETHTOOL_MSG_MODULE_EEPROM_GET; empty when there is none. */
struct slice ethnl_parse_eeprom(const void *bytes, size_t length);

/* Opens a socket and finds the family. 0, -EOPNOTSUPP when the kernel has none, or -errno. Uses context->buffer. */
int ethnl_open(const struct source_context *context, struct netlink *netlink, uint16_t *ret_family)
	__attribute__((warn_unused_result));

/* Adds the header that says which device is asked: `type` is its attribute, `flags` are ETHTOOL_FLAG_…. */
void ethnl_put_device(struct netlink_request *request, uint16_t type, uint32_t flags, const struct object *link);
