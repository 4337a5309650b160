/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drop domains (where a packet can be lost) and who owns them. Order is the
 * packet's own way; ids are stable output.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum domain {
#define DOMAIN(symbol, id, where, owner) DOMAIN_##symbol,
#include "model/domain.def"
#undef DOMAIN
	DOMAIN_COUNT,
	DOMAIN_NONE = DOMAIN_COUNT, /* belongs to no domain: traffic, configuration */
};

enum owner {
	OWNER_NETWORK,		 /* network team or provider */
	OWNER_DATA_CENTRE,	 /* cables, optics, switch ports */
	OWNER_PLATFORM,		 /* the host's administrators */
	OWNER_SECURITY,		 /* firewall and policy owners */
	OWNER_APPLICATION,	 /* the service's developers */
	OWNER_STORAGE,		 /* disks below the application */
	OWNER_CONTAINER_NETWORK, /* overlay and container network */
	OWNER_COUNT,
};

const char *domain_id(enum domain domain);    /* "socket"; "none" for DOMAIN_NONE */
const char *domain_where(enum domain domain); /* one short phrase */
enum owner domain_owner(enum domain domain);  /* who usually owns it */
bool domain_from_id(const char *id, enum domain *ret);

const char *owner_id(enum owner owner);	  /* stable output: "data-centre" */
const char *owner_name(enum owner owner); /* for people: "data centre" */
