/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people call things: one wording for the sentence of the verdict and for every output format. */
#pragma once

#include "model/cause.h"
#include "model/object.h"

/*
 * Appends the object with what it belongs to, to stand in the middle of a sentence: "udp 0.0.0.0:53 of dnsmasq (pid 42)
 * in namespace blue". The namespace is left out when it is the home one. Text from the host is not made printable here.
 */
void object_describe(const struct objects *objects, const struct object *object, struct text *ret);

/* Appends a namespace: "this namespace", "namespace blue", "the namespace of pid 42 (nginx)". */
void netns_describe(const struct objects *objects, const struct object *netns, struct text *ret);

/* Appends the cause's mechanism with {object} filled in: "the receive buffer of udp 0.0.0.0:53 was full". */
void cause_describe(const struct objects *objects, enum cause cause, uint32_t object, struct text *ret);
