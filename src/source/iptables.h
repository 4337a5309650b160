/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of `iptables-legacy-save -c` (iptables-save(8)). Shared by the live
 * source, by whoever brings somebody else's output, and by the tests.
 */
#pragma once

#include "source/firewall.h"

/*
 * Adds what the text holds to `firewall`, which starts zeroed and points into the text from then on. Lines that
 * cannot be understood and a table without its COMMIT set firewall->partial. Several texts may follow each other.
 */
void iptables_save_add(struct firewall *firewall, struct slice text);

/* How rules of this kind become counters. */
extern const struct firewall_rows iptables_rows, ip6tables_rows;
