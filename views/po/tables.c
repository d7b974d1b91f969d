/* Prints the texts that stand in the program's tables and are translated where they are drawn,
 * marked as they would be in a source, for xgettext to read with the others. Run while building. */
#include <stdio.h>

#include "backend/codes/code.h"
#include "backend/estate/kind.h"
#include "backend/estate/services/service.h"
#include "backend/estate/topics/topic.h"
#include "backend/journal/operation.h"
#include "backend/plans/campaign.h"
#include "crypto/selftest.h"
#include "views/app/keymap.h"
#include "views/app/view.h"
#include "views/value.h"

/* What a step says it will do comes in parts, each a row of its own on the screen; then words of
 * `show` objects that have no table. */
static const char *const parts[] = {"needs %s", "has %s", "has none", "adds %s",
	"adds the role %s on %s", "secrets none, certificates none", "rbac", "policies", "system",
	"user", "vault", "hsm", "dark: %s", "goes on: %s.", "%s/%s version %s", ". ", "; ", ", ",
	"policy", "role", "the lists of every subscription are read instead",
	"locked: ", "locked, only deletion is allowed (do not delete it): ", "this sign-in",
	"%s by app", "(estate)", "the articles that claviger impact names"};

static void
put(const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	fputs("/* xgettext:no-c-format */\nN_(\"", stdout);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		if (*text == '\n')
			fputs("\\n", stdout);
		else
			putchar(*text);
	}
	fputs("\")\n", stdout);
}

static void
put_keys(const struct keymap *maps)
{
	for (; maps && maps->bindings; maps++) {
		if (maps->bindings->action)
			put(maps->title);
		for (const struct binding *binding = maps->bindings; binding->action; binding++) {
			put(binding->hint);
			put(binding->help);
		}
	}
}

static void
put_columns(const struct kind *kind)
{
	for (size_t i = 0; kind && i < kind->columns_len; i++)
		put(kind->columns[i].title);
}

static void
put_views(void)
{
	const struct view_ops *view;

	put_keys(app_keys);
	for (size_t i = 0; (view = keymap_view(i)) != NULL; i++) {
		const struct kind *kind = view->kind;

		put(view->title);
		put_keys(view->keys);
		put(kind ? kind->empty : NULL);
		put_columns(kind);
	}
	for (size_t i = 0; i < kinds_len; i++) {
		put(kinds[i]->title);
		put(kinds[i]->one);
		put(kinds[i]->empty);
		put_columns(kinds[i]);
	}
}

static void
put_step(const struct step *step)
{
	put(step->title);
	put(step->why);
	put(step->warning);
	put(step->stays);
}

static void
put_plan(const struct plan_def *plan)
{
	put(plan->title);
	put(plan->summary);
	put(plan->final);
	for (size_t i = 0; i < plan->fields_len; i++) {
		put(plan->fields[i].title);
		put(plan->fields[i].help);
		put(plan->fields[i].empty);
	}
	for (size_t i = 0; plan->steps && plan->steps[i]; i++)
		put_step(plan->steps[i]);
	for (size_t i = 0; plan->stages && plan->stages[i]; i++) {
		put(plan->stages[i]->title);
		put(plan->stages[i]->why);
	}
}

static void
put_estate(void)
{
	for (size_t i = 0; i < rules_len; i++)
		put(rules[i].remedy);
	for (size_t i = 0; i < services_len; i++) {
		put(services[i]->impact);
		put(services[i]->still_works);
		put(services[i]->canary_title);
	}
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		put(parts[i]);
}

static void
put_meanings(void)
{
	struct code code;

	for (size_t i = 0; code_at(i, &code); i++) {
		put(code.from);
		put(code.means);
		put(code.why);
		put(code.todo);
	}
	for (size_t i = 0; i < topics_len; i++) {
		put(topics[i]->title);
		for (size_t s = 0; s < topics[i]->statements_len; s++)
			put(topics[i]->statements[s].text);
	}
}

/* The words for what something is at. */
static void
put_states(void)
{
	for (enum plan_state i = PLAN_READING; i <= PLAN_ROLLED_BACK; i++)
		put(value_state(plan_state_name(i)));
	for (enum step_state i = STEP_PENDING; i <= STEP_UNKNOWN; i++)
		put(step_state_name(i));
	for (enum operation_state i = 0; i <= OPERATION_ROLLED_BACK; i++)
		put(value_state(operation_state_name(i)));
	for (enum fate i = FATE_NONE; i <= FATE_FAILED; i++)
		put(fate_name(i));
	for (enum severity i = SEVERITY_INFO; i <= SEVERITY_HIGH; i++)
		put(severity_name(i));
	for (enum subject_kind i = SUBJECT_ACCOUNT; i <= SUBJECT_IDENTITY; i++)
		put(subject_noun(i));
	put(key_source_name(KEY_SOURCE_CUSTOMER));
	put(key_source_name(KEY_SOURCE_MICROSOFT));
	put(key_mode_name(KEY_MODE_AUTO));
	put(key_mode_name(KEY_MODE_PINNED));
}

int
main(void)
{
	put_views();
	for (size_t i = 0; i < plans_len; i++)
		put_plan(plans[i]);
	put_estate();
	put_meanings();
	put_states();
	for (size_t i = 0; i < selftests_len; i++)
		put(selftests[i].title);
	return ferror(stdout) != 0;
}
