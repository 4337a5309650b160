/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes behind the sockets that are in trouble: those that drop, whose
 * queues fill, or that retransmit. Each is looked up once; what is found stays
 * with the socket (its owner and the descriptor's number), and a later run only
 * looks whether that is still true.
 */
#include "source/process.h"

#include "model/series.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"

#include <errno.h>
#include <netinet/in.h>

#define CANDIDATES_MAX 100000
#define SEARCH_AGAIN_NS (10 * NS_PER_S) /* a socket that nobody was found to hold */

enum rank { RANK_DROPS, RANK_QUEUE, RANK_RETRANSMITS, RANK_NEIGHBOUR };

/* ---- which sockets ---- */

struct candidates {
	const struct series *series;
	VEC(struct process_want) all;
};

/* The cell of its inode, whichever source reads sockets of its kind; NULL when none told it. */
static const struct cell *socket_inode(const struct series *series, uint32_t socket)
{
	static const counter_id inodes[] = { C_SOCK_INODE, C_RAW_INODE, C_NETLINK_INODE, C_UNIX_INODE };
	const struct cell *cell = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(inodes) && !cell; i++)
		cell = series_cell(series, inodes[i], socket);
	return cell;
}

/* Sockets that are closed have no process; what is known of it stays. */
static bool socket_lives(const struct series *series, const struct object *socket)
{
	const struct cell *inode = socket_inode(series, socket->id);
	const struct cell *walked = series_cell(series, C_SOCK_CONNECTIONS, socket->netns);
	const struct observation *seen;

	if (!inode || !inode->last)
		return false;
	seen = series_observation(series, counter_get(inode->counter)->source, socket->netns);
	if (!seen)
		return false;
	if (inode->last_snapshot >= seen->last_snapshot)
		return true;
	return socket->key.b == IPPROTO_TCP && *object_text(socket, LABEL_REMOTE) && walked &&
	       inode->last_snapshot >= walked->last_snapshot; /* connections are not in every reading */
}

static void candidate_add(struct candidates *candidates, uint32_t socket, enum rank rank, uint64_t weight)
{
	const struct series *series = candidates->series;
	struct process_want *want;

	if (!socket_lives(series, object_get(series_objects(series), socket)))
		return;
	want = vec_add(&candidates->all, CANDIDATES_MAX);
	if (want)
		*want = (struct process_want){
			.socket = socket, .rank = rank, .weight = weight, .inode = socket_inode(series, socket)->last
		};
}

static void candidates_rising(struct candidates *candidates, counter_id counter, enum rank rank)
{
	const struct cell *cell;
	size_t i;

	series_each(candidates->series, counter, i, cell) {
		if (cell->increase)
			candidate_add(candidates, cell->object, rank, cell->increase);
	}
}

/* Sockets whose `level` was above half of their `limit` at any time. */
static void candidates_filling(struct candidates *candidates, counter_id level, counter_id limit)
{
	const struct cell *cell;
	size_t i;

	series_each(candidates->series, level, i, cell) {
		uint64_t most = series_last(candidates->series, limit, cell->object);

		if (cell->high && cell->high > most / 2)
			candidate_add(candidates, cell->object, RANK_QUEUE,
				      most ? cell->high * 100 / most : cell->high);
	}
}

/* The netlink socket behind a netfilter queue that dropped. */
static void candidates_queueing(struct candidates *candidates, counter_id counter)
{
	const struct cell *cell;
	size_t i;

	series_each(candidates->series, counter, i, cell) {
		uint32_t socket = object_get(series_objects(candidates->series), cell->object)->parent;

		if (cell->increase && socket)
			candidate_add(candidates, socket, RANK_DROPS, cell->increase);
	}
}

static bool rose_in(const struct series *series, const char *name, uint32_t netns)
{
	counter_id counter = counter_find(SOURCE_NETSTAT, name, slice_of(name).length);

	return counter != COUNTER_NONE && series_increase(series, counter, netns) > 0;
}

/* Without sock_diag nothing says which listener dropped: then each in a namespace where one did. */
static void candidates_listening(struct candidates *candidates)
{
	const struct series *series = candidates->series;
	const struct cell *cell;
	size_t i;

	series_each(series, C_SOCK_ACCEPT_QUEUE, i, cell) {
		uint32_t netns = object_get(series_objects(series), cell->object)->netns;

		if (series_cell(series, C_SOCK_LISTEN_DROPS, cell->object))
			continue;
		if (rose_in(series, "TcpExtListenDrops", netns) || rose_in(series, "TcpExtListenOverflows", netns))
			candidate_add(candidates, cell->object, RANK_NEIGHBOUR, cell->high);
	}
}

static int by_socket(const void *a, const void *b)
{
	const struct process_want *x = a, *y = b;

	if (x->socket != y->socket)
		return x->socket < y->socket ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_urgency(const void *a, const void *b)
{
	const struct process_want *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return (x->socket > y->socket) - (x->socket < y->socket);
}

/* Each socket once, in its most urgent rank. */
static void candidates_unique(struct candidates *candidates)
{
	size_t kept = 0;

	vec_sort(&candidates->all, by_socket);
	for (size_t i = 0; i < candidates->all.count; i++) {
		if (!kept || candidates->all.data[kept - 1].socket != candidates->all.data[i].socket)
			candidates->all.data[kept++] = candidates->all.data[i];
	}
	candidates->all.count = kept;
}

size_t process_wants(const struct series *series, struct process_want ret[PROCESS_WANTS_MAX])
{
	struct candidates candidates = { .series = series };
	const struct process_want *want;
	size_t count = 0, retransmitting = 0;

	candidates_rising(&candidates, C_SOCK_DROPS, RANK_DROPS);
	candidates_rising(&candidates, C_SOCK_LISTEN_DROPS, RANK_DROPS);
	candidates_rising(&candidates, C_PACKET_SOCKET_DROPS, RANK_DROPS);
	candidates_rising(&candidates, C_RAW_DROPS, RANK_DROPS);
	candidates_rising(&candidates, C_NETLINK_DROPS, RANK_DROPS);
	candidates_queueing(&candidates, C_NFQUEUE_DROPPED);
	candidates_queueing(&candidates, C_NFQUEUE_USER_DROPPED);
	candidates_filling(&candidates, C_SOCK_RMEM, C_SOCK_RCVBUF);
	candidates_filling(&candidates, C_PACKET_SOCKET_RMEM, C_PACKET_SOCKET_RCVBUF);
	candidates_filling(&candidates, C_SOCK_ACCEPT_QUEUE, C_SOCK_ACCEPT_LIMIT);
	candidates_filling(&candidates, C_UNIX_ACCEPT_QUEUE, C_UNIX_ACCEPT_LIMIT);
	candidates_rising(&candidates, C_SOCK_TCP_RETRANS, RANK_RETRANSMITS);
	candidates_listening(&candidates);
	candidates_unique(&candidates);
	vec_sort(&candidates.all, by_urgency);
	vec_each(&candidates.all, want) {
		if (want->rank == RANK_RETRANSMITS && ++retransmitting > PROCESS_WANTS_TCP_MAX)
			continue;
		if (count < PROCESS_WANTS_MAX)
			ret[count++] = *want;
	}
	vec_free(&candidates.all);
	return count;
}

/* ---- whose they are ---- */

/* Takes over what an earlier run found, if it is still so. */
static bool want_recall(const struct source_context *context, struct process_want *want)
{
	const struct object *socket = object_get(context->objects, want->socket);
	const struct object *owner = socket->owner ? object_get(context->objects, socket->owner) : NULL;
	unsigned int descriptor = (unsigned int)series_last(context->series, C_SOCK_OWNER_FD, want->socket);

	if (!owner || !process_holds(context, owner->pid, descriptor, want->inode))
		return false;
	want->pid = owner->pid;
	want->start_ticks = owner->key.b;
	want->descriptor = descriptor;
	want->holders = (unsigned int)series_last(context->series, C_SOCK_HOLDERS, want->socket);
	return true;
}

/* Nobody was found a moment ago: not again so soon. */
static bool want_rests(const struct source_context *context, const struct snapshot *snapshot,
		       const struct process_want *want)
{
	const struct cell *holders = series_cell(context->series, C_SOCK_HOLDERS, want->socket);

	return holders && !holders->last && snapshot->time_ns - holders->last_ns < SEARCH_AGAIN_NS;
}

/* Nobody holds it: said only when everybody was asked. */
static void want_store(const struct source_context *context, struct snapshot *snapshot, const struct process_want *want,
		       const struct process_search *search)
{
	struct object *socket = object_get(context->objects, want->socket);
	const struct object *process;

	if (want->pid || (want->searched && !search->denied && !search->cut))
		snapshot_add(snapshot, C_SOCK_HOLDERS, socket, want->holders);
	if (!want->pid)
		return;
	process = object_find(context->objects,
			      (struct object_key){ OBJECT_PROCESS, 0, (uint64_t)want->pid, want->start_ticks });
	if (!process)
		return; /* it ended just now */
	socket->owner = process->id;
	snapshot_add(snapshot, C_SOCK_OWNER_FD, socket, want->descriptor);
}

/* A process that holds several of the sockets is read once. */
static bool read_before(const struct process_want *wants, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (wants[i].pid == wants[index].pid)
			return true;
	}
	return false;
}

static void report(struct snapshot *snapshot, const struct object *host, const struct process_want *wants, size_t count,
		   const struct process_search *search)
{
	size_t found = 0, missing = 0;

	for (size_t i = 0; i < count; i++) {
		found += wants[i].pid != 0;
		missing += !wants[i].pid;
	}
	if (search->cut)
		snapshot_covered_partly(snapshot, SOURCE_PROCESS, host, "too many open files to search them all");
	else if (!missing || !search->denied)
		snapshot_covered(snapshot, SOURCE_PROCESS, host);
	else if (found)
		snapshot_covered_partly(snapshot, SOURCE_PROCESS, host, "process of another user (needs root)");
	else
		snapshot_missed(snapshot, SOURCE_PROCESS, host, -EACCES, "process of another user (needs root)");
}

/* Namespaces of containers are called by their names: each is looked at once. */
#define NAMESPACES_MAX 1000

static bool is_nameless(const struct objects *objects, const struct object *netns)
{
	return netns->key.kind == OBJECT_NETNS && netns->pid > 0 && !netns->labels[LABEL_CONTAINER] &&
	       netns->key.netns != objects_home(objects);
}

static void name_namespaces(const struct source_context *context, struct snapshot *snapshot)
{
	size_t asked = 0;

	for (uint32_t id = 0; id < objects_count(context->objects) && asked < NAMESPACES_MAX; id++) {
		CLEANUP_TEXT struct text name = { .max = CONTAINER_NAME_MAX };
		struct object *netns = object_get(context->objects, id);
		struct container container;

		if (!is_nameless(context->objects, netns))
			continue;
		asked++;
		process_cgroup_container(context, netns->pid, &container);
		if (container_known(&container))
			container_describe_pod(context, &container, &name);
		object_label(netns, LABEL_CONTAINER, text_string(&name));
		snapshot_add(snapshot, C_NETNS_PROCESS, netns, (uint64_t)netns->pid);
	}
}

size_t process_wanted(const struct series *series)
{
	const struct objects *objects = series_objects(series);
	struct process_want wants[PROCESS_WANTS_MAX];
	size_t count = process_wants(series, wants);

	for (uint32_t id = 0; id < objects_count(objects); id++)
		count += is_nameless(objects, object_get(objects, id));
	return count;
}

static void process_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct process_want wants[PROCESS_WANTS_MAX];
	size_t count = context->series ? process_wants(context->series, wants) : 0;
	struct process_search search;

	for (size_t i = 0; i < count; i++)
		wants[i].searched = !want_recall(context, &wants[i]) && !want_rests(context, snapshot, &wants[i]);
	process_search(context, wants, count, &search);
	for (size_t i = 0; i < count; i++) {
		if (wants[i].pid && !read_before(wants, i))
			process_read(context, snapshot, wants[i].pid, wants[i].start_ticks);
		want_store(context, snapshot, &wants[i], &search);
	}
	name_namespaces(context, snapshot);
	report(snapshot, object_get(context->objects, OBJECT_HOST_ID), wants, count, &search);
}

const struct source source_process = { SOURCE_PROCESS, SCOPE_HOST, COST_DEAR, process_source_read };
