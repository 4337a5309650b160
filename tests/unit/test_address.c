/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/address and source/neighbour_memory: addresses that another host has, and neighbours that change theirs. */
#include "source/address.h"
#include "source/neighbour.h"

#include "model/series.h"

#include "unit/netlink_fixture.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

static void address_make(struct netlink_request *request, const char *text, uint32_t flags)
{
	struct ifaddrmsg *header = netlink_request(request, RTM_NEWADDR, 0, sizeof(*header));
	struct in6_addr address;

	header->ifa_family = AF_INET6;
	header->ifa_index = 2;
	assert_int_equal(inet_pton(AF_INET6, text, &address), 1);
	mnl_attr_put(request->header, IFA_ADDRESS, sizeof(address), &address);
	mnl_attr_put_u32(request->header, IFA_FLAGS, flags);
}

static void only_refused_addresses_are_named(void **state)
{
	struct netlink_request request;
	struct fixture fixture;

	fixture_begin(&fixture);
	address_make(&request, "2001:db8::7", IFA_F_PERMANENT);
	assert_true(address_parse(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	assert_int_equal(fixture.snapshot.samples.count, 0);
	address_make(&request, "2001:db8::8", IFA_F_PERMANENT | IFA_F_TENTATIVE | IFA_F_DADFAILED);
	assert_true(address_parse(&fixture.context, &fixture.snapshot, request.bytes, request.header->nlmsg_len));
	assert_int_equal(fixture_value(&fixture, C_ADDRESS_DUPLICATE,
				       fixture_object(&fixture, OBJECT_ADDRESS, "2001:db8::8")),
			 1);
	assert_false(address_parse(&fixture.context, &fixture.snapshot, request.bytes, 18));
	fixture_end(&fixture);
}

struct watched {
	struct fixture base;
	struct neighbour_memory *memory;
};

/* One reading that finds this neighbour. */
static void see(struct watched *watched, const char *text, uint8_t last, uint16_t nud)
{
	unsigned char hardware[6] = { 2, 0, 0, 0, 0, last };
	struct netlink_request request;
	struct ndmsg *header = netlink_request(&request, RTM_NEWNEIGH, 0, sizeof(*header));
	struct neighbour_counts counts = { .memory = watched->memory };
	struct in_addr address;

	header->ndm_family = AF_INET;
	header->ndm_ifindex = 2;
	header->ndm_state = nud;
	assert_int_equal(inet_pton(AF_INET, text, &address), 1);
	mnl_attr_put(request.header, NDA_DST, sizeof(address), &address);
	mnl_attr_put(request.header, NDA_LLADDR, sizeof(hardware), hardware);
	snapshot_begin(&watched->base.snapshot, watched->base.objects);
	assert_true(neighbour_parse_entries(&watched->base.context, &watched->base.snapshot, request.bytes,
					    request.header->nlmsg_len, &counts));
	assert_false(counts.broken);
}

static void watched_begin(struct watched *watched)
{
	fixture_begin(&watched->base);
	watched->memory = NEW(struct neighbour_memory);
}

static void watched_end(struct watched *watched)
{
	free(watched->memory);
	fixture_end(&watched->base);
}

static void a_neighbour_that_stays_is_not_named(void **state)
{
	struct watched watched;

	watched_begin(&watched);
	for (int i = 0; i < 3; i++) {
		see(&watched, "10.0.0.1", 1, NUD_REACHABLE);
		see(&watched, "10.0.0.2", 2, NUD_STALE);
	}
	assert_int_equal(watched.base.snapshot.samples.count, 0);
	assert_null(fixture_object(&watched.base, OBJECT_NEIGHBOUR, "10.0.0.1"));
	watched_end(&watched);
}

static void changes_are_counted(void **state)
{
	const struct object *neighbour;
	struct watched watched;

	watched_begin(&watched);
	see(&watched, "10.0.0.1", 1, NUD_REACHABLE);
	see(&watched, "10.0.0.1", 2, NUD_REACHABLE);
	neighbour = fixture_object(&watched.base, OBJECT_NEIGHBOUR, "10.0.0.1");
	assert_int_equal(fixture_value(&watched.base, C_NEIGH_ADDRESS_CHANGES, neighbour), 1);
	assert_true(neighbour->born);
	see(&watched, "10.0.0.1", 1, NUD_REACHABLE);
	see(&watched, "10.0.0.1", 1, NUD_REACHABLE);
	assert_int_equal(fixture_value(&watched.base, C_NEIGH_ADDRESS_CHANGES, neighbour), 2);
	watched_end(&watched);
}

/* Where one window follows the other, a failover of hours ago is no news in each of them. */
static void each_window_counts_its_own_changes(void **state)
{
	struct watched watched, later;
	struct series *series;

	watched_begin(&watched);
	series = series_new(watched.base.objects);
	neighbour_memory_begin(watched.memory, series);
	for (uint8_t i = 1; i <= 4; i++)
		see(&watched, "10.0.0.1", i, NUD_REACHABLE);
	assert_int_equal(fixture_value(&watched.base, C_NEIGH_ADDRESS_CHANGES,
				       fixture_object(&watched.base, OBJECT_NEIGHBOUR, "10.0.0.1")),
			 3);
	series_add(series, &watched.base.snapshot);
	neighbour_memory_begin(watched.memory, series); /* the next tick */
	see(&watched, "10.0.0.1", 4, NUD_REACHABLE);
	assert_int_equal(watched.base.snapshot.samples.count, 1);
	series_free(series);

	fixture_begin(&later.base);
	later.memory = watched.memory;
	series = series_new(later.base.objects);
	for (int netns = 0; netns < 2; netns++) { /* both in the window's first tick */
		neighbour_memory_begin(later.memory, series);
		see(&later, "10.0.0.1", 4, NUD_REACHABLE);
		assert_int_equal(later.base.snapshot.samples.count, 0);
		see(&later, "10.0.0.2", (uint8_t)(1 + netns), NUD_REACHABLE);
	}
	assert_int_equal(fixture_value(&later.base, C_NEIGH_ADDRESS_CHANGES,
				       fixture_object(&later.base, OBJECT_NEIGHBOUR, "10.0.0.2")),
			 1);
	see(&later, "10.0.0.1", 5, NUD_REACHABLE);
	assert_int_equal(fixture_value(&later.base, C_NEIGH_ADDRESS_CHANGES,
				       fixture_object(&later.base, OBJECT_NEIGHBOUR, "10.0.0.1")),
			 1);
	series_free(series);
	fixture_end(&later.base);
	watched_end(&watched);
}

/* An entry that failed keeps an old hardware address that means nothing. */
static void failed_entries_do_not_count(void **state)
{
	struct watched watched;

	watched_begin(&watched);
	see(&watched, "10.0.0.1", 1, NUD_REACHABLE);
	see(&watched, "10.0.0.1", 2, NUD_FAILED);
	see(&watched, "10.0.0.1", 1, NUD_REACHABLE);
	assert_int_equal(watched.base.snapshot.samples.count, 0);
	watched_end(&watched);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_refused_addresses_are_named),
		cmocka_unit_test(a_neighbour_that_stays_is_not_named),
		cmocka_unit_test(changes_are_counted),
		cmocka_unit_test(each_window_counts_its_own_changes),
		cmocka_unit_test(failed_entries_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
