/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What drop events need of the kernel that runs, here and in the guests of tests/guest: every reason that it can give
 * is in reasons.def, the probe attaches and counts a known number of drops, and their places are known; and so do the probes
 * at other events, all of them. One program
 * without files of its own, so that it runs where there is nothing else. The drops are on the loopback device of a
 * namespace that it makes and that goes with it. Prints TAP.
 */
#include "model/place.h"
#include "source/drops.h"
#include "source/events.h"
#include "source/kernel_names.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUBSYSTEM_SHIFT 16 /* SKB_DROP_REASON_SUBSYS_SHIFT */

/* Reasons of the kernel itself, of its subsystems, and those that the table lacks. */
struct coverage {
	unsigned int core, subsystems, unknown;
	char last_unknown[64];
	bool says; /* which those are */
};

static void cover(void *argument, uint32_t number, const char *name)
{
	struct coverage *coverage = argument;

	coverage->core += number >> SUBSYSTEM_SHIFT == 0;
	coverage->subsystems += number >> SUBSYSTEM_SHIFT != 0;
	if (reason_find(name))
		return;
	coverage->unknown++;
	snprintf(coverage->last_unknown, sizeof(coverage->last_unknown), "%s", name);
	if (coverage->says)
		print_message("# reasons.def lacks %s (%#x)\n", name, number);
}

static int read_names(void **state)
{
	*state = kernel_names_new();
	return 0;
}

static int free_names(void **state)
{
	kernel_names_free(*state);
	return 0;
}

static void every_reason_of_this_kernel_is_known(void **state)
{
	struct coverage coverage = { .says = true };

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	kernel_reasons_each(*state, cover, &coverage);
	print_message("# %u drop reasons of the kernel, %u of subsystems\n", coverage.core, coverage.subsystems);
	assert_int_equal(coverage.unknown, 0);
	assert_true(coverage.core >= 60); /* 6.1 has 65 */
}

static void a_reason_that_the_table_lacks_is_seen(void **state)
{
	struct coverage coverage = { 0 };

	cover(&coverage, 3, "NO_SOCKET");
	assert_int_equal(coverage.unknown, 0);
	cover(&coverage, 0xfffe, "SUN_SPOTS");
	assert_int_equal(coverage.unknown, 1);
	assert_string_equal(coverage.last_unknown, "SUN_SPOTS");
	assert_int_equal(coverage.core, 2);
}

struct search {
	const char *name;
	uint32_t number;
	unsigned int found;
};

static void search_name(void *argument, uint32_t number, const char *name)
{
	struct search *search = argument;

	if (strcmp(search->name, name) != 0)
		return;
	search->number = number;
	search->found++;
}

static void a_number_has_its_name(void **state)
{
	struct search reason = { .name = "NO_SOCKET" }, bound = { .name = "MAX" }, mask = { .name = "SUBSYS_MASK" };

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		skip();
	kernel_reasons_each(*state, search_name, &reason);
	assert_int_equal(reason.found, 1);
	assert_string_equal(kernel_reason_name(*state, reason.number), "NO_SOCKET");
	assert_null(kernel_reason_name(*state, 0xfffe));
	/* an enum's own bounds are no reasons */
	kernel_reasons_each(*state, search_name, &bound);
	kernel_reasons_each(*state, search_name, &mask);
	assert_int_equal(bound.found + mask.found, 0);
}

/* Kernels from 6.4 on number the reasons of subsystems apart; where such a module is loaded, they have to be there. */
static void loaded_subsystems_have_their_reasons(void **state)
{
	static const struct {
		const char *types, *reason;
	} modules[] = {
		{ "/sys/kernel/btf/mac80211", "RX_DROP_U_REPLAY" },
		{ "/sys/kernel/btf/openvswitch", "OVS_DROP_LAST_ACTION" },
	};
	struct search newer = { .name = "TC_COOKIE_ERROR" }; /* 6.8 */
	size_t loaded = 0;

	kernel_reasons_each(*state, search_name, &newer);
	for (size_t i = 0; newer.found && i < ARRAY_SIZE(modules); i++) {
		struct search reason = { .name = modules[i].reason };

		if (access(modules[i].types, R_OK) != 0)
			continue;
		loaded++;
		kernel_reasons_each(*state, search_name, &reason);
		assert_int_equal(reason.found, 1);
		assert_true(reason.number >> SUBSYSTEM_SHIFT);
	}
	if (!loaded)
		skip();
}

#define DATAGRAMS 100
#define CLOSED_PORT 9
#define OPEN_PORT 10

/* Datagrams that are sent in a namespace of their own, whose socket on OPEN_PORT has room for so much. */
struct scene {
	const char *host;
	uint16_t port;
	int buffer_bytes;
	const char *reason; /* of the drops that are to be counted */
	enum drops_way way;
};

/* Drops of UDP in that namespace; what place and reason say of those that are looked for; and what arrived. */
struct count {
	struct kernel_names *names;
	const char *reason;
	uint32_t netns;
	uint64_t skbs, others, received;
	struct drop_meaning meaning;
	char symbol[PLACE_SYMBOL_MAX];
};

static void want_place(void *argument, size_t index, const struct drop_slot *slot)
{
	struct count *count = argument;

	(void)index;
	kernel_place_want(count->names, slot->key.place);
}

static void count_slot(void *argument, size_t index, const struct drop_slot *slot)
{
	struct count *count = argument;
	const char *reason = kernel_reason_name(count->names, slot->key.reason), *symbol;

	(void)index;
	if (slot->key.netns != count->netns || slot->key.protocol != IPPROTO_UDP)
		return;
	if (!reason || strcmp(reason, count->reason) != 0 || slot->key.ifindex != 1) {
		count->others += slot->skbs;
		return;
	}
	count->skbs += slot->skbs;
	symbol = kernel_place_name(count->names, slot->key.place);
	place_symbol(symbol, count->symbol);
	count->meaning = drop_meaning_of(symbol, reason);
}

static struct sockaddr_in address_of(const char *host, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
	return address;
}

static void send_datagrams(const char *host, uint16_t port)
{
	struct sockaddr_in address = address_of(host, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), yes = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes)), 0);
	for (int i = 0; i < DATAGRAMS; i++)
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)), 1);
	close(fd);
}

static int open_socket(uint16_t port, int buffer_bytes)
{
	struct sockaddr_in address = address_of("127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_bytes, sizeof(buffer_bytes)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static uint64_t take_datagrams(int fd)
{
	uint64_t taken = 0;
	char byte;

	while (recv(fd, &byte, 1, MSG_DONTWAIT) == 1)
		taken++;
	return taken;
}

/* A namespace whose loopback device is up. False without the right to make one. */
static bool enter_new_namespace(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	close(fd);
	return true;
}

/* Sends them all, and waits until each has arrived or was dropped: a softirq may be late. */
static void run_scene(const struct scene *scene, const struct drops *drops, struct kernel_names *names,
		      struct count *ret)
{
	uint64_t received = 0;
	struct stat namespace;
	int reader;

	assert_int_equal(stat("/proc/self/ns/net", &namespace), 0);
	reader = open_socket(OPEN_PORT, scene->buffer_bytes);
	send_datagrams(scene->host, scene->port);
	for (int i = 0; i < 100; i++) {
		received += take_datagrams(reader);
		*ret = (struct count){ .names = names,
				       .reason = scene->reason,
				       .netns = (uint32_t) namespace.st_ino,
				       .received = received };
		drops_each(drops, want_place, ret);
		assert_int_equal(kernel_places_find(names), 0);
		drops_each(drops, count_slot, ret);
		if (ret->skbs + received >= DATAGRAMS)
			break;
		usleep(5000);
	}
	close(reader);
}

/* False: no right to. */
static bool drop_and_count(const struct scene *scene, struct kernel_names *names, struct count *ret)
{
	const struct drops_options options = { .way = scene->way };
	struct drops *drops;
	const char *why = "";
	int error;

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0 || !enter_new_namespace())
		return false;
	error = drops_attach(&options, &drops, &why);
	if (error == -EPERM || error == -EACCES)
		return false;
	if (error)
		fail_msg("the probe does not attach: %s (%s)", why, strerror(-error));
	run_scene(scene, drops, names, ret);
	print_message("# %s at %s: %llu, others: %llu, arrived: %llu, by a %s probe\n", scene->reason, ret->symbol,
		      (unsigned long long)ret->skbs, (unsigned long long)ret->others, (unsigned long long)ret->received,
		      drops_way(drops) == DROPS_TYPED ? "typed" : "raw");
	drops_detach(drops);
	return true;
}

static void datagrams_to_a_closed_port_are_counted(void **state)
{
	static const struct scene scene = { "127.0.0.1", CLOSED_PORT, 1 << 20, "NO_SOCKET", DROPS_TYPED };
	struct count count = { 0 };

	if (!drop_and_count(&scene, *state, &count))
		skip();
	assert_int_equal(count.skbs, DATAGRAMS);
	assert_int_equal(count.others, 0);
	assert_int_equal(count.meaning.cause, CAUSE_NO_LISTENER);
	assert_non_null(count.meaning.place);
}

/* The same by the program that does not know the kernel's types. */
static void the_raw_probe_counts_them_too(void **state)
{
	static const struct scene scene = { "127.0.0.1", CLOSED_PORT, 1 << 20, "NO_SOCKET", DROPS_RAW };
	struct count count = { 0 };

	if (!drop_and_count(&scene, *state, &count))
		skip();
	assert_int_equal(count.skbs, DATAGRAMS);
	assert_int_equal(count.others, 0);
}

struct reason_count {
	struct kernel_names *names;
	uint64_t skbs;
};

static void count_no_socket(void *argument, size_t index, const struct drop_slot *slot)
{
	struct reason_count *count = argument;
	const char *reason = kernel_reason_name(count->names, slot->key.reason);

	(void)index;
	if (reason && strcmp(reason, "NO_SOCKET") == 0)
		count->skbs += slot->skbs;
}

/* Perf events tell nothing of namespaces: others may be among them, none of the test's own may be missing. */
static void perf_events_count_them_too(void **state)
{
	const struct drops_options options = { .way = DROPS_PERF };
	struct reason_count count = { *state, 0 };
	struct drops_totals totals;
	struct drops *drops = NULL;
	const char *why = "";

	if (!enter_new_namespace() || drops_attach(&options, &drops, &why))
		skip();
	send_datagrams("127.0.0.1", CLOSED_PORT);
	usleep(100000);
	drops_stop(drops);
	drops_each(drops, count_no_socket, &count);
	drops_totals(drops, &totals);
	print_message("# NO_SOCKET by perf: %llu of %llu, missed: %llu\n", (unsigned long long)count.skbs,
		      (unsigned long long)totals.skbs, (unsigned long long)totals.missed);
	assert_true(count.skbs >= DATAGRAMS && count.skbs < 2 * DATAGRAMS);
	assert_int_equal(totals.missed, 0);
	drops_detach(drops);
}

static void datagrams_that_are_taken_are_no_drops(void **state)
{
	static const struct scene scene = { "127.0.0.1", OPEN_PORT, 1 << 20, "NO_SOCKET", DROPS_TYPED };
	struct count count = { 0 };

	if (!drop_and_count(&scene, *state, &count))
		skip();
	assert_int_equal(count.received, DATAGRAMS);
	assert_int_equal(count.skbs, 0);
	assert_int_equal(count.others, 0);
}

/* Each datagram has arrived or was dropped, and the namespace is known although skb->dev may hold no longer. */
static void datagrams_for_a_full_buffer_are_counted(void **state)
{
	static const struct scene scene = { "127.0.0.1", OPEN_PORT, 1, "SOCKET_RCVBUFF", DROPS_TYPED };
	struct count count = { 0 };

	if (!drop_and_count(&scene, *state, &count))
		skip();
	assert_in_range(count.received, 1, DATAGRAMS / 2);
	assert_int_equal(count.skbs, DATAGRAMS - count.received);
	assert_int_equal(count.others, 0);
	assert_int_equal(count.meaning.cause, CAUSE_UDP_RECEIVE_BUFFER_FULL);
	assert_int_equal(count.meaning.field, PLACE_RECEIVER);
}

/* A broadcast that nobody here wants is freed without a reason: the place alone tells that no harm is done. */
static void drops_without_a_reason_are_told_by_their_place(void **state)
{
	static const struct scene scene = { "127.255.255.255", CLOSED_PORT, 1 << 20, "NOT_SPECIFIED", DROPS_TYPED };
	struct count count = { 0 };

	if (!drop_and_count(&scene, *state, &count))
		skip();
	assert_int_equal(count.skbs, DATAGRAMS);
	assert_int_equal(count.others, 0);
	assert_int_equal(count.meaning.cause, CAUSE_MULTICAST_NOT_JOINED);
	assert_int_equal(count.meaning.harm, REASON_HARMLESS);
}

/* ---- events that are no drops ---- */

#define REFUSED 5
#define BROKEN_OFF 3

/* Those of one namespace, by kind; and one sample. */
struct event_sums {
	struct kernel_names *names;
	uint32_t netns;
	uint64_t events[EVENT_KINDS];
	uint64_t no_socket; /* resets sent for this reason */
	struct event_sample received;
};

static void fail_lacking(void *argument, const char *tracepoint, int error)
{
	(void)argument;
	fail_msg("%s: %s", tracepoint, strerror(error));
}

static void sum_event(void *argument, const struct event_key *key, const struct event_count *count)
{
	struct event_sums *sums = argument;
	const char *reason = key->detail < 0 ? NULL : kernel_reset_reason_name(sums->names, (uint32_t)key->detail);

	if (key->netns != sums->netns)
		return;
	sums->events[key->kind] += count->events;
	if (key->kind == EVENT_RESET_SENT && reason && strcmp(reason, "NO_SOCKET") == 0)
		sums->no_socket += count->events;
}

static void keep_received(void *argument, const struct event_sample *sample)
{
	struct event_sums *sums = argument;

	if (sample->key.netns == sums->netns && sample->key.kind == EVENT_RESET_RECEIVED &&
	    sample->flow.source_port == htons(CLOSED_PORT))
		sums->received = *sample;
}

/* Both ends in this process; closed as usual, or broken off with a reset. */
static void connect_once(uint16_t port, bool broken_off)
{
	const struct linger now = { .l_onoff = 1 };
	struct sockaddr_in address = address_of("127.0.0.1", port);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1, here, there;

	assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(here, (struct sockaddr *)&address, sizeof(address)), 0);
	there = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(there >= 0);
	if (broken_off)
		assert_int_equal(setsockopt(here, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close(here);
	close(there);
	close(listener);
}

static void connect_in_vain(void)
{
	struct sockaddr_in address = address_of("127.0.0.1", CLOSED_PORT);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

/* Every probe, in a namespace of its own. False: no right to. */
static bool events_begin(struct kernel_names *names, struct events **ret, struct event_sums *ret_sums)
{
	const struct events_options options = { .groups = EVENTS_ALL, .lacks = fail_lacking };
	struct stat namespace;
	int error;

	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0 || !enter_new_namespace())
		return false;
	error = events_attach(&options, ret);
	if (error == -EPERM || error == -EACCES)
		return false;
	if (error)
		fail_msg("the probes do not attach: %s", strerror(-error));
	assert_int_equal(stat("/proc/self/ns/net", &namespace), 0);
	*ret_sums = (struct event_sums){ .names = names, .netns = (uint32_t) namespace.st_ino };
	return true;
}

static void events_end(struct events *events, struct event_sums *sums)
{
	usleep(100000);
	events_stop(events);
	events_each(events, sum_event, sums);
	(void)events_poll(events, keep_received, sums);
	events_detach(events);
}

/* Before 6.10 a reset for a port where nobody listens is no event for the one who sends it. */
static void resets_are_counted(void **state)
{
	struct event_sums sums = { 0 };
	struct events *events = NULL;
	bool has_reasons;

	if (!events_begin(*state, &events, &sums))
		skip();
	for (int i = 0; i < REFUSED; i++)
		connect_in_vain();
	for (int i = 0; i < BROKEN_OFF; i++)
		connect_once(OPEN_PORT, true);
	events_end(events, &sums);
	has_reasons = kernel_reset_reason_name(*state, 1);
	print_message("# resets sent: %llu, %llu of them NO_SOCKET; received: %llu\n",
		      (unsigned long long)sums.events[EVENT_RESET_SENT], (unsigned long long)sums.no_socket,
		      (unsigned long long)sums.events[EVENT_RESET_RECEIVED]);
	assert_int_equal(sums.events[EVENT_RESET_RECEIVED], REFUSED + BROKEN_OFF);
	assert_int_equal(sums.events[EVENT_RESET_SENT], BROKEN_OFF + (has_reasons ? REFUSED : 0));
	assert_int_equal(sums.no_socket, has_reasons ? REFUSED : 0);
	assert_int_equal(sums.events[EVENT_UDP_QUEUE_FULL], 0);
	/* the reset's own way: from the closed port to here */
	assert_int_equal(sums.received.flow.ethertype, 0x0800);
	assert_int_equal(sums.received.flow.protocol, IPPROTO_TCP);
	assert_int_equal(sums.received.key.state, 2); /* SYN_SENT */
	assert_memory_equal(sums.received.flow.source, "\x7f\0\0\x01", 4);
	assert_int_not_equal(sums.received.flow.destination_port, 0);
}

static void datagrams_for_a_full_queue_are_events(void **state)
{
	struct event_sums sums = { 0 };
	struct events *events = NULL;
	uint64_t received;
	int reader;

	if (!events_begin(*state, &events, &sums))
		skip();
	reader = open_socket(OPEN_PORT, 1);
	send_datagrams("127.0.0.1", OPEN_PORT);
	events_end(events, &sums);
	received = take_datagrams(reader);
	close(reader);
	assert_in_range(received, 1, DATAGRAMS / 2);
	assert_int_equal(sums.events[EVENT_UDP_QUEUE_FULL], DATAGRAMS - received);
	assert_int_equal(sums.events[EVENT_RESET_SENT] + sums.events[EVENT_RESET_RECEIVED], 0);
}

static void what_goes_well_makes_no_events(void **state)
{
	struct event_sums sums = { 0 };
	struct events *events = NULL;
	int reader;

	if (!events_begin(*state, &events, &sums))
		skip();
	reader = open_socket(OPEN_PORT, 1 << 20);
	send_datagrams("127.0.0.1", OPEN_PORT);
	assert_int_equal(take_datagrams(reader), DATAGRAMS);
	close(reader);
	for (int i = 0; i < BROKEN_OFF; i++)
		connect_once(OPEN_PORT, false);
	events_end(events, &sums);
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		assert_int_equal(sums.events[kind], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_of_this_kernel_is_known),
		cmocka_unit_test(a_reason_that_the_table_lacks_is_seen),
		cmocka_unit_test(a_number_has_its_name),
		cmocka_unit_test(loaded_subsystems_have_their_reasons),
		cmocka_unit_test(datagrams_to_a_closed_port_are_counted),
		cmocka_unit_test(the_raw_probe_counts_them_too),
		cmocka_unit_test(perf_events_count_them_too),
		cmocka_unit_test(datagrams_that_are_taken_are_no_drops),
		cmocka_unit_test(datagrams_for_a_full_buffer_are_counted),
		cmocka_unit_test(drops_without_a_reason_are_told_by_their_place),
		cmocka_unit_test(resets_are_counted),
		cmocka_unit_test(datagrams_for_a_full_queue_are_events),
		cmocka_unit_test(what_goes_well_makes_no_events),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("engine/kernel", tests, read_names, free_names);
}
