/* What the chain says of the version in use: nothing that was not seen is told as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/services/service.h"
#include "views/list/hierarchy.h"

/* The line about the key, of an account on that version. */
static void
expect(const struct facts *facts, const char *version, const char *line)
{
	json_t *account = json_pack("{s:s, s:s, s:s, s:s}", "keySource", "customer", "keyName",
		"cmk", "keyVersion", version, "mode", "pinned");
	struct page page = {0};
	char *plain;

	hierarchy_describe(&page, account, services[0], facts, false);
	plain = page_plain(&page);
	if (strstr(plain, line) == NULL)
		fail_msg("\"%s\" is not in:\n%s", line, plain);
	free(plain);
	page_free(&page);
	json_decref(account);
}

static void
the_version_is_told_as_it_was_seen(void **state)
{
	struct key_version versions[] = {
		{.version = "22222222222222222222222222222222", .enabled = TRI_YES},
		{.version = "11111111111111111111111111111111", .enabled = TRI_NO}};
	struct facts facts = {.key_known = KNOWN_READ,
		.key = {.versions = versions, .versions_len = 2, .listed = true}};

	(void)state;
	expect(&facts, versions[0].version, "version 22222222~, pinned\n");
	expect(&facts, versions[1].version, "version 11111111~, pinned, behind by 1, disabled\n");
	expect(&facts, "33333333333333333333333333333333",
		"version 33333333~, pinned, not among the versions of the key\n");
	facts.key.listed = false;
	expect(&facts, "33333333333333333333333333333333",
		"version 33333333~, pinned, not known whether enabled\n");
	versions[0].enabled = TRI_UNKNOWN;
	expect(&facts, versions[0].version,
		"version 22222222~, pinned, not known whether enabled\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_is_told_as_it_was_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
