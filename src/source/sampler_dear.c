/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dear sources: a queue of (source, target) that few helper processes work off while the ticks go on. What takes
 * too long is a miss and is not tried again in this window, nor in a later one for as long as its helper does not die;
 * what stood behind it goes back to the queue.
 */
#include "source/sampler_parts.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <unistd.h>

#define QUEUE_MAX 200000
#define FEW_NS (10 * NS_PER_MS) /* worth no second process */
#define HANGING_TARGETS 3	/* a source that hung on that many is not asked of the others */

static void push(struct sampler *sampler, size_t target, size_t source)
{
	struct errand *errand = vec_add(&sampler->queue, QUEUE_MAX);

	if (!errand)
		return;
	*errand = (struct errand){ (uint32_t)target, (uint32_t)source };
	target_at(sampler, target)->slots[source].queued = true;
	target_at(sampler, target)->slots[source].read_ns = clock_monotonic_ns();
}

static void miss(struct sampler *sampler, const struct errand *errand, int error, const char *reason)
{
	struct target *target = target_at(sampler, errand->target);

	target->slots[errand->source].queued = false;
	snapshot_begin(&sampler->answer, sampler->objects);
	target_missed(target, sampler->sources.data[errand->source], &sampler->answer, error, reason);
	sampler_take(sampler, &sampler->answer);
}

/* In a window before this one its helper was killed, and has not died yet: asking again would cost another. */
static void leave_hanging(struct sampler *sampler, size_t target, size_t source)
{
	target_at(sampler, target)->slots[source].hung = true;
	miss(sampler, &(struct errand){ (uint32_t)target, (uint32_t)source }, -ETIMEDOUT,
	     "an earlier attempt to read it still hangs");
}

static bool wanted(struct sampler *sampler, const struct target *target, size_t source, enum reading reading,
		   uint64_t now_ns)
{
	struct slot *slot = &target->slots[source];

	if (slot->hung || reading != READ_DUE)
		return !slot->hung;
	return !slot->queued &&
	       (now_ns >= slot->due_ns || urgent_take(sampler, sampler->sources.data[source], target, slot, now_ns));
}

/* A source in a namespace as a number, the same in every window. */
static uint64_t place_of(const struct sampler *sampler, size_t target, size_t source)
{
	const struct object_key *key = &target_at(sampler, target)->object->key;
	uint64_t hash = UINT64_C(1469598103934665603);

	hash = (hash ^ sampler->sources.data[source]->id) * UINT64_C(1099511628211);
	hash = (hash ^ key->kind) * UINT64_C(1099511628211);
	return (hash ^ key->netns) * UINT64_C(1099511628211) | 1;
}

static uint64_t errand_place(void *argument, size_t index)
{
	const struct team *team = argument;

	return place_of(team->sampler, team->errands[index].target, team->errands[index].source);
}

static void enqueue(struct sampler *sampler, size_t target, size_t source, enum reading reading, uint64_t now_ns)
{
	const struct source *what = sampler->sources.data[source];
	struct slot *slot = &target_at(sampler, target)->slots[source];

	if (!wanted(sampler, target_at(sampler, target), source, reading, now_ns))
		return;
	if (reading == READ_FIRST && helpers_hang_at(place_of(sampler, target, source)))
		leave_hanging(sampler, target, source);
	else if (reading == READ_DUE && dear_is_idle(sampler, what))
		dear_set_due(sampler, what, slot, now_ns);
	else
		push(sampler, target, source);
}

void dear_enqueue(struct sampler *sampler, enum reading reading, uint64_t now_ns)
{
	if (reading == READ_FIRST)
		helpers_reap(NULL, 0);
	for (size_t s = 0; s < sampler->sources.count; s++) {
		const struct source *source = sampler->sources.data[s];

		for (size_t t = 0; source->cost == COST_DEAR && t < sampler->targets.count; t++) {
			const struct target *target = target_at(sampler, t);

			if (target->present && !target->refused && source_applies(source, target))
				enqueue(sampler, t, s, reading, now_ns);
		}
	}
}

void dear_forget(struct sampler *sampler)
{
	for (size_t i = sampler->queue_at; i < sampler->queue.count; i++) {
		const struct errand *errand = &sampler->queue.data[i];

		target_at(sampler, errand->target)->slots[errand->source].queued = false;
	}
	vec_clear(&sampler->queue);
	sampler->queue_at = 0;
}

static bool hangs_everywhere(const struct sampler *sampler, size_t source)
{
	const struct target *target;
	size_t hung = 0;

	vec_each(&sampler->targets, target)
		hung += target->slots[source].hung;
	return hung >= HANGING_TARGETS;
}

/* The next errand that still makes sense; false when the queue is empty. It may hold one twice, of which one has hung. */
static bool next_errand(struct sampler *sampler, struct errand *ret)
{
	while (sampler->queue_at < sampler->queue.count) {
		const struct target *target;
		struct slot *slot;

		*ret = sampler->queue.data[sampler->queue_at++];
		target = target_at(sampler, ret->target);
		slot = &target->slots[ret->source];
		if (target->present && !slot->hung && !hangs_everywhere(sampler, ret->source))
			return true;
		if (!slot->hung && hangs_everywhere(sampler, ret->source))
			miss(sampler, ret, -ETIMEDOUT, "took too long in other namespaces");
		slot->queued = false;
	}
	vec_clear(&sampler->queue);
	sampler->queue_at = 0;
	return false;
}

/* Runs in the child. Stuck in a foreign namespace it must not go on: the parent sees it end early. */
static void work(void *argument, size_t index, struct snapshot *snapshot)
{
	struct team *team = argument;
	const struct errand *errand = &team->errands[index];
	struct sampler *sampler = team->sampler;

	if (target_visit(sampler, target_at(sampler, errand->target), sampler->sources.data[errand->source], snapshot))
		_exit(1);
}

static size_t teams_idle(const struct sampler *sampler)
{
	size_t count = 0;

	for (size_t i = 0; i < HELPERS; i++)
		count += !sampler->teams[i].helper.pid;
	return count;
}

/* Tried again when it is due. */
static void start_failed(struct sampler *sampler, const struct team *team, size_t count, int error)
{
	const char *reason = error == -EBUSY
				     ? "devices that do not answer hold too many helper processes"
				     : text_internf("cannot start a helper process: %s", source_error_phrase(error));

	for (size_t i = 0; i < count; i++) {
		const struct errand *errand = &team->errands[i];

		miss(sampler, errand, error, reason);
		dear_set_due(sampler, sampler->sources.data[errand->source],
			     &target_at(sampler, errand->target)->slots[errand->source], clock_monotonic_ns());
	}
}

static void team_start(struct sampler *sampler, struct team *team)
{
	size_t teams = sampler->between && sampler->dear_cost_ns < FEW_NS ? 1 : teams_idle(sampler);
	size_t share = (sampler->queue.count - sampler->queue_at + teams - 1) / teams, count = 0;
	struct helper_job job = {
		.what = errand_place,
		.work = work,
		.argument = team,
		.objects = sampler->objects,
		.budget_ns = sampler->options.deadline_ns,
		.keep_fd = sampler->list.home_fd,
	};
	int error;

	while (count < share && count < ERRANDS_AT_ONCE && next_errand(sampler, &team->errands[count]))
		count++;
	if (!count)
		return;
	team->sampler = sampler;
	job.count = count;
	error = helper_start(&team->helper, &job);
	if (error)
		start_failed(sampler, team, count, error);
}

void dear_start(struct sampler *sampler)
{
	for (size_t i = 0; i < HELPERS; i++) {
		if (!sampler->teams[i].helper.pid)
			team_start(sampler, &sampler->teams[i]);
	}
}

static void take_answer(struct sampler *sampler, const struct errand *errand, uint64_t cost_ns)
{
	const struct source *source = sampler->sources.data[errand->source];
	struct slot *slot = &target_at(sampler, errand->target)->slots[errand->source];

	if (sampler->result->thinned & SAMPLER_THINNED_DEAR)
		target_thinned(&sampler->answer, 0);
	sampler_take(sampler, &sampler->answer);
	slot_cost(slot, cost_ns, &sampler->dear_cost_ns);
	slot->queued = false;
	dear_set_due(sampler, source, slot, clock_monotonic_ns());
}

static void take_failure(struct sampler *sampler, struct team *team, const struct helper_answer *answer)
{
	const struct errand *errand = &team->errands[team->helper.answered];

	sampler->result->helper_failures++;
	target_at(sampler, errand->target)->slots[errand->source].hung = true;
	miss(sampler, errand, answer->error, answer->reason);
	for (size_t i = team->helper.answered + 1; i < team->helper.count; i++)
		push(sampler, team->errands[i].target, team->errands[i].source);
}

void dear_poll(struct sampler *sampler)
{
	for (size_t i = 0; i < HELPERS; i++) {
		struct team *team = &sampler->teams[i];
		enum helper_event event = HELPER_ANSWER;
		struct helper_answer answer;

		while (event == HELPER_ANSWER) {
			snapshot_begin(&sampler->answer, sampler->objects);
			event = helper_poll(&team->helper, &sampler->answer, &answer);
			if (event == HELPER_ANSWER)
				take_answer(sampler, &team->errands[team->helper.answered - 1], answer.cost_ns);
			else if (event == HELPER_FAILED)
				take_failure(sampler, team, &answer);
		}
	}
	helpers_reap(NULL, 0);
}

void dear_excuse(struct sampler *sampler, uint64_t ns)
{
	for (size_t i = 0; i < HELPERS; i++)
		sampler->teams[i].helper.deadline_ns += ns;
}

void dear_anew(struct sampler *sampler)
{
	for (size_t i = 0; i < HELPERS; i++) {
		struct helper *helper = &sampler->teams[i].helper;

		helper->deadline_ns = clock_monotonic_ns() + helper->budget_ns;
	}
}

bool dear_busy(const struct sampler *sampler)
{
	for (size_t i = 0; i < HELPERS; i++) {
		if (sampler->teams[i].helper.pid)
			return true;
	}
	return sampler->queue_at < sampler->queue.count;
}

void dear_give_up(struct sampler *sampler, const char *reason)
{
	struct errand errand;

	for (size_t i = 0; i < HELPERS; i++) {
		struct team *team = &sampler->teams[i];

		if (!team->helper.pid)
			continue;
		helper_kill(&team->helper);
		for (size_t e = team->helper.answered; e < team->helper.count; e++)
			miss(sampler, &team->errands[e], -ETIMEDOUT, reason);
	}
	while (next_errand(sampler, &errand))
		miss(sampler, &errand, -ETIMEDOUT, reason);
}

void dear_close(struct sampler *sampler)
{
	for (size_t i = 0; i < HELPERS; i++)
		helper_free(&sampler->teams[i].helper);
	helpers_settle();
	vec_free(&sampler->queue);
}

size_t dear_pids(struct sampler *sampler, pid_t *ret_pids, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < HELPERS && count < max; i++) {
		if (sampler->teams[i].helper.pid)
			ret_pids[count++] = sampler->teams[i].helper.pid;
	}
	if (sampler->lock.pid && count < max)
		ret_pids[count++] = sampler->lock.pid;
	return count + helpers_reap(ret_pids + count, max - count);
}
