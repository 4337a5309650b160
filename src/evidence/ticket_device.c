/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of outputs about network devices share: names, kinds, numbers. */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

#define NAMELESS "the device"

struct object *device_of_block(struct block *block)
{
	struct object *link = block_link_of_command(block);

	return link ? link : block_link(block, slice_of(NAMELESS));
}

/* Names that the kernel, libvirt, container engines and the like give. */
static const struct {
	const char *prefix, *kind;
} usual_names[] = {
	{ "lo", "loopback" },	     { "veth", "veth" },	 { "cali", "veth" },	    { "lxc", "veth" },
	{ "docker0", "bridge" },     { "docker_gw", "bridge" },	 { "virbr", "bridge" },	    { "cni0", "bridge" },
	{ "cbr0", "bridge" },	     { "vmbr", "bridge" },	 { "lxdbr", "bridge" },	    { "br-int", "openvswitch" },
	{ "br-tun", "openvswitch" }, { "br-ex", "openvswitch" }, { "ovs-", "openvswitch" }, { "br", "bridge" },
	{ "bond", "bond" },	     { "team", "team" },	 { "vxlan", "vxlan" },	    { "flannel.", "vxlan" },
	{ "genev", "geneve" },	     { "dummy", "dummy" },	 { "tun", "tun" },	    { "tap", "tun" },
	{ "vnet", "tun" },	     { "macvtap", "macvtap" },	 { "macvlan", "macvlan" },  { "ipvlan", "ipvlan" },
	{ "wg", "wireguard" },	     { "ifb", "ifb" },		 { "gretap", "gretap" },    { "gre", "gre" },
	{ "ip6tnl", "ip6tnl" },	     { "tunl", "ipip" },	 { "sit", "sit" },
};

/* "bond0.102", "vlan7": tagged upon another device. */
static bool is_tagged(const char *name)
{
	const char *dot = strrchr(name, '.');

	return strncmp(name, "vlan", 4) == 0 || (dot && isdigit((unsigned char)dot[1]));
}

const char *device_usual_kind(const char *name)
{
	bool tagged = is_tagged(name);

	for (size_t i = 0; i < ARRAY_SIZE(usual_names); i++) {
		const char *prefix = usual_names[i].prefix, *kind = usual_names[i].kind;
		size_t length = strlen(prefix);

		if (strncmp(name, prefix, length) != 0 || (strcmp(prefix, "lo") == 0 && name[length]))
			continue;
		/* "bond0.102" is a VLAN, "flannel.1" none. */
		return tagged && prefix[length - 1] != '.' ? "vlan" : kind;
	}
	return tagged ? "vlan" : NULL;
}

void device_guess_kind(struct object *link)
{
	const char *kind = device_usual_kind(object_text(link, LABEL_NAME));

	if (!*object_text(link, LABEL_KIND) && link->key.kind == OBJECT_LINK)
		object_label(link, LABEL_KIND, kind ? kind : "ether");
}

/* Drivers of devices that are no hardware. */
static const struct {
	const char *driver, *kind;
} driver_kinds[] = {
	{ "veth", "veth" },
	{ "bridge", "bridge" },
	{ "bonding", "bond" },
	{ "team", "team" },
	{ "tun", "tun" },
	{ "vxlan", "vxlan" },
	{ "openvswitch", "openvswitch" },
	{ "dummy", "dummy" },
	{ "macvlan", "macvlan" },
	{ "802.1Q VLAN Support", "vlan" },
};

void device_label_driver(struct object *link, const char *driver)
{
	object_label(link, LABEL_DRIVER, driver);
	for (size_t i = 0; i < ARRAY_SIZE(driver_kinds) && !*object_text(link, LABEL_KIND); i++) {
		if (strcmp(driver, driver_kinds[i].driver) == 0)
			object_label(link, LABEL_KIND, driver_kinds[i].kind);
	}
	device_guess_kind(link);
}

bool decimal_number(struct slice word, uint64_t scale, uint64_t *ret)
{
	struct slice whole = word, fraction;
	uint64_t value, part;
	size_t digits = 0;

	while (digits < word.length && isdigit((unsigned char)word.data[digits]))
		digits++;
	whole.length = digits;
	if (parse_u64(whole, &value) || value > UINT64_MAX / scale - 1)
		return false;
	value *= scale;
	if (digits == word.length) {
		*ret = value;
		return true;
	}
	if (!strchr(".,", word.data[digits]))
		return false;
	fraction = (struct slice){ word.data + digits + 1, word.length - digits - 1 };
	for (uint64_t step = scale / 10; fraction.length; step /= 10) {
		if (parse_u64((struct slice){ fraction.data, 1 }, &part))
			return false;
		value += part * step;
		fraction.data++;
		fraction.length--;
	}
	*ret = value;
	return true;
}

bool grouped_number(struct slice word, uint64_t *ret)
{
	char digits[32];
	size_t count = 0;

	for (size_t i = 0; i < word.length; i++) {
		if (word.data[i] == ',' && i)
			continue;
		if (count == sizeof(digits))
			return false;
		digits[count++] = word.data[i];
	}
	return !parse_u64((struct slice){ digits, count }, ret);
}

bool line_pair(struct slice line, struct slice *ret_key, struct slice *ret_value)
{
	struct cursor cursor = cursor_of(line.data, line.length);

	if (!cursor_until(&cursor, ':', ret_key))
		return false;
	*ret_key = slice_trim(*ret_key);
	*ret_value = slice_trim(cursor.rest);
	return ret_key->length > 0;
}

bool command_shows(const struct ticket_command *command, const char *file)
{
	size_t length = strlen(file);

	for (size_t i = 1; i < command->count; i++) {
		struct slice word = command->words[i];

		if (word.length >= length && memcmp(word.data + word.length - length, file, length) == 0)
			return true;
	}
	return false;
}
