/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/qdisc over any bytes as the answer to RTM_GETQDISC or RTM_GETTCLASS; nothing may become its own parent. */
#include "fuzz/netlink_fuzz.h"
#include "source/qdisc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct qdisc_tree tree = { 0 };
	const struct qdisc_node *node;
	struct fuzz_case fuzz;

	fuzz_begin(&fuzz, data, size);
	(void)qdisc_parse(&fuzz.context, &fuzz.snapshot, fuzz.bytes, size, true, &tree);
	qdisc_relate(&tree);
	vec_each(&tree.nodes, node) {
		if (node->object->parent == node->object->id)
			abort();
	}
	vec_free(&tree.nodes);
	fuzz_end(&fuzz);
	return 0;
}
