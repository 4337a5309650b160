/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence/bundle_events: a packet is read back as a trace shows it, redacted ones tell nobody's, hostile ones are left out. */
#include "base/clock.h"
#include "evidence/bundle_parts.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START_NS (1000 * (uint64_t)NS_PER_S)

/* UDP in IPv4 in VXLAN 42 in IPv4; a TCP SYN in IPv6; an ARP request. */
static const uint8_t tunnelled[] = {
	0x45, 0,    0,	  78,	0, 7,  0,  0, 64, 17, 0, 0, 192, 0,  2, 1, 192, 0,  2, 2, /* IPv4 */
	0x80, 0,    0x12, 0xb5, 0, 58, 0,  0,						  /* UDP to 4789 */
	8,    0,    0,	  0,	0, 0,  42, 0,						  /* VXLAN */
	2,    0,    0,	  0,	0, 1,  2,  0, 0,  0,  0, 2, 8,	 0,			  /* Ethernet */
	0x45, 0,    0,	  28,	0, 9,  0,  0, 63, 17, 0, 0, 10,	 77, 1, 1, 10,	77, 1, 2, /* IPv4 */
	0x0f, 0xa0, 0,	  53,	0, 8,  0,  0,						  /* UDP */
};
static const uint8_t segment[] = {
	0x60, 0, 0,    0,    0, 20, 6, 61, 0x20, 1, 0xd, 0xb8, 0,    0, 0,    0,    0, 0, 0, 0,
	0,    0, 0xab, 0xcd,									/* IPv6 */
	0x20, 1, 0xd,  0xb8, 0, 0,  0, 0,  0,	 0, 0,	 0,    0,    0, 0xab, 0xce,		/* to */
	0xc0, 0, 1,    0xbb, 0, 0,  0, 1,  0,	 0, 0,	 0,    0x50, 2, 0xff, 0xff, 0, 0, 0, 0, /* TCP */
};
static const uint8_t request[] = {
	0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 9,
};

static void file_name(char ret[64], const char *name)
{
	snprintf(ret, 64, "/tmp/wd-events-%d-%s.wdb", (int)getpid(), name);
}

static struct object *kind_make(struct objects *objects)
{
	struct object *netns = object_intern(objects, (struct object_key){ OBJECT_NETNS, 7, 0, 0 }, NULL);
	struct object *kind = object_intern(objects, (struct object_key){ OBJECT_DROP, 7, 0xff, 1 }, NULL);

	netns->netns = netns->id;
	kind->netns = netns->id;
	object_label(netns, LABEL_NAME, "customer");
	object_label(kind, LABEL_REASON, "NO_SOCKET");
	return kind;
}

static struct drop_event *event_add(struct snapshot *snapshot, const struct object *kind, const uint8_t *bytes,
				    size_t length, uint16_t ethertype)
{
	struct drop_event *event = vec_add(&snapshot->events, SNAPSHOT_EVENTS_MAX);

	*event = (struct drop_event){
		.time_ns = snapshot->time_ns - 10 * NS_PER_MS + snapshot->events.count,
		.object = kind->id,
		.cpu = 3,
		.ifindex = 5,
		.length = 108,
		.segments = 2,
		.socket_inode = 77,
		.device = "customer0",
		.cgroup = "/system.slice/shop.service",
		.container = "shop/cart",
	};
	packet_decode_network(bytes, length, ethertype, &event->packet);
	return event;
}

static void snapshot_make(struct snapshot *snapshot, struct objects *objects)
{
	const struct object *kind = kind_make(objects);
	struct drop_event *event;

	snapshot_begin(snapshot, objects);
	snapshot->time_ns = START_NS;
	snapshot->wall_ns = 2 * START_NS;
	snapshot->has_events = true;
	event = event_add(snapshot, kind, tunnelled, sizeof(tunnelled), 0x0800);
	event->pid = 12;
	snprintf(event->comm, sizeof(event->comm), "buyer\xff");
	event_add(snapshot, kind, segment, sizeof(segment), 0x86dd);
	event_add(snapshot, kind, request, sizeof(request), 0x0806);
	event_add(snapshot, kind, tunnelled, 30, 0x0800);
	event_add(snapshot, kind, tunnelled, 0, 0x88cc);
}

static void write_one(const char *path, bool redacted, struct snapshot *snapshot, struct objects *objects)
{
	const struct bundle_about about = { .version = "1",
					    .hostname = "web1",
					    .kernel = "6",
					    .boot_id = "b",
					    .interface = "",
					    .target = "",
					    .redacted = redacted };
	const struct bundle_end end = { .ended = "time" };
	struct bundle_writer *writer;

	assert_int_equal(bundle_create(path, &about, &writer), 0);
	bundle_window(writer);
	snapshot_make(snapshot, objects);
	bundle_add(writer, snapshot);
	assert_int_equal(bundle_close(writer, &end), 0);
}

/* What a replay gave: copies, because a snapshot is gone with its turn. */
struct got {
	VEC(struct drop_event) events;
	size_t snapshots;
	bool has_events, sorted;
};

static bool take(void *argument, const struct bundle *bundle, uint32_t window, const struct snapshot *snapshot)
{
	struct got *got = argument;
	const struct drop_event *event;
	uint64_t before_ns = 0;

	(void)bundle;
	(void)window;
	got->snapshots++;
	got->has_events |= snapshot->has_events;
	got->sorted = true;
	vec_each(&snapshot->events, event) {
		assert_int_equal(object_get(snapshot->objects, event->object)->key.kind, OBJECT_DROP);
		got->sorted &= event->time_ns >= before_ns;
		before_ns = event->time_ns;
		*vec_add(&got->events, 10000) = *event;
	}
	return true;
}

static size_t read_all(const char *path, struct got *ret)
{
	struct bundle bundle;
	const char *why;
	size_t skipped;

	*ret = (struct got){ 0 };
	assert_int_equal(bundle_replay(path, take, ret, &bundle, &why), 0);
	skipped = bundle.skipped;
	bundle_free(&bundle);
	return skipped;
}

static void assert_same_line(const struct packet *a, const struct packet *b)
{
	CLEANUP_TEXT struct text first = { 0 }, second = { 0 };

	packet_print(a, NULL, &first);
	packet_print(b, NULL, &second);
	assert_string_equal(text_string(&first), text_string(&second));
	assert_int_equal(a->outer.ttl, b->outer.ttl);
	assert_int_equal(a->inner.has_tunnel_id, b->inner.has_tunnel_id);
	assert_int_equal(a->inner.tunnel_id, b->inner.tunnel_id);
}

static void test_packets_are_read_back(void **state)
{
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };
	struct got got;
	char path[64];

	file_name(path, "back");
	write_one(path, false, &snapshot, objects);
	assert_int_equal(read_all(path, &got), 0);
	assert_true(got.has_events);
	assert_int_equal(got.events.count, snapshot.events.count);
	for (size_t i = 0; i < got.events.count; i++) {
		const struct drop_event *a = &snapshot.events.data[i], *b = &got.events.data[i];

		assert_same_line(&a->packet, &b->packet);
		assert_true(a->time_ns == b->time_ns && a->socket_inode == b->socket_inode);
		assert_true(a->cpu == b->cpu && a->ifindex == b->ifindex && a->length == b->length);
		assert_true(a->segments == b->segments && a->pid == b->pid);
		assert_string_equal(a->comm, b->comm);
		assert_string_equal(a->device, b->device);
		assert_string_equal(a->cgroup, b->cgroup);
		assert_string_equal(a->container, b->container);
	}
	assert_int_equal(got.events.data[3].packet.state, PACKET_TRUNCATED);
	vec_free(&got.events);
	snapshot_free(&snapshot);
	objects_free(objects);
	unlink(path);
}

/* All files of a bundle as one text. */
static void content_of(const char *path, struct text *ret)
{
	const struct text *content;
	struct bundle_in *in;
	const char *name, *why;

	assert_int_equal(bundle_in_open(path, &in, &why), 0);
	while (bundle_in_next(in, &name, &content))
		text_add_bytes(ret, text_string(content), content->length);
	bundle_in_close(in);
}

static void test_redacted(void **state)
{
	static const char *const ours[] = { "192.0.2.1\"", "10.77.1.1\"", "2001:db8:", "customer",
					    "buyer",	   "shop",	  "cart",      "web1" };
	CLEANUP_TEXT struct text content = { 0 };
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };
	const struct packet *packet;
	struct got got;
	char path[64];

	file_name(path, "redacted");
	write_one(path, true, &snapshot, objects);
	content_of(path, &content);
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		assert_null(strstr(text_string(&content), ours[i]));
	read_all(path, &got);
	assert_int_equal(got.events.count, snapshot.events.count);
	/* The same ones for the same ones, and networks stay networks. */
	packet = &got.events.data[0].packet;
	assert_memory_equal(packet->outer.source, got.events.data[2].packet.outer.source, 4);
	assert_int_equal(packet->outer.source[0], 192);
	assert_memory_equal(packet->inner.source, packet->inner.destination, 3);
	assert_memory_not_equal(packet->inner.source, packet->inner.destination, 4);
	assert_int_equal(packet->inner.destination_port, 53);
	assert_string_equal(got.events.data[0].device, got.events.data[1].device);
	vec_free(&got.events);
	snapshot_free(&snapshot);
	objects_free(objects);
	unlink(path);
}

/* Nothing of a packet beyond what is shown of its headers: the bytes are of a payload that can be recognised. */
static void test_no_content(void **state)
{
	CLEANUP_TEXT struct text content = { 0 };
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };
	static const uint8_t secret[] = { 'S', 'E', 'C', 'R', 'E', 'T' };
	uint8_t bytes[sizeof(tunnelled) + sizeof(secret)];
	char path[64];

	file_name(path, "content");
	memcpy(bytes, tunnelled, sizeof(tunnelled));
	memcpy(bytes + sizeof(tunnelled), secret, sizeof(secret));
	bytes[3] += 6; /* the packets are as long as that now */
	bytes[25] += 6;
	bytes[53] += 6;
	bytes[75] += 6;
	snapshot_make(&snapshot, objects);
	packet_decode_network(bytes, sizeof(bytes), 0x0800, &snapshot.events.data[0].packet);
	bundle_events_put(&snapshot, NULL, &content);
	assert_non_null(strstr(text_string(&content), "10.77.1.1"));
	assert_null(strstr(text_string(&content), "SECRET"));
	assert_null(strstr(text_string(&content), "534543524554"));
	snapshot_free(&snapshot);
	objects_free(objects);
	unlink(path);
}

static void test_not_wanted_is_not_written(void **state)
{
	CLEANUP_TEXT struct text content = { 0 };
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };

	snapshot_begin(&snapshot, objects);
	bundle_events_put(&snapshot, NULL, &content);
	assert_string_equal(text_string(&content), "");
	snapshot.has_events = true;
	bundle_events_put(&snapshot, NULL, &content);
	assert_string_equal(text_string(&content), ",\"events\":[]");
	snapshot_free(&snapshot);
	objects_free(objects);
}

#define MANIFEST "{\"format\":\"wheredrop bundle\",\"version\":1,\"sources\":[\"drop-events\"]}"
#define OBJECTS                                                                                              \
	"{\"objects\":[{\"id\":1,\"kind\":\"namespace\",\"netns_key\":\"0x7\",\"a\":\"0x0\",\"b\":\"0x0\"}," \
	"{\"id\":3,\"kind\":\"drop\",\"netns_key\":\"0x7\",\"a\":\"0xff\",\"b\":\"0x1\"}]}\n"

/* A bundle whose only snapshot has these events. */
static void write_events(const char *path, const char *events)
{
	CLEANUP_TEXT struct text manifest = { 0 }, lines = { 0 };
	struct bundle_out *out;

	text_add(&manifest, MANIFEST);
	text_addf(&lines, "%s{\"time_ns\":%llu,\"wall_ns\":5,\"readings\":[],\"events\":%s}\n", OBJECTS,
		  (unsigned long long)START_NS, events);
	assert_int_equal(bundle_out_open(path, &out), 0);
	assert_int_equal(bundle_out_file(out, BUNDLE_MANIFEST, &manifest), 0);
	assert_int_equal(bundle_out_file(out, "window-1/000001.jsonl", &lines), 0);
	assert_int_equal(bundle_out_close(out), 0);
}

#define EVENT(time, drop, rest)                                                   \
	"{\"time_ns\":" time ",\"drop\":" drop                                    \
	",\"headers\":\"whole\",\"layers\":[\"IPv4\"],\"packet\":{\"ethertype\":" \
	"2048,\"family\":\"ipv4\",\"source\":\"10.0.0.1\",\"destination\":\"10.0.0.2\",\"ttl\":64" rest
#define GOOD EVENT("999999999999", "3", "}}")

static void test_hostile_ones_are_left_out(void **state)
{
	static const struct {
		const char *events;
		size_t good, skipped;
	} rows[] = {
		{ "[" GOOD "]", 1, 0 },
		{ "[]", 0, 0 },
		{ "{}", 0, 0 },
		{ "5", 0, 0 },
		{ "[5,null,\"x\",[],{}]", 0, 5 },
		{ "[" EVENT("1000000000000", "1", "}}") "," GOOD "]", 1, 1 }, /* of what counts no drops */
		{ "[" EVENT("1000000000000", "4000000000", "}}") "]", 0, 1 }, /* of nothing */
		{ "[" EVENT("1000000000000", "-3", "}}") "]", 0, 1 },
		{ "[" EVENT("-1", "3", "}}") "," GOOD "]", 1, 1 },
		{ "[" EVENT("9223372036854775807", "3", "}}") "]", 0, 1 }, /* at another time */
		{ "[" EVENT("9000000000000000", "3", "}}") "]", 0, 1 },
		{ "[" EVENT("1000000000000", "3", ",\"layer\":99}}") "]", 1, 0 }, /* a header that is not there */
		{ "[" EVENT("1000000000000", "3", "},\"inner\":{}}") "]", 1, 0 },
		{ "[" EVENT("1000000000000", "3", "},\"inner\":7}") "]", 0, 1 },
		{ "[" EVENT("1000000000000", "3", ",\"ports\":[1]}}") "]", 1, 0 },
		{ "[" EVENT("1000000000000", "3", ",\"ports\":[99999,\"x\"]}}") "]", 1, 0 },
		{ "[{\"time_ns\":1000000000000,\"drop\":3,\"headers\":\"odd\",\"layers\":[],\"packet\":{}}]", 0, 1 },
		{ "[{\"time_ns\":1000000000000,\"drop\":3,\"headers\":\"whole\",\"layers\":[\"X\"],\"packet\":{}}]", 0,
		  1 },
		{ "[{\"time_ns\":1000000000000,\"drop\":3,\"headers\":\"whole\",\"layers\":[[\"GRE\"]],\"packet\":{}}]",
		  1, 0 },
		{ "[{\"time_ns\":1000000000000,\"drop\":3,\"headers\":\"whole\",\"layers\":[[]],\"packet\":{}}]", 0,
		  1 },
		{ "[{\"time_ns\":1000000000000,\"drop\":3,\"headers\":\"whole\",\"packet\":{\"family\":\"ipv6\",\"source\":"
		  "\"10.0.0.1\",\"destination\":\"::1\"}}]",
		  0, 1 },
	};
	char path[64];

	file_name(path, "hostile");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct got got;
		size_t skipped;

		write_events(path, rows[i].events);
		skipped = read_all(path, &got);
		assert_int_equal(got.snapshots, 1);
		if (got.events.count != rows[i].good || skipped != rows[i].skipped)
			print_message("row %zu: %zu, %zu left out\n", i, got.events.count, skipped);
		assert_int_equal(got.events.count, rows[i].good);
		assert_int_equal(skipped, rows[i].skipped);
		for (size_t e = 0; e < got.events.count; e++) {
			CLEANUP_TEXT struct text line = { 0 };

			packet_print(&got.events.data[e].packet, NULL, &line);
			assert_true(got.events.data[e].packet.outer.layer < PACKET_LAYERS);
		}
		vec_free(&got.events);
	}
	unlink(path);
}

static void test_more_than_there_is_room_for(void **state)
{
	CLEANUP_TEXT struct text events = { 0 };
	struct got got;
	char path[64];

	file_name(path, "many");
	for (size_t i = 0; i < SNAPSHOT_EVENTS_MAX + 5; i++)
		text_addf(&events, "%s%s", i ? "," : "[", GOOD);
	text_add(&events, "]");
	write_events(path, text_string(&events));
	assert_int_equal(read_all(path, &got), 5);
	assert_int_equal(got.events.count, SNAPSHOT_EVENTS_MAX);
	vec_free(&got.events);
	unlink(path);
}

static void test_in_the_order_of_their_time(void **state)
{
	struct got got;
	char path[64];

	file_name(path, "order");
	write_events(path, "[" EVENT("1000000000000", "3", "}}") "," EVENT("999000000000", "3", "}}") "]");
	read_all(path, &got);
	assert_int_equal(got.events.count, 2);
	assert_true(got.sorted);
	vec_free(&got.events);
	unlink(path);
}

/* Wherever the file ends, what is read of it are packets that were written. */
static void test_cut_anywhere(void **state)
{
	struct objects *objects = objects_new();
	struct snapshot snapshot = { 0 };
	struct stat status;
	char path[64];

	file_name(path, "cut");
	write_one(path, false, &snapshot, objects);
	assert_int_equal(stat(path, &status), 0);
	for (off_t length = status.st_size - 1; length > 0; length -= 7) {
		struct got got = { 0 };
		struct bundle bundle;
		const char *why;

		assert_int_equal(truncate(path, length), 0);
		if (bundle_replay(path, take, &got, &bundle, &why) == 0) {
			assert_true(got.events.count == 0 || got.events.count == snapshot.events.count);
			bundle_free(&bundle);
		}
		vec_free(&got.events);
	}
	snapshot_free(&snapshot);
	objects_free(objects);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets_are_read_back),
		cmocka_unit_test(test_redacted),
		cmocka_unit_test(test_no_content),
		cmocka_unit_test(test_not_wanted_is_not_written),
		cmocka_unit_test(test_hostile_ones_are_left_out),
		cmocka_unit_test(test_more_than_there_is_room_for),
		cmocka_unit_test(test_in_the_order_of_their_time),
		cmocka_unit_test(test_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
