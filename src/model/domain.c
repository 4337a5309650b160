/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of the domains and owners. */
#include "model/domain.h"

#include "base/alloc.h"

#include <string.h>

static const struct {
	const char *id, *where;
	enum owner owner;
} domains[DOMAIN_COUNT] = {
#define DOMAIN(symbol, id, where, owner) [DOMAIN_##symbol] = { id, where, OWNER_##owner },
#include "model/domain.def"
#undef DOMAIN
};

static const struct {
	const char *id, *name;
} owners[OWNER_COUNT] = {
	[OWNER_NETWORK] = { "network", "network team or provider" },
	[OWNER_DATA_CENTRE] = { "data-centre", "data centre" },
	[OWNER_PLATFORM] = { "platform", "platform team" },
	[OWNER_SECURITY] = { "security", "security team" },
	[OWNER_APPLICATION] = { "application", "application team" },
	[OWNER_STORAGE] = { "storage", "storage team" },
	[OWNER_CONTAINER_NETWORK] = { "container-network", "container network team" },
};

const char *domain_id(enum domain domain)
{
	return domain < DOMAIN_COUNT ? domains[domain].id : "none";
}

const char *domain_where(enum domain domain)
{
	return domain < DOMAIN_COUNT ? domains[domain].where : "";
}

enum owner domain_owner(enum domain domain)
{
	return domain < DOMAIN_COUNT ? domains[domain].owner : OWNER_PLATFORM;
}

bool domain_from_id(const char *id, enum domain *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		if (strcmp(domains[i].id, id) == 0) {
			*ret = (enum domain)i;
			return true;
		}
	}
	return false;
}

const char *owner_id(enum owner owner)
{
	return owners[owner].id;
}

const char *owner_name(enum owner owner)
{
	return owners[owner].name;
}
