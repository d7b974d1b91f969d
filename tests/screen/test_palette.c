/* What is found and done by name, what was said, the help that is searched, and that nothing of an
 * estate can be read on a screen that others see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/screen/screen.h"

static void
the_palette_offers_what_fits(void **state)
{
	screen_golden(*state, "palette-80x24", 80, 24, "Wait Home Wait :");
	screen_golden(*state, "palette-120x40", 120, 40, "Wait Home Wait :");
	screen_golden(*state, "palette-ro-80x24", 80, 24, "Wait 3 Wait 1 Home Wait : =ro Wait");
	screen_golden(*state, "palette-payroll-120x40", 120, 40,
		"Wait 3 Wait 1 Home Wait : =payroll Wait");
}

static void
what_is_taken_is_done(void **state)
{
	/* The detail of a row of another kind, then back to where one was. */
	screen_plays(*state, "Wait : =kv-arch Wait Enter Wait", "Accounts ▸ Vaults ▸ kv-archive");
	screen_plays(*state, "Wait : =aa-billing Wait Enter Wait Esc Esc", "8 Accounts");
	/* An action on the row under the cursor, by its name. */
	screen_plays(
		*state, "Wait / =aa-payroll Enter : =onboard Enter Wait", "Onboard aa-payroll");
	/* One that cannot be begun stays, and says why. */
	screen_plays(*state, "Wait / =aa-payroll Enter : =rotate", "no customer key");
	screen_plays(*state, "Wait / =aa-payroll Enter : =rotate Down Enter", "no customer key");
	screen_plays(*state, "Wait : =self Enter Wait", "the RSA of this machine is sound");
	screen_plays(*state, "Wait : =incident Enter", "What has happened");
	screen_plays(*state, "Wait : =cross Enter", "cross");
	screen_plays(*state, "Wait : =demo Enter", "contoso.example");
	screen_plays(*state, "Wait : =filter Enter =payr", "Filter: payr");
	/* Typing completes, leaving leaves, and there may be nothing. */
	screen_plays(*state, "Wait : =refr Tab", ": refresh");
	screen_plays(*state, "Wait : =refr Esc", "8 Accounts");
	screen_plays(*state, "Wait : =zzzz Wait", "Nothing is called so");
	/* What comes meanwhile is found as well. */
	screen_plays(*state, ": =aa-pay Wait Enter Wait", "Accounts ▸ aa-payroll");
	screen_plays(*state, "Wait ^R : =aa-pay Wait Enter Wait", "Accounts ▸ aa-payroll");
	/* An alarm does not wait for the palette. */
	screen_plays(*state, "Wait : =x F9", "What has happened");
}

static void
what_was_said_is_kept(void **state)
{
	screen_golden(*state, "messages-80x24", 80, 24, "Wait / =aa-billing Enter Home o % % m");
	screen_plays(*state, "Wait m", "Nothing was said yet");
}

static void
the_help_is_searched(void **state)
{
	screen_golden(*state, "help-search-80x24", 80, 24, "Wait ? / =mark");
	screen_golden(*state, "help-every-120x40", 120, 40, "Wait ? a");
	screen_plays(*state, "Wait ? / =fabrikam Enter", "The demo estate of the sandbox");
	screen_plays(*state, "Wait ? / =qqqq", "Nothing in the help has these letters");
	screen_plays(*state, "Wait ? / =qqqq Esc", "This account");
}

/* Everything that tells whose estate it is. */
static const char *const secrets[] = {"payroll", "billing", "guidang", "starchive", "stledger",
	"stexport", "barender", "balegacy", "kv-", "cmk-", "hsm-core", "rg-", "id-storage",
	"id-batch", "contoso", "fabrikam", "财务部", "owner", "Production", "Staging", "xxxxxxxx-",
	"xxxxxx…", "xxxxxxxxxxxxxxxx"};

static void
hides(struct screen *screen, const char *script)
{
	for (int wide = 0; wide < 2; wide++) {
		char *shown = screen_play(screen, wide ? 120 : 80, wide ? 40 : 24, script);

		screen_holds(shown, "REDACTED");
		for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
			if (strcasestr(shown, secrets[i]))
				fail_msg("%s: the screen holds \"%s\":\n%s", script, secrets[i],
					shown);
		free(shown);
	}
}

static void
nothing_of_the_estate_is_read_while_redacted(void **state)
{
	static const char *const scripts[] = {"H Wait", "H Wait w", "H Wait Home Enter Wait",
		"H Wait End Enter Wait PgDn", "H Wait Home Down Enter Wait PgDn PgDn",
		"H Wait Down y", "H Wait Down y End", "H Wait 2 Wait Enter Wait",
		"H Wait 2 Wait Down Enter Wait PgDn", "H Wait 2 Wait y", "H Wait 2 Wait",
		"H Wait 2 Wait / =gone Enter Enter", "H Wait 3 Wait", "H Wait 3 Wait Enter Wait",
		"H Wait 3 Wait Down Enter Wait PgDn", "H Wait 3 Wait y", "H Wait 4 Wait",
		"H Wait 4 Wait Enter", "H Wait 4 Wait y", "H Wait 5", "H Wait v", "H Wait v Enter",
		"H Wait v Down Down Enter PgDn PgDn", "H Wait v y", "H Wait N", "H Wait m",
		"H Wait a", "H Wait Down Down o Wait", "H Wait Down Down o Wait ^U Enter",
		"H Wait Down r Wait Enter Wait", "H Wait !", "H Wait 3 Wait ! d Wait",
		"H Wait 3 Wait ! s Wait Enter Wait", "H Wait :", "H Wait 3 Wait : =a Wait",
		"H Wait c c", "H Wait 3 Wait a", "H Wait 1 Wait o Wait Esc m",
		"H Wait / =guid Enter y", "H Wait / =guid Enter Enter Wait PgDn",
		"Wait Home Enter Wait H", "Wait v Enter H", "Wait 3 Wait y H", "Wait m H"};

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		hides(*state, scripts[i]);
	screen_golden(*state, "redacted-accounts-120x40", 120, 40, "H Wait Home Down Wait");
	screen_golden(*state, "redacted-account-80x24", 80, 24, "H Wait Home Enter Wait");
	hides(*state, "H Wait : =findings Enter Wait");
	hides(*state, "H Wait : =findings Enter Wait Enter Wait");
	/* A command is folded within its words. */
	for (int page = 0; page < 3; page++) {
		static const char *const turned[] = {"", " PgDn", " PgDn PgDn"};
		char script[160];

		snprintf(script, sizeof script,
			"H Wait / =aa-guid Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait m Wait%s",
			turned[page]);
		screen_shows(*state, 80, 24, script, "az rest", "!-payroll", "!-73b2-4d05",
			"!-0d4e-4b86", NULL);
	}
	screen_plays(*state, "H Wait H", "aa-payroll");
	screen_plays(
		*state, "H Wait v b =x.json Enter", "will hold the names that are hidden here");
	screen_plays(*state, "H Wait v b =x.json Enter n v", "REDACTED");
	screen_plays(*state, "H Wait H Home", "SANDBOX");
}

/* The real name confirms, unseen; the word on the screen does not. */
static void
a_name_is_typed_unseen(void **state)
{
	screen_plays(*state, "Wait 2 Wait / =kv-payroll Enter p Wait H A =vault#1 Enter",
		"That is not vault#");
	screen_shows(*state, 80, 24, "Wait 2 Wait / =kv-payroll Enter p Wait H A =kv-payro",
		"********", "!kv-pay", NULL);
	screen_shows(*state, 80, 24,
		"Wait 2 Wait / =kv-payroll Enter p Wait H A =kv-payroll Enter Wait",
		"Done, and read back: vault#", "!kv-pay", NULL);
	hides(*state, "H Wait 5");
	hides(*state, "H Wait 5 Enter Wait");
	hides(*state, "H Wait 5 y");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_palette_offers_what_fits, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_taken_is_done, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			what_was_said_is_kept, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			the_help_is_searched, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(nothing_of_the_estate_is_read_while_redacted,
			screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			a_name_is_typed_unseen, screen_setup, screen_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
