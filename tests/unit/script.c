/* Answers by the beginning of host and target, the test's own ones first. Resource Graph is not
 * allowed here, so that the lists of the providers are read; what is not scripted of those is
 * empty.
 */
#include "tests/unit/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Two subscriptions, three accounts, two vaults, one key of two versions. */
static const struct answer base[] = {
	{ARM, "/subscriptions?", 200,
		"{\"value\":[{\"subscriptionId\":\"" S1 "\",\"displayName\":\"Production\"}],"
		"\"nextLink\":\"https://" ARM "/subscriptions?page=2\"}"},
	{ARM, LIST(S1) "page=3", 200, "{\"value\":[" ELEMENT(AUTOMATION(S1, "rg", "aa-two")) "]}"},
	{ARM, LIST(S1) "page=2", 200,
		"{\"value\":[],\"nextLink\":\"https://" ARM ":443" LIST(S1) "page=3\"}"},
	{ARM, LIST(S1), 200,
		"{\"value\":[" ELEMENT(AUTOMATION(
			S1, "rg", "aa-one")) "],\"nextLink\":\"https://" ARM LIST(S1) "page=2\"}"},
	{ARM, LIST(S2), 200,
		"{\"value\":[" ELEMENT(AUTOMATION(S2, "rg-b", "aa-three")) "],\"nextLink\":null}"},
	{ARM, AUTOMATION(S1, "rg", "aa-one"), 200,
		CUSTOMER(AUTOMATION(S1, "rg", "aa-one"), P1, "kv-one", "cmk", V1)},
	{ARM, AUTOMATION(S1, "rg", "aa-two"), 200,
		CUSTOMER(AUTOMATION(S1, "rg", "aa-two"), P2, "kv-two", "lost", V1)},
	{ARM, AUTOMATION(S2, "rg-b", "aa-three"), 200,
		MICROSOFT(AUTOMATION(S2, "rg-b", "aa-three"))},
	{ARM, VAULTS(S1), 200,
		"{\"value\":[" VAULT_BODY(VAULT(S1, "kv-one"), "kv-one",
			POLICY(P1, FOUR)) "," VAULT_BODY(VAULT(S1, "kv-two"), "kv-two",
			POLICY(P2, "\"get\"")) "]}"},
	{ARM, VAULTS(S2), 200, "{\"value\":[]}"},
	{ARM, VAULT(S1, "kv-one"), 200,
		VAULT_BODY(VAULT(S1, "kv-one"), "kv-one", POLICY(P1, FOUR))},
	{"kv-one", "/keys?", 200,
		"{\"value\":[{\"kid\":\"" KID("kv-one", "cmk") "\"}],\"nextLink\":null}"},
	{"kv-one", "/keys/cmk/versions?page=2", 200,
		"{\"value\":[" VERSION("kv-one", "cmk", V2, "200", "true") "]}"},
	{"kv-one", "/keys/cmk/versions?", 200,
		"{\"value\":[" VERSION("kv-one", "cmk", V1, "100",
			"true") "],\"nextLink\":"
				"\"https://kv-one.vault.azure.net:443/keys/cmk/versions?page=2\"}"},
	{"kv-one", "/keys/cmk/" V1, 200, BUNDLE("kv-one", "cmk", V1, "100")},
	{"kv-one", "/keys/cmk", 200, BUNDLE("kv-one", "cmk", V2, "200")},
	{"kv-two", "/keys", 403, ERROR("Forbidden")},
	{ARM, GRAPH, 403, ERROR("AuthorizationFailed")},
	{ARM, "/subscriptions/" S1 "/providers/", 200, "{\"value\":[]}"},
	{ARM, "/subscriptions/" S2 "/providers/", 200, "{\"value\":[]}"},
	{NULL, NULL, 0, NULL},
};

const struct answer *script_over;

static const struct answer *
look(const struct answer *list, const struct tls_request *request)
{
	for (; list->host; list++) {
		size_t len = strcspn(list->target, "\n");
		const char *asked = list->target + len + (list->target[len] == '\n');
		char host[64];

		snprintf(host, sizeof host, "Host: %s", list->host);
		if (strstr(request->head, host) &&
			strncmp(request->target, list->target, len) == 0 &&
			strstr(request->body, asked))
			return list;
	}
	return NULL;
}

static bool
play(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	const struct answer *answer = script_over ? look(script_over, request) : NULL;

	(void)w;
	(void)number;
	if (strcmp(request->target, "/subscriptions?page=2") == 0 && answer == NULL) {
		tls_reply(conn, 200, "",
			"{\"value\":[{\"subscriptionId\":\"" S2
			"\",\"displayName\":\"Staging\"}]}");
		return true;
	}
	if (answer == NULL)
		answer = look(base, request);
	if (answer)
		tls_reply(conn, answer->status, "", answer->body);
	else
		tls_reply(conn, 404, "", ERROR("ResourceNotFound"));
	return true;
}

int
stage_setup(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);

	script_over = NULL;
	world_open(&stage->world, play);
	stage->estate = estate_new(stage->world.session);
	*state = stage;
	return 0;
}

int
stage_teardown(void **state)
{
	struct stage *stage = *state;

	estate_free(stage->estate);
	world_close(&stage->world);
	free(stage);
	return 0;
}

void
script_load(struct stage *stage, unsigned parts)
{
	struct err err = {0};

	if (!estate_load(stage->estate, parts, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(estate_busy(stage->estate) & parts, 0);
}

size_t
script_row(const struct kind *kind, const struct estate *estate, const char *name)
{
	char text[200];

	for (size_t i = 0; i < kind->count(estate); i++) {
		kind->cell(estate, i, 0, text, sizeof text);
		if (strcmp(text, name) == 0)
			return i;
	}
	fail_msg("there is no row '%s'", name);
	return 0;
}

void
script_cell(const struct kind *kind, const struct estate *estate, const char *row,
	const char *column, const char *want)
{
	char text[300];
	size_t at = script_row(kind, estate, row);

	for (size_t i = 0; i < kind->columns_len; i++)
		if (strcmp(kind->columns[i].name, column) == 0) {
			kind->cell(estate, at, i, text, sizeof text);
			assert_string_equal(text, want);
			return;
		}
	fail_msg("there is no column '%s'", column);
}

void
script_note(const struct estate *estate, const char *part)
{
	for (size_t i = 0; i < estate_notes(estate); i++)
		if (strstr(estate_note(estate, i)->msg, part))
			return;
	fail_msg("no note of %zu says '%s'; the first: %s", estate_notes(estate), part,
		estate_notes(estate) ? estate_note(estate, 0)->msg : "none");
}

void
script_turn(struct stage *stage, unsigned parts)
{
	while (estate_busy(stage->estate) & parts)
		loop_turn(session_loop(stage->world.session), 100);
}
