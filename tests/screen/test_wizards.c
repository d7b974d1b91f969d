/* The wizard of plans: what is said while a value is typed, what can be chosen, what is asked
 * before a change, and how the same is said as commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

#define ONBOARD(account) "Wait / =" account " Enter o Wait "
#define NEW "Wait 2 Wait / =kv-payroll Enter a "

static void
both(struct screen *screen, const char *name, const char *script)
{
	char file[80];

	snprintf(file, sizeof file, "%s-80x24", name);
	screen_golden(screen, file, 80, 24, script);
	snprintf(file, sizeof file, "%s-120x40", name);
	screen_golden(screen, file, 120, 40, script);
}

static void
test_typed(void **state)
{
	both(*state, "hint-pinned", ONBOARD("stledger01") "=kv-archive/cmk-archive");
	both(*state, "hint-auto",
		ONBOARD("stledger01") "=kv-archive/cmk-archive Down Down Down Down Right");
	both(*state, "hint-cloud",
		ONBOARD("aa-payroll") "=https://kv-payroll.vault.azure.cn/keys/cmk-payroll");
	screen_plays(*state, ONBOARD("stledger01") "=kv-arch", "In which vault?");
	screen_plays(*state, ONBOARD("barender01") "=hsm-core/cmk-hsm", "not of a managed HSM");
	/* A mark stays at a value that would be refused while another field is looked at. */
	screen_plays(*state, ONBOARD("barender01") "=hsm-core/cmk-hsm Down", "✗ hsm-core/cmk-hsm");
	/* Of two values that exclude each other the one given last stays. */
	screen_plays(*state,
		ONBOARD("stledger01") "=kv-archive/cmk-archive Down Down Down =0123 Down Right",
		"Version is left out now");
}

static void
test_chosen(void **state)
{
	both(*state, "repin-form",
		"Wait / =aa-billing Enter a Home Down Down Down Down Down Down Down Down Down Down Enter Wait");
	both(*state, "evacuate-vaults", "Wait ! s =cmk-billing Enter Wait Enter Wait ^P Down");
	screen_plays(*state, "Wait ! s =cmk-billing Enter Wait Enter Wait ^P Enter Down ^P Enter",
		"cmk-billing-2");
	screen_plays(*state, ONBOARD("stledger01") "Down Down Down Down Down ^P Down Enter",
		"id-storage");
	/* All keys are there to choose from, though the list of keys was never looked at. */
	screen_plays(*state, ONBOARD("aa-payroll"), "cmk-hsm");
	/* What is filled in gives way to what is typed. */
	screen_plays(*state, "Wait / =starchive01 Enter a End Enter Wait =kv-rbac",
		"  ▸ Vault   kv-rbac");
}

static void
test_unfit(void **state)
{
	both(*state, "actions-legacy", "Wait / =balegacy01 Enter a");
	both(*state, "actions-vault", "Wait 2 Wait / =kv-billing Enter a Down Down");
	screen_plays(*state, "Wait 2 Wait / =kv-billing Enter a Down Down Enter", "are on already");
	screen_plays(
		*state, "Wait 2 Wait / =kv-billing Enter a Down Down Enter", "!Protect kv-billing");
	screen_plays(*state, "Wait 3 Wait / =cmk-ec Enter a End k Enter", "It is no RSA key");
}

static void
test_commands(void **state)
{
	static const char planned[] = ONBOARD("stledger01") "=kv-archive/cmk-archive Enter Wait ";
	char script[200];

	snprintf(script, sizeof script, "%sm", planned);
	both(*state, "commands", script);
	snprintf(script, sizeof script, "%sm",
		"Wait 3 Wait / =cmk-billing Enter r Wait Enter Wait ");
	both(*state, "rotate-commands", script);
	/* A step that changes something is asked for, whatever Enter does to harmless ones. */
	snprintf(script, sizeof script, "%sEnter Enter", planned);
	screen_plays(*state, script, "send the request that is shown? y/N");
	snprintf(script, sizeof script, "%sEnter Enter Enter", planned);
	screen_plays(*state, script, "▸ step 5 of 8");
	screen_plays(*state, script, "!▸ done");
}

/* What is not there yet is named in the form, and found again as a row. */
static void
test_made(void **state)
{
	both(*state, "create-key-form", NEW "Home Enter Wait =cmk-made");
	screen_plays(*state, NEW "Home Enter Wait =cmk-made Enter", "Size is needed");
	screen_plays(*state, NEW "Home Enter Wait =cmk-made Down Right Enter Wait A y Wait",
		"Done, and read back: kv-payroll/cmk-made");
	screen_plays(*state, "Wait 3 Wait / =cmk-made Enter", "kv-payroll");
	both(*state, "create-vault-form", NEW "Home Down Enter Wait =kv-made Down Down ^P");
	screen_plays(*state,
		NEW "Home Down Enter Wait =kv-made Down Down =westeurope Enter Wait A y Wait m",
		"claviger vault create \\");
	screen_plays(*state,
		NEW "Home Down Enter Wait =kv-x Down ^U =rg-none Down =westeurope Enter Wait",
		"No subscription is seen to have a group rg-none: write SUBSCRIPTION/GROUP");
	screen_plays(*state,
		NEW "Home Down Enter Wait =kv-x Down ^U =rg-media Down =westeurope Enter Wait",
		"Several subscriptions have a group rg-media: write SUBSCRIPTION/GROUP");
	screen_plays(*state,
		NEW "Home Down Enter Wait =kv-x Down ^U =Nowhere/rg Down =westeurope Enter Wait",
		"No subscription of that name");
	screen_plays(*state, NEW "End Enter Wait =kv-gone Enter Wait A y Wait",
		"Done, and read back: kv-gone");
	screen_plays(*state, NEW "End Enter Wait =kv-never Enter Wait", "kv-never");
	screen_plays(*state,
		"Wait / =aa-payroll Enter a Down Down Enter Wait =id-made Down Down =westeurope Enter "
		"Wait A y Wait",
		"Done, and read back: id-made");
}

/* What an operator reads when a step fails: what stands, what does not, and how it goes on. */
static void
test_result(void **state)
{
	screen_golden(*state, "grant-done-80x24", 80, 24,
		"Wait / =stledger01 Enter a Home Down Down Down Down Down Down Down Down Enter Wait "
		"=kv-archive Enter Wait A y Wait");
	screen_plays(*state, "Wait 5 Wait", "grant");
}

/* A plan under way is parked by every key that goes back, as by its own. */
static void
test_back_parks(void **state)
{
	static const char run[] = ONBOARD("stledger01") "=kv-archive/cmk-archive Enter Wait A y ";
	char script[120];

	snprintf(script, sizeof script, "%sBackspace", run);
	screen_plays(*state, script, "Parking it after the exchange under way; then q leaves");
	snprintf(script, sizeof script, "%s^G", run);
	screen_plays(*state, script, "Parking it after the exchange under way; then q leaves");
	snprintf(script, sizeof script, "%s^G Wait Backspace", run);
	screen_plays(*state, script, "!Onboard stledger01");
}

/* A vault that no list has yet is looked up while the keyboard waits, or gives it up. */
static void
test_looked_up(void **state)
{
	static const char rotate[] = "Wait / =aa-billing Enter r ";
	struct screen *screen = screen_open_as(
		&(struct screen_wish){.fault = "*Microsoft.KeyVault/vaults*=status:403"});
	char script[120];

	(void)state;
	screen_fault(screen, "*ResourceGraph*=status:403");
	screen_golden(screen, "looked-up-80x24", 80, 24, rotate);
	screen_golden(screen, "looked-up-120x40", 120, 40, rotate);
	snprintf(script, sizeof script, "%sj", rotate);
	screen_plays(screen, script, "Esc gives that up");
	snprintf(script, sizeof script, "%sEsc Wait", rotate);
	screen_plays(screen, script, "It is not looked up any more");
	snprintf(script, sizeof script, "%sWait", rotate);
	screen_plays(screen, script, "vault 'kv-billing' is not there (");
	screen_plays(screen, "Wait / =aa-billing Enter : =Disable Enter Wait", "is not there (");
	screen_fault(screen, "none");
	screen_plays(screen, "Wait ^R / =aa-billing Enter r Wait", "Rotate kv-billing/cmk-billing");
	screen_close(screen);
}

int
main(void)
{
	const struct CMUnitTest reading[] = {
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_chosen),
		cmocka_unit_test(test_unfit),
		cmocka_unit_test(test_commands),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(test_looked_up),
		cmocka_unit_test_setup_teardown(test_back_parks, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_made, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_result, screen_setup, screen_teardown),
	};
	int failed = cmocka_run_group_tests(reading, screen_setup, screen_teardown);

	return failed + cmocka_run_group_tests(alone, NULL, NULL);
}
