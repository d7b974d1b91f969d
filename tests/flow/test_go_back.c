/* What repin, replace and detach have done is undone: the account is again on the key that it was
 * on, in the same mode, opened by the same identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/plans/plan.h"
#include "backend/sandbox/sandbox.h"

enum { FIELDS = 8 };

struct fixture {
	char dir[64];
	struct sandbox *sandbox;
	struct session *session;
	struct estate *estate;
	struct journal *journal;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	const struct sandbox_access *access;
	struct credential credential;
	struct profile profile;
	struct err err;

	json_init();
	snprintf(f->dir, sizeof f->dir, "/tmp/claviger-back-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->sandbox = sandbox_open(&(struct sandbox_options){.seed = "demo"}, &err);
	assert_non_null(f->sandbox);
	access = sandbox_access(f->sandbox);
	profile_default(&profile);
	profile.sandbox = true;
	snprintf(profile.tenant, sizeof profile.tenant, "%s", access->tenant);
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", access->ca_file);
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", access->socket);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	f->session = session_open(&profile, &credential, &err);
	assert_non_null(f->session);
	f->estate = estate_new(f->session);
	f->journal = journal_open(f->dir, true, &err);
	assert_non_null(f->journal);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	journal_close(f->journal);
	estate_free(f->estate);
	session_close(f->session);
	sandbox_close(f->sandbox);
	file_remove_tree(f->dir);
	free(f);
	return 0;
}

static void
settle(struct fixture *f, struct run *run, enum plan_state end)
{
	while (plan_busy(run))
		loop_turn(session_loop(f->session), 100);
	if (run->state != end)
		fail_msg(
			"%s is %s: %s", run->plan->name, plan_state_name(run->state), run->err.msg);
}

static void
there_and_back(struct fixture *f, const struct plan_def *plan, const char *account,
	const char *const values[FIELDS])
{
	const struct service *service;
	struct subject subject = {.kind = SUBJECT_ACCOUNT};
	struct facts before, after;
	struct run *run;
	struct err err;

	if (!estate_find_account(f->estate, account, NULL, &subject.id, &service, &err) ||
		!estate_read_facts(f->estate, &subject.id, &before, &err))
		fail_msg("%s", err.msg);
	run = plan_start(f->estate, f->journal, plan, &subject, values, NULL, NULL, &err);
	if (run == NULL)
		fail_msg("%s", err.msg);
	settle(f, run, PLAN_PLANNED);
	plan_all(run);
	settle(f, run, PLAN_DONE);
	plan_undo(run);
	settle(f, run, PLAN_ROLLED_BACK);
	plan_free(run);
	assert_true(estate_read_facts(f->estate, &subject.id, &after, &err));
	assert_int_equal(after.account.source, before.account.source);
	assert_int_equal(after.account.mode, before.account.mode);
	assert_memory_equal(&after.account.key, &before.account.key, sizeof before.account.key);
	assert_string_equal(after.account.key_identity, before.account.key_identity);
	assert_int_equal(facts_state(&after), ACCOUNT_OK);
	facts_free(&before);
	facts_free(&after);
}

static void
repin(void **state)
{
	struct fixture *f = *state;
	struct keyid key;
	struct key read;
	struct err err;

	if (!estate_find_key(f->estate, "kv-archive/cmk-archive", NULL, &key, &err) ||
		!estate_read_key(f->estate, &key, &read, &err))
		fail_msg("%s", err.msg);
	there_and_back(f, &plan_repin, "starchive01",
		(const char *const[FIELDS]){read.versions[0].version});
	key_free(&read);
}

static void
replace(void **state)
{
	struct fixture *f = *state;

	there_and_back(f, &plan_replace, "aa-billing",
		(const char *const[FIELDS]){"kv-archive/cmk-archive"});
	there_and_back(f, &plan_replace, "starchive01",
		(const char *const[FIELDS]){"kv-billing/cmk-billing"});
}

static void
detach(void **state)
{
	struct fixture *f = *state;

	there_and_back(f, &plan_detach, "aa-billing", (const char *const[FIELDS]){NULL});
	there_and_back(f, &plan_detach, "starchive01", (const char *const[FIELDS]){NULL});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repin),
		cmocka_unit_test(replace),
		cmocka_unit_test(detach),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
