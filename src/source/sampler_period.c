/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often what is read. At the window's start and end everything is; in between
 *
 *	cheap sources	at every tick (quiet namespaces of a crowd more seldom: sampler.c), but each takes no more
 *			than 1 % of a CPU where there are thousands of CPUs or interfaces, down to once a second; of
 *			interfaces the statistics alone, their list twice a second or less (link_statistics.c)
 *	middle ones	at every tick as long as all of them together take no more than 2 % of a CPU; one whose
 *			numbers stand still ever more seldom, down to twice a second; sockets at once when anything
 *			moved in their namespace, TCP connections by a rule of their own (socket_due.c)
 *	dear ones	once a second, together taking 2 % of a CPU at most; processes four times, when there is a
 *			socket whose process is wanted
 *
 * but settings, and what is dear for the little that its course in time tells, no oftener than the table says. Middle and
 * dear ones get an eighth of that where ticks are a second apart or more, as in a recording of hours; all of it a fraction
 * when the tool uses more of a CPU than it may (sampler.c).
 *
 * Whatever the costs and that bound: where something was lost since, what may be over at the window's end (queues, the
 * state of processes and of neighbours) is urgent. It is read at once the first time, and for each process that nobody
 * looked at yet, for which a tick may come early; then up to four times a second, each taking 1 % of a CPU, all of them
 * together 2 %.
 */
#include "source/process.h"
#include "source/sampler_parts.h"

#include "base/alloc.h"

#define CHEAP_SHARE 100
#define CHEAP_PERIOD_MAX_NS NS_PER_S
#define MIDDLE_SHARE_EACH 100
#define MIDDLE_SHARE_ALL 50
#define DEAR_SHARE 50
#define DEAR_PERIOD_NS NS_PER_S
#define DEAR_BEAT_NS (250 * NS_PER_MS)
#define URGENT_SHARE_EACH 100
#define URGENT_SHARE_ALL 50
#define URGENT_PERIOD_NS (250 * NS_PER_MS)
#define STILL_AFTER 2 /* readings with the same numbers */
#define STILL_PERIOD_NS (500 * NS_PER_MS)

static const struct {
	enum source_id id;
	uint64_t period_ns;
} least[] = {
	{ SOURCE_SYSCTL, NS_PER_S },	     { SOURCE_ROUTE, NS_PER_S },       { SOURCE_ADDRESS, NS_PER_S },
	{ SOURCE_FILTER, NS_PER_S },	     { SOURCE_INTERRUPTS, NS_PER_S },  { SOURCE_MEMORY, NS_PER_S },
	{ SOURCE_PRESSURE, NS_PER_S / 2 },   { SOURCE_ETHNL, 5 * NS_PER_S },   { SOURCE_OPTICS, 5 * NS_PER_S },
	{ SOURCE_PCI, 5 * NS_PER_S },	     { SOURCE_DEVLINK, 5 * NS_PER_S }, { SOURCE_TOPOLOGY, 5 * NS_PER_S },
	{ SOURCE_PROCESS, 250 * NS_PER_MS }, /* a process is stopped or throttled only for moments */
};

static uint64_t least_ns(enum source_id id, uint64_t otherwise_ns)
{
	for (size_t i = 0; i < ARRAY_SIZE(least); i++) {
		if (least[i].id == id)
			return least[i].period_ns;
	}
	return otherwise_ns;
}

static uint64_t longer(uint64_t a_ns, uint64_t b_ns)
{
	return a_ns > b_ns ? a_ns : b_ns;
}

/* A tick may be a little early. */
static bool is_time(const struct sampler *sampler, uint64_t due_ns, uint64_t now_ns)
{
	return now_ns + sampler->options.interval_ns / 8 >= due_ns;
}

bool cheap_is_due(const struct sampler *sampler, const struct slot *slot, uint64_t now_ns)
{
	if (slot->tick_ns * CHEAP_SHARE <= sampler->options.interval_ns || is_time(sampler, slot->due_ns, now_ns))
		return true;
	sampler->result->thinned |= SAMPLER_THINNED_TICKS;
	return false;
}

void cheap_set_due(const struct sampler *sampler, struct slot *slot, uint64_t cost_ns, uint64_t now_ns)
{
	uint64_t period;

	if (!sampler->between) {
		slot->cost_ns = cost_ns;
		return;
	}
	slot->tick_ns = slot->tick_ns ? (slot->tick_ns * 3 + cost_ns) / 4 : cost_ns;
	period = slot->tick_ns * CHEAP_SHARE;
	slot->due_ns = now_ns + (period < CHEAP_PERIOD_MAX_NS ? period : CHEAP_PERIOD_MAX_NS);
}

bool source_is_setting(const struct source *source)
{
	return source->id == SOURCE_SYSCTL || source->id == SOURCE_ROUTE;
}

/* The totals of what is dear are whole at the window's end, and settings are the same then. */
static bool tells_moments(const struct source *source)
{
	return source->id == SOURCE_PROCESS || (source->cost == COST_MIDDLE && !source_is_setting(source));
}

static bool may_be_urgent(const struct sampler *sampler, const struct source *source, const struct target *target,
			  const struct slot *slot, uint64_t now_ns)
{
	return tells_moments(source) &&
	       series_lost_ns(sampler->series, target->object->id) > longer(slot->read_ns, slot->idle_ns) &&
	       is_time(sampler, slot->read_ns + least_ns(source->id, 0), now_ns);
}

/* How much there is to look at: processes, or a source as a whole. */
static size_t wanted_of(const struct sampler *sampler, const struct source *source)
{
	return source->id == SOURCE_PROCESS ? process_wanted(sampler->series) : 1;
}

bool urgent_take(struct sampler *sampler, const struct source *source, const struct target *target, struct slot *slot,
		 uint64_t now_ns)
{
	uint64_t again_ns = slot->read_ns + longer(URGENT_PERIOD_NS, slot->cost_ns * URGENT_SHARE_EACH);
	size_t wanted;

	if (!may_be_urgent(sampler, source, target, slot, now_ns))
		return false;
	wanted = wanted_of(sampler, source);
	if (!wanted)
		slot->idle_ns = now_ns;
	if (!wanted || (wanted <= slot->looked && !is_time(sampler, longer(again_ns, sampler->urgent_ns), now_ns)))
		return false;
	slot->looked = longer(slot->looked, wanted);
	sampler->urgent_ns = longer(sampler->urgent_ns, now_ns) + slot->cost_ns * URGENT_SHARE_ALL;
	return true;
}

bool urgent_waits(const struct sampler *sampler, uint64_t now_ns)
{
	const struct target *target;

	vec_each(&sampler->targets, target) {
		for (size_t s = 0; target->present && !target->refused && s < sampler->sources.count; s++) {
			const struct source *source = sampler->sources.data[s];
			const struct slot *slot = &target->slots[s];

			if (source_applies(source, target) && !slot->queued && !slot->hung &&
			    may_be_urgent(sampler, source, target, slot, now_ns) &&
			    wanted_of(sampler, source) > slot->looked)
				return true;
		}
	}
	return false;
}

/* How many times less may be spent on what is not read at every tick. */
static unsigned int spared(const struct sampler *sampler)
{
	return sampler->options.interval_ns >= NS_PER_S ? 8 : 1;
}

static bool follows_traffic(const struct source *source, const struct target *target)
{
	return source->id == SOURCE_SOCKET && !target->quiet;
}

bool middle_is_due(const struct sampler *sampler, const struct source *source, const struct target *target,
		   const struct slot *slot, uint64_t now_ns)
{
	if (slot->still_due_ns > slot->due_ns && !follows_traffic(source, target))
		return is_time(sampler, slot->still_due_ns, now_ns);
	return is_time(sampler, slot->due_ns, now_ns);
}

/* How many times longer the periods of a class are, which is thinned from that level on. */
static unsigned int thinned_by(const struct sampler *sampler, unsigned int from)
{
	return sampler->level < from ? 1 : sampler->level == from ? 4 : 16;
}

/*
 * The same period for all slots of a class would put their sum above its share: the sum of all costs counts too. `hash`
 * is of the numbers just read.
 */
void middle_set_due(const struct sampler *sampler, const struct source *source, struct slot *slot, uint64_t hash,
		    uint64_t now_ns)
{
	uint64_t period = longer(slot->cost_ns * MIDDLE_SHARE_EACH, sampler->middle_cost_ns * MIDDLE_SHARE_ALL);
	unsigned int factor = thinned_by(sampler, THINNED_MIDDLE_LEVEL);

	period *= spared(sampler);

	period = longer(period, longer(sampler->options.interval_ns, least_ns(source->id, 0)));
	slot->still = hash == slot->hash ? slot->still + 1 : 0;
	slot->hash = hash;
	slot->due_ns = now_ns + period * factor;
	slot->still_due_ns = slot->still < STILL_AFTER ? 0 : now_ns + longer(period, STILL_PERIOD_NS) * factor;
}

/* Those that are due at about the same time are so together: one helper process then does for all of them. */
void dear_set_due(const struct sampler *sampler, const struct source *source, struct slot *slot, uint64_t now_ns)
{
	uint64_t period = least_ns(source->id, DEAR_PERIOD_NS);

	period = longer(period, longer(slot->cost_ns * DEAR_SHARE, sampler->dear_cost_ns * DEAR_SHARE)) *
		 spared(sampler);
	slot->due_ns = now_ns + period * thinned_by(sampler, THINNED_DEAR_LEVEL);
	slot->due_ns -= slot->due_ns % DEAR_BEAT_NS;
}

bool dear_is_idle(const struct sampler *sampler, const struct source *source)
{
	return source->id == SOURCE_PROCESS && !process_wanted(sampler->series);
}

bool source_encloses(const struct source *source)
{
	return source->id == SOURCE_DROPS;
}
