/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The targets of the sampler, the host and each namespace: following what comes and goes, naming it, and reading the
 * sources of one in one visit.
 */
#include "source/link.h"
#include "source/netlink.h"
#include "source/sampler_parts.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIXTURE_INODE 1 /* the one namespace of a sysroot */
#define OWN_PIDS_MAX 64
#define TARGETS_MAX (NETNS_MAX * 4)
#define LOOK_AGAIN_NS (50 * NS_PER_MS)
#define LOOK_AGAIN_SHARE 20 /* looking again may take one in that many of the time */

static bool is_fixture(const struct sampler *sampler)
{
	return *sampler->options.sysroot;
}

struct target *target_at(const struct sampler *sampler, size_t index)
{
	return &sampler->targets.data[index];
}

bool source_applies(const struct source *source, const struct target *target)
{
	return (source->scope == SCOPE_HOST) == (target->inode == 0);
}

static struct target *target_new(struct sampler *sampler, uint64_t inode, struct object *object)
{
	struct target *target = NULL;

	if (object)
		target = vec_add(&sampler->targets, TARGETS_MAX);
	if (!target)
		return NULL;
	target->inode = inode;
	target->object = object;
	target->slots = mem_new(sampler->sources.count, sizeof(*target->slots));
	return target;
}

/* What people call a namespace that has no name: by its process, else by the file that holds it. */
static void label_nameless(struct sampler *sampler, const struct netns *netns, struct object *object, const char *path)
{
	const struct source_context context = { .sysroot = "", .buffer = &sampler->buffer };
	char file[32];

	if (!netns->pid) {
		const char *slash = strrchr(path, '/');

		object_label(object, LABEL_NAME, slash ? slash + 1 : path);
		return;
	}
	snprintf(file, sizeof(file), "/proc/%d/comm", (int)netns->pid);
	if (source_read_file(&context, file) == 0) {
		struct slice comm = slice_trim(slice_of(text_string(&sampler->buffer)));

		object_labelf(object, LABEL_COMM, "%.*s", (int)comm.length, comm.data);
	}
	object_labelf(object, LABEL_NAME, "pid %d (%s)", (int)netns->pid, object_text(object, LABEL_COMM));
}

/* A namespace that is being removed loses its name before it goes: people go on calling it so, the way in is another. */
static void label(struct sampler *sampler, const struct netns *netns, struct object *object, bool *named)
{
	CLEANUP_TEXT struct text path = { 0 };

	netns_path(netns, &path);
	object->pid = netns->pid;
	object_label(object, LABEL_PATH, text_string(&path));
	if (netns->name)
		object_labelf(object, LABEL_PATH, "/run/netns/%s", netns->name);
	if (netns->home)
		object_label(object, LABEL_NAME, NULL);
	else if (netns->name)
		object_label(object, LABEL_NAME, netns->name);
	else if (!*named)
		label_nameless(sampler, netns, object, text_string(&path));
	*named = *named || netns->name;
}

static struct object *netns_object(struct sampler *sampler, uint64_t inode)
{
	return object_intern(sampler->objects,
			     (struct object_key){ .kind = OBJECT_NETNS, .netns = identity_key(inode) }, NULL);
}

static struct target *target_of(struct sampler *sampler, uint64_t inode)
{
	struct target *target;
	struct object *object;

	vec_each(&sampler->targets, target) {
		if (target->inode == inode && !target->replaced)
			return target;
	}
	object = netns_object(sampler, inode);
	target = target_new(sampler, inode, object);
	if (!target)
		return NULL;
	sampler->result->namespaces++;
	if (sampler->discovered) {
		object->born = true;
		sampler->result->appeared++;
	}
	return target;
}

static void target_gone(struct sampler *sampler, struct target *target)
{
	target->present = false;
	sampler->result->vanished++;
	for (size_t i = 0; i < sampler->sources.count; i++) {
		struct slot *slot = &target->slots[i];
		enum source_cost cost = sampler->sources.data[i]->cost;

		if (cost == COST_DEAR)
			sampler->dear_cost_ns -= slot->cost_ns;
		else if (cost == COST_MIDDLE)
			sampler->middle_cost_ns -= slot->cost_ns;
		slot->cost_ns = slot->due_ns = slot->still_due_ns = slot->read_ns = 0;
	}
}

/* A namespace that was read in this window is gone, and one that was born in it has its number. */
static void target_replace(struct sampler *sampler, size_t index)
{
	struct target *target = target_at(sampler, index);
	uint64_t inode = target->inode;
	size_t item = target->item;

	target->replaced = true;
	target_gone(sampler, target);
	target = target_of(sampler, inode);
	if (!target) {
		sampler->unread = true;
		return;
	}
	target->present = true;
	target->item = item;
	label(sampler, &sampler->list.items.data[item], target->object, &target->named);
}

/* Makes the targets agree with the list of namespaces. */
static void targets_compare(struct sampler *sampler)
{
	struct target *target;

	vec_each(&sampler->targets, target)
		target->seen = !target->inode;
	for (size_t i = 0; i < sampler->list.items.count; i++) {
		const struct netns *netns = &sampler->list.items.data[i];

		if (netns->home)
			label(sampler, netns, sampler->home, &sampler->home_named);
		if (sampler->only && netns->inode != sampler->only)
			continue;
		target = target_of(sampler, netns->inode);
		if (!target) {
			sampler->unread = true;
			continue;
		}
		target->seen = target->present = true;
		target->item = i;
		target->refused = 0;
		label(sampler, netns, target->object, &target->named);
	}
	vec_each(&sampler->targets, target) {
		if (target->present && !target->seen)
			target_gone(sampler, target);
	}
	sampler->unread = sampler->unread || (sampler->list.truncated && !sampler->only);
	sampler->generation = sampler->list.generation;
}

void targets_refresh(struct sampler *sampler, uint64_t now_ns)
{
	uint64_t pause_ns = sampler->list.scan_ns * LOOK_AGAIN_SHARE;
	pid_t own[OWN_PIDS_MAX];
	size_t count;
	bool force;

	if (is_fixture(sampler))
		return;
	if (pause_ns < LOOK_AGAIN_NS)
		pause_ns = LOOK_AGAIN_NS;
	force = sampler->look_again && now_ns - sampler->looked_ns >= pause_ns;
	count = dear_pids(sampler, own, ARRAY_SIZE(own));
	netns_list_refresh(&sampler->list, now_ns, force, own, count);
	if (force) {
		sampler->look_again = false;
		sampler->looked_ns = now_ns;
	}
	if (sampler->generation != sampler->list.generation)
		targets_compare(sampler);
}

/* Which one namespace the user wants. */
static int choose(struct sampler *sampler)
{
	const char *word = sampler->options.netns;
	int error = 0;

	if (!word)
		return 0;
	if (*word)
		error = netns_resolve(&sampler->list, word, &sampler->only);
	else
		sampler->only = sampler->list.items.data[0].inode;
	if (!error && sampler->only != sampler->list.items.data[0].inode)
		error = sampler->list.enter_error;
	if (error == -ENOENT)
		sampler->result->error = "no such network namespace";
	else if (error)
		sampler->result->error =
			text_internf("cannot enter the network namespace: %s", source_error_phrase(error));
	return error;
}

static int targets_open_host(struct sampler *sampler)
{
	int error = netns_list_open(&sampler->list, "");

	if (error) {
		sampler->result->error = text_internf("cannot tell the own network namespace (/proc/self/ns/net): %s",
						      source_error_phrase(error));
		return error;
	}
	netns_list_refresh(&sampler->list, 0, true, NULL, 0);
	error = choose(sampler);
	if (error)
		return error;
	sampler->home = netns_object(sampler, sampler->list.items.data[0].inode);
	objects_set_home(sampler->objects, sampler->list.items.data[0].inode);
	objects_set_all_known(sampler->objects, netns_list_is_whole(&sampler->list));
	targets_compare(sampler);
	return 0;
}

static void targets_open_fixture(struct sampler *sampler)
{
	struct target *target;

	sampler->list.home_fd = sampler->list.mounts_fd = -1;
	sampler->home = netns_object(sampler, FIXTURE_INODE);
	objects_set_home(sampler->objects, FIXTURE_INODE);
	target = target_of(sampler, FIXTURE_INODE);
	if (target)
		target->present = true;
}

int targets_open(struct sampler *sampler)
{
	struct target *host = target_new(sampler, 0, object_get(sampler->objects, OBJECT_HOST_ID));
	int error = 0;

	if (host)
		host->present = true;
	if (is_fixture(sampler))
		targets_open_fixture(sampler);
	else
		error = targets_open_host(sampler);
	sampler->discovered = true;
	return error;
}

void targets_close(struct sampler *sampler)
{
	struct target *target;

	vec_each(&sampler->targets, target)
		free(target->slots);
	vec_free(&sampler->targets);
	netns_list_close(&sampler->list);
}

static bool stays_home(const struct sampler *sampler, const struct target *target)
{
	return !target->inode || is_fixture(sampler);
}

/* The number was another's in an earlier window. */
static void target_rename(struct sampler *sampler, struct target *target)
{
	struct object *object = netns_object(sampler, target->inode);

	if (!object)
		return;
	target->object = object;
	target->named = false;
	label(sampler, &sampler->list.items.data[target->item], object, &target->named);
}

/* In the namespace: whether it is another than was read so far. Asked after each look for namespaces. */
static bool is_another(struct sampler *sampler, struct target *target)
{
	bool changed;
	uint64_t cookie;

	if (stays_home(sampler, target) || target->scans == sampler->list.scans)
		return false;
	cookie = netns_cookie();
	changed = identity_changed(target->inode, cookie);
	target->scans = sampler->list.scans;
	if (changed && target->cookie)
		return true;
	if (changed)
		target_rename(sampler, target);
	target->cookie = cookie;
	return false;
}

static int target_enter(struct sampler *sampler, const struct target *target)
{
	const struct netns *netns;
	int error;

	if (stays_home(sampler, target))
		return 0;
	netns = &sampler->list.items.data[target->item];
	error = netns_enter(&sampler->list, netns);
	if (!error && !netns->home)
		netlink_entered();
	return error;
}

static int target_leave(struct sampler *sampler, const struct target *target)
{
	if (stays_home(sampler, target))
		return 0;
	netlink_left();
	return netns_leave(&sampler->list);
}

static void run_source(struct sampler *sampler, const struct target *target, const struct source *source,
		       struct snapshot *snapshot)
{
	const struct source_context context = {
		.objects = sampler->objects,
		.netns = target->inode ? target->object : sampler->home,
		.series = sampler->series,
		.sysroot = sampler->options.sysroot,
		.buffer = &sampler->buffer,
		.between = sampler->between,
		.edge = sampler->edge,
		.last = sampler->last,
		.events = sampler->options.events,
		.events_netns = sampler->only,
	};

	snapshot_reading(snapshot);
	source->read(&context, snapshot);
}

void target_missed(const struct target *target, const struct source *source, struct snapshot *snapshot, int error,
		   const char *reason)
{
	snapshot_missed(snapshot, source->id, target->object, error, reason);
}

static const char *refusal(int error)
{
	return text_internf("cannot enter the namespace: %s", source_error_phrase(error));
}

int target_visit(struct sampler *sampler, const struct target *target, const struct source *source,
		 struct snapshot *snapshot)
{
	int error = target_enter(sampler, target);

	if (error && error != -ENOENT) /* gone is no miss: the parent finds out and stops asking */
		target_missed(target, source, snapshot, error, refusal(error));
	if (error)
		return 0;
	if (stays_home(sampler, target) || !target->cookie || netns_cookie() == target->cookie)
		run_source(sampler, target, source, snapshot);
	return target_leave(sampler, target);
}

void slot_cost(struct slot *slot, uint64_t cost_ns, uint64_t *sum_ns)
{
	*sum_ns -= slot->cost_ns;
	slot->cost_ns = slot->cost_ns ? (slot->cost_ns * 3 + cost_ns) / 4 : cost_ns;
	*sum_ns += slot->cost_ns;
}

void target_thinned(struct snapshot *snapshot, size_t from)
{
	for (size_t i = from; i < snapshot->coverage.count; i++) {
		struct coverage *coverage = &snapshot->coverage.data[i];

		if (coverage->error || coverage->partial)
			continue;
		coverage->partial = true;
		coverage->reason = "read less often, to keep the tool's own CPU use below its bound";
	}
}

/*
 * Of the samples from `from` on: equal when nothing moved. What only the list of interfaces tells is left out, for it
 * is not there at each reading.
 */
static uint64_t samples_hash(const struct snapshot *snapshot, size_t from)
{
	uint64_t hash = UINT64_C(1469598103934665603);

	for (size_t i = from; i < snapshot->samples.count; i++) {
		const struct sample *sample = &snapshot->samples.data[i];

		if (link_is_statistic(sample->counter) || counter_get(sample->counter)->source != SOURCE_LINK)
			hash = (hash ^ sample->value) * UINT64_C(1099511628211);
	}
	return hash;
}

/* Whether a source has to be done without: it would wait in the kernel, and nothing could end that. */
static bool is_locked_out(struct sampler *sampler, const struct target *target, const struct source *source)
{
	if (!sampler->locked || !lock_is_needed(source))
		return false;
	target_missed(target, source, &sampler->snapshot, -ETIMEDOUT,
		      "the kernel's list of interfaces is locked (rtnl): a driver does not answer");
	return true;
}

/* At the window's ends those that enclose the others have their own turn. */
static bool has_own_turn(const struct sampler *sampler, const struct source *source)
{
	return !sampler->between && source_encloses(source);
}

static void read_cheap(struct sampler *sampler, struct target *target, uint64_t now_ns)
{
	size_t from = sampler->snapshot.samples.count;
	uint64_t hash;

	for (size_t i = 0; i < sampler->sources.count; i++) {
		const struct source *source = sampler->sources.data[i];
		struct slot *slot = &target->slots[i];
		uint64_t started_ns;

		if (source->cost != COST_CHEAP || !source_applies(source, target) || has_own_turn(sampler, source) ||
		    (sampler->between && !cheap_is_due(sampler, slot, now_ns)) ||
		    is_locked_out(sampler, target, source))
			continue;
		started_ns = clock_monotonic_ns();
		run_source(sampler, target, source, &sampler->snapshot);
		cheap_set_due(sampler, slot, clock_monotonic_ns() - started_ns, now_ns);
	}
	hash = samples_hash(&sampler->snapshot, from);
	target->quiet = hash == target->hash ? target->quiet + 1 : 0;
	target->hash = hash;
}

static bool middle_is_wanted(struct sampler *sampler, const struct target *target, size_t source, enum reading reading,
			     uint64_t now_ns)
{
	const struct source *what = sampler->sources.data[source];
	struct slot *slot = &target->slots[source];

	if (what->cost != COST_MIDDLE || !source_applies(what, target))
		return false;
	if (reading == READ_AGAIN && source_is_setting(what))
		return false;
	return reading != READ_DUE || middle_is_due(sampler, what, target, slot, now_ns) ||
	       urgent_take(sampler, what, target, slot, now_ns);
}

static void read_middle(struct sampler *sampler, struct target *target, enum reading reading, uint64_t now_ns)
{
	for (size_t i = 0; i < sampler->sources.count; i++) {
		const struct source *source = sampler->sources.data[i];
		struct slot *slot = &target->slots[i];
		size_t from = sampler->snapshot.coverage.count, samples = sampler->snapshot.samples.count;
		uint64_t started_ns;

		if (!middle_is_wanted(sampler, target, i, reading, now_ns) || is_locked_out(sampler, target, source))
			continue;
		started_ns = clock_monotonic_ns();
		slot->read_ns = started_ns;
		run_source(sampler, target, source, &sampler->snapshot);
		slot_cost(slot, clock_monotonic_ns() - started_ns, &sampler->middle_cost_ns);
		middle_set_due(sampler, source, slot, samples_hash(&sampler->snapshot, samples), now_ns);
		if (reading != READ_DUE && (sampler->result->thinned & SAMPLER_THINNED_MIDDLE))
			target_thinned(&sampler->snapshot, from);
	}
}

/* It cannot be entered: said once at the start and once at the end, for every source. */
static void refuse(struct sampler *sampler, struct target *target, enum reading reading, int error)
{
	if (error == -ENOENT) {
		sampler->look_again = true;
		return;
	}
	target->refused = error;
	for (size_t i = 0; reading != READ_DUE && i < sampler->sources.count; i++) {
		if (source_applies(sampler->sources.data[i], target))
			target_missed(target, sampler->sources.data[i], &sampler->snapshot, error, refusal(error));
	}
}

int target_read(struct sampler *sampler, struct target *target, enum reading reading, uint64_t now_ns)
{
	uint64_t started_ns = clock_monotonic_ns(), cheap_ns;
	int error = target_enter(sampler, target);

	if (error) {
		refuse(sampler, target, reading, error);
		return 0;
	}
	if (is_another(sampler, target)) { /* which is behind the others, and read when it is its turn */
		error = target_leave(sampler, target);
		target_replace(sampler, (size_t)(target - sampler->targets.data));
		return error;
	}
	if (reading == READ_LAST || reading == READ_AGAIN) {
		read_middle(sampler, target, reading, now_ns);
		started_ns = clock_monotonic_ns();
	}
	read_cheap(sampler, target, now_ns);
	cheap_ns = clock_monotonic_ns() - started_ns;
	target->cost_ns = target->cost_ns ? (target->cost_ns * 3 + cheap_ns) / 4 : cheap_ns;
	if (reading == READ_FIRST || reading == READ_DUE)
		read_middle(sampler, target, reading, now_ns);
	return target_leave(sampler, target);
}
