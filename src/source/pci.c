/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device's bus knows of it, below its directory in sysfs (drivers/pci/pci-sysfs.c, drivers/pci/pcie/aer.c,
 * net/core/net-sysfs.c): speed and width of the PCIe link, its own and those of the slot, error counters, the node
 * of memory it is near to, which CPU each of its interrupts goes to, and how often the watchdog reset a transmit
 * queue. A device of virtio sits one directory below its PCI function. What a device lacks is left out.
 *
 * A read of sysfs may wait for the hardware: this runs in a helper.
 */
#include "source/pci.h"

#include "source/device.h"
#include "source/procfs.h"

#include "base/alloc.h"
#include "base/intern.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#define QUEUES_MAX 256
#define IRQS_MAX 1024

uint64_t pci_parse_speed(struct slice text)
{
	struct cursor cursor = cursor_of(text.data, text.length);
	struct slice whole, rest;
	uint64_t number, tenth;

	if (!cursor_until(&cursor, '.', &whole) || parse_u64(whole, &number) || !cursor_word(&cursor, &rest) ||
	    parse_u64(rest, &tenth) || tenth > 9 || number > 10000)
		return 0;
	return number * 1000 + tenth * 100;
}

bool pci_parse_total(struct slice text, uint64_t *ret)
{
	struct cursor lines = cursor_of(text.data, text.length);
	struct slice line, word;

	while (cursor_line(&lines, &line)) {
		struct cursor words = cursor_of(line.data, line.length);

		if (cursor_word(&words, &word) && slice_starts(word, "TOTAL_ERR") && cursor_word(&words, &word))
			return parse_u64(word, ret) == 0;
	}
	return false;
}

bool pci_parse_first_cpu(struct slice text, uint64_t *ret)
{
	size_t digits = 0;

	text = slice_trim(text);
	while (digits < text.length && text.data[digits] >= '0' && text.data[digits] <= '9')
		digits++;
	return parse_u64((struct slice){ text.data, digits }, ret) == 0;
}

/* One device on its way: the directory that the files are in. */
struct bus_reading {
	const struct source_context *context;
	struct snapshot *snapshot;
	const struct object *link;
	char directory[PATH_MAX / 4];
};

static int read_file(const struct bus_reading *reading, const char *name, struct slice *ret)
{
	char path[PATH_MAX / 2];
	int error;

	snprintf(path, sizeof(path), "%s/%s", reading->directory, name);
	error = source_read_file(reading->context, path);
	if (!error)
		*ret = (struct slice){ text_string(reading->context->buffer), reading->context->buffer->length };
	return error;
}

static void add_speed(const struct bus_reading *reading, const char *name, counter_id counter)
{
	struct slice text;
	uint64_t speed = read_file(reading, name, &text) ? 0 : pci_parse_speed(text);

	if (speed)
		snapshot_add(reading->snapshot, counter, reading->link, speed);
}

/* A width of 0 or 255 says that there is no link. */
static void add_width(const struct bus_reading *reading, const char *name, counter_id counter)
{
	struct slice text;
	uint64_t width;

	if (!read_file(reading, name, &text) && !parse_u64(slice_trim(text), &width) && width && width <= 64)
		snapshot_add(reading->snapshot, counter, reading->link, width);
}

static void add_errors(const struct bus_reading *reading, const char *name, counter_id counter)
{
	struct slice text;
	uint64_t total;

	if (!read_file(reading, name, &text) && pci_parse_total(text, &total))
		snapshot_add(reading->snapshot, counter, reading->link, total);
}

static void add_node(const struct bus_reading *reading)
{
	struct slice text;
	uint64_t node;

	if (!read_file(reading, "numa_node", &text) && !parse_u64(slice_trim(text), &node)) /* -1: nobody knows */
		snapshot_add(reading->snapshot, C_PCI_NUMA_NODE, reading->link, node);
}

static void add_link(const struct bus_reading *reading)
{
	add_speed(reading, "current_link_speed", C_PCI_LINK_SPEED);
	add_speed(reading, "max_link_speed", C_PCI_LINK_SPEED_MAX);
	add_width(reading, "current_link_width", C_PCI_LINK_WIDTH);
	add_width(reading, "max_link_width", C_PCI_LINK_WIDTH_MAX);
	add_speed(reading, "../max_link_speed", C_PCI_SLOT_SPEED_MAX);
	add_width(reading, "../max_link_width", C_PCI_SLOT_WIDTH_MAX);
	add_errors(reading, "aer_dev_correctable", C_PCI_ERRORS_CORRECTABLE);
	add_errors(reading, "aer_dev_nonfatal", C_PCI_ERRORS_NONFATAL);
	add_errors(reading, "aer_dev_fatal", C_PCI_ERRORS_FATAL);
	add_node(reading);
}

/* ---- interrupts ---- */

static void add_irq(const struct bus_reading *reading, uint32_t irq)
{
	struct object_key key = { OBJECT_IRQ, 0, irq, OBJECT_IRQ_ITSELF };
	const struct source_context *context = reading->context;
	struct object *object;
	char path[64];
	uint64_t cpu;

	snprintf(path, sizeof(path), "/proc/irq/%u/effective_affinity_list", irq);
	if (source_read_file(context, path) || !pci_parse_first_cpu(slice_of(text_string(context->buffer)), &cpu))
		return; /* never started */
	object = object_intern(context->objects, key, NULL);
	if (!object)
		return;
	object->link = reading->link->id;
	object_labelf(object, LABEL_NAME, "interrupt %u of %s", irq, object_text(reading->link, LABEL_NAME));
	snapshot_add(reading->snapshot, C_PCI_IRQ_CPU, object, cpu);
}

static void add_irqs(const struct bus_reading *reading)
{
	CLEANUP_DIRECTORY DIR *directory = NULL;
	char path[PATH_MAX];
	const struct dirent *entry;
	uint32_t irq, count = 0;

	snprintf(path, sizeof(path), "%s%s/msi_irqs", reading->context->sysroot, reading->directory);
	directory = opendir(path);
	while (directory && (entry = readdir(directory)) && count < IRQS_MAX) {
		if (parse_u32(slice_of(entry->d_name), &irq))
			continue;
		add_irq(reading, irq);
		count++;
	}
}

/* ---- queues ---- */

/*
 * Resets by the watchdog, summed over the transmit queues. sysfs shows an interface to the namespace it was mounted in
 * only: elsewhere the file is not there.
 */
static void add_timeouts(const struct bus_reading *reading)
{
	uint64_t sum = 0, value;
	uint32_t queue = 0;

	for (; queue < QUEUES_MAX; queue++) {
		char path[PATH_MAX / 2];

		snprintf(path, sizeof(path), "%s/net/%s/queues/tx-%u/tx_timeout",
			 object_text(reading->link, LABEL_PATH), object_text(reading->link, LABEL_NAME), queue);
		if (procfs_read_number(reading->context, path, &value))
			break;
		sum += value;
	}
	if (queue)
		snapshot_add(reading->snapshot, C_PCI_TX_TIMEOUTS, reading->link, sum);
}

/* A device of virtio or of an auxiliary bus is a child of its PCI function, which has the interrupts. */
static int find_directory(struct bus_reading *reading)
{
	static const char *const below[] = { "", "/.." };
	struct slice text;
	int error = -ENOENT;

	for (size_t i = 0; error == -ENOENT && i < ARRAY_SIZE(below); i++) {
		snprintf(reading->directory, sizeof(reading->directory), "%s%s", object_text(reading->link, LABEL_PATH),
			 below[i]);
		error = read_file(reading, "irq", &text);
	}
	return error;
}

/* USB and platform devices have no PCI function; without sysfs nobody can tell. */
static bool is_shown(const struct source_context *context, const struct object *link)
{
	char path[PATH_MAX / 4];

	snprintf(path, sizeof(path), "%s/uevent", object_text(link, LABEL_PATH));
	return source_read_file(context, path) != -ENOENT;
}

static void missed(struct snapshot *snapshot, const struct object *link, int error)
{
	snapshot_missed(snapshot, SOURCE_PCI, link, error == -ENOENT ? -EOPNOTSUPP : error,
			text_internf("%s: %s", object_text(link, LABEL_PATH), source_error_phrase(error)));
}

static void pci_source_read(const struct source_context *context, struct snapshot *snapshot)
{
	struct bus_reading reading = { .context = context, .snapshot = snapshot };
	uint32_t next = 0;

	while ((reading.link = device_next(context, &next))) {
		int error = find_directory(&reading);

		if (error && (error != -ENOENT || !is_shown(context, reading.link)))
			missed(snapshot, reading.link, error);
		if (error)
			continue;
		add_link(&reading);
		add_irqs(&reading);
		add_timeouts(&reading);
	}
	snapshot_covered(snapshot, SOURCE_PCI, context->netns);
}

const struct source source_pci = { SOURCE_PCI, SCOPE_NETNS, COST_DEAR, pci_source_read };
