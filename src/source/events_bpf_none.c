/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build without libbpf, clang or bpftool has no probes at these events. */
#include "source/events.h"

#include <errno.h>

int events_attach(const struct events_options *options, struct events **ret)
{
	(void)options;
	(void)ret;
	return -EOPNOTSUPP;
}

void events_detach(struct events *events)
{
	(void)events;
}

void events_stop(struct events *events)
{
	(void)events;
}

void events_each(const struct events *events,
		 void (*each)(void *argument, const struct event_key *key, const struct event_count *count),
		 void *argument)
{
	(void)events;
	(void)each;
	(void)argument;
}

void events_totals(const struct events *events, struct events_totals *ret)
{
	(void)events;
	*ret = (struct events_totals){ 0 };
}

int events_poll(struct events *events, void (*each)(void *argument, const struct event_sample *sample), void *argument)
{
	(void)events;
	(void)each;
	(void)argument;
	return -EOPNOTSUPP;
}
