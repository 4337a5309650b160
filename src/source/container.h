/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers, pods and services: what a control group's path tells of them, and
 * the names that a container's runtime knows it by.
 */
#pragma once

#include "source/source.h"

#include "base/parse.h"

#include <stdbool.h>

#define CONTAINER_ID_LENGTH 64 /* hexadecimal digits */
#define CONTAINER_NAME_MAX 400

/* What the path says; empty strings where it says nothing. */
struct container {
	char id[CONTAINER_ID_LENGTH + 1]; /* Docker, containerd, CRI-O, podman */
	char pod[64];			  /* Kubernetes: the pod's uid */
	char name[64];			  /* LXC, systemd-nspawn, machined */
	char service[128];		  /* systemd: the unit, "nginx.service", in the container if there is one */
};

/* Adds what the path of a control group tells; the innermost component wins. */
void container_of_path(struct slice path, struct container *container);

/* Whether it is one; a service alone is none. */
bool container_known(const struct container *container);

/*
 * Appends "shop/cart-7d9f/app" (namespace, pod, container), the name that Docker or podman shows, or the first twelve
 * digits of the id. Reads the runtime's files; what cannot be read is left out.
 */
void container_describe(const struct source_context *context, const struct container *container, struct text *ret);

/* Appends what all containers that share a network namespace have in common: "shop/cart-7d9f"; else as above. */
void container_describe_pod(const struct source_context *context, const struct container *container, struct text *ret);
