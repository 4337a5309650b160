/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much light an optical module sends and receives, against its own limits, over ethtool netlink
 * (net/ethtool/eeprom.c, Linux 5.13). Formats: SFF-8472, SFF-8636, CMIS 5. Powers are 16 bits, big-endian, in
 * steps of 0.1 microwatt.
 *
 * Some small modules give readings of their converter instead, for the reader to calibrate (SFF-8472, byte 92). What
 * the limits are then is read in two ways (ethtool calibrates them, drivers/net/phy/sfp.c does not), and comparing
 * one with the other would make a good module dark: those are not read.
 *
 * The alarm flags are left alone: in all three formats reading clears them, and they belong to whoever watches the
 * module. A module is read over a slow bus, so this has a source and a pace of its own, and is asked for only where
 * the connector is one for fibre.
 */
#include "source/optics.h"

#include "source/device.h"
#include "source/ethnl.h"
#include "source/genl.h"

#include "base/intern.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <string.h>

#define ADDRESS_MAIN 0x50
#define ADDRESS_DIAGNOSTIC 0x51 /* SFF-8472: the second memory */
#define IDENTITY_LENGTH 3
#define MONITORING_TYPE 92 /* SFF-8472: its place, and the bits in it */
#define MONITORING_IS_THERE 0x40
#define MONITORING_IS_CALIBRATED 0x20
#define MONITORING_IS_RAW 0x10
#define NANOWATTS 100 /* per step */
#define LANES_MAX 8

enum optics_layout optics_layout(struct slice memory)
{
	const unsigned char *bytes = (const unsigned char *)memory.data;

	if (memory.length < IDENTITY_LENGTH)
		return OPTICS_NONE;
	switch (bytes[0]) {
	case 0x03: /* SFP */
		return OPTICS_SFF_8472;
	case 0x0c:							/* QSFP */
	case 0x0d:							/* QSFP+ */
	case 0x11:							/* QSFP28 */
		return bytes[2] & 0x04 ? OPTICS_NONE : OPTICS_SFF_8636; /* flat memory: no limits */
	case 0x18:							/* QSFP-DD */
	case 0x19:							/* OSFP */
	case 0x1e:							/* QSFP+ with CMIS */
		return bytes[2] & 0x80 ? OPTICS_NONE : OPTICS_CMIS;
	default:
		return OPTICS_NONE;
	}
}

/* Where things are, the offsets as the standards count them: 0 to 255 with the upper page from 128 on. */
static const struct layout {
	struct optics_piece values, limits;
	uint32_t lanes, receive, transmit;				    /* offsets in the values */
	uint32_t receive_low_alarm, receive_high_alarm, transmit_low_alarm; /* offsets in the limits */
} layouts[] = {
	[OPTICS_SFF_8472] = {
		.values = { ADDRESS_DIAGNOSTIC, 0, 0, 102, 4 },
		.limits = { ADDRESS_DIAGNOSTIC, 0, 0, 24, 16 },
		.lanes = 1,
		.transmit = 0,
		.receive = 2,
		.transmit_low_alarm = 2,
		.receive_high_alarm = 8,
		.receive_low_alarm = 10,
	},
	[OPTICS_SFF_8636] = {
		.values = { ADDRESS_MAIN, 0, 0, 34, 24 },
		.limits = { ADDRESS_MAIN, 3, 0, 176, 24 },
		.lanes = 4,
		.receive = 0,
		.transmit = 16,
		.receive_high_alarm = 0,
		.receive_low_alarm = 2,
		.transmit_low_alarm = 18,
	},
	[OPTICS_CMIS] = {
		.values = { ADDRESS_MAIN, 0x11, 0, 154, 48 },
		.limits = { ADDRESS_MAIN, 0x02, 0, 176, 24 },
		.lanes = 8,
		.transmit = 0,
		.receive = 32,
		.transmit_low_alarm = 2,
		.receive_high_alarm = 16,
		.receive_low_alarm = 18,
	},
};

bool optics_pieces(enum optics_layout layout, struct optics_piece *ret_values, struct optics_piece *ret_limits)
{
	if (layout == OPTICS_NONE)
		return false;
	*ret_values = layouts[layout].values;
	*ret_limits = layouts[layout].limits;
	return true;
}

enum optics_light optics_light(uint8_t monitoring)
{
	if (!(monitoring & MONITORING_IS_THERE))
		return OPTICS_UNMEASURED;
	return (monitoring & (MONITORING_IS_CALIBRATED | MONITORING_IS_RAW)) == MONITORING_IS_CALIBRATED
		       ? OPTICS_CALIBRATED
		       : OPTICS_RAW;
}

static uint64_t power_at(struct slice bytes, uint32_t offset)
{
	const unsigned char *at = (const unsigned char *)bytes.data + offset;

	return ((uint64_t)at[0] << 8 | at[1]) * NANOWATTS;
}

/*
 * The weakest of the lanes that are in use. A lane that reads 0 beside others that do not is one the module lacks
 * (SFF-8636 has always four places, CMIS eight); where all read 0, that is the measurement: no light.
 */
static uint64_t weakest(struct slice values, uint32_t offset, uint32_t lanes)
{
	uint64_t lowest = 0;

	for (uint32_t lane = 0; lane < lanes; lane++) {
		uint64_t power = power_at(values, offset + 2 * lane);

		if (power && (!lowest || power < lowest))
			lowest = power;
	}
	return lowest;
}

void optics_add(struct snapshot *snapshot, const struct object *link, enum optics_layout layout, struct slice values,
		struct slice limits)
{
	const struct layout *places = &layouts[layout];

	if (layout == OPTICS_NONE || values.length < places->values.length || limits.length < places->limits.length)
		return;
	if (!power_at(limits, places->receive_low_alarm))
		return; /* no limits are programmed: a module that does not measure */
	snapshot_add(snapshot, C_OPTICS_RECEIVED_NW, link, weakest(values, places->receive, places->lanes));
	snapshot_add(snapshot, C_OPTICS_RECEIVED_LOW_NW, link, power_at(limits, places->receive_low_alarm));
	snapshot_add(snapshot, C_OPTICS_RECEIVED_HIGH_NW, link, power_at(limits, places->receive_high_alarm));
	snapshot_add(snapshot, C_OPTICS_SENT_NW, link, weakest(values, places->transmit, places->lanes));
	snapshot_add(snapshot, C_OPTICS_SENT_LOW_NW, link, power_at(limits, places->transmit_low_alarm));
}

/* ---- asking ---- */

struct session {
	const struct source_context *context;
	struct netlink netlink;
	uint16_t family;
	const struct object *link;
};

static int ask_port(struct session *session, uint8_t *ret)
{
	struct netlink_request request;
	int error;

	genl_request(&request, session->family, ETHTOOL_MSG_LINKINFO_GET);
	ethnl_put_device(&request, ETHTOOL_A_LINKINFO_HEADER, 0, session->link);
	error = netlink_ask(&session->netlink, &request, session->context->buffer);
	if (!error)
		*ret = ethnl_parse_port(session->context->buffer->data, session->context->buffer->length);
	return error;
}

static int ask_piece(void *argument, const struct optics_piece *piece, char *bytes, size_t *ret_length)
{
	struct session *session = argument;
	struct netlink_request request;
	struct slice data;
	int error;

	genl_request(&request, session->family, ETHTOOL_MSG_MODULE_EEPROM_GET);
	ethnl_put_device(&request, ETHTOOL_A_MODULE_EEPROM_HEADER, 0, session->link);
	mnl_attr_put_u32(request.header, ETHTOOL_A_MODULE_EEPROM_OFFSET, piece->offset);
	mnl_attr_put_u32(request.header, ETHTOOL_A_MODULE_EEPROM_LENGTH, piece->length);
	mnl_attr_put_u8(request.header, ETHTOOL_A_MODULE_EEPROM_PAGE, piece->page);
	mnl_attr_put_u8(request.header, ETHTOOL_A_MODULE_EEPROM_BANK, piece->bank);
	mnl_attr_put_u8(request.header, ETHTOOL_A_MODULE_EEPROM_I2C_ADDRESS, piece->i2c_address);
	error = netlink_ask(&session->netlink, &request, session->context->buffer);
	if (error)
		return error;
	data = ethnl_parse_eeprom(session->context->buffer->data, session->context->buffer->length);
	*ret_length = data.length < piece->length ? data.length : piece->length;
	memcpy(bytes, data.data, *ret_length);
	return 0;
}

static void add_raw(struct snapshot *snapshot, const struct object *link)
{
	snapshot_missed(snapshot, SOURCE_OPTICS, link, -EOPNOTSUPP,
			text_internf("the module of %s gives uncalibrated readings of its light, which are not used",
				     object_text(link, LABEL_NAME)));
}

/* Whether the values mean what they say: a small module has to say so. */
static int ask_light(const struct optics_memory *memory, enum optics_layout layout, enum optics_light *ret)
{
	static const struct optics_piece piece = { ADDRESS_MAIN, 0, 0, MONITORING_TYPE, 1 };
	char byte = 0;
	size_t length = 0;
	int error;

	*ret = OPTICS_CALIBRATED;
	if (layout != OPTICS_SFF_8472)
		return 0;
	error = memory->ask(memory->argument, &piece, &byte, &length);
	*ret = length ? optics_light((uint8_t)byte) : OPTICS_UNMEASURED;
	return error;
}

int optics_read(const struct optics_memory *memory, struct snapshot *snapshot, const struct object *link)
{
	struct optics_piece identity = { ADDRESS_MAIN, 0, 0, 0, IDENTITY_LENGTH }, values, limits;
	char value_bytes[64], limit_bytes[64];
	size_t value_length = 0, limit_length = 0;
	enum optics_light light = OPTICS_UNMEASURED;
	enum optics_layout layout;
	int error = memory->ask(memory->argument, &identity, value_bytes, &value_length);

	layout = error ? OPTICS_NONE : optics_layout((struct slice){ value_bytes, value_length });
	if (error || !optics_pieces(layout, &values, &limits))
		return error;
	error = ask_light(memory, layout, &light);
	if (!error && light == OPTICS_RAW)
		add_raw(snapshot, link);
	if (error || light != OPTICS_CALIBRATED)
		return error;
	error = memory->ask(memory->argument, &values, value_bytes, &value_length);
	if (!error)
		error = memory->ask(memory->argument, &limits, limit_bytes, &limit_length);
	if (!error)
		optics_add(snapshot, link, layout, (struct slice){ value_bytes, value_length },
			   (struct slice){ limit_bytes, limit_length });
	return error;
}

static int read_module(struct session *session, struct snapshot *snapshot)
{
	const struct optics_memory memory = { ask_piece, session };
	uint8_t port = PORT_OTHER;
	int error = ask_port(session, &port);

	return error || port != PORT_FIBRE ? error : optics_read(&memory, snapshot, session->link);
}

/* No module, none that can be read, or one whose second memory is not there. */
static bool is_absent(int error)
{
	return error == -EOPNOTSUPP || error == -EINVAL || error == -ENODEV || error == -ENXIO || error == -EIO;
}

static void optics_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct session session = { .context = context, .netlink = NETLINK_CLOSED };
	uint32_t next = 0;
	int error = 0;

	if (device_any(context))
		error = ethnl_open(context, &session.netlink, &session.family);
	while (!error && (session.link = device_next(context, &next))) {
		int refused = read_module(&session, snapshot);

		if (refused && !is_absent(refused))
			snapshot_missed(snapshot, SOURCE_OPTICS, session.link, refused,
					text_internf("the module of %s: %s", object_text(session.link, LABEL_NAME),
						     source_error_phrase(refused)));
	}
	netlink_close(&session.netlink);
	/* A kernel without the family says so where the rest of it is missed. */
	snapshot_covered(snapshot, SOURCE_OPTICS, context->netns);
}

const struct source source_optics = { SOURCE_OPTICS, SCOPE_NETNS, COST_DEAR, optics_source_read };
