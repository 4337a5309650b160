/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of iptables' two layouts share. */
#pragma once

#include "evidence/ticket_parts.h"

#include "source/iptables.h"

/* Why an output tells less than a live host would. */
struct firewall_doubt {
	bool uncounted, rounded, one_table;
};

/* Text as iptables-save prints it becomes objects and samples of the block. */
void firewall_take_save(struct block *block, struct slice text, bool v6, const struct firewall_doubt *doubt);

/* iptables, ip6tables and their variants, with that at the end of their names. */
bool firewall_command(const struct ticket_command *command, const char *suffix);
bool firewall_command_is_v6(const struct ticket_command *command);
/* The table that it asks for: "filter" unless -t names another. */
struct slice firewall_command_table(const struct ticket_command *command);

/* iptables -L (ticket_firewall_list.c). */
bool firewall_list_made_by(const struct ticket_command *command);
bool firewall_list_begins(struct slice line);
bool firewall_list_take(struct block *block, struct slice line);
void firewall_list_end(struct block *block);
