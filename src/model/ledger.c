/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: one entry per drop counter that moved, reduced by what more
 * precise counters say about the same packets (includes.def). Each inner count
 * is given to outer ones only once per relation, however many outer ones there are.
 */
#include "model/ledger.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <string.h>
#include <sys/socket.h>

#define ENTRIES_MAX 1000000
#define SLOTS_AT_FIRST 256 /* a power of two */

enum place { PLACE_SAME, PLACE_NETNS, PLACE_HOST, PLACE_PEER, PLACE_CHILD, PLACE_DEVICE, PLACE_BESIDE };
enum condition {
	CONDITION_ALWAYS,
	CONDITION_VETH,
	CONDITION_VETH_PEER_UNSEEN,
	CONDITION_EGRESS_HOOK,
	CONDITION_NEIGHBOUR4,
	CONDITION_NEIGHBOUR6,
	CONDITION_BOND,
	CONDITION_CLSACT,
	CONDITION_QUEUE,
	CONDITION_SYN_COOKIES
};
enum amount { AMOUNT_TOTAL, AMOUNT_OWN };

struct relation {
	counter_id outer, inner;
	enum place place;
	enum condition condition;
	enum amount amount;
};

static const struct relation relations[] = {
#define INCLUDES(outer, inner, place, condition, amount) \
	{ C_##outer, C_##inner, PLACE_##place, CONDITION_##condition, AMOUNT_##amount },
#include "model/includes.def"
#undef INCLUDES
};

struct ledger {
	const struct series *series;
	VEC(struct entry) entries;
	uint32_t *slots; /* entry + 1, 0 is empty; found by a hash of counter and object */
	size_t size;
};

static size_t entry_hash(counter_id counter, uint32_t object)
{
	uint64_t hash = ((uint64_t)counter << 32 | object) * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(hash ^ hash >> 29);
}

static struct entry *entry_find(const struct ledger *ledger, counter_id counter, uint32_t object)
{
	size_t at = entry_hash(counter, object);

	for (uint32_t slot; (slot = ledger->slots[at & (ledger->size - 1)]); at++) {
		struct entry *entry = &ledger->entries.data[slot - 1];

		if (entry->counter == counter && entry->object == object)
			return entry;
	}
	return NULL;
}

static void slot_put(struct ledger *ledger, size_t index)
{
	const struct entry *entry = &ledger->entries.data[index];
	size_t at = entry_hash(entry->counter, entry->object);

	while (ledger->slots[at & (ledger->size - 1)])
		at++;
	ledger->slots[at & (ledger->size - 1)] = (uint32_t)index + 1;
}

static void entry_new(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t increase)
{
	struct entry *entry = vec_add(&ledger->entries, ENTRIES_MAX);

	if (!entry)
		return;
	*entry = (struct entry){ .counter = counter, .object = object, .increase = increase };
	if (ledger->entries.count * 2 <= ledger->size) {
		slot_put(ledger, ledger->entries.count - 1);
		return;
	}
	ledger->size *= 2;
	free(ledger->slots);
	ledger->slots = mem_new(ledger->size, sizeof(*ledger->slots));
	for (size_t i = 0; i < ledger->entries.count; i++)
		slot_put(ledger, i);
}

static uint64_t own(const struct entry *entry)
{
	return entry->increase - entry->elsewhere;
}

static bool place_matches(enum place place, const struct object *outer, const struct object *inner)
{
	switch (place) {
	case PLACE_SAME:
		return outer == inner;
	case PLACE_NETNS:
		return outer->netns == inner->netns;
	case PLACE_HOST:
		return true;
	case PLACE_PEER:
		return outer->peer == inner->id || (inner->peer && inner->peer == outer->id);
	case PLACE_CHILD:
		return inner->parent == outer->id && inner->id != outer->id;
	case PLACE_DEVICE:
		return outer->link == inner->id && inner->id != outer->id;
	case PLACE_BESIDE:
		return outer->link && outer->link == inner->link;
	}
	return false;
}

static bool is_master(const struct object *link)
{
	const char *kind = object_text(link, LABEL_KIND);

	return strcmp(kind, "bond") == 0 || strcmp(kind, "team") == 0;
}

bool ledger_syn_cookies(const struct series *series, uint32_t netns)
{
	return series_last(series, C_SYSCTL_TCP_SYNCOOKIES, netns) &&
	       !series_increase(series, C_TCP_EXT_TCP_REQ_Q_FULL_DROP, netns);
}

static bool condition_holds(const struct ledger *ledger, enum condition condition, const struct object *outer,
			    const struct object *inner)
{
	const struct object *link = object_link(series_objects(ledger->series), outer);
	bool veth = link && strcmp(object_text(link, LABEL_KIND), "veth") == 0;
	const char *hook = object_text(inner, LABEL_HOOK);

	switch (condition) {
	case CONDITION_ALWAYS:
		return true;
	case CONDITION_VETH:
		return veth;
	case CONDITION_VETH_PEER_UNSEEN:
		return veth && !link->peer;
	case CONDITION_EGRESS_HOOK:
		return strstr(hook, "output") || strstr(hook, "postrouting") || strstr(hook, "egress");
	case CONDITION_BOND:
		return link && is_master(link);
	case CONDITION_NEIGHBOUR4:
		return inner->key.a == AF_INET;
	case CONDITION_CLSACT:
		return strcmp(hook, "ingress") == 0 || strcmp(hook, "egress") == 0;
	case CONDITION_QUEUE:
		return strcmp(hook, "queue") == 0;
	case CONDITION_NEIGHBOUR6:
		return inner->key.a == AF_INET6;
	case CONDITION_SYN_COOKIES:
		return ledger_syn_cookies(ledger->series, outer->id);
	}
	return false;
}

#define SKEW_LEAST_NS (2 * NS_PER_MS) /* two sources of one tick are read so far apart */
#define SKEW_SHARE 20

/* During which a reading was made: a busy host may stop it in its middle. */
struct span {
	uint64_t from_ns, to_ns;
};

static struct span first_span(const struct series *series, const struct cell *cell)
{
	const struct observation *seen = series_observation_of(series, cell->counter, cell->object);

	if (seen && seen->readings && cell->first_ns <= seen->first_ns)
		return (struct span){ seen->first_ns - seen->first_took_ns, seen->first_ns };
	return (struct span){ cell->first_ns, cell->first_ns };
}

static struct span last_span(const struct series *series, const struct cell *cell)
{
	const struct observation *seen = series_observation_of(series, cell->counter, cell->object);

	if (seen && seen->readings && cell->last_snapshot == seen->last_snapshot)
		return (struct span){ seen->last_ns - seen->last_took_ns, seen->last_ns };
	return (struct span){ cell->last_ns, cell->last_ns };
}

/* What may lie between two readings at one end of the window. */
static uint64_t apart_ns(struct span a, struct span b)
{
	uint64_t from_ns = a.from_ns < b.from_ns ? a.from_ns : b.from_ns;
	uint64_t to_ns = a.to_ns > b.to_ns ? a.to_ns : b.to_ns;

	return to_ns - from_ns > SKEW_LEAST_NS ? to_ns - from_ns : SKEW_LEAST_NS;
}

#define GONE_MS 500 /* what went was not read in so long at most before it went */

static bool is_gone(const struct series *series, const struct cell *cell)
{
	return cell->state & CELL_VANISHED || cell->last_ns + GONE_MS * NS_PER_MS < series_end_ns(series);
}

/* What a count gained in the readings that another one, which went then, has not had. */
static uint64_t gained_since(const struct series *series, const struct cell *cell, uint64_t since_ns)
{
	uint64_t since_ms = (since_ns - series_start_ns(series)) / NS_PER_MS, before_ms = 0, sum = 0;
	const struct point *point;

	vec_each(&cell->points, point) {
		uint64_t from_ms = before_ms > since_ms ? before_ms : since_ms;

		if (point->time_ms > from_ms && point->time_ms <= since_ms + GONE_MS)
			sum += point->increase * (point->time_ms - from_ms) / (point->time_ms - before_ms);
		before_ms = point->time_ms;
	}
	return sum;
}

#define EDGE_MS 200 /* the readings next to the window's ends are no farther from them */

static uint64_t gained_until(const struct cell *cell, uint64_t time_ms)
{
	const struct point *point;
	uint64_t sum = 0;

	vec_each(&cell->points, point)
		sum += point->time_ms <= time_ms ? point->increase : 0;
	return sum;
}

/* How many packets more the one has than the other, no less than none. */
static uint64_t more_than(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * Packets come in bursts, and a burst that fell between two readings is more than the average says. But at the window's
 * start it shows: from its first reading to its second the outer count gains so much more. And so at the end.
 */
static uint64_t ahead_at_ends(const struct cell *outer, const struct cell *inner)
{
	size_t outers = outer->points.count, inners = inner->points.count;
	uint64_t second_ms, last_but_one_ms, end_ms, ahead = 0;

	if (outers < 2 || inners < 2)
		return 0;
	second_ms = outer->points.data[0].time_ms;
	if (inner->points.data[0].time_ms > second_ms)
		second_ms = inner->points.data[0].time_ms;
	last_but_one_ms = outer->points.data[outers - 2].time_ms;
	if (inner->points.data[inners - 2].time_ms > last_but_one_ms)
		last_but_one_ms = inner->points.data[inners - 2].time_ms;
	end_ms = outer->points.data[outers - 1].time_ms;
	if (second_ms <= EDGE_MS)
		ahead = more_than(gained_until(outer, second_ms), gained_until(inner, second_ms));
	if (end_ms <= last_but_one_ms + EDGE_MS)
		ahead += more_than(outer->increase - gained_until(outer, last_but_one_ms),
				   inner->increase - gained_until(inner, last_but_one_ms));
	return ahead;
}

uint64_t ledger_skew(const struct series *series, const struct cell *outer, const struct cell *inner)
{
	bool together = counter_get(outer->counter)->source == counter_get(inner->counter)->source;
	uint64_t apart, span_ms, packets;

	if (!outer->points.count)
		return 0;
	if (inner->last_ns < outer->last_ns && is_gone(series, inner))
		return gained_since(series, outer, inner->last_ns);
	if (together)
		return 0;
	apart = apart_ns(first_span(series, outer), first_span(series, inner)) +
		apart_ns(last_span(series, outer), last_span(series, inner));
	span_ms = outer->points.data[outer->points.count - 1].time_ms - outer->points.data[0].time_ms +
		  (uint64_t)(series_seconds(series) * 1000) / (outer->readings ? outer->readings : 1) + 1;
	packets = outer->increase * (apart / NS_PER_MS + 1) / span_ms + 1 + ahead_at_ends(outer, inner);
	return packets < outer->increase / SKEW_SHARE ? packets : outer->increase / SKEW_SHARE;
}

/* Takes up to `budget` of an inner count's packets off an outer entry; returns how many. */
static uint64_t entry_give(struct ledger *ledger, struct entry *outer, const struct cell *inner, uint64_t budget)
{
	uint64_t taken = own(outer) < budget ? own(outer) : budget;
	uint64_t skew = ledger_skew(ledger->series, series_cell(ledger->series, outer->counter, outer->object), inner);

	outer->elsewhere += taken;
	if (inner->counter == C_SOFTNET_DROPPED)
		outer->backlog += taken;
	outer->skew = skew > outer->skew ? skew : outer->skew;
	return taken;
}

/*
 * Devices that hand what they receive to a CPU's backlog by themselves: netif_rx(). A network card's driver polls, only RPS
 * puts its packets there, and its rx_dropped holds what it lost itself, too.
 */
static bool feeds_backlog(const struct object *link)
{
	static const char *const kinds[] = { "veth", "loopback", "macvlan", "ipvlan", "tun" };

	return text_is_one_of(object_text(link, LABEL_KIND), kinds, ARRAY_SIZE(kinds));
}

/* To which of the entries that it may belong to a count is given, one after the other. */
enum gift {
	GIVE_TOLD,    /* the device's backlog drops that the kernel told of */
	GIVE_FEEDING, /* those that feeds_backlog() tells */
	GIVE_ALL,
};

/* A kind of drop of a full backlog: enqueue_to_backlog() also drops what comes for a device that is down. */
static bool is_of_backlog(const struct object *kind)
{
	return strcmp(object_text(kind, LABEL_PLACE), "enqueue_to_backlog") == 0 &&
	       strcmp(object_text(kind, LABEL_REASON), "DEV_READY") != 0;
}

/* How many packets of that device the kernel told of that found a backlog full, and are not given yet. */
static uint64_t told_of_backlog(const struct ledger *ledger, const struct entry *entry)
{
	const struct cell *cell;
	uint64_t told = 0;
	size_t i;

	series_each(ledger->series, C_DROP_SKBS, i, cell) {
		const struct object *kind = object_get(series_objects(ledger->series), cell->object);

		if (kind->link == entry->object && is_of_backlog(kind))
			told += cell->increase;
	}
	return told > entry->backlog ? told - entry->backlog : 0;
}

static uint64_t gift_of(const struct ledger *ledger, const struct entry *outer, const struct object *object,
			uint64_t budget, enum gift gift)
{
	uint64_t told;

	if (gift == GIVE_ALL)
		return budget;
	if (gift == GIVE_FEEDING)
		return feeds_backlog(object) ? budget : 0;
	told = told_of_backlog(ledger, outer);
	return told < budget ? told : budget;
}

/* Gives one inner count to the outer entries it belongs to; returns the rest. */
static uint64_t give(struct ledger *ledger, const struct relation *relation, const struct cell *cell, uint64_t budget,
		     enum gift gift)
{
	const struct object *inner = object_get(series_objects(ledger->series), cell->object);
	struct entry *outer;

	vec_each(&ledger->entries, outer) {
		const struct object *object;
		uint64_t most;

		if (!budget)
			break;
		if (outer->counter != relation->outer || !own(outer))
			continue;
		object = object_get(series_objects(ledger->series), outer->object);
		most = gift_of(ledger, outer, object, budget, gift);
		if (most && place_matches(relation->place, object, inner) &&
		    condition_holds(ledger, relation->condition, object, inner))
			budget -= entry_give(ledger, outer, cell, most);
	}
	return budget;
}

static void relation_apply(struct ledger *ledger, const struct relation *relation, const struct cell *cell,
			   uint64_t budget)
{
	if (relation->outer == C_LINK_RX_DROPPED && relation->inner == C_SOFTNET_DROPPED) {
		budget = give(ledger, relation, cell, budget, GIVE_TOLD);
		budget = give(ledger, relation, cell, budget, GIVE_FEEDING);
	}
	(void)give(ledger, relation, cell, budget, GIVE_ALL);
}

/* What is left of a count within its skew are the same packets. */
static void skews_settle(struct ledger *ledger)
{
	struct entry *entry;

	vec_each(&ledger->entries, entry) {
		if (own(entry) <= entry->skew)
			entry->elsewhere = entry->increase;
	}
}

static bool counter_moved(const struct ledger *ledger, counter_id counter)
{
	const struct entry *entry;

	vec_each(&ledger->entries, entry) {
		if (entry->counter == counter)
			return true;
	}
	return false;
}

static void relations_apply(struct ledger *ledger)
{
	const struct relation *relation;
	const struct cell *cell;
	size_t i;

	for (relation = relations; relation < relations + ARRAY_SIZE(relations); relation++) {
		if (!counter_moved(ledger, relation->outer))
			continue;
		series_each(ledger->series, relation->inner, i, cell) {
			const struct entry *entry = entry_find(ledger, cell->counter, cell->object);
			uint64_t budget = cell->increase;

			if (relation->amount == AMOUNT_OWN)
				budget = entry ? own(entry) : 0;
			if (budget)
				relation_apply(ledger, relation, cell, budget);
		}
	}
}

struct ledger *ledger_new(const struct series *series)
{
	struct ledger *ledger = NEW(struct ledger);

	ledger->series = series;
	ledger->size = SLOTS_AT_FIRST;
	ledger->slots = mem_new(ledger->size, sizeof(*ledger->slots));
	for (size_t i = 0; i < series_cells(series); i++) {
		const struct cell *cell = series_cell_by_index(series, i);
		const struct counter *counter = counter_get(cell->counter);

		if (counter->kind == KIND_DROP && counter->form != FORM_GAUGE && cell->increase)
			entry_new(ledger, cell->counter, cell->object, cell->increase);
	}
	relations_apply(ledger);
	skews_settle(ledger);
	ledger_settle_drivers(ledger, series);
	ledger_settle_devices(ledger, series);
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	vec_free(&ledger->entries);
	free(ledger->slots);
	free(ledger);
}

void ledger_free_ptr(struct ledger **ledger)
{
	ledger_free(*ledger);
}

size_t ledger_entries(const struct ledger *ledger)
{
	return ledger->entries.count;
}

const struct entry *ledger_entry_at(const struct ledger *ledger, size_t index)
{
	return &ledger->entries.data[index];
}

uint64_t ledger_backlog(const struct ledger *ledger, uint32_t link)
{
	const struct entry *entry = entry_find(ledger, C_LINK_RX_DROPPED, link);

	return entry ? entry->backlog : 0;
}

uint64_t entry_left(const struct entry *entry)
{
	return own(entry) - entry->claimed;
}

uint64_t ledger_left(const struct ledger *ledger, counter_id counter, uint32_t object)
{
	const struct entry *entry = entry_find(ledger, counter, object);

	return entry ? entry_left(entry) : 0;
}

/* Adds what is left of `packets` to one of an entry's two sums; returns how many. */
static uint64_t entry_take(struct entry *entry, uint64_t packets, uint64_t *sum)
{
	uint64_t left = entry_left(entry);

	if (packets > left)
		packets = left;
	*sum += packets;
	return packets;
}

uint64_t ledger_claim(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t packets)
{
	struct entry *entry = entry_find(ledger, counter, object);

	return entry ? entry_take(entry, packets, &entry->claimed) : 0;
}

uint64_t ledger_move_elsewhere(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t packets)
{
	struct entry *entry = entry_find(ledger, counter, object);

	return entry ? entry_take(entry, packets, &entry->elsewhere) : 0;
}

void ledger_add(struct ledger *ledger, counter_id counter, uint32_t object, uint64_t packets)
{
	struct entry *entry = entry_find(ledger, counter, object);

	if (entry)
		entry->increase += packets;
	else if (packets)
		entry_new(ledger, counter, object, packets);
}

void ledger_sum(const struct ledger *ledger, struct ledger_sum *ret)
{
	const struct entry *entry;

	*ret = (struct ledger_sum){ 0 };
	vec_each(&ledger->entries, entry) {
		enum domain domain = counter_get(entry->counter)->domain;

		ret->dropped += own(entry);
		ret->explained += entry->claimed;
		if (domain < DOMAIN_COUNT)
			ret->domains[domain] += own(entry);
	}
	ret->unexplained = ret->dropped - ret->explained;
}
