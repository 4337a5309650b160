/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generic netlink without side effects. Asking the kernel for a family by its name makes it load the module of that
 * name (net/netlink/genetlink.c: ctrl_getfamily); listing the families that are there does not.
 */
#pragma once

#include "source/netlink.h"
#include "source/source.h"

/*
 * The id of a family, on an open NETLINK_GENERIC socket; `buffer` is scratch. 0; -ENOENT when the kernel does not have
 * that family now; else -errno. The list of families is kept for two seconds.
 */
int genl_family(struct netlink *netlink, const char *name, struct text *buffer, uint16_t *ret)
	__attribute__((warn_unused_result));

/* Opens the socket in the thread's namespace and finds the family. The same results; on failure it may be open. */
int genl_open(const struct source_context *context, struct netlink *netlink, const char *family, uint16_t *ret)
	__attribute__((warn_unused_result));

/* Begins a request: command of a family, version 1. */
void genl_request(struct netlink_request *request, uint16_t family, uint8_t command);

/* What genl_family() makes of a CTRL_CMD_GETFAMILY dump: the family's id, or 0 when it is not in there. */
uint16_t genl_family_find(const void *bytes, size_t length, const char *name);
