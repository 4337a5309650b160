/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model/snapshot: what goes to the helper process comes back the same; bytes that do not fit change nothing. */
#include "base/text.h"
#include "model/snapshot.h"
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char odd_name[] = "rx_wire_test_drops";
static const char plain_name[] = "rx_wire_test_packets";

struct side {
	struct objects *objects;
	struct snapshot snapshot;
};

static void side_begin(struct side *side)
{
	side->objects = objects_new();
	snapshot_begin(&side->snapshot, side->objects);
}

static void side_end(struct side *side)
{
	snapshot_free(&side->snapshot);
	objects_free(side->objects);
}

static struct object *make(struct side *side, enum object_kind kind, uint64_t netns, uint64_t a, uint64_t b)
{
	return object_intern(side->objects, (struct object_key){ kind, netns, a, b }, NULL);
}

/* Names of drivers as a helper meets them: one that no table knows, one that a table calls traffic. */
static counter_id driver_counter(const char *name)
{
	return counter_intern(SOURCE_ETHTOOL, name, strlen(name), DOMAIN_NIC, "ethtool -S {ifname}");
}

/* A namespace with a device, its queue below, a socket and its process: everything an object can point to. */
static void fill(struct side *side)
{
	struct object *netns = make(side, OBJECT_NETNS, 7, 0, 0);
	struct object *link = make(side, OBJECT_LINK, 7, 2, 0);
	struct object *peer = make(side, OBJECT_LINK, 7, 3, 0);
	struct object *root = make(side, OBJECT_QDISC, 7, 2, 1);
	struct object *leaf = make(side, OBJECT_QDISC, 7, 2, 2);
	struct object *process = make(side, OBJECT_PROCESS, 0, 12, 1000);
	struct object *socket = make(side, OBJECT_SOCKET, 7, 5, 17);

	netns->pid = 900;
	object_label(netns, LABEL_PATH, "/run/netns/blue");
	object_label(link, LABEL_NAME, "eth0");
	object_label(link, LABEL_DRIVER, "");
	link->peer = peer->id;
	root->link = leaf->link = link->id;
	leaf->parent = root->id;
	leaf->born = true;
	process->pid = 12;
	object_label(process, LABEL_COMM, "a\xc3\xa4 \"quoted\"\nname");
	socket->owner = process->id;
	snapshot_add(&side->snapshot, C_QDISC_DROPS, leaf, 41);
	snapshot_add(&side->snapshot, C_SOCK_DROPS, socket, UINT64_MAX);
	snapshot_add(&side->snapshot, C_UDP_RCVBUF_ERRORS, netns, 0);
	snapshot_add(&side->snapshot, driver_counter(odd_name), link, 9);
	snapshot_add(&side->snapshot, driver_counter(plain_name), link, 10);
	snapshot_add(&side->snapshot, driver_counter(odd_name), peer, 11);
	snapshot_covered(&side->snapshot, SOURCE_QDISC, netns);
	snapshot_covered_partly(&side->snapshot, SOURCE_SOCKET, netns, "a line was not understood");
	snapshot_missed(&side->snapshot, SOURCE_ETHTOOL, link, -EPERM, "eth0: no permission");
	snapshot_missed(&side->snapshot, SOURCE_SNMP, NULL, -EIO, NULL);
}

static const struct sample *sample_of(const struct snapshot *snapshot, counter_id counter, const struct object *object)
{
	const struct sample *sample;

	vec_each(&snapshot->samples, sample) {
		if (sample->counter == counter && sample->object == object->id)
			return sample;
	}
	return NULL;
}

static void assert_objects_arrived(struct side *to)
{
	const struct object *netns = make(to, OBJECT_NETNS, 7, 0, 0), *link = make(to, OBJECT_LINK, 7, 2, 0);
	const struct object *root = make(to, OBJECT_QDISC, 7, 2, 1), *leaf = make(to, OBJECT_QDISC, 7, 2, 2);
	const struct object *process = make(to, OBJECT_PROCESS, 0, 12, 1000),
			    *socket = make(to, OBJECT_SOCKET, 7, 5, 17);

	assert_int_equal(netns->pid, 900);
	assert_string_equal(object_text(netns, LABEL_PATH), "/run/netns/blue");
	assert_int_equal(link->netns, netns->id);
	assert_int_equal(link->peer, make(to, OBJECT_LINK, 7, 3, 0)->id);
	assert_non_null(link->labels[LABEL_DRIVER]); /* "" is not unknown */
	assert_null(link->labels[LABEL_KIND]);
	assert_int_equal(leaf->link, link->id);
	assert_int_equal(leaf->parent, root->id);
	assert_true(leaf->born);
	assert_false(root->born);
	assert_int_equal(socket->owner, process->id);
	assert_string_equal(object_text(process, LABEL_COMM), "a\xc3\xa4 \"quoted\"\nname");
}

static void assert_numbers_arrived(struct side *to)
{
	const struct snapshot *snapshot = &to->snapshot;
	const struct object *link = make(to, OBJECT_LINK, 7, 2, 0);

	assert_int_equal(snapshot->samples.count, 6);
	assert_int_equal(sample_of(snapshot, C_QDISC_DROPS, make(to, OBJECT_QDISC, 7, 2, 2))->value, 41);
	assert_true(sample_of(snapshot, C_SOCK_DROPS, make(to, OBJECT_SOCKET, 7, 5, 17))->value == UINT64_MAX);
	assert_int_equal(sample_of(snapshot, C_UDP_RCVBUF_ERRORS, make(to, OBJECT_NETNS, 7, 0, 0))->value, 0);
	assert_int_equal(sample_of(snapshot, driver_counter(odd_name), link)->value, 9);
	assert_int_equal(sample_of(snapshot, driver_counter(plain_name), link)->value, 10);
	assert_int_equal(sample_of(snapshot, driver_counter(odd_name), make(to, OBJECT_LINK, 7, 3, 0))->value, 11);
}

static void assert_coverage_arrived(struct side *from, struct side *to)
{
	const struct coverage *was = from->snapshot.coverage.data, *is = to->snapshot.coverage.data;

	assert_int_equal(to->snapshot.coverage.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(is[i].source, was[i].source);
		assert_int_equal(is[i].time_ns, was[i].time_ns);
		assert_int_equal(is[i].took_ns, was[i].took_ns);
		assert_int_equal(is[i].error, was[i].error);
		assert_int_equal(is[i].partial, was[i].partial);
	}
	assert_string_equal(is[1].reason, "a line was not understood");
	assert_string_equal(is[2].reason, "eth0: no permission");
	assert_int_equal(is[2].object, make(to, OBJECT_LINK, 7, 2, 0)->id);
	assert_null(is[3].reason);
	assert_int_equal(is[3].object, OBJECT_HOST_ID);
}

static void what_is_sent_arrives(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	struct side from = { 0 }, to = { 0 };

	side_begin(&from);
	side_begin(&to);
	make(&to, OBJECT_CPU, 0, 1, 0); /* ids differ on the two sides */
	make(&to, OBJECT_LINK, 7, 3, 0);
	fill(&from);
	snapshot_encode(&from.snapshot, &bytes);
	assert_int_equal(snapshot_decode(&to.snapshot, text_string(&bytes), bytes.length), 0);
	assert_objects_arrived(&to);
	assert_numbers_arrived(&to);
	assert_coverage_arrived(&from, &to);
	side_end(&from);
	side_end(&to);
}

static void an_empty_snapshot_is_one_too(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	struct side from = { 0 }, to = { 0 };

	side_begin(&from);
	side_begin(&to);
	snapshot_encode(&from.snapshot, &bytes);
	assert_int_equal(snapshot_decode(&to.snapshot, text_string(&bytes), bytes.length), 0);
	assert_int_equal(to.snapshot.samples.count + to.snapshot.coverage.count, 0);
	side_end(&from);
	side_end(&to);
}

static void decoding_appends(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	struct side from = { 0 }, to = { 0 };

	side_begin(&from);
	side_begin(&to);
	fill(&from);
	snapshot_add(&to.snapshot, C_SOFTNET_DROPPED, make(&to, OBJECT_CPU, 0, 1, 0), 77);
	snapshot_encode(&from.snapshot, &bytes);
	for (int twice = 0; twice < 2; twice++)
		assert_int_equal(snapshot_decode(&to.snapshot, text_string(&bytes), bytes.length), 0);
	assert_int_equal(to.snapshot.samples.count, 13);
	assert_int_equal(to.snapshot.samples.data[0].value, 77);
	assert_int_equal(to.snapshot.coverage.count, 8);
	side_end(&from);
	side_end(&to);
}

/* A helper saw it born, the parent has known it for long: it is not new. */
static void what_is_known_is_not_born_again(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	struct side from = { 0 }, to = { 0 };
	struct object *known;

	side_begin(&from);
	side_begin(&to);
	fill(&from);
	known = make(&to, OBJECT_QDISC, 7, 2, 2);
	object_label(known, LABEL_NAME, "qdisc tbf 2:");
	snapshot_encode(&from.snapshot, &bytes);
	assert_int_equal(snapshot_decode(&to.snapshot, text_string(&bytes), bytes.length), 0);
	assert_false(known->born);
	assert_string_equal(object_text(known, LABEL_NAME), "qdisc tbf 2:"); /* unknown there does not unname it here */
	side_end(&from);
	side_end(&to);
}

/* A counter that a table has classified in the helper keeps its kind; one that smells of loss stays a drop. */
static void dynamic_counters_keep_their_kind(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	struct side from = { 0 }, to = { 0 };
	counter_id odd = driver_counter(odd_name), plain = driver_counter(plain_name);

	side_begin(&from);
	side_begin(&to);
	fill(&from);
	counter_classify(plain, KIND_TRAFFIC, "packets of a test");
	snapshot_encode(&from.snapshot, &bytes);
	assert_int_equal(snapshot_decode(&to.snapshot, text_string(&bytes), bytes.length), 0);
	assert_int_equal(counter_get(odd)->kind, KIND_DROP);
	assert_true(counter_get(odd)->unclassified);
	assert_int_equal(counter_get(plain)->kind, KIND_TRAFFIC);
	assert_string_equal(counter_get(plain)->meaning, "packets of a test");
	side_end(&from);
	side_end(&to);
}

/* ---- bytes that do not fit ---- */

/* Decodes into a snapshot that holds something; whatever comes of it, a failure leaves that as it was. */
static int decode_beside(const char *bytes, size_t length)
{
	CLEANUP_FREE char *exact = mem_new(length + 1, 1);
	struct side to = { 0 };
	int result;

	side_begin(&to);
	snapshot_add(&to.snapshot, C_SOFTNET_DROPPED, make(&to, OBJECT_CPU, 0, 1, 0), 77);
	snapshot_covered(&to.snapshot, SOURCE_SOFTNET, NULL);
	exact = mem_resize(exact, length ? length : 1, 1); /* so that one byte too many is seen */
	memcpy(exact, bytes, length);
	result = snapshot_decode(&to.snapshot, exact, length);
	assert_true(result == 0 || result == -EPROTO);
	if (result) {
		assert_int_equal(to.snapshot.samples.count, 1);
		assert_int_equal(to.snapshot.samples.data[0].value, 77);
		assert_int_equal(to.snapshot.coverage.count, 1);
		assert_false(to.snapshot.truncated);
	}
	side_end(&to);
	return result;
}

static void encoded(struct text *ret)
{
	struct side from = { 0 };

	side_begin(&from);
	fill(&from);
	snapshot_encode(&from.snapshot, ret);
	side_end(&from);
}

static void every_cut_is_refused(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };

	encoded(&bytes);
	assert_int_equal(decode_beside(text_string(&bytes), bytes.length), 0);
	for (size_t length = 0; length < bytes.length; length++)
		assert_int_equal(decode_beside(text_string(&bytes), length), -EPROTO);
}

static void more_than_there_is_is_refused(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };

	encoded(&bytes);
	text_add_bytes(&bytes, "x", 1);
	assert_int_equal(decode_beside(text_string(&bytes), bytes.length), -EPROTO);
	assert_int_equal(decode_beside("", 0), -EPROTO);
	assert_int_equal(decode_beside("not a snapshot at all, but long enough for one", 46), -EPROTO);
}

/* Each 32-bit word in turn becomes a huge count, a huge index or a wrong kind: refused or read, never a crash. */
static void wild_numbers_do_no_harm(void **state)
{
	static const uint32_t wild[] = { UINT32_MAX, UINT32_MAX - 1, INT32_MAX, 0x10000, 1000, 0 };
	CLEANUP_TEXT struct text bytes = { 0 };
	size_t refused = 0;

	encoded(&bytes);
	for (size_t at = 0; at + sizeof(uint32_t) <= bytes.length; at += 4) {
		for (size_t w = 0; w < ARRAY_SIZE(wild); w++) {
			CLEANUP_FREE char *copy = mem_strndup(text_string(&bytes), 0);

			copy = mem_resize(copy, bytes.length, 1);
			memcpy(copy, text_string(&bytes), bytes.length);
			memcpy(copy + at, &wild[w], sizeof(wild[w]));
			refused += decode_beside(copy, bytes.length) != 0;
		}
	}
	assert_true(refused > 100);
}

static void a_wrong_beginning_is_refused(void **state)
{
	CLEANUP_TEXT struct text bytes = { 0 };
	CLEANUP_FREE char *copy = NULL;

	encoded(&bytes);
	copy = mem_resize(NULL, bytes.length, 1);
	memcpy(copy, text_string(&bytes), bytes.length);
	copy[0] ^= 1;
	assert_int_equal(decode_beside(copy, bytes.length), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_arrives),
		cmocka_unit_test(an_empty_snapshot_is_one_too),
		cmocka_unit_test(decoding_appends),
		cmocka_unit_test(what_is_known_is_not_born_again),
		cmocka_unit_test(dynamic_counters_keep_their_kind),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(more_than_there_is_is_refused),
		cmocka_unit_test(wild_numbers_do_no_harm),
		cmocka_unit_test(a_wrong_beginning_is_refused),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
