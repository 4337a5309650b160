/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the CPUs that serve a device did not keep up: they are on another node of memory than it, irqbalance moves its
 * interrupts about, or they do what the device or GRO could do for them. Which interrupts are a device's own is known
 * from its bus (source/pci.c).
 */
#include "diagnose/detection.h"

#include "base/alloc.h"

#define FAR_SHARE 0.9  /* of a device's interrupts on another node */
#define FAR_MINIMUM 20 /* interrupts below which their distribution says nothing */
#define TCP_SHARE 0.5  /* of what was received: GRO merges TCP */

/* The device whose interrupt that is, or OBJECT_HOST_ID. */
static uint32_t device_of_irq(const struct detection *detection, const struct object *irq)
{
	const struct object *itself =
		object_find(detection->objects, (struct object_key){ OBJECT_IRQ, 0, irq->key.a, OBJECT_IRQ_ITSELF });

	return itself ? itself->link : OBJECT_HOST_ID;
}

/* The device most of whose interrupts a CPU took, or OBJECT_HOST_ID. */
static uint32_t device_of_cpu(const struct detection *detection, uint64_t cpu)
{
	const struct cell *cell;
	uint64_t most = 0;
	uint32_t found = OBJECT_HOST_ID;
	size_t i;

	series_each(detection->series, C_INTERRUPTS, i, cell) {
		const struct object *irq = object_get(detection->objects, cell->object);

		if (irq->key.b != cpu || cell->increase <= most || !device_of_irq(detection, irq))
			continue;
		most = cell->increase;
		found = device_of_irq(detection, irq);
	}
	return found;
}

/* ---- nodes ---- */

struct distance {
	uint64_t near, far;
	const struct cell *most; /* interrupts on the CPU of another node that took most */
	uint32_t cpu;
};

static void measure(const struct detection *detection, uint32_t link, uint64_t node, struct distance *ret)
{
	const struct cell *cell;
	size_t i;

	*ret = (struct distance){ 0 };
	series_each(detection->series, C_INTERRUPTS, i, cell) {
		const struct object *irq = object_get(detection->objects, cell->object);
		const struct object *cpu =
			object_find(detection->objects, (struct object_key){ OBJECT_CPU, 0, irq->key.b, 0 });
		const struct cell *home = cpu ? series_cell(detection->series, C_TOPOLOGY_CPU_NODE, cpu->id) : NULL;

		if (!home || device_of_irq(detection, irq) != link)
			continue;
		*(home->last == node ? &ret->near : &ret->far) += cell->increase;
		if (home->last == node || (ret->most && cell->increase <= ret->most->increase))
			continue;
		ret->most = cell;
		ret->cpu = cpu->id;
	}
}

static void far_away(struct detection *detection, struct finding *finding, uint32_t link)
{
	const struct cell *node = series_cell(detection->series, C_PCI_NUMA_NODE, link);
	struct distance distance;
	struct because *because;

	if (!node)
		return;
	measure(detection, link, node->last, &distance);
	if (distance.far < FAR_MINIMUM || (double)distance.far < FAR_SHARE * (double)(distance.far + distance.near))
		return;
	because = finding_because(finding, CAUSE_NUMA_DISTANCE, link);
	because_evidence(because, detection->series, C_PCI_NUMA_NODE, link, "the device's node");
	because_evidence(because, detection->series, C_TOPOLOGY_CPU_NODE, distance.cpu,
			 "the node of the CPU that serves it");
	because_evidence(because, detection->series, C_INTERRUPTS, distance.most->object, "its interrupts there");
}

/* ---- irqbalance ---- */

/* The number of the CPU that took most interrupts of a device; UINT64_MAX when none took any. */
static uint64_t serving_cpu(const struct detection *detection, uint32_t link)
{
	const struct cell *cell;
	uint64_t most = 0, found = UINT64_MAX;
	size_t i;

	series_each(detection->series, C_INTERRUPTS, i, cell) {
		const struct object *irq = object_get(detection->objects, cell->object);

		if (cell->increase <= most || device_of_irq(detection, irq) != link)
			continue;
		most = cell->increase;
		found = irq->key.b;
	}
	return found;
}

/* Interrupts that went to the CPU which serves the device only after they had been elsewhere. */
static void moved_about(struct detection *detection, struct finding *finding, uint32_t link)
{
	uint64_t busy = serving_cpu(detection, link);
	struct because *because = NULL;
	const struct cell *cell;
	size_t i;

	if (!series_last(detection->series, C_TOPOLOGY_IRQBALANCE, OBJECT_HOST_ID))
		return;
	series_each(detection->series, C_PCI_IRQ_CPU, i, cell) {
		if (cell->low == cell->high || cell->last != busy ||
		    object_get(detection->objects, cell->object)->link != link)
			continue;
		if (!because)
			because = finding_because(finding, CAUSE_IRQBALANCE_CONFLICT, link);
		because_evidence(because, detection->series, C_PCI_IRQ_CPU, cell->object, "the CPU it goes to");
	}
	if (because)
		because_evidence(because, detection->series, C_TOPOLOGY_IRQBALANCE, OBJECT_HOST_ID, "1: it runs");
}

/* ---- queues ---- */

/* Where all went to one CPU: to how many queues the device's hash sends, against how many it has. */
static void spread_of_hash(struct detection *detection, struct finding *finding, uint32_t link)
{
	struct because *because;

	vec_each(&finding->because, because) {
		if (because->cause != CAUSE_IRQ_IMBALANCE)
			continue;
		because_evidence(because, detection->series, C_ETHNL_RSS_QUEUES, link, "queues that its hash fills");
		because_evidence(because, detection->series, C_ETHTOOL_CHANNELS_COMBINED, link, "queues it has");
	}
}

/* ---- offloads ---- */

static bool cpu_was_busy(const struct finding *finding)
{
	const struct because *because;

	vec_each(&finding->because, because) {
		if (because->cause == CAUSE_SOFTIRQ_CPU_SATURATED || because->cause == CAUSE_IRQ_IMBALANCE)
			return true;
	}
	return false;
}

/* What is off and would have spared the CPU work on this traffic; COUNTER_NONE when nothing. */
static counter_id missing_offload(const struct detection *detection, uint32_t link)
{
	const struct object *object = object_get(detection->objects, link);
	const struct cell *gro = series_cell(detection->series, C_ETHTOOL_GRO, link);
	uint64_t received = series_increase(detection->series, C_LINK_RX_PACKETS, link);
	uint64_t segments = series_increase(detection->series, C_TCP_IN_SEGS, object->netns);

	if (series_last(detection->series, C_ETHNL_RX_CHECKSUM_SWITCHED_OFF, link))
		return C_ETHNL_RX_CHECKSUM_SWITCHED_OFF;
	if ((double)segments < TCP_SHARE * (double)received || series_last(detection->series, C_ETHTOOL_LRO, link))
		return COUNTER_NONE; /* nothing to merge, or the device does it */
	if (series_last(detection->series, C_ETHNL_GRO_SWITCHED_OFF, link))
		return C_ETHNL_GRO_SWITCHED_OFF;
	return gro && !gro->last ? C_ETHTOOL_GRO : COUNTER_NONE;
}

static void by_hand(struct detection *detection, struct finding *finding, uint32_t link)
{
	counter_id offload = missing_offload(detection, link);
	struct because *because;

	if (offload == COUNTER_NONE || !cpu_was_busy(finding))
		return;
	because = finding_because(finding, CAUSE_OFFLOADS_DISABLED, link);
	because_evidence(because, detection->series, offload, link,
			 offload == C_ETHTOOL_GRO ? "0: off" : "1: off although it can be on");
	because_evidence(because, detection->series, C_LINK_RX_PACKETS, link, "packets, each on its own");
	because_evidence(because, detection->series, C_TCP_IN_SEGS, object_get(detection->objects, link)->netns,
			 "segments among them");
}

void detect_device_cpus(struct detection *detection)
{
	struct finding **slot;

	vec_each(&detection->found->list, slot) {
		const struct object *object = object_get(detection->objects, (*slot)->object);
		uint32_t link = object->key.kind == OBJECT_CPU	  ? device_of_cpu(detection, object->key.a)
				: object->key.kind == OBJECT_LINK ? object->id
								  : OBJECT_HOST_ID;

		if (!link || ((*slot)->cause != CAUSE_RX_RING_OVERFLOW && (*slot)->cause != CAUSE_BACKLOG_OVERFLOW &&
			      (*slot)->cause != CAUSE_RX_HARDWARE_DISCARD))
			continue;
		far_away(detection, *slot, link);
		moved_about(detection, *slot, link);
		by_hand(detection, *slot, link);
		spread_of_hash(detection, *slot, link);
	}
}
