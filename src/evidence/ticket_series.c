/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which readings are before and which after. Each number of each object has its own order, that of the ticket: its first
 * reading is at the beginning of the window, its last at the end. A total that was read once counts from 0, and its cell says
 * so; a level that was read once stood like that all the time.
 */
#include "evidence/ticket_parts.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>

#define START_NS NS_PER_S
#define UNTIMED_NS (10 * NS_PER_S)	      /* for judging rates, where nobody says how long it was */
#define SINCE_BOOT_NS (30 * 86400 * NS_PER_S) /* likewise for totals since boot: no rate is high then */
#define ROUNDS_MAX 256
#define DAY 86400

/* One number of one reading. */
struct told {
	counter_id counter;
	uint32_t object;
	uint64_t value;
	uint32_t reading;
	bool rate;
};

struct order {
	const struct readings *readings;
	struct ticket *ticket;
	VEC(struct told) told; /* by counter, object, reading */
	VEC(struct coverage) coverage;
	size_t rounds;
	uint64_t length_ns; /* of the window */
};

#define TOLD_MAX SNAPSHOT_SAMPLES_MAX

static const struct reading *reading_at(const struct readings *readings, uint32_t index)
{
	return &readings->list.data[index];
}

/* ---- what an output leaves out ---- */

/* Outputs of the same command, as far as can be told: what the one leaves out may be compared with what the other has. */
static bool same_output(const struct reading *a, const struct reading *b)
{
	return a->format == b->format && a->netns == b->netns &&
	       (a->command == b->command || !(a->filtered || b->filtered));
}

static bool tells(const struct snapshot *snapshot, const struct sample *wanted)
{
	const struct sample *sample;

	vec_each(&snapshot->samples, sample) {
		if (sample->counter == wanted->counter && sample->object == wanted->object)
			return true;
	}
	return false;
}

static void add_zeros_of(const struct snapshot *other, struct reading *reading)
{
	const struct sample *sample;

	vec_each(&other->samples, sample) {
		const struct object *object = object_get(reading->snapshot.objects, sample->object);

		if (!tells(&reading->snapshot, sample))
			snapshot_add(&reading->snapshot, sample->counter, object, 0);
	}
}

/* Formats that leave out what is 0: what one of two outputs has was 0 in the other. */
static void add_zeros(struct readings *readings)
{
	for (size_t a = 0; a < readings->list.count; a++) {
		struct reading *reading = &readings->list.data[a];

		for (size_t b = 0; reading->format->omits_zeros && b < readings->list.count; b++) {
			if (a != b && same_output(reading, &readings->list.data[b]))
				add_zeros_of(&readings->list.data[b].snapshot, reading);
		}
	}
}

/* ---- order ---- */

static int compare_readings(const void *left, const void *right)
{
	const struct reading *a = left, *b = right;

	if (a->phase != b->phase)
		return a->phase < b->phase ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int compare_told(const void *left, const void *right)
{
	const struct told *a = left, *b = right;

	if (a->counter != b->counter)
		return a->counter < b->counter ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->reading < b->reading ? -1 : a->reading > b->reading;
}

static void collect(struct order *order)
{
	const struct readings *readings = order->readings;

	for (uint32_t r = 0; r < readings->list.count; r++) {
		const struct reading *reading = reading_at(readings, r);
		const struct sample *sample;

		vec_each(&reading->snapshot.samples, sample) {
			struct told *told = vec_add(&order->told, TOLD_MAX);

			if (told)
				*told = (struct told){ sample->counter, sample->object, sample->value, r,
						       reading->rates };
		}
	}
	vec_sort(&order->told, compare_told);
}

/* How many readings the number at `from` has. */
static size_t run_length(const struct order *order, size_t from)
{
	const struct told *first = &order->told.data[from];
	size_t at = from + 1;

	while (at < order->told.count && order->told.data[at].counter == first->counter &&
	       order->told.data[at].object == first->object)
		at++;
	return at - from;
}

static bool is_total(const struct told *told)
{
	return counter_get(told->counter)->form != FORM_GAUGE;
}

/* ---- the same number from several outputs ---- */

#define ORIGINS_MAX 8

/* Readings of a number that may be compared with one another. */
struct origin {
	const struct ticket_format *format;
	bool rate;
	size_t readings;
};

static bool is_of(const struct order *order, const struct told *told, const struct origin *origin)
{
	return reading_at(order->readings, told->reading)->format == origin->format && told->rate == origin->rate;
}

/* What was read more often; of equals a difference before a total, then what is no sum of several. */
static bool is_better(const struct origin *a, const struct origin *b)
{
	if ((a->readings > 1) != (b->readings > 1) && a->rate == b->rate)
		return a->readings > 1;
	if (a->rate != b->rate)
		return a->rate ? b->readings < 2 : a->readings > 1;
	return !a->format->sums && b->format->sums;
}

/* Which output the number at `from` is taken from. */
static struct origin origin_of(const struct order *order, size_t from, size_t length)
{
	struct origin origins[ORIGINS_MAX] = { 0 }, best;
	size_t count = 0;

	for (size_t i = from; i < from + length; i++) {
		const struct told *told = &order->told.data[i];
		size_t at = 0;

		while (at < count && !is_of(order, told, &origins[at]))
			at++;
		if (at == ORIGINS_MAX)
			continue;
		if (at == count)
			origins[count++] =
				(struct origin){ reading_at(order->readings, told->reading)->format, told->rate, 0 };
		origins[at].readings++;
	}
	best = origins[0];
	for (size_t i = 1; i < count; i++)
		best = is_better(&origins[i], &best) ? origins[i] : best;
	return best;
}

/* Whether another output tells the level at `from` more precisely than those that tell sums. */
static bool has_precise(const struct order *order, size_t from, size_t length)
{
	for (size_t i = from; i < from + length; i++) {
		if (!reading_at(order->readings, order->told.data[i].reading)->format->sums)
			return true;
	}
	return false;
}

/*
 * Outputs of several tools were made at several moments, and some add up what others tell apart: what one of them says is no
 * reading before or after what another says. Each total is taken from one of them, each level from all that tell it equally
 * precisely.
 */
static void choose_origins(struct order *order)
{
	size_t kept = 0, length;

	for (size_t from = 0; from < order->told.count; from += length) {
		struct origin origin;
		bool precise;

		length = run_length(order, from);
		origin = origin_of(order, from, length);
		precise = has_precise(order, from, length);
		for (size_t i = from; i < from + length; i++) {
			const struct told *told = &order->told.data[i];
			bool sums = reading_at(order->readings, told->reading)->format->sums;

			if (is_total(told) ? is_of(order, told, &origin) : !sums || !precise)
				order->told.data[kept++] = *told;
		}
	}
	order->told.count = kept;
}

/* Whether the totals run backwards nearly all: then the readings were pasted in the wrong order. */
static bool is_swapped(const struct order *order)
{
	size_t rose = 0, fell = 0, length;

	for (size_t from = 0; from < order->told.count; from += length) {
		const struct told *first = &order->told.data[from], *last;

		length = run_length(order, from);
		last = first + length - 1;
		if (!is_total(first) || first->rate)
			continue;
		rose += last->value > first->value;
		fell += last->value < first->value;
	}
	return fell >= 3 && fell > 10 * rose;
}

static void reverse(struct order *order)
{
	size_t length;

	for (size_t from = 0; from < order->told.count; from += length) {
		length = run_length(order, from);
		for (size_t i = 0; i < length / 2; i++) {
			struct told *a = &order->told.data[from + i], *b = &order->told.data[from + length - 1 - i];
			struct told keep = *a;

			*a = *b;
			*b = keep;
		}
	}
}

/* Whether that command was called once more, later or before, and all of its output is there. */
static bool called_also(const struct readings *readings, const struct reading *reading, bool later)
{
	const struct reading *other;

	if (!reading->command || reading->filtered)
		return false;
	vec_each(&readings->list, other) {
		const struct reading *first = later ? reading : other, *second = later ? other : reading;

		if (compare_readings(first, second) < 0 && other->command == reading->command &&
		    same_output(other, reading))
			return true;
	}
	return false;
}

/*
 * What the same command does not show any more was taken away in between: a rule, a qdisc, a device. The total that it had
 * before is from before, and nobody can tell what it came to.
 */
static void leave_out_vanished(struct order *order)
{
	const struct readings *readings = order->readings;
	CLEANUP_FREE bool *again = mem_new(readings->list.count + 1, sizeof(*again));
	size_t kept = 0, length;

	for (uint32_t r = 0; r < readings->list.count; r++)
		again[r] = called_also(readings, reading_at(readings, r), !order->ticket->swapped);
	for (size_t from = 0; from < order->told.count; from += length) {
		const struct told *told = &order->told.data[from];
		bool gone;

		length = run_length(order, from);
		gone = length == 1 && is_total(told) && !told->rate && again[told->reading];
		for (size_t i = from; i < from + length && !gone; i++)
			order->told.data[kept++] = order->told.data[i];
	}
	order->told.count = kept;
}

static void count_rounds(struct order *order)
{
	size_t length;

	order->rounds = 2;
	for (size_t from = 0; from < order->told.count; from += length) {
		length = run_length(order, from);
		if (length > order->rounds && !order->told.data[from].rate)
			order->rounds = length < ROUNDS_MAX ? length : ROUNDS_MAX;
	}
}

/* ---- time ---- */

/* How long it was from the first to the last reading of anything that was read twice, in seconds; 0: nobody says. */
static uint64_t seconds_between(const struct order *order)
{
	uint64_t seconds = 0;
	size_t length;

	for (size_t from = 0; from < order->told.count; from += length) {
		const struct reading *first, *last;

		length = run_length(order, from);
		first = reading_at(order->readings, order->told.data[from].reading);
		last = reading_at(order->readings, order->told.data[from + length - 1].reading);
		if (length < 2 || !first->seconds || !last->seconds)
			continue;
		if (last->seconds > first->seconds)
			seconds = last->seconds - first->seconds > seconds ? last->seconds - first->seconds : seconds;
		else if (last->seconds < first->seconds && last->seconds < DAY && first->seconds < DAY)
			seconds = last->seconds + DAY - first->seconds; /* past midnight */
	}
	return seconds;
}

/* Whether all that is counted is since boot: nothing was read twice, and nothing is a difference by itself. */
static bool all_since_boot(const struct order *order)
{
	bool any = false;
	size_t length;

	for (size_t from = 0; from < order->told.count; from += length) {
		length = run_length(order, from);
		if (!is_total(&order->told.data[from]) || order->told.data[from].rate)
			continue;
		if (length > 1)
			return false;
		any = true;
	}
	return any;
}

/* In how many seconds the differences came about; 0 when there are none, or nobody says. */
static uint64_t rate_seconds(const struct order *order)
{
	uint64_t seconds = 0;
	const struct told *told;

	vec_each(&order->told, told) {
		uint64_t took = reading_at(order->readings, told->reading)->took_seconds;

		if (told->rate && seconds < took)
			seconds = took;
	}
	return seconds;
}

/* How long the window is taken to be; *ret_span: what that is worth. */
static uint64_t window_ns(const struct order *order, enum series_span *ret_span)
{
	uint64_t seconds = seconds_between(order);

	*ret_span = SPAN_MEASURED;
	if (seconds)
		return seconds * NS_PER_S;
	if (rate_seconds(order))
		return rate_seconds(order) * NS_PER_S;
	*ret_span = all_since_boot(order) ? SPAN_SINCE_BOOT : SPAN_UNKNOWN;
	return *ret_span == SPAN_UNKNOWN ? UNTIMED_NS : SINCE_BOOT_NS;
}

/* ---- the series ---- */

/* In which round the i-th of `length` readings is. */
static size_t round_of(const struct order *order, size_t i, size_t length)
{
	return length < 2 ? 0 : i * (order->rounds - 1) / (length - 1);
}

/* Times of rates are told as parts of one second: they are shares of the window, however long that is. */
static uint64_t stretched(const struct order *order, const struct told *told, uint64_t value)
{
	if (!told->rate || counter_get(told->counter)->unit != UNIT_NS)
		return value;
	return (uint64_t)((unsigned __int128)value * order->length_ns / NS_PER_S);
}

/* The value of a number in a round, if it was read there: *told is its first reading. */
static bool value_in(const struct order *order, const struct told *told, size_t length, size_t round, uint64_t *ret)
{
	if (length == 1 || told->rate) {
		/* A level stood all the time; a total began at 0. Rates: the last of several. */
		bool last = round == order->rounds - 1;

		*ret = is_total(told) && !last ? 0 : stretched(order, told, told[length - 1].value);
		return round == 0 || last;
	}
	for (size_t i = length; i > 0; i--) {
		if (round_of(order, i - 1, length) == round) {
			*ret = told[i - 1].value;
			return true;
		}
	}
	return false;
}

static int compare_coverage(const void *left, const void *right)
{
	const struct coverage *a = left, *b = right;

	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->partial - b->partial;
}

/* What the outputs tell of, each once: as a whole where one of them does. */
static void collect_coverage(struct order *order)
{
	struct reading *reading;
	size_t kept = 0;

	vec_each(&order->readings->list, reading) {
		const struct coverage *told;

		vec_each(&reading->snapshot.coverage, told) {
			struct coverage *slot = told->error ? NULL : vec_add(&order->coverage, TOLD_MAX);

			if (slot)
				*slot = *told;
		}
	}
	vec_sort(&order->coverage, compare_coverage);
	for (size_t i = 0; i < order->coverage.count; i++) {
		const struct coverage *last = kept ? &order->coverage.data[kept - 1] : NULL;

		if (!last || last->source != order->coverage.data[i].source ||
		    last->object != order->coverage.data[i].object)
			order->coverage.data[kept++] = order->coverage.data[i];
	}
	order->coverage.count = kept;
}

static void cover(const struct order *order, struct snapshot *snapshot, uint64_t time_ns)
{
	const struct coverage *told;
	struct coverage *coverage;

	vec_each(&order->coverage, told) {
		const struct object *object = object_get(order->ticket->objects, told->object);

		if (told->partial)
			snapshot_covered_partly(snapshot, told->source, object, told->reason);
		else
			snapshot_covered(snapshot, told->source, object);
	}
	vec_each(&snapshot->coverage, coverage) {
		coverage->time_ns = time_ns;
		coverage->took_ns = 0;
	}
}

/* Sources that nothing in the ticket tells of, with what would. */
static void miss(const struct order *order, struct snapshot *snapshot)
{
	const struct object *home =
		object_find(order->ticket->objects,
			    (struct object_key){ OBJECT_NETNS, objects_home(order->ticket->objects), 0, 0 });

	for (size_t s = 0; s < SOURCE_COUNT; s++) {
		bool told = false;
		const struct coverage *coverage;

		vec_each(&snapshot->coverage, coverage)
			told |= coverage->source == s;
		if (!told && ticket_command((enum source_id)s))
			snapshot_missed(snapshot, (enum source_id)s, home, -ENODATA, "not in the ticket");
	}
}

static void fill_round(const struct order *order, size_t round, uint64_t time_ns, struct snapshot *snapshot)
{
	size_t length;

	snapshot_begin(snapshot, order->ticket->objects);
	snapshot->time_ns = time_ns;
	for (size_t from = 0; from < order->told.count; from += length) {
		const struct told *told = &order->told.data[from];
		uint64_t value;

		length = run_length(order, from);
		if (value_in(order, told, length, round, &value))
			snapshot_add(snapshot, told->counter, object_get(order->ticket->objects, told->object), value);
	}
	cover(order, snapshot, time_ns);
	if (round == 0)
		miss(order, snapshot);
}

/* What only the later output of a command shows came in between: its totals began at 0 in the window. */
static void mark_since_boot(const struct order *order)
{
	size_t length;

	for (size_t from = 0; from < order->told.count; from += length) {
		const struct told *told = &order->told.data[from];

		length = run_length(order, from);
		if (length > 1 || told->rate || !is_total(told) || !told->value ||
		    called_also(order->readings, reading_at(order->readings, told->reading), order->ticket->swapped))
			continue;
		series_mark(order->ticket->series, told->counter, told->object, CELL_SINCE_BOOT);
		order->ticket->since_boot = true;
	}
}

void readings_to_series(struct readings *readings, struct ticket *ticket)
{
	struct order order = { .readings = readings, .ticket = ticket };
	struct snapshot snapshot = { 0 };
	enum series_span span;

	vec_sort(&readings->list, compare_readings);
	readings_settle_sums(readings);
	readings_settle_twins(readings, ticket->objects);
	add_zeros(readings);
	collect(&order);
	choose_origins(&order);
	ticket->swapped = is_swapped(&order);
	if (ticket->swapped)
		reverse(&order);
	leave_out_vanished(&order);
	count_rounds(&order);
	order.length_ns = window_ns(&order, &span);
	collect_coverage(&order);
	ticket->series = series_new(ticket->objects);
	series_set_span(ticket->series, span);
	for (size_t round = 0; round < order.rounds; round++) {
		fill_round(&order, round, START_NS + order.length_ns * round / (order.rounds - 1), &snapshot);
		series_add(ticket->series, &snapshot);
	}
	series_finish(ticket->series);
	mark_since_boot(&order);
	snapshot_free(&snapshot);
	vec_free(&order.told);
	vec_free(&order.coverage);
}
