/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In a build without BPF there are no drop events, and everything else goes on. */
#include "source/drops.h"

#include <errno.h>

int drops_attach(const struct drops_options *options, struct drops **ret, const char **ret_why)
{
	(void)options;
	*ret = NULL;
	*ret_why = "this wheredrop was built without it";
	return -EOPNOTSUPP;
}

void drops_detach(struct drops *drops)
{
	(void)drops;
}

void drops_stop(struct drops *drops)
{
	(void)drops;
}

enum drops_way drops_way(const struct drops *drops)
{
	(void)drops;
	return DROPS_RAW;
}

void drops_each(const struct drops *drops, void (*each)(void *argument, size_t index, const struct drop_slot *slot),
		void *argument)
{
	(void)drops;
	(void)each;
	(void)argument;
}

size_t drops_slots(const struct drops *drops)
{
	(void)drops;
	return 0;
}

size_t drops_slot_of(const struct drops *drops, const struct drop_sample *sample)
{
	(void)drops;
	(void)sample;
	return 0;
}

void drops_flows_each(const struct drops *drops, void (*each)(void *argument, const struct drop_flow *flow),
		      void *argument)
{
	(void)drops;
	(void)each;
	(void)argument;
}

void drops_totals(const struct drops *drops, struct drops_totals *ret)
{
	(void)drops;
	*ret = (struct drops_totals){ 0 };
}

int drops_poll(struct drops *drops, int timeout_ms, void (*each)(void *argument, const struct drop_sample *sample),
	       void *argument)
{
	(void)drops;
	(void)timeout_ms;
	(void)each;
	(void)argument;
	return -EOPNOTSUPP;
}

size_t drops_memory(const struct drops *drops)
{
	(void)drops;
	return 0;
}
