/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tails are added up term by term from the observed one outwards: each is the one before times a ratio, so that only the first
 * needs logarithms.
 */
#include "diagnose/chance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Larger counts are scaled down: they lose nothing that matters, and a tail stays a matter of microseconds. */
#define COUNT_MAX 1e9
/* A term so much smaller than the sum adds nothing any more. */
#define TERM_LEAST 1e-17

/* log of n! / (k! (n - k)!) */
static double log_choose(double n, double k)
{
	return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* What the terms of a distribution are: `ratio` of the term after `k` to the one at `k`. */
struct law {
	double (*ratio)(const struct law *law, double k);
	double lowest, highest; /* of k */
	double n, share;	/* binomial; hypergeometric: n of them drawn, */
	double marked, all;	/* that many marked of all */
};

static double binomial_ratio(const struct law *law, double k)
{
	return (law->n - k) / (k + 1) * law->share / (1 - law->share);
}

static double hypergeometric_ratio(const struct law *law, double k)
{
	return (law->marked - k) * (law->n - k) / ((k + 1) * (law->all - law->marked - law->n + k + 1));
}

/* P(K >= k) for `up`, else P(K <= k); `first` is P(K = k). */
static double tail(const struct law *law, double k, double first, bool up)
{
	double sum = first, term = first;

	/* Too small for a number: so far out that its tail is nothing, and the other one all. */
	if (first <= 0)
		return 0;
	while (up ? k < law->highest : k > law->lowest) {
		term = up ? term * law->ratio(law, k) : term / law->ratio(law, k - 1);
		k += up ? 1 : -1;
		sum += term;
		/* Towards the middle terms grow first: only past it may small ones end the sum. */
		if (term < sum * TERM_LEAST || sum >= 1)
			break;
	}
	return fmin(sum, 1);
}

static double two_sided(const struct law *law, double k, double log_first)
{
	double first = exp(log_first);

	return fmin(1, 2 * fmin(tail(law, k, first, true), tail(law, k, first, false)));
}

static double scaled_down(double *a, double *b)
{
	double scale = fmax(1, (*a + *b) / COUNT_MAX);

	*a = floor(*a / scale);
	*b = floor(*b / scale);
	return scale;
}

double chance_rates(uint64_t a, double exposure_a, uint64_t b, double exposure_b)
{
	double k = (double)a, other = (double)b;
	struct law law = { .ratio = binomial_ratio };

	if (exposure_a <= 0 || exposure_b <= 0 || a + b == 0)
		return 1;
	scaled_down(&k, &other);
	law.n = law.highest = k + other;
	law.share = exposure_a / (exposure_a + exposure_b);
	return two_sided(&law, k, log_choose(law.n, k) + k * log(law.share) + other * log1p(-law.share));
}

double chance_shares(uint64_t a, uint64_t of_a, uint64_t b, uint64_t of_b)
{
	double k = (double)a, rest_a = (double)of_a - k, other = (double)b, rest_b = (double)of_b - other;
	double drawn_a = (double)of_a, drawn_b = (double)of_b;
	double scale;
	struct law law = { .ratio = hypergeometric_ratio };

	if (a > of_a || b > of_b || !of_a || !of_b)
		return 1;
	scale = scaled_down(&drawn_a, &drawn_b);
	k = floor(k / scale);
	other = floor(other / scale);
	rest_a = floor(rest_a / scale);
	rest_b = floor(rest_b / scale);
	law.n = k + rest_a;
	law.marked = k + other;
	law.all = law.n + other + rest_b;
	law.lowest = fmax(0, law.marked + law.n - law.all);
	law.highest = fmin(law.n, law.marked);
	return two_sided(&law, k,
			 log_choose(law.marked, k) + log_choose(law.all - law.marked, law.n - k) -
				 log_choose(law.all, law.n));
}

static int smaller_first(const void *left, const void *right)
{
	double a = **(double *const *)left, b = **(double *const *)right;

	return (a > b) - (a < b);
}

void chance_holm(double **chances, size_t count)
{
	double least = 0;

	if (count > 1)
		qsort(chances, count, sizeof(*chances), smaller_first);
	for (size_t i = 0; i < count; i++) {
		least = fmax(least, fmin(1, *chances[i] * (double)(count - i)));
		*chances[i] = least;
	}
}
