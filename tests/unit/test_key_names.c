/* The names that sections [keys] of a configuration are written with: they are made of hints and
 * help texts, so here they are held. Whoever rewords one keeps its first clause; a new one is added
 * here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "views/app/keymap.h"
#include "views/app/view.h"

static const char EVERYWHERE[] = "everywhere";

static const struct {
	const char *name, *views;
} held[] = {
	{"accounts", "everywhere"},
	{"actions", "accounts vaults keys versions"},
	{"activity", "everywhere"},
	{"all-of-it", "help"},
	{"another-choice", "wizard campaign"},
	{"another-key", "incident"},
	{"as-before", "accounts vaults keys policies findings activity"},
	{"back-to-the-form", "wizard campaign"},
	{"back", "everywhere incident topics accounts vaults keys policies findings"},
	{"begin", "actions"},
	{"beginning", "accounts vaults keys policies findings incident operation exchange messages "
		      "help topic code text start"},
	{"bundle", "wire"},
	{"cancel", "wire"},
	{"carry-out", "campaign"},
	{"check", "wizard campaign"},
	{"choose-from-the-list", "wizard campaign"},
	{"clear-text-before-cursor", "wizard campaign"},
	{"columns-further-right", "accounts vaults keys policies findings activity wire"},
	{"command", "everywhere"},
	{"commands", "wizard campaign"},
	{"complete", "incident palette"},
	{"copy", "everywhere"},
	{"doctor", "start"},
	{"dry-run", "wizard campaign"},
	{"edit", "wizard campaign"},
	{"end", "accounts vaults keys policies findings incident operation exchange messages help "
		"topic code text start"},
	{"every-view", "help"},
	{"explain", "everywhere"},
	{"field-above", "wizard campaign"},
	{"filter", "accounts vaults keys policies findings activity wire"},
	{"filter-by-typing", "wizard campaign"},
	{"findings", "everywhere"},
	{"first-row",
		"accounts vaults keys policies findings activity actions wire selftest versions"},
	{"go-dark-now", "incident"},
	{"go-on", "accounts vaults keys policies findings incident wizard campaign"},
	{"help", "everywhere"},
	{"incident", "everywhere"},
	{"invert-order", "accounts vaults keys policies findings activity wire"},
	{"json", "accounts vaults keys policies findings activity campaign operation wire"},
	{"keep-it", "help"},
	{"keep-the-filter", "accounts vaults keys policies findings activity"},
	{"keys", "everywhere"},
	{"last-row",
		"accounts vaults keys policies findings activity actions wire selftest versions"},
	{"learn", "start"},
	{"leave", "wizard campaign palette"},
	{"look-at-first-step", "wizard"},
	{"look-at-last-step", "wizard"},
	{"look-at-row-above", "campaign"},
	{"look-at-row-below", "campaign"},
	{"look-at-step-above", "wizard"},
	{"look-at-step-below", "wizard"},
	{"look-at-what-has-become", "campaign"},
	{"look-at-whole", "campaign"},
	{"mark-all-rows", "accounts vaults keys policies findings"},
	{"mark-row", "accounts vaults keys policies findings"},
	{"mend", "accounts findings"},
	{"messages", "everywhere"},
	{"mouse", "everywhere"},
	{"new-code", "sign-in"},
	{"next-field", "wizard campaign"},
	{"next-page", "exchange messages help topic code text"},
	{"next-step", "wizard"},
	{"no", "wizard campaign operation"},
	{"notes", "everywhere"},
	{"onboard", "accounts"},
	{"one-page-down",
		"accounts vaults keys policies findings activity incident operation wire selftest palette topics start sign-in"},
	{"one-page-up",
		"accounts vaults keys policies findings activity incident operation wire exchange selftest messages palette help topics topic code text start sign-in"},
	{"one-row-down",
		"accounts vaults keys policies findings activity incident wizard campaign actions operation wire exchange selftest messages palette help topics topic code text start sign-in versions"},
	{"one-row-up",
		"accounts vaults keys policies findings activity incident wizard campaign actions operation wire exchange selftest messages palette help topics topic code text start sign-in versions"},
	{"open", "accounts vaults keys policies findings activity wire"},
	{"park", "wizard campaign"},
	{"policies", "everywhere"},
	{"protect", "vaults"},
	{"quit", "everywhere"},
	{"read-it", "topics"},
	{"recover", "vaults keys"},
	{"redact", "everywhere"},
	{"refresh", "everywhere"},
	{"repaint", "everywhere"},
	{"requests", "everywhere wizard campaign"},
	{"resume", "activity operation"},
	{"rotate", "accounts keys"},
	{"row-above", "incident"},
	{"row-below", "incident"},
	{"row-clicked-on",
		"accounts vaults keys policies findings activity actions wire selftest versions"},
	{"run-again", "selftest"},
	{"run-all", "wizard"},
	{"run-this-step", "wizard"},
	{"sandbox", "start"},
	{"scroll-detail-pane-down", "accounts vaults keys policies findings"},
	{"scroll-detail-pane-up", "accounts vaults keys policies findings"},
	{"scroll-down", "accounts vaults keys policies findings incident"},
	{"scroll-explanation-down", "wizard campaign"},
	{"scroll-explanation-up", "wizard campaign"},
	{"scroll-request-down", "wizard"},
	{"scroll-request-up", "wizard"},
	{"scroll-requests-down", "campaign"},
	{"scroll-requests-up", "campaign"},
	{"scroll-up", "accounts vaults keys policies findings incident"},
	{"search", "help"},
	{"self-test", "everywhere"},
	{"sign-in", "start"},
	{"sort", "accounts vaults keys policies findings activity wire"},
	{"sort-by-column-left", "accounts vaults keys policies findings activity wire"},
	{"sort-by-column-right", "wizard campaign"},
	{"stolen", "incident"},
	{"take-back", "activity operation wizard campaign"},
	{"take-it", "incident wizard campaign wire palette"},
	{"take-the-row", "incident"},
	{"timeline", "campaign operation"},
	{"tour-away", "everywhere"},
	{"tour-on", "everywhere"},
	{"vaults", "everywhere"},
	{"versions", "keys"},
	{"watch", "campaign"},
	{"wide", "accounts vaults keys policies findings activity wire"},
	{"write-it", "operation"},
};

static bool
has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static bool
is_held(const char *view, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		if (strcmp(held[i].name, name) == 0)
			return has_word(held[i].views, view);
	return false;
}

static bool
is_there(const struct keymap *maps, const char *name)
{
	char made[KEY_NAME];

	for (; maps && maps->bindings; maps++)
		for (const struct binding *b = maps->bindings; b->action; b++)
			if (strcmp(keymap_name(b, made), name) == 0)
				return true;
	return false;
}

static const struct keymap *
maps_of(const char *view)
{
	const struct view_ops *ops;

	for (size_t i = 0; (ops = keymap_view(i)); i++)
		if (strcmp(ops->name, view) == 0)
			return ops->keys;
	return strcmp(view, EVERYWHERE) == 0 ? app_keys : NULL;
}

static void
no_name_goes_away(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(held); i++)
		for (const char *at = held[i].views; *at; at += strspn(at, " ")) {
			char view[32];

			snprintf(view, sizeof view, "%.*s", (int)strcspn(at, " "), at);
			at += strlen(view);
			if (!is_there(maps_of(view), held[i].name))
				fail_msg("'%s' of %s is gone: who has it in [keys] would be told "
					 "that nothing is called so",
					held[i].name, view);
		}
}

static void
check_names(const char *view, const struct keymap *maps)
{
	char name[KEY_NAME];

	for (; maps && maps->bindings; maps++)
		for (const struct binding *b = maps->bindings; b->action; b++)
			if (keymap_name(b, name)[0] && !is_held(view, name))
				fail_msg("'%s' of %s is new: a name stays once it is there, so see "
					 "whether it is a good one, and add it here",
					name, view);
}

static void
every_name_is_held(void **state)
{
	const struct view_ops *view;

	(void)state;
	check_names(EVERYWHERE, app_keys);
	for (size_t i = 0; (view = keymap_view(i)); i++)
		check_names(view->name, view->keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_goes_away),
		cmocka_unit_test(every_name_is_held),
	};

	return cmocka_run_group_tests_name("key names", tests, NULL, NULL);
}
