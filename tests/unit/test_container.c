/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source/container: what the path of a control group tells of containers and services. */
#include "source/container.h"
#include "unit/unit.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void containers_are_recognised(void **state)
{
	static const struct {
		const char *path, *container;
	} rows[] = {
		{ "/docker/" HEX64, "0123456789ab" },
		{ "/system.slice/docker-" HEX64 ".scope", "0123456789ab" },
		{ "/system.slice/docker-" HEX64 ".scope/init.scope", "0123456789ab" },
		{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_34.slice/cri-containerd-" HEX64
		  ".scope",
		  "0123456789ab" },
		{ "/kubepods/besteffort/pod12-34/" HEX64, "0123456789ab" },
		{ "/machine.slice/libpod-" HEX64 ".scope/container", "0123456789ab" },
		{ "/lxc.payload.web/system.slice/nginx.service", "web" },
		{ "/machine.slice/machine-db.scope", "db" },
		{ "/machine.slice/systemd-nspawn@mail.service/payload", "mail" },
		{ "/system.slice/nginx.service", NULL },
		{ "/user.slice/user-1000.slice/session-1.scope", NULL },
		{ "/", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct container container = { .id = "" };
		CLEANUP_TEXT struct text text = { 0 };

		container_of_path(slice_of(rows[i].path), &container);
		assert_int_equal(container_known(&container), rows[i].container != NULL);
		if (rows[i].container)
			container_describe(&(struct source_context){ .sysroot = "/nowhere" }, &container, &text);
		assert_string_equal(text_string(&text), rows[i].container ? rows[i].container : "");
	}
}

static void services_are_recognised(void **state)
{
	static const struct {
		const char *path, *service;
	} rows[] = {
		{ "/system.slice/nginx.service", "nginx.service" },
		{ "/system.slice/nginx.service/worker", "nginx.service" },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/player.service", "player.service" },
		{ "/lxc.payload.web/system.slice/nginx.service", "nginx.service" },
		{ "/system.slice/containerd.service/kubepods-pod12/" HEX64, "" },
		{ "/machine.slice/systemd-nspawn@mail.service/payload", "" },
		{ "/user.slice/user-1000.slice/session-1.scope", "" },
		{ "/system.slice/.service", "" },
		{ "/batch", "" },
		{ "/", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct container container = { .id = "" };

		container_of_path(slice_of(rows[i].path), &container);
		assert_string_equal(container.service, rows[i].service);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers_are_recognised),
		cmocka_unit_test(services_are_recognised),
	};

	return cmocka_run_group_tests_name("source/container", tests, NULL, NULL);
}
