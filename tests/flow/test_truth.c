/* Nothing is called dark or restored without evidence. Revokes and restores run one after another,
 * in this process, with time that leaps, while what they cause takes effect up to a quarter of an
 * hour later and calls are answered with 403 and 500 at random. After each the sandbox itself is
 * asked, by its dump and by its services, whether what was claimed is so.
 * TRUTH_RUNS: how many (20); TRUTH_SEED: the first of the seeds (1). */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/campaign.h"
#include "tests/fixtures/inside.h"
#include "tests/fixtures/run.h"

enum { DELAY_MAX_S = 900, LEAP_MS = 20, LONG_LEAP_MS = 2000, FAULTS_MAX = 4 };

/* What is cut: a key of each kind of store, with the accounts that are on it. */
static const struct target {
	const char *vault, *key, *account;
} targets[] = {
	{"kv-billing", "cmk-billing", "aa-billing"},
	{"kv-archive", "cmk-archive", "starchive01"},
	{"kv-billing", "cmk-batch", "barender01"},
	{"kv-rbac", "cmk-rbac", "aa-guidang"},
	{"hsm-core", "cmk-hsm", "stledger01"},
};

static struct place place;
static struct sandbox *sandbox;
static struct session *session;
static struct estate *estate;
static json_t *initial;
static uint64_t chance;
static unsigned claims[FATE_FAILED + 1], spoilt;

static unsigned
roll(unsigned n)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance % n);
}

static void
call_binary(int code, const char *const *words)
{
	const char *all[16] = {place.sandbox};
	struct ran ran;
	size_t n = 1;

	for (; *words; words++)
		all[n++] = *words;
	run_words(&ran, all, NULL);
	ran_expect(&ran, code);
	ran_free(&ran);
}

static char *
ctl(const char *word, const char *argument)
{
	const char *words[] = {word, argument};
	struct buf out;
	struct err err;
	char *text;

	buf_init(&out, 1 << 24);
	if (!sandbox_ctl(place.dir, words, argument ? 2 : 1, &out, &err))
		fail_msg("ctl %s: %s", word, err.msg);
	text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

static void
tell(const char *word, const char *argument)
{
	free(ctl(word, argument));
}

static json_t *
dump(void)
{
	char *text = ctl("dump", NULL);
	json_t *root = json_loads(text, 0, NULL);

	assert_non_null(root);
	free(text);
	return root;
}

/* The demo estate with each target's account on its key. Role assignments are given first: they
 * take effect only after a while. */
static void
prepare_estate(void)
{
	static const char *const setup[][10] = {
		{"key", "create", "kv-billing/cmk-batch", "--bits", "2048", "--yes"},
		{"onboard", "barender01", "--key", "kv-billing/cmk-batch", "--yes"},
		{"grant", "aa-guidang", "--vault", "kv-rbac", "--key", "cmk-rbac", "--yes"},
		{"grant", "stledger01", "--vault", "hsm-core", "--key", "cmk-hsm", "--yes"},
		{"onboard", "aa-guidang", "--key", "kv-rbac/cmk-rbac", "--yes"},
		{"onboard", "stledger01", "--key", "hsm-core/cmk-hsm", "--yes"},
	};

	for (size_t i = 0; i < ARRAY_LEN(setup); i++) {
		call_binary(0, setup[i]);
		tell("clock", "+1m");
	}
}

static int
setup(void **state)
{
	struct err err;

	(void)state;
	place_seed(&place);
	sandbox = sandbox_open(&(struct sandbox_options){.state = place.dir}, &err);
	if (sandbox == NULL)
		fail_msg("%s", err.msg);
	prepare_estate();
	session = inside_sign_in(sandbox);
	estate = estate_new(session);
	tell("clock", "+10m");
	initial = dump();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	json_decref(initial);
	estate_free(estate);
	session_close(session);
	sandbox_close(sandbox);
	clock_shift(0);
	place_remove(&place);
	return 0;
}

/* Whether the account's service gives its data now, asked without the program's own canaries. */
static bool
is_readable(const char *account)
{
	const struct service *service;
	char id[ARMID_MAX];
	struct request request = {.audience = AUDIENCE_ARM};
	struct armid found;
	struct err err = {0};
	bool ok;

	assert_true(estate_find_account(estate, account, NULL, &found, &service, &err));
	armid_print(&found, id);
	if (strncmp(account, "st", 2) == 0) {
		request.method = HTTP_HEAD;
		request.audience = AUDIENCE_BLOB;
		request.header = mem_strdup("x-ms-version: 2021-08-06");
		request.url =
			mem_printf("https://%s.blob.core.windows.net/canary/canary.txt", account);
	} else if (strncmp(account, "ba", 2) == 0) {
		request.url = mem_printf(
			"https://management.azure.com%s/pools?api-version=2024-02-01", id);
	} else {
		request.url = mem_printf("https://management.azure.com%s/variables/"
					 "ledger-password?api-version=2023-11-01",
			id);
	}
	ok = session_ask(session, &request, NULL, &err);
	if (!ok && err.http != 403)
		fail_msg("%s: %s", account, err.msg);
	request_free(&request);
	return ok;
}

static const json_t *
named(const json_t *array, const char *name)
{
	return find(array, "name", name);
}

/* Whether a version that the account may use is enabled: its own, or where it follows new ones any
 * of the key. The dump has one element each. */
static bool
is_enabled(const json_t *now, const struct target *target)
{
	const json_t *vault = named(json_object_get(now, "vaults"), target->vault), *one;
	const json_t *on = json_object_get(
		named(json_object_get(now, "accounts"), target->account), "encryption");
	const json_t *keys = json_object_get(vault, "keys");
	bool pinned = strcmp(text_at(on, "mode"), "pinned") == 0, any = false;
	size_t i, seen = 0;

	json_array_foreach((json_t *)keys, i, one)
	{
		if (strcmp(text_at(one, "name"), target->key) != 0 ||
			(pinned && strcmp(text_at(one, "version"), text_at(on, "version")) != 0))
			continue;
		seen++;
		any = any || json_is_true(json_object_get(one, "enabled"));
	}
	assert_true(seen > 0);
	return any;
}

static json_t *
grants_of(const json_t *state, const struct target *target)
{
	const json_t *vault = named(json_object_get(state, "vaults"), target->vault);

	return json_pack("[O, O, O]", json_object_get(vault, "accessPolicies"),
		json_object_get(vault, "localRoles"), json_object_get(state, "roleAssignments"));
}

/* Whether whatever gives rights is as it was at the start. */
static bool
is_granted(const json_t *now, const struct target *target)
{
	json_t *before = grants_of(initial, target), *after = grants_of(now, target);
	bool same = json_equal(before, after);

	json_decref(before);
	json_decref(after);
	return same;
}

/* Calls that are spoilt: reads of the vault and of canaries, and the changes themselves. */
static void
spoil(void)
{
	static const char *const patterns[] = {"GET */variables/*", "GET */pools*", "HEAD *canary*",
		"GET */variables", "GET */keys/*", "GET */versions", "PATCH */keys/*",
		"GET */roleAssignments*", "PUT */accessPolicies/*", "GET */Microsoft.KeyVault/*",
		"DELETE */roleAssignments/*", "PUT */roleAssignments/*", "POST */unwrapkey"};
	static const char *const actions[] = {
		"status:403", "status:500", "after:500", "status:503"};

	for (unsigned n = roll(FAULTS_MAX + 1); n > 0; n--) {
		char spec[120];

		snprintf(spec, sizeof spec, "%s=%s*%u", patterns[roll(ARRAY_LEN(patterns))],
			actions[roll(ARRAY_LEN(actions))], 1 + roll(8));
		tell("fault", spec);
		spoilt++;
	}
}

static bool
all_wait(const struct campaign *campaign)
{
	bool any = false;

	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		if (member->progress != MEMBER_RUNNING)
			continue;
		if (!member->run->waiting)
			return false;
		any = true;
	}
	return any;
}

/* What waits inside, as for another try after a 500, does not wait really. */
static void *
hurry(void *going)
{
	while (atomic_load((_Atomic bool *)going)) {
		usleep(1000);
		clock_leap(LEAP_MS);
		loop_wake(session_loop(session));
	}
	return NULL;
}

/* Until the campaign stands still; after delay_s of its time the sandbox's clock goes on, and with
 * it what takes effect: not before, for who claims something early. */
static void
carry(struct campaign *campaign, unsigned delay_s, const char *leap)
{
	int64_t due = clock_mono_ms() + delay_s * 1000LL;
	bool over = false;

	campaign_go(campaign);
	while (campaign_busy(campaign)) {
		bool waits = all_wait(campaign);

		loop_turn(session_loop(session), waits ? 0 : 1);
		if (waits)
			clock_leap(LONG_LEAP_MS);
		if (!over && clock_mono_ms() >= due) {
			tell("clock", leap);
			over = true;
		}
	}
}

static struct campaign *
start(const struct plan_def *plan, const struct target *target, const char *method,
	struct journal *journal, const char *dir, bool no_wait)
{
	const struct campaign_options options = {
		.journal = journal, .journal_dir = dir, .no_wait = no_wait};
	const char *values[PLAN_FIELDS_MAX] = {method};
	struct subject subject = {.kind = SUBJECT_KEY};
	struct campaign *campaign;
	struct err err = {0};
	char name[160];

	snprintf(name, sizeof name, "%s/%s", target->vault, target->key);
	assert_true(estate_find_key(estate, name, NULL, &subject.key, &err));
	assert_true(estate_find_vault(estate, target->vault, &subject.id, &err));
	campaign = campaign_start(estate, plan, &subject, values, &options, &err);
	if (campaign == NULL && err.kind != ERR_DENIED && err.kind != ERR_UNAVAILABLE)
		fail_msg("%s %s: %s", plan->name, name, err.msg);
	return campaign;
}

/* What was claimed, against what is. */
static void
check_claims(const struct campaign *campaign, const struct target *target, unsigned seed)
{
	json_t *now;

	tell("fault", "none");
	now = dump();
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];
		bool dark = concern->fate == FATE_DARK, back = concern->fate == FATE_RESTORED;

		claims[concern->fate]++;
		if (dark && is_readable(concern->id.name))
			fail_msg("seed %u: %s is called dark and can be read (%s)", seed,
				concern->id.name, concern->evidence);
		if (dark && is_enabled(now, target) && is_granted(now, target))
			fail_msg("seed %u: %s is called dark, and nothing was cut (%s)", seed,
				concern->id.name, concern->evidence);
		if (back && !is_readable(concern->id.name))
			fail_msg("seed %u: %s is called restored and cannot be read (%s)", seed,
				concern->id.name, concern->evidence);
		if (back && (!is_enabled(now, target) || !is_granted(now, target)))
			fail_msg("seed %u: %s is called restored, and something is missing (%s)",
				seed, concern->id.name, concern->evidence);
	}
	if (campaign->err.kind == ERR_NONE && campaign->plan == &plan_restore)
		assert_true(json_equal(now, initial));
	json_decref(now);
}

/* Whatever the faults have left, a restore without any brings all of it back. */
static void
mend(const struct target *target, struct journal *journal, const char *dir, unsigned seed)
{
	struct campaign *campaign;
	json_t *now;

	tell("clock", "+10m");
	campaign = start(&plan_restore, target, NULL, journal, dir, false);
	assert_non_null(campaign);
	carry(campaign, 1, "+10m");
	now = dump();
	if (campaign->err.kind != ERR_NONE || !json_equal(now, initial))
		fail_msg("seed %u: it cannot be mended: %s", seed, campaign->err.msg);
	json_decref(now);
	campaign_free(campaign);
}

/* One revoke or restore among faults; what it leads to shows after a while. */
static void
try(const struct plan_def *plan, const struct target *target, const char *method,
	struct journal *journal, const char *dir, const char *leap, unsigned seed)
{
	struct campaign *campaign;
	_Atomic bool going = true;
	pthread_t thread;

	spoil();
	assert_int_equal(pthread_create(&thread, NULL, hurry, &going), 0);
	campaign = start(plan, target, method, journal, dir, roll(3) == 0);
	if (campaign)
		carry(campaign, roll(4) ? roll(DELAY_MAX_S) : 0, leap);
	atomic_store(&going, false);
	pthread_join(thread, NULL);
	if (campaign)
		check_claims(campaign, target, seed);
	campaign_free(campaign);
	tell("clock", leap);
}

static void
run_one(unsigned seed)
{
	static const char *const methods[] = {"disable", "ungrant", "both"};
	const struct target *target;
	const char *method;
	char dir[PATH_MAX + 32];
	struct journal *journal;
	struct err err;

	chance = 0x9e3779b97f4a7c15u * (seed + 1);
	for (int i = 0; i < 16; i++)
		(void)roll(1);
	target = &targets[roll(ARRAY_LEN(targets))];
	method = methods[roll(ARRAY_LEN(methods))];
	snprintf(dir, sizeof dir, "%s/journal-%u", place.dir, seed);
	journal = journal_open(dir, true, &err);
	if (journal == NULL)
		fail_msg("%s", err.msg);
	/* the service has just looked, and goes by that for a while */
	tell("clock", "+15s");
	assert_true(is_readable(target->account));
	try(&plan_revoke, target, method, journal, dir, "+1m", seed);
	tell("fault", "none");
	try(&plan_restore, target, NULL, journal, dir, "+10m", seed);
	tell("fault", "none");
	mend(target, journal, dir, seed);
	journal_close(journal);
	file_remove_tree(dir);
}

static unsigned
number(const char *name, unsigned fallback)
{
	const char *text = getenv(name);

	return text && *text ? (unsigned)strtoul(text, NULL, 10) : fallback;
}

static void
nothing_is_claimed_without_evidence(void **state)
{
	unsigned runs = number("TRUTH_RUNS", 20), first = number("TRUTH_SEED", 1);

	(void)state;
	for (unsigned i = 0; i < runs; i++)
		run_one(first + i);
	print_message(
		"truth: %u runs, %u faults; claimed: %u dark, %u cut, %u readable, %u restored, "
		"%u unknown\n",
		runs, spoilt, claims[FATE_DARK], claims[FATE_CUT], claims[FATE_READABLE],
		claims[FATE_RESTORED], claims[FATE_UNKNOWN] + claims[FATE_NONE]);
	/* a sweep that claims nothing shows nothing */
	assert_true(claims[FATE_DARK] > runs / 8);
	assert_true(claims[FATE_RESTORED] > runs / 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_claimed_without_evidence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
