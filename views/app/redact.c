/* Hiding names where everything is drawn leaves no place to be forgotten; what has to be known for
 * it are the names. Those of the estate are taken before the first frame after it changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/estate/kind.h"
#include "backend/session/session.h"
#include "tui/term.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/command.h"

/* A fold may stand within a name. */
static char *
hide(void *user, const char *text)
{
	char *whole, *out;

	if (strstr(text, "\\\n") == NULL)
		return veil_text(user, text);
	whole = command_unfold(text);
	out = veil_text(user, whole);
	free(whole);
	return out;
}

static unsigned
learned(const void *user)
{
	return veil_learned(user);
}

void
app_learn(struct app *app, enum veil_noun noun, const char *name)
{
	if (app->veil == NULL)
		app->veil = veil_new();
	veil_learn(app->veil, noun, name);
}

static void
learn_id(struct app *app, enum veil_noun noun, const struct armid *id)
{
	veil_learn(app->veil, noun, id->name);
	veil_learn(app->veil, VEIL_GROUP, id->group);
}

/* Rows that were learned stay learned, until others take their place; what was deleted stands
 * behind what is there. */
static void
learn_rows(struct app *app, const struct estate *estate)
{
	struct learned *done = &app->learned;
	struct armid id;
	struct keyid key;

	if (done->replaced != estate_replaced(estate))
		*done = (struct learned){.replaced = estate_replaced(estate)};
	for (; done->accounts < kind_account.count(estate); done->accounts++) {
		kind_account_id(estate, done->accounts, &id, NULL);
		learn_id(app, VEIL_ACCOUNT, &id);
	}
	for (; done->vaults < kind_vault_any.count(estate); done->vaults++) {
		kind_vault_id(estate, done->vaults, &id);
		learn_id(app, VEIL_VAULT, &id);
	}
	for (; done->keys < kind_key_any.count(estate); done->keys++) {
		kind_key_id(estate, done->keys, &key);
		veil_learn(app->veil, VEIL_KEY, key.key);
		veil_learn(app->veil, VEIL_VAULT, key.vault);
	}
	for (; done->identities < kind_identity.count(estate); done->identities++) {
		kind_identity_id(estate, done->identities, &id);
		learn_id(app, VEIL_IDENTITY, &id);
	}
	done->vaults = kind_vault.count(estate);
	done->keys = kind_key.count(estate);
}

/* User-assigned identities that only accounts tell of. Working out who holds what with every reply
 * is for those who look at it. */
static void
learn_principals(struct app *app, const struct estate *estate)
{
	char name[300];

	if (estate_busy(estate) && app_top(app)->ops->kind != &kind_policy)
		return;
	for (size_t i = 0; i < kind_policy.count(estate); i++)
		if (kind_policy.cell(estate, i, 0, name, sizeof name) == CELL_KNOWN &&
			strcmp(name, "this sign-in") != 0)
			veil_learn(app->veil, VEIL_PRINCIPAL, name);
}

void
redact_look(struct app *app)
{
	const struct app_options *o = &app->options;

	if (!app->redacting)
		return;
	if (o->session)
		veil_learn(app->veil, VEIL_TENANT, session_tenant_domain(o->session));
	if (!app->unlearned || o->estate == NULL)
		return;
	app->unlearned = false;
	for (size_t i = 0; i < estate_subscriptions(o->estate); i++)
		veil_learn(app->veil, VEIL_SUBSCRIPTION, estate_subscription_name(o->estate, i));
	learn_rows(app, o->estate);
	learn_principals(app, o->estate);
}

void
redact_switch(struct app *app, bool on)
{
	app_learn(app, VEIL_NAME, "");
	app->redacting = on;
	app->unlearned = true;
	draw_veil(on ? hide : NULL, learned, app->veil);
	if (on)
		app_say(app, ROLE_MESSAGE,
			_("Names and ids are hidden. What asks for a name to be typed wants the real "
			  "one, and shows stars"));
	else
		app_say(app, ROLE_MESSAGE, _("Names and ids are shown again"));
}

void
app_ask_names(struct app *app, struct view *view, void (*write)(struct view *))
{
	if (app->redacting)
		app_ask(app, view, write,
			_("The file will hold the names that are hidden here. Write it? y/N"));
	else
		write(view);
}

void
redact_end(struct app *app)
{
	draw_veil(NULL, NULL, NULL);
	veil_free(app->veil);
}
