/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the bus source that work without a file. */
#pragma once

#include "base/parse.h"

#include <stdint.h>

/* "8.0 GT/s PCIe" as 8000; 0 for "Unknown" and anything else. */
uint64_t pci_parse_speed(struct slice text);

/* The line "TOTAL_ERR_COR 12" that ends a file aer_dev_*; false without one. */
bool pci_parse_total(struct slice text, uint64_t *ret);

/* The first CPU of a list such as "3-5,7"; false when it names none. */
bool pci_parse_first_cpu(struct slice text, uint64_t *ret);
