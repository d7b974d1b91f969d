/* Several tenants: each is asked by itself, and what one of them refuses is of no consequence to
 * the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/script.h"

#define SECOND "22222222-2222-2222-2222-222222222222"
#define ROW(id)                                                                                   \
	"{\"id\":\"" id "\",\"type\":\"microsoft.automation/automationaccounts\",\"location\":\"" \
	"westeurope\",\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}"
#define GRAPH_ONE "{\"data\":[" ROW(AUTOMATION(S1, "rg", "aa-one")) "]}"
#define GRAPH_TWO "{\"data\":[" ROW(AUTOMATION(S2, "rg", "aa-graph")) "]"
#define LIST_OF(id) "{\"value\":[" ELEMENT(id) "]}"
#define SUBSCRIPTION(id) "{\"value\":[{\"subscriptionId\":\"" id "\",\"displayName\":\"one\"}]}"

static struct {
	bool locked_out;                    /* the second tenant cannot be signed in to */
	const char *first_page, *next_page; /* of its Resource Graph; NULL: refused */
	bool none;                          /* it has no subscription */
	_Atomic int graphs[2], lists[2];    /* requests, by tenant */
} play_of;

static bool
play_token(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	bool second = strstr(request->target, SECOND) != NULL;

	(void)w;
	(void)number;
	if (second && play_of.locked_out)
		tls_reply(conn, 401, "",
			"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700016: no such "
			"application\"}");
	else if (second)
		tls_reply(conn, 200, "", "{\"expires_in\":3599,\"access_token\":\"second\"}");
	else
		tls_reply(conn, 200, "", "{\"expires_in\":3599,\"access_token\":\"first\"}");
	return true;
}

static const char *
graph_of(bool second, const struct tls_request *request)
{
	if (strstr(request->body, "automationaccounts") == NULL)
		return "{\"data\":[]}";
	if (!second)
		return GRAPH_ONE;
	return strstr(request->body, "$skipToken") ? play_of.next_page : play_of.first_page;
}

static bool
play(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	bool second = strstr(request->head, "Bearer second\r\n") != NULL;
	const char *body = "{\"value\":[]}";

	(void)w;
	(void)number;
	if (strncmp(request->target, "/subscriptions?", 15) == 0) {
		body = !second ? SUBSCRIPTION(S1) : play_of.none ? body : SUBSCRIPTION(S2);
	} else if (strncmp(request->target, GRAPH, strlen(GRAPH)) == 0) {
		play_of.graphs[second]++;
		body = graph_of(second, request);
	} else {
		play_of.lists[second]++;
		if (strncmp(request->target, LIST(S1), strlen(LIST(S1))) == 0)
			body = LIST_OF(AUTOMATION(S1, "rg", "aa-one"));
		if (strncmp(request->target, LIST(S2), strlen(LIST(S2))) == 0)
			body = LIST_OF(AUTOMATION(S2, "rg", "aa-two"));
		if (strstr(request->target, "/aa-one?"))
			body = MICROSOFT(AUTOMATION(S1, "rg", "aa-one"));
		if (strstr(request->target, "/aa-two?"))
			body = MICROSOFT(AUTOMATION(S2, "rg", "aa-two"));
	}
	tls_reply(conn, body ? 200 : 403, "", body ? body : ERROR("AuthorizationFailed"));
	return true;
}

static int
setup(void **state)
{
	static struct stage stage;

	memset(&play_of, 0, sizeof play_of);
	play_of.first_page = GRAPH_TWO "}";
	world_serve(&stage.world, play);
	stage.world.token_play = play_token;
	stage.world.profile.other_tenants_len = 1;
	memcpy(stage.world.profile.other_tenants[0], SECOND, sizeof SECOND);
	*state = &stage;
	return 0;
}

static void
load(struct stage *stage)
{
	world_sign_in(&stage->world);
	stage->estate = estate_new(stage->world.session);
	script_load(stage, ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_GRANTS);
}

static int
teardown(void **state)
{
	struct stage *stage = *state;

	estate_free(stage->estate);
	world_close(&stage->world);
	return 0;
}

static void
test_both(void **state)
{
	struct stage *stage = *state;
	struct err err;

	load(stage);
	assert_int_equal(kind_account.count(stage->estate), 2);
	assert_int_equal(estate_notes(stage->estate), 0);
	assert_int_equal(play_of.graphs[0] + play_of.graphs[1], 6);
	assert_int_equal(play_of.lists[0] + play_of.lists[1], 0);
	assert_false(estate_lacks(stage->estate, ESTATE_ALL, &err));
}

/* Told once for its three queries; the first tenant's lists are not asked for. */
static void
test_refused_in_one(void **state)
{
	struct stage *stage = *state;
	struct err err;

	play_of.first_page = NULL;
	load(stage);
	assert_int_equal(kind_account.count(stage->estate), 2);
	script_cell(&kind_account, stage->estate, "aa-two", "state", "not onboarded");
	assert_int_equal(estate_notes(stage->estate), 1);
	script_note(stage->estate, "Resource Graph of tenant " SECOND ": ");
	assert_int_equal(play_of.lists[0], 0);
	assert_int_equal(play_of.graphs[0], 3);
	assert_false(estate_lacks(stage->estate, ESTATE_ALL, &err));
}

/* What came of it before is forgotten: no row stands twice. */
static void
test_half_read(void **state)
{
	struct stage *stage = *state;

	play_of.first_page = GRAPH_TWO ",\"$skipToken\":\"t\"}";
	load(stage);
	assert_int_equal(kind_account.count(stage->estate), 2);
	script_row(&kind_account, stage->estate, "aa-one");
	script_row(&kind_account, stage->estate, "aa-two");
	assert_int_equal(estate_notes(stage->estate), 1);
}

static void
test_locked_out(void **state)
{
	struct stage *stage = *state;
	struct err err;

	play_of.locked_out = true;
	load(stage);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_int_equal(estate_notes(stage->estate), 1);
	script_note(stage->estate, "subscriptions of tenant " SECOND ": ");
	assert_int_equal(play_of.graphs[0], 3);
	assert_int_equal(play_of.lists[0], 0);
	/* Rows are shown, and known not to be all. */
	assert_true(estate_lacks(stage->estate, ESTATE_ACCOUNTS, &err));
	assert_int_equal(err.kind, ERR_DENIED);
}

static void
test_named_subscriptions(void **state)
{
	struct stage *stage = *state;
	struct profile *profile = &stage->world.profile;

	snprintf(profile->subscriptions[0], sizeof profile->subscriptions[0], "%s", S1);
	profile->subscriptions_len = 1;
	load(stage);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_int_equal(estate_notes(stage->estate), 0);
	assert_int_equal(play_of.graphs[0], 3);
	assert_int_equal(play_of.graphs[1], 0);
}

static void
test_no_subscription(void **state)
{
	struct stage *stage = *state;

	play_of.none = true;
	load(stage);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_int_equal(play_of.graphs[1], 0);
	assert_int_equal(estate_notes(stage->estate), 1);
	script_note(stage->estate, "subscriptions of tenant " SECOND ": this sign-in sees no");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_both),
		TEST(test_refused_in_one),
		TEST(test_half_read),
		TEST(test_locked_out),
		TEST(test_named_subscriptions),
		TEST(test_no_subscription),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
