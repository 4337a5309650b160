/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a device is set up: rings, channels, offloads, pause frames, speed. Over
 * the ioctl, like `ethtool -g -l -k -a` on older systems; what a driver does not
 * answer is left out.
 */
#include "source/ethtool.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

static void add(struct snapshot *snapshot, const struct object *link, counter_id counter, uint64_t value)
{
	snapshot_add(snapshot, counter, link, value);
}

static void read_rings(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname)
{
	struct ethtool_ringparam rings = { .cmd = ETHTOOL_GRINGPARAM };

	if (ethtool_ask(fd, ifname, &rings))
		return;
	add(snapshot, link, C_ETHTOOL_RX_RING, rings.rx_pending);
	add(snapshot, link, C_ETHTOOL_RX_RING_MAX, rings.rx_max_pending);
	add(snapshot, link, C_ETHTOOL_TX_RING, rings.tx_pending);
	add(snapshot, link, C_ETHTOOL_TX_RING_MAX, rings.tx_max_pending);
}

static void read_channels(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };

	if (ethtool_ask(fd, ifname, &channels))
		return;
	add(snapshot, link, C_ETHTOOL_CHANNELS_COMBINED, channels.combined_count);
	add(snapshot, link, C_ETHTOOL_CHANNELS_COMBINED_MAX, channels.max_combined);
	add(snapshot, link, C_ETHTOOL_CHANNELS_RX, channels.rx_count);
	add(snapshot, link, C_ETHTOOL_CHANNELS_RX_MAX, channels.max_rx);
	add(snapshot, link, C_ETHTOOL_CHANNELS_TX, channels.tx_count);
	add(snapshot, link, C_ETHTOOL_CHANNELS_TX_MAX, channels.max_tx);
}

static void read_pause(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname)
{
	struct ethtool_pauseparam pause = { .cmd = ETHTOOL_GPAUSEPARAM };

	if (ethtool_ask(fd, ifname, &pause))
		return;
	add(snapshot, link, C_ETHTOOL_RX_PAUSE, !!pause.rx_pause);
	add(snapshot, link, C_ETHTOOL_TX_PAUSE, !!pause.tx_pause);
}

static void read_offloads(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname)
{
	static const struct {
		uint32_t command, mask;
		counter_id counter;
	} rows[] = {
		{ ETHTOOL_GGRO, UINT32_MAX, C_ETHTOOL_GRO },
		{ ETHTOOL_GGSO, UINT32_MAX, C_ETHTOOL_GSO },
		{ ETHTOOL_GTSO, UINT32_MAX, C_ETHTOOL_TSO },
		{ ETHTOOL_GFLAGS, ETH_FLAG_LRO, C_ETHTOOL_LRO },
		{ ETHTOOL_GRXCSUM, UINT32_MAX, C_ETHTOOL_RX_CHECKSUM },
		{ ETHTOOL_GTXCSUM, UINT32_MAX, C_ETHTOOL_TX_CHECKSUM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ethtool_value value = { .cmd = rows[i].command };

		if (!ethtool_ask(fd, ifname, &value))
			add(snapshot, link, rows[i].counter, !!(value.data & rows[i].mask));
	}
}

/* ---- speed ---- */

#define MASK_WORDS_MAX 127 /* the field is an s8 */
#define MASKS 3		   /* supported, advertised, advertised by the partner */

/* Mbit/s of a link mode (enum ethtool_link_mode_bit_indices); 0 for what is no speed. */
static uint32_t mode_speed(unsigned int mode)
{
	static const struct {
		unsigned int first, last;
		uint32_t mbps;
	} ranges[] = {
		{ ETHTOOL_LINK_MODE_10baseT_Half_BIT, ETHTOOL_LINK_MODE_10baseT_Full_BIT, 10 },
		{ ETHTOOL_LINK_MODE_100baseT_Half_BIT, ETHTOOL_LINK_MODE_100baseT_Full_BIT, 100 },
		{ ETHTOOL_LINK_MODE_1000baseT_Half_BIT, ETHTOOL_LINK_MODE_1000baseT_Full_BIT, 1000 },
		{ ETHTOOL_LINK_MODE_10000baseT_Full_BIT, ETHTOOL_LINK_MODE_10000baseT_Full_BIT, 10000 },
		{ ETHTOOL_LINK_MODE_2500baseX_Full_BIT, ETHTOOL_LINK_MODE_2500baseX_Full_BIT, 2500 },
		{ ETHTOOL_LINK_MODE_1000baseKX_Full_BIT, ETHTOOL_LINK_MODE_1000baseKX_Full_BIT, 1000 },
		{ ETHTOOL_LINK_MODE_10000baseKX4_Full_BIT, ETHTOOL_LINK_MODE_10000baseR_FEC_BIT, 10000 },
		{ ETHTOOL_LINK_MODE_20000baseMLD2_Full_BIT, ETHTOOL_LINK_MODE_20000baseKR2_Full_BIT, 20000 },
		{ ETHTOOL_LINK_MODE_40000baseKR4_Full_BIT, ETHTOOL_LINK_MODE_40000baseLR4_Full_BIT, 40000 },
		{ ETHTOOL_LINK_MODE_56000baseKR4_Full_BIT, ETHTOOL_LINK_MODE_56000baseLR4_Full_BIT, 56000 },
		{ ETHTOOL_LINK_MODE_25000baseCR_Full_BIT, ETHTOOL_LINK_MODE_25000baseSR_Full_BIT, 25000 },
		{ ETHTOOL_LINK_MODE_50000baseCR2_Full_BIT, ETHTOOL_LINK_MODE_50000baseKR2_Full_BIT, 50000 },
		{ ETHTOOL_LINK_MODE_100000baseKR4_Full_BIT, ETHTOOL_LINK_MODE_100000baseLR4_ER4_Full_BIT, 100000 },
		{ ETHTOOL_LINK_MODE_2500baseT_Full_BIT, ETHTOOL_LINK_MODE_2500baseT_Full_BIT, 2500 },
		{ ETHTOOL_LINK_MODE_5000baseT_Full_BIT, ETHTOOL_LINK_MODE_5000baseT_Full_BIT, 5000 },
		{ ETHTOOL_LINK_MODE_50000baseSR2_Full_BIT, ETHTOOL_LINK_MODE_50000baseSR2_Full_BIT, 50000 },
		{ ETHTOOL_LINK_MODE_1000baseX_Full_BIT, ETHTOOL_LINK_MODE_1000baseX_Full_BIT, 1000 },
		{ ETHTOOL_LINK_MODE_10000baseCR_Full_BIT, ETHTOOL_LINK_MODE_10000baseER_Full_BIT, 10000 },
		{ ETHTOOL_LINK_MODE_50000baseKR_Full_BIT, ETHTOOL_LINK_MODE_50000baseDR_Full_BIT, 50000 },
		{ ETHTOOL_LINK_MODE_100000baseKR2_Full_BIT, ETHTOOL_LINK_MODE_100000baseDR2_Full_BIT, 100000 },
		{ ETHTOOL_LINK_MODE_200000baseKR4_Full_BIT, ETHTOOL_LINK_MODE_200000baseCR4_Full_BIT, 200000 },
		{ ETHTOOL_LINK_MODE_100baseT1_Full_BIT, ETHTOOL_LINK_MODE_100baseT1_Full_BIT, 100 },
		{ ETHTOOL_LINK_MODE_1000baseT1_Full_BIT, ETHTOOL_LINK_MODE_1000baseT1_Full_BIT, 1000 },
		{ ETHTOOL_LINK_MODE_400000baseKR8_Full_BIT, ETHTOOL_LINK_MODE_400000baseCR8_Full_BIT, 400000 },
		{ ETHTOOL_LINK_MODE_100000baseKR_Full_BIT, ETHTOOL_LINK_MODE_100000baseDR_Full_BIT, 100000 },
		{ ETHTOOL_LINK_MODE_200000baseKR2_Full_BIT, ETHTOOL_LINK_MODE_200000baseCR2_Full_BIT, 200000 },
		{ ETHTOOL_LINK_MODE_400000baseKR4_Full_BIT, ETHTOOL_LINK_MODE_400000baseCR4_Full_BIT, 400000 },
		{ 93, 98,
		  800000 }, /* 800000baseCR8 to VR8: newer than the headers of the oldest system this builds on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (mode >= ranges[i].first && mode <= ranges[i].last)
			return ranges[i].mbps;
	}
	return 0;
}

/* The fastest mode that both ends advertise, in Mbit/s; 0 when the partner says nothing. */
static uint32_t common_speed(const uint32_t *advertised, const uint32_t *partner, size_t words)
{
	uint32_t best = 0;

	for (unsigned int mode = 0; mode < words * 32; mode++) {
		uint32_t both = advertised[mode / 32] & partner[mode / 32];

		if (both >> mode % 32 & 1 && mode_speed(mode) > best)
			best = mode_speed(mode);
	}
	return best;
}

void ethtool_add_link_settings(struct snapshot *snapshot, const struct object *link, const void *bytes, size_t length)
{
	struct ethtool_link_settings settings;
	uint32_t masks[MASKS * MASK_WORDS_MAX];
	size_t words;
	uint32_t common;

	if (length < sizeof(settings))
		return;
	memcpy(&settings, bytes, sizeof(settings));
	if (settings.speed && settings.speed != (uint32_t)SPEED_UNKNOWN)
		add(snapshot, link, C_ETHTOOL_SPEED_MBPS, settings.speed);
	if (settings.duplex != DUPLEX_UNKNOWN)
		add(snapshot, link, C_ETHTOOL_FULL_DUPLEX, settings.duplex == DUPLEX_FULL);
	add(snapshot, link, C_ETHTOOL_AUTONEG, settings.autoneg == AUTONEG_ENABLE);
	if (settings.link_mode_masks_nwords <= 0)
		return;
	words = (size_t)settings.link_mode_masks_nwords;
	if (length - sizeof(settings) < words * MASKS * sizeof(uint32_t))
		return;
	memcpy(masks, (const char *)bytes + sizeof(settings), words * MASKS * sizeof(uint32_t));
	common = common_speed(masks + words, masks + 2 * words, words);
	if (common)
		add(snapshot, link, C_ETHTOOL_SPEED_COMMON_MBPS, common);
}

/* The kernel answers the first question with how many words its masks take, as a negative number. */
static void read_speed(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname)
{
	union {
		struct ethtool_link_settings settings;
		char bytes[sizeof(struct ethtool_link_settings) + MASKS * MASK_WORDS_MAX * sizeof(uint32_t)];
	} answer = { .settings = { .cmd = ETHTOOL_GLINKSETTINGS } };
	int words;

	if (ethtool_ask(fd, ifname, &answer) || answer.settings.link_mode_masks_nwords >= 0)
		return;
	words = -answer.settings.link_mode_masks_nwords;
	if (words > MASK_WORDS_MAX)
		return;
	memset(&answer, 0, sizeof(answer));
	answer.settings.cmd = ETHTOOL_GLINKSETTINGS;
	answer.settings.link_mode_masks_nwords = (int8_t)words;
	if (!ethtool_ask(fd, ifname, &answer))
		ethtool_add_link_settings(snapshot, link, &answer, sizeof(answer));
}

void ethtool_read_settings(int fd, struct snapshot *snapshot, const struct object *link, const char *ifname)
{
	read_rings(fd, snapshot, link, ifname);
	read_channels(fd, snapshot, link, ifname);
	read_pause(fd, snapshot, link, ifname);
	read_offloads(fd, snapshot, link, ifname);
	read_speed(fd, snapshot, link, ifname);
}
