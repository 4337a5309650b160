/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows for the diagnosis. While one runs, the diagnosis is asked now and then whether it may end: it is pure, so
 * asking changes nothing.
 */
#include "cmd/window.h"

#include "cmd/command.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* An answer is certain when two complete readings, so far apart, gave the same; one that lacks its reason gets longer. */
#define SETTLE_NS (200 * NS_PER_MS)
#define STABLE_NS (500 * NS_PER_MS)
#define REASON_NS NS_PER_S
#define UNEXPLAINED_SHARE 20 /* a twentieth of what was dropped may be unexplained */
/* After the loss that was waited for, the window goes on for so long: the reading behind it needs its course. */
#define AFTER_NS (2 * NS_PER_S)

static volatile sig_atomic_t interrupts, last_interrupt;
static bool leaving;
static void (*insisted)(void); /* what an onlooker must do before the program is ended */
static sigset_t caught;

static void on_interrupt(int number)
{
	interrupts = interrupts + 1;
	last_interrupt = number;
	if (interrupts < 2)
		return;
	if (insisted)
		insisted();
	signal(number, SIG_DFL);
}

/* A terminal that goes may say so more than once, and nobody insists by it: the answer may go to a file. */
static void on_hangup(int number)
{
	if (!interrupts)
		on_interrupt(number);
}

/* Without SA_RESTART, so that the wait for the next tick ends. What the caller ignores (nohup, a job of a script) stays so. */
static void interrupts_catch(void)
{
	static const struct {
		int number;
		void (*handler)(int number);
	} signals[] = { { SIGINT, on_interrupt }, { SIGTERM, on_interrupt }, { SIGHUP, on_hangup } };

	sigemptyset(&caught);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		const struct sigaction action = { .sa_handler = signals[i].handler };
		struct sigaction before;

		if (sigaction(signals[i].number, NULL, &before) < 0 || before.sa_handler == SIG_IGN)
			continue;
		sigaction(signals[i].number, &action, NULL);
		sigaddset(&caught, signals[i].number);
	}
}

struct watcher {
	const struct watch_settings *settings;
	const struct scope *scope;
	const struct onlooker *onlooker; /* or NULL */
	uint64_t wait_start_ns;		 /* 0: one window */
	uint64_t harmful_since_ns;	 /* 0: there is nothing harmful */
	uint64_t asked_ns;		 /* the last complete reading */
	uint64_t answer;		 /* what it gave, as a hash */
	uint64_t same_since_ns;
	bool certain;
};

static void progress_show(void *argument, const struct sampler_progress *progress)
{
	const struct watcher *watcher = argument;
	uint64_t elapsed_ns = progress->elapsed_ns, duration_ns = progress->duration_ns;

	if (watcher->onlooker)
		watcher->onlooker->tick(watcher->onlooker->argument);
	if (!watcher->settings->progress)
		return;
	if (progress->ending && !watcher->wait_start_ns) {
		fprintf(stderr, "\rwheredrop: reading the last numbers...                   ");
	} else {
		if (watcher->wait_start_ns) {
			elapsed_ns = clock_monotonic_ns() - watcher->wait_start_ns;
			duration_ns = watcher->settings->wait_ns;
		}
		fprintf(stderr, "\rwheredrop: %s %zu namespace%s, %.1f of %.1f s   ",
			watcher->wait_start_ns ? "waiting for a loss in" : "watching", progress->namespaces,
			progress->namespaces == 1 ? "" : "s", (double)elapsed_ns / (double)NS_PER_S,
			(double)duration_ns / (double)NS_PER_S);
	}
	fflush(stderr);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x100000001b3);
}

/* Causes, objects and reasons, without the counts. */
static uint64_t answer_hash(const struct diagnosis *diagnosis)
{
	struct finding **finding;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	vec_each(&diagnosis->findings.list, finding) {
		const struct because *because;

		hash = mix(mix(hash, (*finding)->cause), (*finding)->object);
		vec_each(&(*finding)->because, because)
			hash = mix(mix(hash, because->cause), because->object);
	}
	return hash;
}

/* Every loss that hurts is proven, and nearly all that was dropped is explained. */
static bool is_proven(const struct diagnosis *diagnosis)
{
	struct finding **finding;

	vec_each(&diagnosis->findings.list, finding) {
		if ((*finding)->confidence != CONFIDENCE_PROVEN)
			return false;
	}
	return diagnosis->sum.unexplained * UNEXPLAINED_SHARE <= diagnosis->sum.dropped;
}

/* Places where something behind the loss is usually the root: worth waiting for. */
static bool has_reason(const struct diagnosis *diagnosis)
{
	enum domain domain = cause_get(diagnosis->first->cause)->domain;

	return diagnosis->first->because.count ||
	       (domain != DOMAIN_SOCKET && domain != DOMAIN_BACKLOG && domain != DOMAIN_NIC);
}

/* Everything has just been read: whether the answer is certain. */
static bool is_certain(struct watcher *watcher, const struct diagnosis *diagnosis, uint64_t now_ns)
{
	uint64_t answer = answer_hash(diagnosis);

	watcher->asked_ns = now_ns;
	if (answer != watcher->answer || !watcher->same_since_ns)
		watcher->same_since_ns = now_ns;
	watcher->answer = answer;
	return is_proven(diagnosis) && now_ns - watcher->same_since_ns >= STABLE_NS &&
	       (has_reason(diagnosis) || now_ns - watcher->harmful_since_ns >= REASON_NS);
}

static bool is_enough(void *argument, const struct series *series, bool complete)
{
	struct watcher *watcher = argument;
	uint64_t now_ns = clock_monotonic_ns(), harmful_ns = 0;
	struct diagnosis diagnosis;
	bool enough;

	diagnose(series, &watcher->scope->options, &diagnosis);
	if (diagnosis.loss != LOSS_YES)
		watcher->harmful_since_ns = 0;
	else if (!watcher->harmful_since_ns)
		watcher->harmful_since_ns = now_ns;
	if (watcher->harmful_since_ns)
		harmful_ns = now_ns - watcher->harmful_since_ns;
	enough = watcher->wait_start_ns && harmful_ns >= AFTER_NS;
	if (watcher->settings->until_proven && diagnosis.loss == LOSS_YES) {
		if (complete)
			watcher->certain = is_certain(watcher, &diagnosis, now_ns);
		enough |= complete ? watcher->certain
				   : harmful_ns >= SETTLE_NS && now_ns - watcher->asked_ns >= STABLE_NS;
	}
	diagnosis_free(&diagnosis);
	return enough;
}

/* Nothing that an onlooker sees ends a window. */
static bool look(void *argument, const struct series *series, bool complete)
{
	const struct onlooker *onlooker = ((const struct watcher *)argument)->onlooker;

	(void)complete;
	onlooker->look(onlooker->argument, series);
	return false;
}

/* The condition of a recording: it goes on for a moment after it was met. */
static bool is_met(void *argument, const struct series *series, bool complete)
{
	const struct watcher *watcher = argument;
	struct until *until = watcher->settings->until;
	uint64_t now_ns = clock_monotonic_ns();

	(void)complete;
	return until_is_met(until, series, now_ns) && now_ns - until->met_ns >= AFTER_NS;
}

static void record(void *argument, const struct snapshot *snapshot)
{
	const struct watcher *watcher = argument;

	bundle_add(watcher->settings->bundle, snapshot);
}

void watched_free(struct watched *watched)
{
	series_free(watched->series);
	objects_free(watched->objects);
	*watched = (struct watched){ 0 };
}

static enum watch_end end_of(const struct watcher *watcher, const struct sampler_result *result)
{
	if (result->stopped)
		return WATCH_INTERRUPT;
	if (watcher->certain)
		return WATCH_CERTAIN;
	if (!result->enough)
		return WATCH_TIME;
	return watcher->settings->until ? WATCH_CONDITION : WATCH_LOSS;
}

/* One window. The interrupt that the user insists on ends the program here. */
static int window(struct watcher *watcher, uint64_t duration_ns, struct watched *ret)
{
	const struct watch_settings *settings = watcher->settings;
	const struct sampler_options options = {
		.duration_ns = duration_ns,
		.interval_ns = settings->interval_ns,
		.netns = watcher->scope->netns,
		.stop = &interrupts,
		.stop_signals = &caught,
		.progress = progress_show,
		.enough = watcher->onlooker				? look
			  : settings->until				? is_met
			  : settings->until_proven || settings->wait_ns ? is_enough
									: NULL,
		.taken = settings->bundle ? record : NULL,
		.events = settings->bundle,
		.argument = watcher,
	};
	const char *reason;
	int error;

	watcher->harmful_since_ns = watcher->same_since_ns = watcher->asked_ns = 0;
	if (settings->bundle)
		bundle_window(settings->bundle);
	*ret = (struct watched){ .objects = objects_new() };
	ret->series = series_new(ret->objects);
	error = sampler_run(&options, ret->series, &ret->result);
	if (interrupts >= 2 && !leaving) {
		signal(last_interrupt, SIG_DFL);
		raise(last_interrupt);
	}
	if (!error) {
		ret->end = end_of(watcher, &ret->result);
		return 0;
	}
	reason = ret->result.error ? ret->result.error : strerror(-error);
	watched_free(ret);
	if (watcher->onlooker)
		watcher->onlooker->fail();
	return complain("could not watch: %s", reason);
}

static bool is_harmful(const struct watcher *watcher, const struct series *series)
{
	struct diagnosis diagnosis;
	bool harmful;

	diagnose(series, &watcher->scope->options, &diagnosis);
	harmful = diagnosis.loss == LOSS_YES;
	diagnosis_free(&diagnosis);
	return harmful;
}

/* The later window becomes a part of the earlier one. */
static void watched_join(struct watched *earlier, const struct watched *later)
{
	struct sampler_result *into = &earlier->result;
	const struct sampler_result *from = &later->result;
	uint64_t gap_ns = series_start_ns(later->series) - series_end_ns(earlier->series);

	series_join(earlier->series, later->series);
	into->max_gap_ns = from->max_gap_ns > into->max_gap_ns ? from->max_gap_ns : into->max_gap_ns;
	into->max_gap_ns = gap_ns > into->max_gap_ns ? gap_ns : into->max_gap_ns;
	into->interval_ns = from->interval_ns > into->interval_ns ? from->interval_ns : into->interval_ns;
	into->ticks += from->ticks;
	into->late_ticks += from->late_ticks;
	into->helper_failures += from->helper_failures;
	into->thinned |= from->thinned;
	into->namespaces = from->namespaces > into->namespaces ? from->namespaces : into->namespaces;
	into->stopped = from->stopped;
	earlier->end = later->end;
}

/* Windows one after the other until one of them, or two together, hold a harmful loss. */
static int wait_for_loss(struct watcher *watcher, struct watched *ret)
{
	const struct watch_settings *settings = watcher->settings;
	struct watched earlier = { 0 }, later = { 0 };

	watcher->wait_start_ns = clock_monotonic_ns();
	for (;;) {
		uint64_t waited_ns = clock_monotonic_ns() - watcher->wait_start_ns;
		uint64_t left_ns = settings->wait_ns > waited_ns ? settings->wait_ns - waited_ns : 0;
		struct watched *both = earlier.series ? &earlier : &later;
		bool last = left_ns <= settings->duration_ns;
		int error = window(watcher, last && left_ns ? left_ns : settings->duration_ns, &later);

		if (error) {
			watched_free(&earlier);
			return error;
		}
		if (earlier.series)
			watched_join(&earlier, &later);
		if (later.end == WATCH_TIME && is_harmful(watcher, both->series))
			both->end = WATCH_LOSS;
		if (last || both->end != WATCH_TIME) {
			*ret = *both;
			ret->waited_ns = clock_monotonic_ns() - watcher->wait_start_ns;
			if (both == &earlier)
				watched_free(&later);
			return 0;
		}
		watched_free(&earlier);
		earlier = later;
	}
}

int watch(const struct watch_settings *settings, const struct scope *scope, struct watched *ret)
{
	struct watcher watcher = { .settings = settings, .scope = scope };
	int error;

	interrupts_catch();
	error = settings->wait_ns ? wait_for_loss(&watcher, ret) : window(&watcher, settings->duration_ns, ret);
	if (settings->progress)
		fprintf(stderr, "\r%-60s\r", "");
	return error;
}

int watch_on(const struct watch_settings *settings, const struct scope *scope, const struct onlooker *onlooker)
{
	struct watcher watcher = { .settings = settings, .scope = scope, .onlooker = onlooker };
	uint64_t start_ns = clock_monotonic_ns();
	bool last = false;

	insisted = onlooker->insisted;
	interrupts_catch();
	while (!last) {
		uint64_t spent_ns = clock_monotonic_ns() - start_ns, duration_ns = settings->duration_ns;
		struct watched watched;

		last = settings->wait_ns && settings->wait_ns <= spent_ns + duration_ns;
		if (last)
			duration_ns = settings->wait_ns > spent_ns ? settings->wait_ns - spent_ns : NS_PER_MS;
		if (window(&watcher, duration_ns, &watched))
			return STATUS_ERROR;
		onlooker->turn(onlooker->argument, &watched);
		last |= watched.end == WATCH_INTERRUPT || interrupts;
		watched_free(&watched);
	}
	return 0;
}

void watch_leave(void)
{
	leaving = true;
	interrupts = interrupts + 1;
}

static const char *const end_names[] = {
	[WATCH_TIME] = "time", [WATCH_INTERRUPT] = "interrupt", [WATCH_CERTAIN] = "certain",
	[WATCH_LOSS] = "loss", [WATCH_CONDITION] = "condition", [WATCH_CUT] = "cut",
};

const char *watch_end_name(enum watch_end end)
{
	return end_names[end];
}

enum watch_end watch_end_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(end_names); i++) {
		if (strcmp(end_names[i], name) == 0)
			return (enum watch_end)i;
	}
	return WATCH_CUT;
}
