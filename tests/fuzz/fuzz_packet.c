/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model/packet over any bytes: an EtherType, or 0 for a frame, then the packet. What is said of it lies within it, goes
 * forward, and is one line that may be printed; without addresses it is the same line.
 */
#include "fuzz/fuzz.h"
#include "model/packet.h"

#include <stdlib.h>

/* Layers lie one behind the other. */
static void assert_within(const struct packet *packet, size_t size)
{
	size_t end = 0;

	if (packet->count > PACKET_LAYERS || packet->state >= PACKET_STATES)
		abort();
	for (unsigned int i = 0; i < packet->count; i++) {
		const struct packet_layer *layer = &packet->layers[i];

		if (layer->offset != end || !layer->length)
			abort();
		end += layer->length;
	}
	if (end > size)
		abort();
}

static void assert_flows(const struct packet *packet)
{
	if (packet->outer.family && packet->outer.layer >= packet->count)
		abort();
	if (packet->tunnelled && (packet->inner.layer <= packet->outer.layer || packet->inner.layer >= packet->count))
		abort();
}

static void assert_line(const struct packet *packet, const uint8_t *key)
{
	struct text text = { .max = 4096 };

	packet_print(packet, key, &text);
	if (!text.length || text.overflow)
		abort();
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < ' ' || text.data[i] > '~')
			abort();
	}
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[SIPHASH_KEY_BYTES];
	struct packet packet;
	uint16_t ethertype;

	if (size < 2)
		return 0;
	ethertype = (uint16_t)(data[0] << 8 | data[1]);
	if (ethertype)
		packet_decode_network(data + 2, size - 2, ethertype, &packet);
	else
		packet_decode_frame(data + 2, size - 2, &packet);
	assert_within(&packet, size - 2);
	assert_flows(&packet);
	assert_line(&packet, NULL);
	assert_line(&packet, key);
	return 0;
}
