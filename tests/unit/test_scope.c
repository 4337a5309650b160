/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd/scope: --target of a name with several addresses, as a name service of the test's own tells them. */
#include "cmd/scope.h"
#include "diagnose/detection.h"
#include "unit/unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

static struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
static struct sockaddr_in four[100];
static struct addrinfo infos[101];
static size_t fours;

/* Parameters as in netdb.h. 192.168.100.1, the same again, 192.168.100.2 … and then fd00::2. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *req, struct addrinfo **pai)
{
	for (size_t i = 0; i < fours; i++) {
		four[i] = (struct sockaddr_in){ .sin_family = AF_INET,
						.sin_addr.s_addr = htonl(0xc0a86401 + (uint32_t)(i ? i - 1 : 0)) };
		infos[i] = (struct addrinfo){ .ai_addr = (struct sockaddr *)&four[i],
					      .ai_addrlen = sizeof(four[i]),
					      .ai_next = &infos[i + 1] };
	}
	assert_int_equal(inet_pton(AF_INET6, "fd00::2", &six.sin6_addr), 1);
	infos[fours] = (struct addrinfo){ .ai_addr = (struct sockaddr *)&six, .ai_addrlen = sizeof(six) };
	*pai = infos;
	return 0;
}

void freeaddrinfo(struct addrinfo *ai)
{
	assert_ptr_equal(ai, infos);
}

static void a_name_stands_for_all_its_addresses(void **state)
{
	struct scope scope;

	fours = 3;
	assert_int_equal(scope_find(NULL, NULL, "db1", &scope), 0);
	assert_string_equal(scope.options.target, "192.168.100.1 192.168.100.2 fd00::2");
	assert_true(address_is_among("192.168.100.1:443", scope.options.target));
	assert_true(address_is_among("192.168.100.2:443", scope.options.target));
	assert_true(address_is_among("[fd00::2]:443", scope.options.target));
	assert_false(address_is_among("192.168.100.20:443", scope.options.target));
	assert_false(address_is_among("[fd00::22]:443", scope.options.target));
}

static void one_address_is_one(void **state)
{
	struct scope scope;

	fours = 0;
	assert_int_equal(scope_find(NULL, NULL, "fd00::2", &scope), 0);
	assert_string_equal(scope.options.target, "fd00::2");
}

static void many_addresses_fit(void **state)
{
	struct scope scope;

	fours = 100;
	assert_int_equal(scope_find(NULL, NULL, "cdn", &scope), 0);
	assert_true(address_is_among("192.168.100.99:443", scope.options.target));
	assert_true(address_is_among("[fd00::2]:443", scope.options.target));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_stands_for_all_its_addresses),
		cmocka_unit_test(one_address_is_one),
		cmocka_unit_test(many_addresses_fit),
	};

	return cmocka_run_group_tests_name("cmd/scope", tests, NULL, NULL);
}
