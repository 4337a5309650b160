/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of interrupts. Drivers choose them: most begin with the interface's name
 * ("eth0-TxRx-3", "ens33"), some with their own ("mlx5_comp3@pci:…"), and
 * virtio says only which queue ("virtio2-input.0"; the vsock device has
 * "virtio3-rx", which is none of ours). Storage is left out.
 */
#include "source/irq_name.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 65536

static bool has_part(struct slice text, const char *part)
{
	return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

static bool has_any(struct slice text, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (has_part(text, parts[i]))
			return true;
	}
	return false;
}

static bool starts_any(struct slice text, const char *const *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_starts(text, prefixes[i]))
			return true;
	}
	return false;
}

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* "eth0", "eth0-rx-1" and "eth0:q0" for eth0, but not "eth01". */
static bool names_interface(struct slice action, struct slice interface)
{
	return interface.length && action.length >= interface.length &&
	       memcmp(action.data, interface.data, interface.length) == 0 &&
	       (action.length == interface.length || !is_word_byte(action.data[interface.length]));
}

/* /proc/net/dev, read at most once for each reading of the interrupts; single-threaded as all reading is. */
static struct text interfaces = { .max = 16u << 20 };
static bool interfaces_known;

void irq_names_begin(void)
{
	interfaces_known = false;
}

/* Two lines of header, then "  eth0: 1234 …". Empty where it cannot be read. */
static struct cursor interface_lines(const struct source_context *context)
{
	struct source_context aside = *context; /* context->buffer holds the rows */

	aside.buffer = &interfaces;
	if (!interfaces_known && source_read_file(&aside, "/proc/thread-self/net/dev"))
		text_clear(&interfaces);
	interfaces_known = true;
	return cursor_of(text_string(&interfaces), interfaces.length);
}

static bool names_any_interface(const struct source_context *context, struct slice action)
{
	struct cursor lines = interface_lines(context);
	struct slice line, name;

	while (cursor_line(&lines, &line)) {
		struct cursor fields = cursor_of(line.data, line.length);

		if (cursor_until(&fields, ':', &name) && names_interface(action, slice_trim(name)))
			return true;
	}
	return false;
}

static bool is_network(const struct source_context *context, struct slice action)
{
	static const char *const not_ours[] = { "nvme", "ahci", "usb", "virtio", "megasas", "mpt", "qla2", "lpfc" };
	static const char *const ours[] = { "mlx4",    "mlx5",	"ena-",	 "i40e", "iavf", "ice-",  "ixgbe",
					    "igb",     "igc",	"bnxt",	 "bnx2", "qede", "cxgb",  "gve",
					    "vmxnet",  "ionic", "idpf",	 "nfp",	 "hns3", "mana",  "sfc",
					    "iwlwifi", "ath1",	"brcmf", "mt76", "rtw",	 "stmmac" };
	static const char *const queues[] = { "TxRx", "Tx-Rx", "txrx", "tx-rx", "-rx", "-tx", "-Rx", "-Tx" };

	if (slice_starts(action, "virtio"))
		return has_part(action, "-input.") || has_part(action, "-output.");
	if (starts_any(action, not_ours, ARRAY_SIZE(not_ours)))
		return false;
	return starts_any(action, ours, ARRAY_SIZE(ours)) || has_any(action, queues, ARRAY_SIZE(queues)) ||
	       names_any_interface(context, action);
}

/* One of several actions that share the interrupt is enough. */
static bool any_is_network(const struct source_context *context, struct slice actions)
{
	struct cursor rest = cursor_of(actions.data, actions.length);
	struct slice action;

	while (cursor_until(&rest, ',', &action)) {
		if (is_network(context, slice_trim(action)))
			return true;
	}
	return is_network(context, slice_trim(rest.rest));
}

/*
 * Where the actions begin: after the last two blanks in a row (the kernel prints
 * "  %s"). What stands before is the controller, its line and the trigger.
 */
static size_t action_at(struct slice text)
{
	for (size_t at = text.length; at >= 2; at--) {
		if (text.data[at - 1] == ' ' && text.data[at - 2] == ' ')
			return at;
	}
	return text.length;
}

static void learn(const struct source_context *context, struct irq_name *name, struct slice text)
{
	size_t action = action_at(text);

	free(name->text);
	name->text = mem_new(text.length + 1, 1);
	memcpy(name->text, text.data, text.length); /* with any NUL that should not be in it */
	name->length = text.length;
	name->action = name->text + (action < strlen(name->text) ? action : strlen(name->text));
	name->network = action < text.length &&
			any_is_network(context, (struct slice){ text.data + action, text.length - action });
}

const struct irq_name *irq_name_at(const struct source_context *context, size_t row, struct slice text)
{
	static VEC(struct irq_name) names; /* by row; reading is single-threaded */

	while (names.count <= row) {
		if (!vec_add(&names, ROWS_MAX))
			return NULL;
	}
	text = slice_trim(text);
	if (!names.data[row].text || names.data[row].length != text.length ||
	    memcmp(names.data[row].text, text.data, text.length) != 0)
		learn(context, &names.data[row], text);
	return &names.data[row];
}
