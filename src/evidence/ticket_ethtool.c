/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What drivers count: `ethtool -S`, its standard groups, and its differences as ethtool_stats.pl shows them. What a
 * name means depends on the driver. Where no `ethtool -i` told it, it is the one in drivers.def that most of the
 * names belong to.
 */
#include "evidence/ticket_device.h"

#include "source/ethtool.h"

#include "base/alloc.h"
#include "model/driver.h"

#include <string.h>

#define HEADING "NIC statistics:"
#define NAMES_MAX 65536
#define GUESS_NAMES_MAX 1024 /* names that are looked at: the table is long */
#define DRIVERS_MAX 64
#define CERTAIN_NAMES 3	  /* that only one driver has */
#define TELLING_LENGTH 12 /* of a name that is hardly another driver's, too: alone it is certain */

/* Names as the kernel hands them out, and their values. */
struct statistics {
	VEC(struct name { char text[ETH_GSTRING_LEN]; }) names;
	VEC(uint64_t) values;
};

/* ---- which driver ---- */

struct guess {
	const char *drivers[DRIVERS_MAX];
	size_t matched[DRIVERS_MAX], alone[DRIVERS_MAX], count;
};

static size_t driver_index(struct guess *guess, const char *driver)
{
	size_t i = 0;

	while (i < guess->count && strcmp(guess->drivers[i], driver) != 0)
		i++;
	if (i == guess->count && i < DRIVERS_MAX)
		guess->drivers[guess->count++] = driver;
	return i;
}

/* "rx_discards_phy", "rx_dropped.nic": no pattern, and longer than what several drivers come up with. */
static bool is_telling(const struct driver_counter *row)
{
	return strlen(row->pattern) >= TELLING_LENGTH && !strpbrk(row->pattern, "*#");
}

/* To which drivers' own rows a name belongs. */
static void guess_by_name(struct guess *guess, const char *name)
{
	const struct driver_counter *row;
	bool has[DRIVERS_MAX] = { false };
	size_t drivers = 0, last = 0, weight = 1;

	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		size_t driver;

		/* Most rows end at their first letter. */
		if ((row->pattern[0] != name[0] && !strchr("*#", row->pattern[0])) || row->driver[0] == '*' ||
		    !driver_counter_matches(row, name))
			continue;
		driver = driver_index(guess, row->driver);
		if (driver == DRIVERS_MAX || has[driver])
			continue;
		has[driver] = true;
		guess->matched[driver]++;
		drivers++;
		last = driver;
		weight = is_telling(row) ? CERTAIN_NAMES : 1;
	}
	if (drivers == 1)
		guess->alone[last] += weight;
}

/* Of a pattern for drivers' names ("mlx5*") what is no wildcard. */
static char *driver_of_pattern(const char *pattern)
{
	char *driver = mem_strdup(pattern);
	size_t length = 0;

	for (size_t i = 0; pattern[i]; i++) {
		if (pattern[i] != '*')
			driver[length++] = pattern[i];
	}
	driver[length] = '\0';
	return driver;
}

/* The driver that has most of the names; "" when there is none, or several. Frees with free(). */
static char *guess_driver(const struct statistics *statistics, bool *ret_certain)
{
	struct guess guess = { 0 };
	size_t best = 0;
	bool tie = false;

	*ret_certain = false;
	for (size_t i = 0; i < statistics->names.count && i < GUESS_NAMES_MAX; i++) {
		char name[ETH_GSTRING_LEN + 1] = "";

		memcpy(name, statistics->names.data[i].text, ETH_GSTRING_LEN);
		guess_by_name(&guess, name);
	}
	for (size_t i = 1; i < guess.count; i++) {
		bool equal = guess.matched[i] == guess.matched[best] && guess.alone[i] == guess.alone[best];
		bool more = guess.matched[i] > guess.matched[best] ||
			    (guess.matched[i] == guess.matched[best] && guess.alone[i] > guess.alone[best]);

		tie = equal || (tie && !more);
		best = more ? i : best;
	}
	if (!guess.count || tie)
		return mem_strdup("");
	*ret_certain = guess.alone[best] >= CERTAIN_NAMES;
	return driver_of_pattern(guess.drivers[best]);
}

/* ---- statistics ---- */

/* "     rx_missed_errors: 12", "[0]: rx_discards: 0", "Tx Queue#: 0": what stands before and behind the last colon. */
static bool split(struct slice line, struct slice *ret_name, uint64_t *ret_value)
{
	line = slice_trim(line);
	for (size_t i = line.length; i > 1; i--) {
		if (line.data[i - 1] != ':')
			continue;
		*ret_name = (struct slice){ line.data, i - 1 };
		return grouped_number(slice_trim((struct slice){ line.data + i, line.length - i }), ret_value);
	}
	return false;
}

static void keep(struct statistics *statistics, struct slice name, uint64_t value)
{
	struct name *text = vec_add(&statistics->names, NAMES_MAX);
	uint64_t *number = text ? vec_add(&statistics->values, NAMES_MAX) : NULL;

	name = slice_trim(name);
	if (!number)
		return;
	memcpy(text->text, name.data, name.length < ETH_GSTRING_LEN ? name.length : ETH_GSTRING_LEN);
	*number = value;
}

static void add_all(struct block *block, struct object *link, struct statistics *statistics)
{
	CLEANUP_FREE char *driver = mem_strdup(object_text(link, LABEL_DRIVER));
	bool certain;

	if (statistics->values.count && !*driver) {
		free(driver);
		driver = guess_driver(statistics, &certain);
		if (certain)
			device_label_driver(link, driver);
	}
	device_guess_kind(link);
	block_covers(block, SOURCE_ETHTOOL, link);
	ethtool_add_statistics(&block->snapshot, link, driver,
			       statistics->names.data ? statistics->names.data->text : "", statistics->values.data,
			       statistics->values.count);
	vec_free(&statistics->names);
	vec_free(&statistics->values);
}

/* ---- ethtool -S ---- */

static bool statistics_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ethtool") && !line_has(command->whole, "-groups") &&
	       (command_has(command, "-S") || command_has(command, "--statistics"));
}

static bool is_nothing(struct slice line)
{
	return slice_is(line, "no stats available") || slice_starts(line, "Cannot get stats strings");
}

static bool statistics_begins(struct slice line)
{
	line = slice_trim(line);
	return slice_is(line, HEADING) || is_nothing(line);
}

static bool statistics_take(struct block *block, struct slice line)
{
	struct slice name;
	uint64_t value;

	line = slice_trim(line);
	if (!line.length || slice_is(line, HEADING))
		return true;
	if (is_nothing(line)) {
		block->state = true;
		return true;
	}
	/* Without its heading it is a part of the output, behind a command. */
	return split(line, &name, &value) && !slice_is(name, "ERROR") && block_keep(block, line);
}

static void statistics_end(struct block *block)
{
	struct cursor cursor = cursor_of(text_string(&block->text), block->text.length);
	struct statistics statistics = { 0 };
	struct slice line, name;
	uint64_t value;

	while (cursor_line(&cursor, &line)) {
		if (split(line, &name, &value))
			keep(&statistics, name, value);
	}
	if (statistics.values.count || block->state)
		add_all(block, device_of_block(block), &statistics);
}

/* ---- ethtool_stats.pl ---- */

static bool rates_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ethtool_stats.pl");
}

static bool rates_begins(struct slice line)
{
	return slice_starts(line, "Show adapter(s)") || slice_starts(line, "Ethtool(");
}

/* "Ethtool(eth0  ) stat:  12192478 (  12,192,478) <= fdir_miss /sec" */
static bool split_rate(struct slice line, struct slice *ret_device, struct slice *ret_name, uint64_t *ret_value)
{
	struct cursor cursor = cursor_of(line.data, line.length);
	struct slice part, words[1];

	if (!slice_starts(line, "Ethtool(") || !cursor_until(&cursor, '(', &part) ||
	    !cursor_until(&cursor, ')', ret_device) || !cursor_until(&cursor, ':', &part) ||
	    !line_words(cursor.rest, words, 1) || !grouped_number(words[0], ret_value) ||
	    !cursor_until(&cursor, '=', &part))
		return false;
	*ret_device = slice_trim(*ret_device);
	*ret_name = slice_trim(cursor.rest);
	if (ret_name->length > 5 && memcmp(ret_name->data + ret_name->length - 5, " /sec", 5) == 0)
		ret_name->length -= 5;
	return ret_device->length && ret_name->length;
}

/* What was kept is one second: of each device the names that changed. */
static void rates_end(struct block *block)
{
	struct cursor cursor = cursor_of(text_string(&block->text), block->text.length);
	struct statistics statistics = { 0 };
	struct slice line, device, name, last = { "", 0 };
	uint64_t value;

	while (cursor_line(&cursor, &line)) {
		if (!split_rate(line, &device, &name, &value))
			continue;
		if (last.length && !slice_same(device, last))
			add_all(block, block_link(block, last), &statistics);
		keep(&statistics, name, value);
		last = device;
	}
	if (last.length)
		add_all(block, block_link(block, last), &statistics);
	text_clear(&block->text);
}

static bool rates_take(struct block *block, struct slice line)
{
	struct slice device, name;
	uint64_t value;

	block->rates = true;
	block->took_seconds = 1;
	line = slice_trim(line);
	if (!line.length)
		return true;
	if (slice_starts(line, "Show adapter(s)")) {
		rates_end(block);
		block_again(block);
		return true;
	}
	return split_rate(line, &device, &name, &value) && block_keep(block, line);
}

/* ---- ethtool -S --groups ---- */

/* Names as the kernel has them (net/ethtool/stats.c), with that of their group before them. */
static const struct {
	const char *name;
	counter_id counter;
} standard[] = {
	{ "eth-phy-SymbolErrorDuringCarrier", C_ETHNL_PHY_SYMBOL_ERRORS },
	{ "eth-mac-FrameCheckSequenceErrors", C_ETHNL_MAC_FCS_ERRORS },
	{ "eth-mac-AlignmentErrors", C_ETHNL_MAC_ALIGNMENT_ERRORS },
	{ "eth-mac-LateCollisions", C_ETHNL_MAC_LATE_COLLISIONS },
	{ "eth-mac-FramesAbortedDueToXSColls", C_ETHNL_MAC_EXCESS_COLLISIONS },
	{ "eth-mac-FramesLostDueToIntMACXmitError", C_ETHNL_MAC_INTERNAL_TX_ERRORS },
	{ "eth-mac-CarrierSenseErrors", C_ETHNL_MAC_CARRIER_ERRORS },
	{ "eth-mac-FramesLostDueToIntMACRcvError", C_ETHNL_MAC_INTERNAL_RX_ERRORS },
	{ "eth-mac-InRangeLengthErrors", C_ETHNL_MAC_LENGTH_ERRORS },
	{ "eth-mac-FrameTooLongErrors", C_ETHNL_MAC_TOO_LONG },
	{ "eth-ctrl-MACControlFramesReceived", C_ETHNL_CONTROL_RX_FRAMES },
	{ "eth-ctrl-MACControlFramesTransmitted", C_ETHNL_CONTROL_TX_FRAMES },
	{ "rmon-etherStatsUndersizePkts", C_ETHNL_RMON_UNDERSIZE },
	{ "rmon-etherStatsOversizePkts", C_ETHNL_RMON_OVERSIZE },
	{ "rmon-etherStatsFragments", C_ETHNL_RMON_FRAGMENTS },
	{ "rmon-etherStatsJabbers", C_ETHNL_RMON_JABBERS },
};

#define STANDARD_HEADING "Standard stats for "

static bool standard_made_by(const struct ticket_command *command)
{
	return command_runs(command, "ethtool") && line_has(command->whole, "-groups");
}

static bool standard_begins(struct slice line)
{
	return slice_starts(line, STANDARD_HEADING);
}

static bool standard_take(struct block *block, struct slice line)
{
	struct slice name;
	uint64_t value;

	line = slice_trim(line);
	if (!line.length)
		return true;
	if (standard_begins(line)) {
		name = (struct slice){ line.data + strlen(STANDARD_HEADING), line.length - strlen(STANDARD_HEADING) };
		block->object = block_link(block, name);
		device_guess_kind(block->object);
		return true;
	}
	if (!split(line, &name, &value))
		return false;
	if (!block->object)
		block->object = device_of_block(block);
	for (size_t i = 0; i < ARRAY_SIZE(standard); i++) {
		if (slice_is(name, standard[i].name))
			block_add(block, standard[i].counter, block->object, value);
	}
	return true;
}

/* ---- a few lines of it, without heading and command ---- */

static bool is_counter_line(struct slice line)
{
	struct slice name;
	uint64_t value;

	return split(line, &name, &value);
}

/* "     rx_missed_errors: 12": indented, and a name that only drivers use. */
static bool excerpt_begins(struct slice line)
{
	struct slice name;
	char text[ETH_GSTRING_LEN + 1] = "";
	const struct driver_counter *row;
	uint64_t value;

	if (!(slice_starts(line, "    ") || slice_starts(line, "\t")) || !split(line, &name, &value) ||
	    name.length > ETH_GSTRING_LEN || !memchr(name.data, '_', name.length))
		return false;
	memcpy(text, name.data, name.length);
	for (size_t i = 0; (row = driver_counter_at(i)); i++) {
		if (strcmp(row->pattern, text) == 0)
			return true;
	}
	return false;
}

const struct ticket_format ticket_formats_ethtool[] = {
	{ "ethtool -S", .made_by = statistics_made_by, .begins = statistics_begins, .take = statistics_take,
	  .end = statistics_end, .owns = is_counter_line },
	{ "ethtool -S --all-groups", .made_by = standard_made_by, .begins = standard_begins, .take = standard_take },
	{ "ethtool_stats.pl", .made_by = rates_made_by, .begins = rates_begins, .take = rates_take, .end = rates_end,
	  .every_line = true },
	{ "ethtool -S", .begins = excerpt_begins, .take = statistics_take, .end = statistics_end, .every_line = true,
	  .owns = is_counter_line },
	{ 0 },
};
