/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lines of the kernel log say of packets: the same for the live log and for one that somebody pasted. */
#pragma once

#include "model/counter.h"

#include "base/parse.h"

struct kernel_log_message {
	counter_id counter;
	bool of_device; /* it names a device */
	bool packets;	/* `count` is how many packets it says; else how many occasions: one, but for lines kept back */
	uint64_t count;
};

/* False for a line (without its stamp) that says nothing of packets. */
bool kernel_log_message(struct slice line, struct kernel_log_message *ret);

/* The counters of such lines, each once. `index` from 0; COUNTER_NONE past the last. */
counter_id kernel_log_counter(size_t index, bool *ret_of_device);

/* A word of a line without the punctuation around it: "eth0:" and "(eth0)" are eth0. */
struct slice kernel_log_word(struct slice word);
