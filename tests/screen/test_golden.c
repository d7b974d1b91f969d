/* Every view, wizard step and dialog as an operator sees it, at 80x24 and 120x40: one line each.
 * GOLDEN_UPDATE=1 in the environment (make golden) writes golden/NAME-SIZE.txt anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/screen/screen.h"

#define ACCOUNT(name) "Wait / =" name " Enter Wait "
#define VAULT(name) "Wait 2 Wait / =" name " Enter Wait "
#define KEY(name) "Wait 3 Wait / =" name " Enter Wait "
#define VERSION(key, which) KEY(key) "V " which " Enter "
#define ACTION(letters) ": =" letters " Enter Wait "

#define ONBOARD(account, key) ACCOUNT(account) "o Wait ^U =" key " Enter Wait "
#define IMPACT "Wait ! d ^U =cmk-archive Enter Wait "
#define REVOKE IMPACT "Enter Wait Enter Wait "
#define EVACUATE "Wait ! s ^U =cmk-billing Enter Wait Enter Wait "
#define EVACUATE_PLAN EVACUATE "=kv-archive Down =cmk-new Down Right Enter Wait "
#define FLEET "Wait / =aa- Enter Home Down Space Space o Wait =kv-payroll/cmk-payroll Enter Wait "

struct shot {
	const char *name, *keys;
};

static const struct shot lists[] = {
	{"loading", ""},
	{"accounts", "Wait Home Wait"},
	{"accounts-wide", "Wait Home w"},
	{"accounts-filter", "Wait / =payr"},
	{"accounts-filter-wrong", "Wait / =nosuchcolumn:x"},
	{"accounts-nothing", "Wait / =zzz Enter"},
	{"accounts-marked", "Wait Home Space Space"},
	{"vaults", "Wait 2 Wait"},
	{"keys", "Wait 3 Wait"},
	{"policies", "Wait 4 Wait"},
	{"activity-empty", "Wait 5 Wait"},
	{"account", ACCOUNT("aa-billing") "Enter Wait"},
	{"account-end", ACCOUNT("aa-billing") "Enter Wait End"},
	{"account-microsoft", ACCOUNT("aa-payroll") "Enter Wait"},
	{"account-storage", ACCOUNT("stexport01") "Enter Wait"},
	{"account-batch", ACCOUNT("barender01") "Enter Wait"},
	{"account-key", ACCOUNT("aa-billing") "Enter Wait Enter Wait"},
	{"vault", VAULT("kv-payroll") "Enter Wait"},
	{"vault-end", VAULT("kv-payroll") "Enter Wait End"},
	{"vault-hsm", VAULT("hsm-core") "Enter Wait"},
	{"key", KEY("cmk-billing") "Enter Wait"},
	{"versions", KEY("cmk-billing") "V"},
	{"rotate-marked", "Wait 3 Wait Home Space Space r"},
	{"vault-deleted", VAULT("kv-gone") "Enter Wait"},
	{"findings", "Wait f Wait"},
	{"finding", "Wait f Wait Enter Wait"},
	{"finding-mend", "Wait f Wait / =purge Enter M Wait"},
	{"key-expired", KEY("cmk-old") "Enter Wait"},
	{"policy", "Wait 4 Wait / =stexport01 Enter Enter Wait"},
	{"json", ACCOUNT("aa-payroll") "y"},
	{"copy", ACCOUNT("aa-payroll") "c c"},
	{"actions", ACCOUNT("aa-billing") "a"},
	{"actions-key", KEY("cmk-billing") "a"},
	{"actions-marked", "Wait / =aa- Enter Home Space Space a"},
	{"mend", ACCOUNT("stexport01") "Enter Wait M"},
	{"wire-signin", "Wait v / =path:token Enter Enter"},
	{"notes", "Wait N"},
	{"onboard-cannot", ACCOUNT("aa-billing") "o"},
	{"messages-said", ACCOUNT("aa-billing") "o m"},
	{"help", "Wait ?"},
	{"help-end", "Wait ? End"},
	{"explain", "Wait E"},
	{"topic", "Wait : =storage-after Enter"},
	{"code", "Wait E =409 Enter"},
	{"help-nothing", "Wait ? / =qqqq"},
	{"palette-nothing", "Wait : =zzzz Wait"},
	{"no-messages", "Wait m"},
	{"selftest-running", "Wait t"},
	{"selftest-done", "Wait t Wait"},
	{"redacted-keys", "H Wait 3 Wait Home"},
	{"redacted-incident", "H Wait 3 Wait Home ! d Wait Enter Wait"},
};

static const struct shot wizards[] = {
	{"onboard-form", ACCOUNT("aa-payroll") "o Wait"},
	{"onboard-pick", ACCOUNT("aa-payroll") "o Wait Enter"},
	{"onboard-preflight", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll")},
	{"onboard-step", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "Enter"},
	{"onboard-all", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "A"},
	{"onboard-name", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "A"},
	{"onboard-dry", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "n"},
	{"onboard-refused", ONBOARD("aa-payroll", "kv-payroll/cmk-old")},
	{"onboard-running", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "A =kv-payroll Enter"},
	{"onboard-batch-form", ACCOUNT("barender01") "o Wait"},
	{"onboard-batch-preflight", ONBOARD("barender01", "kv-archive/cmk-archive")},
	{"onboard-storage-form", ACCOUNT("stledger01") "o Wait"},
	{"onboard-storage-preflight", ONBOARD("stledger01", "kv-archive/cmk-archive")},
	{"repin-preflight", ACCOUNT("aa-billing") ACTION("Repin") "Enter Wait"},
	{"replace-form", ACCOUNT("aa-billing") ACTION("Replace")},
	{"replace-preflight",
		ACCOUNT("aa-billing") ACTION("Replace") "^U =kv-archive/cmk-archive Enter Wait"},
	{"detach", ACCOUNT("aa-billing") ACTION("Detach")},
	{"detach-step", ACCOUNT("aa-billing") ACTION("Detach") "Enter"},
	{"grant-form", ACCOUNT("stexport01") ACTION("Grant")},
	{"grant-preflight", ACCOUNT("stexport01") ACTION("Grant") "Enter Wait"},
	{"ungrant-form", ACCOUNT("stexport01") ACTION("Ungrant")},
	{"ungrant-preflight", ACCOUNT("stexport01") ACTION("Ungrant") "Enter Wait"},
	{"assign-form", ACCOUNT("barender01") ACTION("Assignidentity")},
	{"assign-preflight", ACCOUNT("barender01") ACTION("Assignidentity") "Right Enter Wait"},
	{"create-storage-form", ACCOUNT("aa-billing") ACTION("CreateStorage")},
	{"create-batch-form", ACCOUNT("aa-billing") ACTION("CreateBatch")},
	{"create-identity-form", ACCOUNT("aa-billing") ACTION("Createidentity")},
	{"recover-vault-form", VAULT("kv-gone") "R Wait"},
	{"recover-vault", VAULT("kv-gone") "R Wait Enter Wait"},
	{"recover-key-form", VAULT("kv-payroll") ACTION("Recoverkey")},
	{"protect", VAULT("kv-payroll") "p Wait"},
	{"protect-nothing", VAULT("kv-billing") "p Wait"},
	{"enable", KEY("cmk-off") ACTION("Enablekey")},
	{"enable-step", KEY("cmk-off") ACTION("Enablekey") "Enter"},
	{"disable", KEY("cmk-archive") ACTION("Disablekey")},
	{"disable-step", KEY("cmk-archive") ACTION("Disablekey") "Enter"},
	{"disable-name", KEY("cmk-archive") ACTION("Disablekey") "A"},
	{"actions-version", VERSION("cmk-billing", "End")},
	{"disable-version", VERSION("cmk-billing", "End") "Home Enter Wait"},
	{"disable-version-step", VERSION("cmk-billing", "End") "Home Enter Wait Enter"},
	{"disable-version-name", VERSION("cmk-billing", "End") "Home Enter Wait A"},
	{"rotation-policy-form", KEY("cmk-billing") ACTION("Rotationpolicy")},
	{"rotation-policy-preflight",
		KEY("cmk-billing") ACTION("Rotationpolicy") "=P90D Enter Wait"},
};

static const struct shot campaigns[] = {
	{"incident", KEY("cmk-archive") "!"},
	{"incident-key", "Wait 3 Wait ! d ^U"},
	{"incident-impact", IMPACT},
	{"incident-impact-end", IMPACT "End"},
	{"revoke-form", IMPACT "Enter Wait"},
	{"revoke-plan", REVOKE},
	{"revoke-stage", REVOKE "Down Down Down"},
	{"revoke-requests", REVOKE "Down Down Down Down"},
	{"revoke-name", REVOKE "Enter"},
	{"revoke-running", REVOKE "Enter =cmk-archive Enter"},
	{"revoke-elsewhere", REVOKE "Enter =cmk-archive Enter 5"},
	{"revoke-dry", REVOKE "n"},
	{"evacuate-form", EVACUATE},
	{"evacuate-plan", EVACUATE_PLAN},
	{"evacuate-name", EVACUATE_PLAN "Enter"},
	{"rotate-form", ACCOUNT("aa-billing") "r Wait"},
	{"rotate-plan", ACCOUNT("aa-billing") "r Wait Enter Wait"},
	{"rotate-question", ACCOUNT("aa-billing") "r Wait Enter Wait Enter"},
	{"restore-nothing", KEY("cmk-archive") ACTION("Restore")},
	{"fleet-plan", FLEET},
	{"fleet-name", FLEET "Enter"},
};

/* From here on each changes something, and those below see it. */
static const struct shot onboard[] = {
	{"onboard-parked",
		ONBOARD("aa-payroll",
			"kv-payroll/cmk-payroll") "Enter Enter =kv-payroll Enter Wait 1 q"},
	{"quit-question", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "Enter Enter y Wait 2 q"},
	{"onboard-paused", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "Enter Enter y Wait"},
	{"activity-parked", "Wait 5 Wait"},
	{"onboard-resume", "Wait 5 Wait r Wait"},
	{"onboard-done", ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "A y Wait"},
	{"wire-change", "Wait v / =method:PATCH Enter Enter"},
	{"account-onboarded", ACCOUNT("aa-payroll") "Enter Wait"},
	{"onboard-batch-done", ONBOARD("barender01", "kv-archive/cmk-archive") "A y Wait"},
	{"onboard-storage-done", ONBOARD("stledger01", "kv-archive/cmk-archive") "A y Wait"},
};

static const struct shot single[] = {
	{"protect-done", VAULT("kv-payroll") "p Wait A =kv-payroll Enter Wait"},
	{"granted", ACCOUNT("stexport01") ACTION("Grant") "Enter Wait A y Wait"},
	{"repin-done", ACCOUNT("aa-billing") ACTION("Repin") "Enter Wait A y Wait"},
	{"replace-done", ACCOUNT("aa-billing") ACTION(
				 "Replace") "^U =kv-archive/cmk-archive Enter Wait A y Wait"},
	{"detach-done", ACCOUNT("aa-billing") ACTION("Detach") "A y Wait"},
	{"assign-done", ACCOUNT("aa-payroll") ACTION("Assignidentity") "Right Enter Wait A y Wait"},
	{"recover-vault-done", VAULT("kv-gone") "R Wait Enter Wait A y Wait"},
	{"enable-done", KEY("cmk-off") ACTION("Enablekey") "A y Wait"},
	{"rotation-policy-done",
		KEY("cmk-billing") ACTION("Rotationpolicy") "=P90D Enter Wait A y Wait"},
	{"disable-done", KEY("cmk-export") ACTION("Disablekey") "A =cmk-export Enter Wait"},
	{"ungrant-done",
		ACCOUNT("stexport01") ACTION("Ungrant") "Enter Wait A =stexport01 Enter Wait"},
	{"disable-version-done",
		VERSION("cmk-archive", "Home") "Home Enter Wait A =cmk-archive Enter Wait"},
	{"versions-disabled", KEY("cmk-archive") "V Down"},
};

static const struct shot incident[] = {
	{"revoke-parked", REVOKE "Enter =cmk-archive Enter q Wait"},
	{"revoke-done", REVOKE "Enter =cmk-archive Enter Wait"},
	{"revoke-timeline", "Wait 5 Wait Enter x"},
	{"operation", "Wait 5 Wait Enter Wait"},
	{"operation-end", "Wait 5 Wait Enter Wait End"},
	{"restore-plan", KEY("cmk-archive") ACTION("Restore")},
	{"restore-question", KEY("cmk-archive") ACTION("Restore") "Enter"},
	{"restore-done", KEY("cmk-archive") ACTION("Restore") "Enter y Wait"},
};

static const struct shot rotation[] = {
	{"rotate-done", KEY("cmk-billing") "r Wait Enter Wait Enter y Wait"},
	{"rollback", "Wait 5 Wait u Wait"},
	{"rollback-question", "Wait 5 Wait u Wait Enter"},
	{"rollback-done", "Wait 5 Wait u Wait Enter y Wait"},
	{"evacuate-done", EVACUATE_PLAN "Enter =cmk-billing Enter Wait"},
};

static const struct shot fleet[] = {
	{"fleet-done", FLEET "Enter =kv-payroll Enter Wait"},
	{"activity", "Wait 5 Wait"},
};

static const struct shot offline[] = {
	{"start", ""},
	{"start-help", "?"},
};

static const struct shot empty[] = {
	{"wire", "Wait v < Home"},
	{"empty", "Wait"},
	{"empty-vaults", "Wait 2 Wait"},
	{"empty-keys", "Wait 3 Wait"},
	{"empty-incident", "Wait ! d"},
	{"empty-policies", "Wait 4 Wait"},
	{"empty-findings", "Wait f Wait"},
};

static const struct shot forbidden[] = {
	{"forbidden", "Wait Home Wait"},
	{"forbidden-all", "Wait N"},
	{"forbidden-findings", "Wait f Wait"},
	{"forbidden-policies", "Wait 4 Wait"},
	{"forbidden-incident", "Wait ! d"},
};

static const struct shot vaultless[] = {
	{"forbidden-keys", "Wait 3 Wait"},
	{"forbidden-impact", IMPACT},
};

static const struct shot one_vault[] = {
	{"forbidden-vault", "Wait 3 Wait"},
	{"forbidden-notes", "Wait 3 Wait N"},
};

static const struct shot unreachable[] = {
	{"unreachable", "Wait"},
};

static const struct shot broken[] = {
	{"onboard-failed",
		ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "A =kv-payroll Enter Wait"},
};

static const struct shot read_only[] = {
	{"read-only", ACCOUNT("aa-payroll") "o"},
	{"read-only-actions", ACCOUNT("aa-payroll") "a"},
	{"read-only-incident", IMPACT "Enter Wait"},
};

static const struct shot refused[] = {
	{"revoke-failed", REVOKE "Enter =cmk-archive Enter Wait"},
	{"activity-failed", "Wait 5 Wait"},
};

static const struct shot lost[] = {
	{"onboard-unknown",
		ONBOARD("aa-payroll", "kv-payroll/cmk-payroll") "A =kv-payroll Enter Wait"},
	{"activity-unknown", "Wait 5 Wait"},
};

static const struct shot unseen[] = {
	{"revoke-unknown", REVOKE "Enter =cmk-archive Enter Wait"},
	{"restore-unknown", KEY("cmk-archive") ACTION("Restore") "Enter y Wait"},
};

/* Azure asks to be left alone for long: the campaign goes on, and waiting for it does not. */
static const struct shot under_way[] = {
	{"activity-running", REVOKE "Enter =cmk-archive Enter Wait 5 Wait"},
};

static const struct shot half[] = {
	{"fleet-failed", FLEET "Enter =kv-payroll Enter Wait"},
};

static const struct shot throttled[] = {
	{"throttled", "Wait Home Wait"},
	{"throttled-notes", "Wait N"},
};

static const struct shot tour[] = {
	{"tour", "Wait"},
	{"tour-lesson", "Wait F5 Wait"},
	{"tour-away", "Wait F6"},
};

static const struct shot tour_end[] = {
	{"tour-end", "Wait"},
};

static const struct shot door[] = {
	{"sign-in-asking", "i"},
	{"sign-in", "i Wait"},
};

static const struct shot door_shut[] = {
	{"sign-in-failed", "i Wait"},
};

static const struct scene {
	const char *name;
	struct screen_wish wish;
	const struct shot *shots;
	size_t len;
} scenes[] = {
	{"lists", {0}, lists, ARRAY_LEN(lists)},
	{"wizards", {0}, wizards, ARRAY_LEN(wizards)},
	{"campaigns", {0}, campaigns, ARRAY_LEN(campaigns)},
	{"onboard", {0}, onboard, ARRAY_LEN(onboard)},
	{"single", {0}, single, ARRAY_LEN(single)},
	{"incident", {0}, incident, ARRAY_LEN(incident)},
	{"rotation", {0}, rotation, ARRAY_LEN(rotation)},
	{"fleet", {0}, fleet, ARRAY_LEN(fleet)},
	{"offline", {.offline = true}, offline, ARRAY_LEN(offline)},
	{"empty", {.seed = "empty"}, empty, ARRAY_LEN(empty)},
	{"forbidden", {.fault = "management.azure.com/*=status:403"}, forbidden,
		ARRAY_LEN(forbidden)},
	{"vaultless", {.fault = "kv-archive.vault.azure.net/*=status:403"}, vaultless,
		ARRAY_LEN(vaultless)},
	{"one-vault", {.fault = "kv-rbac.vault.azure.net/*=status:403"}, one_vault,
		ARRAY_LEN(one_vault)},
	{"unreachable", {.fault = "*=drop"}, unreachable, ARRAY_LEN(unreachable)},
	{"broken", {.fault = "PATCH *automationAccounts*=status:409"}, broken, ARRAY_LEN(broken)},
	{"read-only", {.read_only = true}, read_only, ARRAY_LEN(read_only)},
	{"refused", {.fault = "PATCH *keys/cmk-archive/*=status:403"}, refused, ARRAY_LEN(refused)},
	{"lost", {.fault = "PATCH *automationAccounts*=drop"}, lost, ARRAY_LEN(lost)},
	{"unseen", {.fault = "HEAD *canary.txt*=status:401"}, unseen, ARRAY_LEN(unseen)},
	{"under-way", {.fault = "HEAD *canary.txt*=status:429:600"}, under_way,
		ARRAY_LEN(under_way)},
	{"half", {.fault = "PATCH *aa-guidang=status:409"}, half, ARRAY_LEN(half)},
	{"throttled", {.fault = "management.azure.com/*=status:429:600"}, throttled,
		ARRAY_LEN(throttled)},
	{"tour", {.tour = 1}, tour, ARRAY_LEN(tour)},
	{"tour-end", {.tour = 10}, tour_end, ARRAY_LEN(tour_end)},
	{"door", {.door = true}, door, ARRAY_LEN(door)},
	{"door-shut", {.door = true, .fault = "*/devicecode=status:400"}, door_shut,
		ARRAY_LEN(door_shut)},
};

static const int sizes[][2] = {{80, 24}, {120, 40}};

/* One scene at one size. */
struct showing {
	const struct scene *scene;
	const int *size;
	char name[40];
};

static void
show(void **state)
{
	const struct showing *showing = *state;
	const struct scene *scene = showing->scene;
	struct screen *screen = screen_open_as(&scene->wish);

	for (size_t i = 0; i < scene->len; i++) {
		char name[64];

		snprintf(name, sizeof name, "%s-%dx%d", scene->shots[i].name, showing->size[0],
			showing->size[1]);
		screen_golden(
			screen, name, showing->size[0], showing->size[1], scene->shots[i].keys);
	}
	screen_close(screen);
}

static void
too_small(void **state)
{
	struct screen *screen = screen_open(false);

	(void)state;
	screen_golden(screen, "too-small-59x14", 59, 14, "");
	screen_close(screen);
}

/* Words are the names of the scenes to be shown; without one all are. */
int
main(int argc, char **argv)
{
	static struct showing showings[ARRAY_LEN(scenes) * ARRAY_LEN(sizes)];
	static struct CMUnitTest tests[ARRAY_LEN(scenes) * ARRAY_LEN(sizes) + 1];
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(scenes) * ARRAY_LEN(sizes); i++) {
		struct showing *showing = &showings[len];

		*showing = (struct showing){
			&scenes[i / ARRAY_LEN(sizes)], sizes[i % ARRAY_LEN(sizes)], ""};
		if (argc > 1 && strcmp(argv[1], showing->scene->name) != 0)
			continue;
		snprintf(showing->name, sizeof showing->name, "%s %dx%d", showing->scene->name,
			showing->size[0], showing->size[1]);
		tests[len++] = (struct CMUnitTest){showing->name, show, NULL, NULL, showing};
	}
	if (argc == 1 || strcmp(argv[1], "small") == 0)
		tests[len++] = (struct CMUnitTest)cmocka_unit_test(too_small);
	return _cmocka_run_group_tests("golden", tests, len, NULL, NULL);
}
