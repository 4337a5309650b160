/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/tickets.h"
int main(void){return 0;}
