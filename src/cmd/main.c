/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry point. */
#include "config.h"

#include <stdio.h>

int main(void)
{
	return puts("wheredrop " WHEREDROP_VERSION) < 0 ? 2 : 0;
}
