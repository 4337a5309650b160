/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which findings hurt (harm.def). */
#include "diagnose/judge.h"

struct harm {
	uint64_t packets;
	uint64_t share_ppm;
	const char *why;
	bool set;
};

#define HARM_DOMAIN(domain, packets, share_ppm, why) [DOMAIN_##domain] = { packets, share_ppm, why, true },
#define HARM_CAUSE(cause, packets, share_ppm, why)
static const struct harm by_domain[DOMAIN_COUNT] = {
#include "diagnose/harm.def"
};
#undef HARM_DOMAIN
#undef HARM_CAUSE

#define HARM_DOMAIN(domain, packets, share_ppm, why)
#define HARM_CAUSE(cause, packets, share_ppm, why) [CAUSE_##cause] = { packets, share_ppm, why, true },
static const struct harm by_cause[CAUSE_COUNT] = {
#include "diagnose/harm.def"
};
#undef HARM_DOMAIN
#undef HARM_CAUSE

static const struct harm *harm_of(enum cause cause)
{
	return by_cause[cause].set ? &by_cause[cause] : &by_domain[cause_get(cause)->domain];
}

/*
 * The kernel counts no datagrams or connections of one socket: what it lost can only be held against those of all sockets
 * of its namespace, and all that a quiet one gets is nothing beside a busy one. So many are a loss of that socket's,
 * unless they are next to nothing of the whole.
 */
#define SOCKET_LOSS_MANY 50
#define SOCKET_SHARE_PPM 10

static bool is_one_of_many(const struct series *series, const struct finding *finding)
{
	return object_get(series_objects(series), finding->object)->key.kind == OBJECT_SOCKET &&
	       finding->passed_counter != COUNTER_NONE && finding->passed_object != finding->object;
}

/* Probes are few because whoever sent them had few to spare: two that were lost are many, where their share is high. */
#define PROBES_LOST_MANY 2

static uint64_t packets_needed(const struct harm *harm, const struct finding *finding)
{
	return finding->passed_counter == C_PROBE_ANSWERED && harm->packets > PROBES_LOST_MANY ? PROBES_LOST_MANY
											       : harm->packets;
}

bool finding_is_harmful(const struct series *series, const struct finding *finding)
{
	const struct harm *harm = harm_of(finding->cause);
	double share = finding_share(finding);

	if (finding->why_innocent || cause_get(finding->cause)->class != CAUSE_LOSS)
		return false;
	if (finding->packets < packets_needed(harm, finding))
		return false;
	if (share < 0 || share * 1e6 >= (double)harm->share_ppm)
		return true;
	return finding->packets >= SOCKET_LOSS_MANY && share * 1e6 >= SOCKET_SHARE_PPM &&
	       is_one_of_many(series, finding);
}

const char *harm_why(enum cause cause)
{
	return harm_of(cause)->why;
}
