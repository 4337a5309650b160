/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wheredrop trace: each packet that the kernel drops, as it happens, and exact totals at the end. Lines are samples: the
 * first of each kind and so many a second; the totals count every packet.
 */
#include "cmd/command.h"

#include "capture/expression.h"
#include "cmd/scope.h"
#include "cmd/stop.h"
#include "cmd/trace_also.h"
#include "cmd/trace_file.h"
#include "cmd/trace_from.h"
#include "cmd/trace_look.h"
#include "cmd/trace_sum.h"
#include "cmd/trace_top.h"
#include "source/drops.h"
#include "source/kernel_names.h"
#include "source/stack.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/netns.h"
#include "base/vec.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS 100
#define BATCH_MAX 4096 /* samples that wait for the names of their places */

struct tracer {
	const struct trace_settings *settings;
	struct drops *drops;
	struct trace_look look;
	unsigned int groups;	 /* of other events */
	struct trace_also *also; /* NULL: none of them */
	uint32_t only_netns;
	struct expression expression;
	bool filtered;
	struct trace_file *file;
	struct trace_top *top; /* where a table is wanted instead of lines */
	uint64_t top_ns;       /* when it is due */
	bool quiet;	       /* no lines: only totals are wanted, or standard output is the capture */
	VEC(struct drop_sample) batch;
	struct trace_sum sum;
	struct text out;
	uint64_t lines;
	bool full; /* --count lines are out */
};

/* ---- one packet ---- */

/* From the place outwards. */
static size_t frames_of(const struct tracer *tracer, const struct drop_sample *sample, const char *place,
			const char *frames[DROP_STACK])
{
	size_t count = sample->stack_bytes > 0 ? (size_t)sample->stack_bytes / sizeof(sample->stack[0]) : 0, inside;

	for (size_t i = 0; i < count; i++)
		frames[i] = kernel_place_name(tracer->look.names, sample->stack[i]);
	inside = stack_inside(frames, count, place);
	memmove(frames, frames + inside, (count - inside) * sizeof(*frames));
	return count - inside;
}

static uint64_t lines_left(const struct tracer *tracer)
{
	return tracer->settings->count ? tracer->settings->count - tracer->lines : UINT64_MAX;
}

static void count_lines(struct tracer *tracer, uint64_t lines)
{
	tracer->lines += lines;
	tracer->full = !lines_left(tracer);
}

static int show(struct tracer *tracer, const struct drop_sample *sample)
{
	const struct trace_settings *settings = tracer->settings;
	const struct kernel_place *place = kernel_place(tracer->look.names, sample->key.place);
	const char *reason = kernel_reason_of(tracer->look.names, &sample->key);
	const struct drop_meaning meaning = drop_meaning_of(place ? place->name : "", reason);
	CLEANUP_TEXT struct text cgroup = { 0 };
	struct packet packet;
	struct trace_drop drop = {
		.time_ns = sample->time_ns + tracer->look.wall_offset_ns,
		.reason = reason ? reason : "",
		.place = place ? place->name : "",
		.place_offset = place ? sample->key.place - place->start : 0,
		.address = sample->key.place,
		.meaning = &meaning,
		.packet = &packet,
		.way = drop_way(&meaning, sample->key.direction == DROP_LEAVING ? "leaving" : "arriving"),
		.length = sample->length,
		.segments = sample->segments,
	};
	struct trace_spot spot = {
		.netns = sample->key.netns,
		.ifindex = sample->key.ifindex,
		.cpu = sample->cpu,
		.device = sample->device,
		.socket_inode = sample->socket_inode,
		.cgroup = sample->cgroup,
	};
	size_t frames;

	if (meaning.harm == REASON_HARMLESS && !settings->all) {
		tracer->sum.totals.harmless++;
		return 0;
	}
	packet_decode_network(sample->bytes, sample->byte_count, sample->key.ethertype, &packet);
	frames = frames_of(tracer, sample, drop.place, drop.frames);
	if (stack_is_system_call(drop.frames, frames)) { /* whose that is knows better than whose the socket is */
		spot.comm = sample->comm;
		spot.pid = (int)sample->pid;
	}
	trace_look_at(&tracer->look, &spot, &cgroup, &drop.at);
	drop.frame_count = settings->stack ? frames : 0;
	if (settings->json)
		render_trace_json(&drop, tracer->look.redact_key, &tracer->out);
	else
		render_trace_text(&drop, &tracer->look.style, tracer->look.redact_key, &tracer->out);
	tracer->sum.totals.shown++;
	count_lines(tracer, 1);
	return tracer->file ? trace_file_add(tracer->file, sample, &drop) : 0;
}

/* ---- many ---- */

static void take_sample(void *argument, const struct drop_sample *sample)
{
	struct tracer *tracer = argument;
	struct drop_sample *slot = tracer->full ? NULL : vec_add(&tracer->batch, BATCH_MAX);

	if (!slot) {
		tracer->sum.totals.over_rate++;
		return;
	}
	*slot = *sample;
	if (tracer->top)
		trace_top_learn(tracer->top, sample);
	holders_want(tracer->look.holders, sample->socket_inode);
	kernel_place_want(tracer->look.names, sample->key.place);
	for (int i = 0; i < sample->stack_bytes / (int)sizeof(sample->stack[0]); i++)
		kernel_place_want(tracer->look.names, sample->stack[i]);
}

static int by_time(const void *left, const void *right)
{
	const struct drop_sample *a = left, *b = right;

	return (a->time_ns > b->time_ns) - (a->time_ns < b->time_ns);
}

/* Drops are read once more, so that none is missing that happened before one of the other events. Whether there are any. */
static bool take_also(struct tracer *tracer)
{
	size_t waiting;

	if (!tracer->also)
		return false;
	(void)drops_poll(tracer->drops, 0, take_sample, tracer);
	vec_sort(&tracer->batch, by_time);
	waiting = trace_also_take(tracer->also, tracer->look.holders);
	if (!tracer->quiet)
		return waiting;
	trace_also_leave(tracer->also);
	return false;
}

static void show_also(struct tracer *tracer, uint64_t until_ns)
{
	if (tracer->also && !tracer->full)
		count_lines(tracer,
			    trace_also_show(tracer->also, until_ns, lines_left(tracer), &tracer->look, &tracer->out));
}

/* Names are looked up for all that came together; then their lines are written at once. */
static int show_batch(struct tracer *tracer)
{
	uint64_t now_ns = clock_monotonic_ns();
	const struct drop_sample *sample;
	bool others = take_also(tracer);
	int error = 0;

	if (tracer->quiet && !tracer->file)
		vec_clear(&tracer->batch);
	if (!tracer->batch.count && !others)
		return 0;
	(void)kernel_places_find(tracer->look.names);
	holders_find(tracer->look.holders);
	netns_list_refresh(&tracer->look.netns, clock_monotonic_ns(), false, NULL, 0);
	vec_each(&tracer->batch, sample) {
		show_also(tracer, sample->time_ns);
		if (tracer->full || error)
			tracer->sum.totals.over_rate++;
		else
			error = show(tracer, sample);
	}
	vec_clear(&tracer->batch);
	show_also(tracer, now_ns);
	if (!tracer->quiet && !error)
		error = output_part(&tracer->out);
	text_clear(&tracer->out);
	return error;
}

static int show_top(struct tracer *tracer)
{
	uint64_t now_ns = clock_monotonic_ns();
	int error;

	if (!tracer->top || now_ns < tracer->top_ns)
		return 0;
	tracer->top_ns = now_ns + NS_PER_S;
	netns_list_refresh(&tracer->look.netns, now_ns, false, NULL, 0);
	text_clear(&tracer->out);
	trace_top_add(tracer->top, tracer->drops, tracer->look.names, &tracer->look.netns, tracer->settings->all,
		      &tracer->look.style, &tracer->out);
	error = output_part(&tracer->out);
	text_clear(&tracer->out);
	return error;
}

static int watch(struct tracer *tracer, uint64_t start_ns)
{
	uint64_t duration_ns = tracer->settings->duration_ns;
	int error = 0;

	while (!error && !stop_asked() && !tracer->full) {
		uint64_t elapsed_ns = clock_monotonic_ns() - start_ns, left_ns = duration_ns - elapsed_ns;

		if (duration_ns && elapsed_ns >= duration_ns)
			break;
		error = drops_poll(tracer->drops,
				   duration_ns && left_ns < POLL_MS * NS_PER_MS ? (int)(left_ns / NS_PER_MS) + 1
										: POLL_MS,
				   take_sample, tracer);
		error = error < 0 && error != -EINTR ? complain("cannot read the drop events: %s", strerror(-error))
						     : 0;
		if (!error)
			error = show_batch(tracer);
		if (!error)
			error = show_top(tracer);
	}
	return error || !tracer->also ? error : show_batch(tracer);
}

/* ---- the end ---- */

static bool is_standard_output(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int finish(struct tracer *tracer, uint64_t start_ns)
{
	struct trace_totals *totals = &tracer->sum.totals;

	drops_stop(tracer->drops);
	totals->seconds = (double)(clock_monotonic_ns() - start_ns) / (double)NS_PER_S;
	totals->filtered = tracer->filtered;
	totals->has_flows = tracer->settings->flows;
	trace_sum(&tracer->sum, tracer->drops, tracer->look.names);
	if (tracer->also)
		totals->events = trace_also_sum(tracer->also, tracer->look.names);
	if (tracer->settings->json)
		render_trace_totals_json(totals, tracer->look.redact_key, &tracer->out);
	else
		render_trace_totals_text(totals, tracer->look.redact_key, &tracer->out);
	trace_sum_free(&tracer->sum);
	if (is_standard_output(tracer->settings->pcapng)) { /* that is the capture's: what was lost is said beside it */
		fputs(text_string(&tracer->out), stderr);
		return STATUS_OK;
	}
	return output_write(&tracer->out);
}

/* ---- the command ---- */

static int filter_compile(const char *words, struct expression *ret)
{
	CLEANUP_TEXT struct text why = { 0 };
	int error = expression_compile(words, ret, &why);

	if (error == -E2BIG)
		return complain("--filter: the expression is too long: it makes more than %d instructions",
				FILTER_INSTRUCTIONS);
	return error ? complain("--filter '%s': %s", words, why.length ? text_string(&why) : strerror(-error)) : 0;
}

static int attach_also(struct tracer *tracer)
{
	const struct trace_settings *settings = tracer->settings;
	const struct events_options options = {
		.groups = tracer->groups,
		.netns = tracer->only_netns,
		.device = settings->interface,
		.samples_per_second = tracer->quiet ? 0 : (uint32_t)settings->rate,
	};

	return trace_also_attach(&options, &tracer->also);
}

/* Perf events hold no packets: what is asked for by them cannot be given; the rest goes on, and that is said. */
static int accept_perf(struct tracer *tracer, const char *why)
{
	const struct trace_settings *settings = tracer->settings;
	const char *asked = settings->filter	  ? "--filter"
			    : settings->interface ? "--interface"
			    : tracer->only_netns  ? "--netns"
			    : settings->flows	  ? "--flows"
			    : settings->pcapng	  ? "--pcapng"
						  : NULL;

	if (asked) {
		return complain(
			"%s needs the packets, and perf events do not hold them: %s; without it drops are counted "
			"by reason and place",
			asked, why);
	}
	tracer->sum.totals.without_packets = why;
	return 0;
}

static int attach(struct tracer *tracer)
{
	const struct trace_settings *settings = tracer->settings;
	const struct drops_options options = {
		.netns = tracer->only_netns,
		.device = settings->interface,
		.filter = settings->filter ? tracer->expression.instructions : NULL,
		.filter_count = tracer->expression.count,
		.samples_per_second = settings->totals || settings->top ? 0 : (uint32_t)settings->rate,
		.stacks = settings->stack,
		.flows = settings->flows,
	};
	const char *why = "";
	int error = drops_attach(&options, &tracer->drops, &why);

	if (error)
		return complain("cannot watch the kernel's drops: %s: %s", why, strerror(-error));
	error = drops_way(tracer->drops) == DROPS_PERF ? accept_perf(tracer, why) : 0;
	return error || !tracer->groups ? error : attach_also(tracer);
}

static int trace(struct tracer *tracer)
{
	uint64_t start_ns = clock_monotonic_ns();
	int error = 0;

	if (tracer->settings->pcapng)
		error = trace_file_open(tracer->settings->pcapng, &tracer->file);
	if (!error)
		error = watch(tracer, start_ns);
	if (!error)
		error = finish(tracer, start_ns);
	return trace_file_close(tracer->file) ? STATUS_ERROR : error;
}

/* What cannot be had together. */
static int settings_check(const struct trace_settings *settings)
{
	if (settings->redact && settings->pcapng)
		return complain("--redact and --pcapng: packets in a file keep their addresses");
	if (settings->top && settings->json)
		return complain("--top and --json: a table that is made anew is for people");
	if (settings->also && settings->filter)
		return complain(
			"--also and --filter: an expression is for the headers of packets, and most other events "
			"have none");
	return 0;
}

/* What the settings ask for, looked up before anything is attached. */
static int prepare(struct tracer *tracer)
{
	const struct trace_settings *settings = tracer->settings;
	struct scope scope;

	if (settings_check(settings) || scope_find(settings->netns, settings->interface, NULL, &scope))
		return STATUS_ERROR;
	if (trace_look_prepare(&tracer->look, settings))
		return STATUS_ERROR;
	if (settings->filter && filter_compile(settings->filter, &tracer->expression))
		return STATUS_ERROR;
	if (settings->also && trace_also_parse(settings->also, &tracer->groups))
		return STATUS_ERROR;
	tracer->only_netns = (uint32_t)scope.options.netns;
	tracer->filtered = tracer->only_netns || settings->interface || settings->filter;
	if (settings->top)
		tracer->top = trace_top_new();
	tracer->quiet = settings->totals || settings->top || is_standard_output(settings->pcapng);
	tracer->look.wall_offset_ns = clock_wall_ns() - clock_monotonic_ns();
	return 0;
}

static int trace_live(const struct trace_settings *settings)
{
	struct tracer tracer = {
		.settings = settings,
		.look = { .names = kernel_names_new(), .holders = holders_new(), .containers = containers_new() }
	};
	int error;

	error = prepare(&tracer);
	if (!error) {
		error = netns_list_open(&tracer.look.netns, "");
		if (error)
			error = complain("cannot tell the own network namespace: %s", strerror(-error));
	}
	if (!error) {
		stop_catch(NULL);
		netns_list_refresh(&tracer.look.netns, clock_monotonic_ns(), true, NULL, 0);
		error = attach(&tracer);
		if (!error)
			error = trace(&tracer);
		trace_also_detach(tracer.also);
		drops_detach(tracer.drops);
		netns_list_close(&tracer.look.netns);
	}
	vec_free(&tracer.batch);
	text_free(&tracer.out);
	trace_top_free(tracer.top);
	holders_free(tracer.look.holders);
	containers_free(tracer.look.containers);
	kernel_names_free(tracer.look.names);
	return error;
}

static int trace_run(const void *opaque, char **arguments)
{
	const struct trace_settings *settings = opaque;

	(void)arguments;
	setlocale(LC_CTYPE, "");
	if (settings->from)
		return trace_from(settings);
	if (settings->speed)
		return complain("--speed is for a recording: with --from");
	return trace_live(settings);
}

#define SETTING(field) offsetof(struct trace_settings, field)

static const struct option_row trace_options[] = {
	{ "duration", "TIME", "for so long; without it until interrupted", OPTION_DURATION, SETTING(duration_ns), NULL,
	  "100ms", "30d" },
	{ "count", "NUMBER", "end after so many lines", OPTION_NUMBER, SETTING(count), NULL, "1", "1000000000" },
	{ "rate", "NUMBER", "at most so many lines a second and CPU, beside the first of each kind", OPTION_NUMBER,
	  SETTING(rate), "20", "0", "1000000" },
	{ "netns", "NAME|PID|PATH|all", "lines of this network namespace only", OPTION_TEXT, SETTING(netns), "all",
	  NULL, NULL },
	{ "interface", "NAME", "lines of packets at interfaces of that name only", OPTION_TEXT, SETTING(interface),
	  NULL, NULL, NULL },
	{ "filter", "EXPRESSION", "lines of packets only for which it holds, as in tcpdump: 'udp port 53'", OPTION_TEXT,
	  SETTING(filter), NULL, NULL, NULL },
	{ "also", "LIST", "other events too: retransmits, resets, queue-full, transmit, polls, or all", OPTION_TEXT,
	  SETTING(also), NULL, NULL, NULL },
	{ "all", NULL, "also the drops that nobody misses", OPTION_FLAG, SETTING(all), NULL, NULL, NULL },
	{ "stack", NULL, "with the functions of the kernel that led there", OPTION_FLAG, SETTING(stack), NULL, NULL,
	  NULL },
	{ "totals", NULL, "no lines, only the totals at the end", OPTION_FLAG, SETTING(totals), NULL, NULL, NULL },
	{ "flows", NULL, "at the end also the flows that lost most", OPTION_FLAG, SETTING(flows), NULL, NULL, NULL },
	{ "pcapng", "FILE", "the packets as a capture file as well; -: on standard output, without lines", OPTION_TEXT,
	  SETTING(pcapng), NULL, NULL, NULL },
	{ "top", NULL, "a table of what is dropped most, made anew each second, instead of lines", OPTION_FLAG,
	  SETTING(top), NULL, NULL, NULL },
	{ "from", "FILE", "show a recording (wheredrop record FILE) again", OPTION_TEXT, SETTING(from), NULL, NULL,
	  NULL },
	{ "speed", "NUMBER", "with --from: 1 as it happened, 10 ten times as fast", OPTION_NUMBER, SETTING(speed), NULL,
	  "1", "1000000" },
	{ "redact", NULL, "addresses as names that hold for this run, to share it", OPTION_FLAG, SETTING(redact), NULL,
	  NULL, NULL },
	{ "json", NULL, "for programs: a document a line", OPTION_FLAG, SETTING(json), NULL, NULL, NULL },
	{ "color", "auto|always|never", "colour in the text", OPTION_CHOICE, SETTING(colour), "auto", NULL, NULL },
	{ .name = NULL },
};

static const struct example trace_examples[] = {
	{ "wheredrop trace", "what is dropped now, until interrupted" },
	{ "wheredrop trace --netns web --duration 10s", "in one namespace, for ten seconds" },
	{ "wheredrop trace --totals --duration 1m", "every dropped packet of a minute, counted by reason" },
	{ "wheredrop trace --also retransmits,resets", "with what TCP sends again, refuses and gives up" },
	{ "wheredrop trace --filter 'udp port 53' --pcapng lost.pcapng", "for Wireshark" },
	{ "wheredrop trace --from lost.wdb --speed 1", "a recording, as it happened" },
	{ "wheredrop trace --json | jq 'select(.harm == \"loss\")'", "for a program" },
	{ NULL, NULL },
};

const struct command command_trace = {
	.name = "trace",
	.arguments = "",
	.summary = "each packet that the kernel drops, as it happens",
	.description =
		"Shows dropped packets with the kernel's own reason and place, the packet's addresses, interface and "
		"namespace, and the process where it is its own doing. Lines are samples: the first of each kind and at "
		"most --rate a second for each CPU. The totals at the end count every packet.\n\n"
		"It needs root, or CAP_BPF and CAP_PERFMON, and a kernel that describes its types (BTF). It costs about a "
		"tenth of a microsecond for each dropped packet, nothing for others, and nothing of it stays behind.\n\n"
		"--also shows events that are no drops and tell of one, between the lines of drops, with exact totals below "
		"theirs. retransmits: TCP sent a segment or a SYN+ACK again. resets: sent, with the kernel's reason, and "
		"received. queue-full: a socket's receive buffer had no room. transmit: a driver refused a packet, or its "
		"queue stood still. polls: a device's poll used up its budget. Each is attached only when asked for. transmit "
		"runs for every packet that is sent and polls for every poll, a few tens of nanoseconds each, so that they cost "
		"something on a busy host; the others run when such an event happens. Older kernels see less: before 6.10 "
		"resets for ports where nobody listens are no events, before 6.6 UDP queues of IPv6.\n\n"
		"--from shows a recording again, on any host and without root: its samples as lines, the first of each kind and "
		"some twenty a second of each CPU, and the exact totals. A recording holds what the headers say, not the packets, so "
		"--filter, --pcapng and what was not recorded (--also, --flows, --top) cannot be had of it; nor does it tell the "
		"process that holds a socket. --stack shows the stack of the first packet of each kind. Of a file with a baseline and a "
		"later recording it is the later one.\n\n"
		"With --speed lines come as they did then, and on a terminal keys work: space pauses and goes on, s, Enter or the "
		"right arrow shows the next line while paused, + and - double and halve the speed, q ends with the totals so far.",
	.options = trace_options,
	.examples = trace_examples,
	.settings_size = sizeof(struct trace_settings),
	.run = trace_run,
};
