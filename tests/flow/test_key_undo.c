/* A step of several changes, forwards and backwards: each version is a change of its own in the
 * journal, and the undo takes back exactly those that were made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/plans/plan.h"
#include "backend/sandbox/sandbox.h"

struct world {
	char dir[64];
	struct sandbox *sandbox;
	struct session *session;
	struct estate *estate;
	struct journal *journal;
};

static void
open_world(struct world *w)
{
	const struct sandbox_access *access;
	struct credential credential;
	struct profile profile;
	struct err err;

	snprintf(w->dir, sizeof w->dir, "/tmp/claviger-undo-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->sandbox = sandbox_open(&(struct sandbox_options){.seed = "demo"}, &err);
	assert_non_null(w->sandbox);
	access = sandbox_access(w->sandbox);
	profile_default(&profile);
	profile.sandbox = true;
	snprintf(profile.tenant, sizeof profile.tenant, "%s", access->tenant);
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", access->ca_file);
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", access->socket);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	w->session = session_open(&profile, &credential, &err);
	assert_non_null(w->session);
	w->estate = estate_new(w->session);
	w->journal = journal_open(w->dir, true, &err);
	assert_non_null(w->journal);
}

static void
close_world(struct world *w)
{
	estate_free(w->estate);
	journal_close(w->journal);
	session_close(w->session);
	sandbox_close(w->sandbox);
	file_remove_tree(w->dir);
}

static void
settle(struct world *w, struct run *run)
{
	while (plan_busy(run))
		loop_turn(session_loop(w->session), 100);
}

static size_t
enabled(struct world *w, const struct keyid *id)
{
	struct key key;
	struct err err;
	size_t n = 0;

	if (!estate_read_key(w->estate, id, &key, &err))
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < key.versions_len; i++)
		n += key.versions[i].enabled == TRI_YES;
	key_free(&key);
	return n;
}

static struct run *
start(struct world *w, const struct plan_def *plan, const char *name, const char *const *values)
{
	struct subject subject = {.kind = SUBJECT_KEY};
	struct run *run;
	struct err err;

	if (!estate_find_key(w->estate, name, NULL, &subject.key, &err) ||
		!estate_find_vault(w->estate, subject.key.vault, &subject.id, &err))
		fail_msg("%s", err.msg);
	run = plan_start(w->estate, w->journal, plan, &subject, values, NULL, NULL, &err);
	if (run == NULL)
		fail_msg("%s", err.msg);
	settle(w, run);
	return run;
}

static void
what_was_disabled_is_enabled_again(void **state)
{
	struct world w = {0};
	struct run *run;

	(void)state;
	open_world(&w);
	run = start(&w, &plan_key_disable, "kv-billing/cmk-billing", NULL);
	assert_int_equal(run->state, PLAN_PLANNED);
	assert_true(plan_cuts(run));
	assert_int_equal(run->steps[1].step->left(&run->facts), 3);
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	assert_int_equal(run->facts.changed_len, 3);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 0);
	plan_undo(run);
	settle(&w, run);
	if (run->state != PLAN_ROLLED_BACK)
		fail_msg("%s", run->err.msg);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 3);
	plan_free(run);
	close_world(&w);
}

/* Parked after the first of three, it goes on with the second. */
static void
parked_between_two_versions(void **state)
{
	struct world w = {0};
	struct run *run;

	(void)state;
	open_world(&w);
	run = start(&w, &plan_key_disable, "kv-billing/cmk-billing", NULL);
	plan_all(run);
	plan_park(run, ERR_PARKED);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_PARKED);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 2);
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 0);
	plan_free(run);
	close_world(&w);
}

static void
a_rotation_policy_goes_back(void **state)
{
	const char *values[] = {"P90D", "P2Y"};
	struct world w = {0};
	struct run *run;

	(void)state;
	open_world(&w);
	run = start(&w, &plan_rotation_policy, "kv-archive/cmk-archive", values);
	assert_int_equal(run->state, PLAN_PLANNED);
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	plan_undo(run);
	settle(&w, run);
	if (run->state != PLAN_ROLLED_BACK)
		fail_msg("%s", run->err.msg);
	assert_int_equal(json_array_size(json_object_get(run->facts.policy, "lifetimeActions")), 1);
	plan_free(run);
	close_world(&w);
}

/* Deleted a moment ago, it is neither there nor recoverable yet: that is waited for. */
static void
a_key_that_is_being_deleted_comes_back(void **state)
{
	struct world w = {0};
	struct request request;
	struct run *run;
	struct keyid id;
	struct err err;

	(void)state;
	open_world(&w);
	assert_true(estate_find_key(w.estate, "kv-billing/cmk-billing", NULL, &id, &err));
	estate_get_key(w.session, &id, &request);
	request.method = HTTP_DELETE;
	request.changes = true;
	if (!session_ask(w.session, &request, NULL, &err))
		fail_msg("%s", err.msg);
	request_free(&request);
	run = start(&w, &plan_key_recover, "kv-billing/cmk-billing", NULL);
	assert_int_equal(run->state, PLAN_PLANNED);
	plan_all(run);
	settle(&w, run);
	if (run->state != PLAN_DONE)
		fail_msg("%s", run->err.msg);
	assert_int_equal(enabled(&w, &id), 3);
	plan_free(run);
	run = start(&w, &plan_key_recover, "kv-billing/cmk-billing", NULL);
	assert_int_equal(run->state, PLAN_UNCHANGED);
	plan_free(run);
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_disabled_is_enabled_again),
		cmocka_unit_test(parked_between_two_versions),
		cmocka_unit_test(a_rotation_policy_goes_back),
		cmocka_unit_test(a_key_that_is_being_deleted_comes_back),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
