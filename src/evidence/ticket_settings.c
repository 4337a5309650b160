/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How devices are set up: ethtool without an option and with -i, -g, -l, -k, -c, -a, -m, --show-fec. Each output
 * begins with a line that names the device, but those of -i and -m, whose commands do.
 */
#include "evidence/ticket_device.h"

#include "base/alloc.h"

#include <ctype.h>
#include <string.h>

/* The number of a pair when the table has its key. */
static void add_number(struct block *block, const struct named_counter *settings, struct slice key, struct slice value)
{
	counter_id counter = counter_named(settings, key);
	uint64_t number;

	if (counter != COUNTER_NONE && leading_number(value, &number))
		block_add(block, counter, block->object, number);
}

static void add_switch(struct block *block, const struct named_counter *settings, struct slice key, struct slice value)
{
	counter_id counter = counter_named(settings, key);

	if (counter != COUNTER_NONE && (slice_starts(value, "on") || slice_starts(value, "off")))
		block_add(block, counter, block->object, slice_starts(value, "on"));
}

static bool runs_with(const struct ticket_command *command, const char *option, const char *name)
{
	return command_runs(command, "ethtool") && (command_has(command, option) || command_has(command, name));
}

/* "Ring parameters for eth2:": names the device. */
static bool take_heading(struct block *block, struct slice line, const char *heading)
{
	struct slice name = line;

	if (!slice_starts(line, heading))
		return false;
	name.data += strlen(heading);
	name.length -= strlen(heading);
	block->object = block_link(block, slice_trim(name));
	block->state = 0;
	device_guess_kind(block->object);
	return true;
}

/* What ethtool says of a driver that lacks what it was asked for; of other failures the user is told. */
static bool is_lacking(struct slice line)
{
	return slice_starts(line, "For more information run ethtool") || slice_starts(line, "No data available") ||
	       ((slice_starts(line, "Cannot get") || slice_starts(line, "netlink error") ||
		 slice_starts(line, "ethtool: ")) &&
		line_has(line, "not supported"));
}

/*
 * The pair of a line. False, with *ret_done what `take` gives, for everything else: blank lines and what drivers lack are
 * understood.
 */
static bool setting_of(struct block *block, struct slice line, struct slice *ret_key, struct slice *ret_value,
		       bool *ret_done)
{
	*ret_done = !line.length || is_lacking(line);
	if (*ret_done || slice_starts(line, "Cannot get") || slice_starts(line, "netlink error") ||
	    slice_starts(line, "ethtool: "))
		return false;
	if (!line_pair(line, ret_key, ret_value))
		return false;
	if (!block->object)
		block->object = device_of_block(block);
	device_guess_kind(block->object);
	return true;
}

/* ---- ethtool -i ---- */

static bool driver_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-i", "--driver");
}

static bool driver_begins(struct slice line)
{
	struct slice words[3];

	return line_words(line, words, ARRAY_SIZE(words)) == 2 && slice_is(words[0], "driver:");
}

static bool driver_take(struct block *block, struct slice line)
{
	struct slice key, value;

	line = slice_trim(line);
	if (!line_pair(line, &key, &value))
		return !line.length || is_lacking(line);
	if (slice_starts(key, "Cannot get"))
		return is_lacking(line);
	if (slice_is(key, "driver") && value.length) {
		CLEANUP_FREE char *driver = mem_strndup(value.data, value.length);

		block->object = device_of_block(block);
		device_label_driver(block->object, driver);
	}
	if (slice_is(key, "firmware-version") && block->object && value.length && !slice_is(value, "N/A")) {
		CLEANUP_FREE char *firmware = mem_strndup(value.data, value.length);

		object_label(block->object, LABEL_FIRMWARE, firmware);
	}
	return true;
}

/* ---- ethtool -g, -l ---- */

enum part {
	PART_NONE,
	PART_MAXIMUMS,
	PART_CURRENT,
};

static enum part part_of(struct slice line)
{
	if (slice_starts(line, "Pre-set maximums"))
		return PART_MAXIMUMS;
	return slice_starts(line, "Current hardware settings") ? PART_CURRENT : PART_NONE;
}

static bool take_parts(struct block *block, struct slice line, const char *heading,
		       const struct named_counter *maximums, const struct named_counter *current)
{
	struct slice key, value;
	bool done;

	line = slice_trim(line);
	if (take_heading(block, line, heading))
		return true;
	if (part_of(line) != PART_NONE) {
		block->state = part_of(line);
		return true;
	}
	if (!setting_of(block, line, &key, &value, &done))
		return done;
	if (block->state != PART_NONE)
		add_number(block, block->state == PART_MAXIMUMS ? maximums : current, key, value);
	return true;
}

static bool rings_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-g", "--show-ring");
}

static bool rings_begins(struct slice line)
{
	return slice_starts(line, "Ring parameters for ");
}

static bool rings_take(struct block *block, struct slice line)
{
	static const struct named_counter maximums[] = { { "RX", C_ETHTOOL_RX_RING_MAX },
							 { "TX", C_ETHTOOL_TX_RING_MAX },
							 { 0 } };
	static const struct named_counter current[] = { { "RX", C_ETHTOOL_RX_RING },
							{ "TX", C_ETHTOOL_TX_RING },
							{ 0 } };

	return take_parts(block, line, "Ring parameters for ", maximums, current);
}

static bool channels_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-l", "--show-channels");
}

static bool channels_begins(struct slice line)
{
	return slice_starts(line, "Channel parameters for ");
}

static bool channels_take(struct block *block, struct slice line)
{
	static const struct named_counter maximums[] = { { "RX", C_ETHTOOL_CHANNELS_RX_MAX },
							 { "TX", C_ETHTOOL_CHANNELS_TX_MAX },
							 { "Combined", C_ETHTOOL_CHANNELS_COMBINED_MAX },
							 { 0 } };
	static const struct named_counter current[] = { { "RX", C_ETHTOOL_CHANNELS_RX },
							{ "TX", C_ETHTOOL_CHANNELS_TX },
							{ "Combined", C_ETHTOOL_CHANNELS_COMBINED },
							{ 0 } };

	return take_parts(block, line, "Channel parameters for ", maximums, current);
}

/* ---- ethtool -k ---- */

static bool features_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-k", "--show-features") || runs_with(command, "-k", "--show-offload");
}

static bool features_begins(struct slice line)
{
	return slice_starts(line, "Features for ") || slice_starts(line, "Offload parameters for ");
}

static bool features_take(struct block *block, struct slice line)
{
	static const struct named_counter switches[] = {
		{ "generic-receive-offload", C_ETHTOOL_GRO },  { "generic-segmentation-offload", C_ETHTOOL_GSO },
		{ "tcp-segmentation-offload", C_ETHTOOL_TSO }, { "large-receive-offload", C_ETHTOOL_LRO },
		{ "rx-checksumming", C_ETHTOOL_RX_CHECKSUM },  { "tx-checksumming", C_ETHTOOL_TX_CHECKSUM },
		{ "generic receive offload", C_ETHTOOL_GRO },  { "generic segmentation offload", C_ETHTOOL_GSO },
		{ "tcp segmentation offload", C_ETHTOOL_TSO }, { 0 },
	};
	/* What can be switched on and is off: "[fixed]" says that it cannot. */
	static const struct named_counter switched_off[] = {
		{ "generic-receive-offload", C_ETHNL_GRO_SWITCHED_OFF },
		{ "rx-checksumming", C_ETHNL_RX_CHECKSUM_SWITCHED_OFF },
		{ "tx-tcp-segmentation", C_ETHNL_TSO_SWITCHED_OFF },
		{ "generic-segmentation-offload", C_ETHNL_GSO_SWITCHED_OFF },
		{ 0 },
	};
	struct slice key, value;
	counter_id counter;
	bool done;

	line = slice_trim(line);
	if (take_heading(block, line, "Features for ") || take_heading(block, line, "Offload parameters for "))
		return true;
	if (!setting_of(block, line, &key, &value, &done))
		return done;
	add_switch(block, switches, key, value);
	counter = counter_named(switched_off, key);
	if (counter != COUNTER_NONE)
		block_add(block, counter, block->object, slice_starts(value, "off") && !line_has(value, "[fixed]"));
	return true;
}

/* ---- ethtool -c, -a ---- */

static bool take_settings(struct block *block, struct slice line, const char *heading,
			  const struct named_counter *numbers, const struct named_counter *switches)
{
	struct slice key, value;
	bool done;

	line = slice_trim(line);
	if (take_heading(block, line, heading))
		return true;
	if (!setting_of(block, line, &key, &value, &done))
		return done;
	add_number(block, numbers, key, value);
	add_switch(block, switches, key, value);
	return true;
}

static bool coalescing_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-c", "--show-coalesce");
}

static bool coalescing_begins(struct slice line)
{
	return slice_starts(line, "Coalesce parameters for ");
}

static bool coalescing_take(struct block *block, struct slice line)
{
	static const struct named_counter numbers[] = { { "rx-usecs", C_ETHNL_COALESCE_RX_US },
							{ "rx-frames", C_ETHNL_COALESCE_RX_FRAMES },
							{ 0 } };
	static const struct named_counter switches[] = { { "Adaptive RX", C_ETHNL_COALESCE_ADAPTIVE_RX }, { 0 } };

	return take_settings(block, line, "Coalesce parameters for ", numbers, switches);
}

static bool pause_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-a", "--show-pause");
}

static bool pause_begins(struct slice line)
{
	return slice_starts(line, "Pause parameters for ");
}

static bool pause_take(struct block *block, struct slice line)
{
	static const struct named_counter numbers[] = { { "rx_pause_frames", C_ETHNL_PAUSE_RX_FRAMES },
							{ "tx_pause_frames", C_ETHNL_PAUSE_TX_FRAMES },
							{ 0 } };
	static const struct named_counter switches[] = { { "RX", C_ETHTOOL_RX_PAUSE },
							 { "TX", C_ETHTOOL_TX_PAUSE },
							 { 0 } };

	return take_settings(block, line, "Pause parameters for ", numbers, switches);
}

static bool correction_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ethtool") && command_has(command, "--show-fec");
}

static bool correction_begins(struct slice line)
{
	return slice_starts(line, "FEC parameters for ");
}

static bool correction_take(struct block *block, struct slice line)
{
	static const struct named_counter numbers[] = { { "corrected_blocks", C_ETHNL_FEC_CORRECTED },
							{ "uncorrectable_blocks", C_ETHNL_FEC_UNCORRECTABLE },
							{ "corrected_bits", C_ETHNL_FEC_CORRECTED_BITS },
							{ 0 } };
	struct slice key, value;
	bool done;

	line = slice_trim(line);
	if (take_heading(block, line, "FEC parameters for "))
		return true;
	if (!setting_of(block, line, &key, &value, &done))
		return done;
	if (slice_starts(key, "Active FEC encoding"))
		block_add(block, C_ETHNL_FEC_ACTIVE, block->object,
			  !slice_is(value, "Off") && !slice_is(value, "None"));
	add_number(block, numbers, key, value);
	return true;
}

/* ---- ethtool DEVICE ---- */

enum modes {
	MODES_NONE,
	MODES_ADVERTISED, /* the lines that follow go on with them */
	MODES_PARTNER,
};

static bool link_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ethtool") && command->count == 2 && command->words[1].data[0] != '-';
}

static bool link_begins(struct slice line)
{
	return slice_starts(line, "Settings for ");
}

/* Keeps what this end advertises; gives the fastest of the other end's modes that is among them. */
static void take_modes(struct block *block, struct slice list)
{
	struct cursor cursor = cursor_of(list.data, list.length);
	struct slice mode, own = { text_string(&block->text), block->text.length };

	while (cursor_word(&cursor, &mode)) {
		CLEANUP_FREE char *marked = text_format(" %.*s ", (int)mode.length, mode.data);
		uint64_t speed;

		if (mode.length > 64 || !leading_number(mode, &speed) || block->text.length > 4096)
			continue;
		if (block->state == MODES_ADVERTISED)
			text_add(&block->text, marked);
		else if (line_has(own, marked) && speed > block->number)
			block->number = speed;
	}
}

static void take_link_state(struct block *block, struct slice key, struct slice value)
{
	static const struct named_counter numbers[] = { { "Speed", C_ETHTOOL_SPEED_MBPS },
							{ "SQI", C_ETHNL_SIGNAL_QUALITY },
							{ "Link Down Events", C_ETHNL_LINK_DOWN_COUNT },
							{ 0 } };
	static const struct named_counter switches[] = { { "Auto-negotiation", C_ETHTOOL_AUTONEG }, { 0 } };

	add_number(block, numbers, key, value);
	add_switch(block, switches, key, value);
	if (slice_is(key, "Duplex") && (slice_starts(value, "Full") || slice_starts(value, "Half")))
		block_add(block, C_ETHTOOL_FULL_DUPLEX, block->object, slice_starts(value, "Full"));
	if (slice_is(key, "Link detected"))
		block_add(block, C_LINK_CARRIER, block->object, slice_starts(value, "yes"));
}

static void link_end(struct block *block)
{
	if (block->object && block->number)
		block_add(block, C_ETHTOOL_SPEED_COMMON_MBPS, block->object, block->number);
}

static bool link_take(struct block *block, struct slice line)
{
	bool indented = slice_starts(line, " ") || slice_starts(line, "\t"), done;
	struct slice key, value;

	line = slice_trim(line);
	if (slice_starts(line, "Settings for ")) {
		link_end(block);
		text_clear(&block->text);
		block->number = 0;
		return take_heading(block, line, "Settings for ");
	}
	/* More modes, or more of what a number means ("drv probe link"). */
	if (line.length && !memchr(line.data, ':', line.length) && (block->state != MODES_NONE || indented)) {
		if (block->state != MODES_NONE)
			take_modes(block, line);
		return true;
	}
	if (!setting_of(block, line, &key, &value, &done))
		return done;
	block->state = slice_is(key, "Advertised link modes")		     ? MODES_ADVERTISED
		       : slice_is(key, "Link partner advertised link modes") ? MODES_PARTNER
									     : MODES_NONE;
	if (block->state != MODES_NONE)
		take_modes(block, value);
	else
		take_link_state(block, key, value);
	return true;
}

/* ---- ethtool -m ---- */

#define MILLIWATT_NW 1000000

static const struct light {
	const char *key;
	counter_id counter;
	bool limit;
} lights[] = {
	{ "Receiver signal average optical power", C_OPTICS_RECEIVED_NW, false },
	{ "Rcvr signal avg optical power", C_OPTICS_RECEIVED_NW, false },
	{ "Laser output power", C_OPTICS_SENT_NW, false },
	{ "Laser tx power", C_OPTICS_SENT_NW, false },
	{ "Transmit avg optical power", C_OPTICS_SENT_NW, false },
	{ "Laser rx power low alarm threshold", C_OPTICS_RECEIVED_LOW_NW, true },
	{ "Laser rx power high alarm threshold", C_OPTICS_RECEIVED_HIGH_NW, true },
	{ "Laser output power low alarm threshold", C_OPTICS_SENT_LOW_NW, true },
	{ "Laser tx power low alarm threshold", C_OPTICS_SENT_LOW_NW, true },
};

/* What block->numbers hold: the weakest lane of each, plus one. */
enum lane {
	LANE_RECEIVED,
	LANE_SENT,
};

static bool module_made_by(const struct ticket_command *command)
{
	return runs_with(command, "-m", "--module-info") || runs_with(command, "-m", "--dump-module-eeprom");
}

static bool module_begins(struct slice line)
{
	struct slice key, value;

	return line_pair(line, &key, &value) && slice_is(key, "Identifier") && slice_starts(value, "0x");
}

/* A lane that reads 0 beside others that do not is one the module lacks. */
static void take_lane(struct block *block, enum lane lane, uint64_t power)
{
	uint64_t *weakest = &block->numbers[lane];

	if (!*weakest || *weakest == 1 || (power && power + 1 < *weakest))
		*weakest = power + 1;
}

static void take_light(struct block *block, const struct light *light, struct slice value)
{
	struct slice words[2];
	uint64_t power;

	if (line_words(value, words, ARRAY_SIZE(words)) < 2 || !slice_is(words[1], "mW") ||
	    !decimal_number(words[0], MILLIWATT_NW, &power))
		return;
	if (light->limit)
		block_add(block, light->counter, block->object, power);
	else
		take_lane(block, light->counter == C_OPTICS_SENT_NW ? LANE_SENT : LANE_RECEIVED, power);
}

static bool module_take(struct block *block, struct slice line)
{
	struct slice key, value;
	bool done;

	line = slice_trim(line);
	if (!setting_of(block, line, &key, &value, &done))
		return done;
	for (size_t i = 0; i < ARRAY_SIZE(lights); i++) {
		size_t length = strlen(lights[i].key);
		bool lane = slice_starts(key, lights[i].key) && !lights[i].limit && key.length > length &&
			    strchr(" (", key.data[length]) && line_has(key, "hannel");

		if (slice_is(key, lights[i].key) || lane)
			take_light(block, &lights[i], value);
	}
	return true;
}

static void module_end(struct block *block)
{
	if (block->numbers[LANE_RECEIVED])
		block_add(block, C_OPTICS_RECEIVED_NW, block->object, block->numbers[LANE_RECEIVED] - 1);
	if (block->numbers[LANE_SENT])
		block_add(block, C_OPTICS_SENT_NW, block->object, block->numbers[LANE_SENT] - 1);
}

const struct ticket_format ticket_formats_settings[] = {
	{ "ethtool -i", .made_by = driver_made_by, .begins = driver_begins, .take = driver_take, .first = true },
	{ "ethtool -g", .made_by = rings_made_by, .begins = rings_begins, .take = rings_take },
	{ "ethtool -l", .made_by = channels_made_by, .begins = channels_begins, .take = channels_take },
	{ "ethtool -k", .made_by = features_made_by, .begins = features_begins, .take = features_take },
	{ "ethtool -c", .made_by = coalescing_made_by, .begins = coalescing_begins, .take = coalescing_take },
	{ "ethtool -a", .made_by = pause_made_by, .begins = pause_begins, .take = pause_take },
	{ "ethtool --show-fec", .made_by = correction_made_by, .begins = correction_begins, .take = correction_take },
	{ "ethtool -m", .made_by = module_made_by, .begins = module_begins, .take = module_take, .end = module_end },
	{ "ethtool", .made_by = link_made_by, .begins = link_begins, .take = link_take, .end = link_end },
	{ 0 },
};
