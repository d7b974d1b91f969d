/* A lesson knows what to do and how the server shows that it was done: what was read of account,
 * vault and key by the readers that the rest of the program rests on. Nothing here knows a view. */
#include "views/tour/tour_lessons.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/canary.h"
#include "tui/words.h"

static const char onboarded[] = "aa-payroll", own_vault[] = "kv-payroll", own_key[] = "cmk-payroll";
static const char alarmed[] = "starchive01";

/* The customer key that it is on; false when that is Microsoft's, or not known. */
static bool
is_on_a_key(const struct facts *facts, char *says, size_t room)
{
	const struct account *account = &facts->account;

	if (account->source == KEY_SOURCE_CUSTOMER)
		snprintf(says, room, _("on %s/%s"), account->key.vault, account->key.key);
	else if (account->source == KEY_SOURCE_MICROSOFT)
		snprintf(says, room, "%s",
			account->identity.principal[0] ? _("Microsoft's keys, an identity")
						       : _("Microsoft's keys, no identity"));
	else
		snprintf(says, room, "%s", _("not known yet"));
	return account->source == KEY_SOURCE_CUSTOMER;
}

static bool
is_read(const struct tour_seen *seen, char *says, size_t room)
{
	is_on_a_key(seen->facts, says, room);
	return seen->facts->account_known == KNOWN_READ;
}

/* Identity, rights, key and protection: each is in what was read. */
static bool
is_onboarded(const struct tour_seen *seen, char *says, size_t room)
{
	const struct facts *facts = seen->facts;

	if (!is_on_a_key(facts, says, room) ||
		text_casecmp(facts->account.key.vault, own_vault) != 0 ||
		text_casecmp(facts->account.key.key, own_key) != 0)
		return false;
	if (facts->vault.purge_protection != TRI_YES) {
		snprintf(says, room, _("%s is not protected"), own_vault);
		return false;
	}
	if (facts_state(facts) == ACCOUNT_OK)
		return true;
	snprintf(says, room, "%s", _("it cannot open its key"));
	return false;
}

static bool
is_rotated(const struct tour_seen *seen, char *says, size_t room)
{
	const struct facts *facts = seen->facts;
	const struct key *key = &facts->key;
	const char *used = account_version(&facts->account);

	if (!is_onboarded(seen, says, room))
		return false;
	if (key->versions_len < 2) {
		snprintf(says, room, "%s", _("one version, and that is in use"));
		return false;
	}
	if (text_casecmp(used, key->versions[0].version) == 0) {
		snprintf(says, room, _("its newest version, %.8s"), used);
		return true;
	}
	snprintf(says, room, "%s", _("a newer version is there, not in use"));
	return false;
}

/* No version is enabled, or who opens the key may not any more. */
static bool
is_cut(const struct facts *facts)
{
	const struct service *service = facts->account.service;
	perm_set held = vault_rights(&facts->vault, account_principal(&facts->account));
	size_t off = 0;

	if (facts->account.source != KEY_SOURCE_CUSTOMER || facts->key_known != KNOWN_READ)
		return false;
	for (size_t i = 0; i < facts->key.versions_len; i++)
		off += facts->key.versions[i].enabled == TRI_NO;
	if (facts->key.listed && off == facts->key.versions_len)
		return true;
	return facts->vault_known == KNOWN_READ && facts->vault.model == GRANT_POLICIES &&
	       (held & service->policy_perms) != service->policy_perms;
}

static bool
says_cut(const struct tour_seen *seen, char *says, size_t room)
{
	bool cut = is_cut(seen->facts);

	snprintf(says, room, "%s", cut ? _("the key is cut") : _("the key opens its data"));
	return cut;
}

static bool
is_dark(const struct tour_seen *seen, char *says, size_t room)
{
	bool refused = seen->canary == CANARY_REFUSED;

	if (refused)
		snprintf(says, room, _("key cut, refused %u of %d times"),
			seen->same < CANARY_ENOUGH ? seen->same : CANARY_ENOUGH, CANARY_ENOUGH);
	else
		snprintf(says, room, "%s",
			is_cut(seen->facts) ? _("key cut, data still readable")
					    : _("the key is not cut"));
	return refused && seen->same >= CANARY_ENOUGH && is_cut(seen->facts);
}

static bool
is_readable(const struct tour_seen *seen, char *says, size_t room)
{
	bool open = !is_cut(seen->facts) && facts_state(seen->facts) == ACCOUNT_OK;
	bool answers = seen->canary == CANARY_ANSWERS;

	snprintf(says, room, "%s",
		!open     ? _("the key is cut")
		: answers ? _("key enabled, data readable")
			  : _("key enabled, data not readable yet"));
	return open && answers;
}

const struct lesson lessons[] = {
	{
		.title = N_("find an account"),
		.text = N_(
			"This is the console that you would have on Azure, on an estate made for you: "
			"nothing here is real. Find aa-payroll and see on whose keys it is."),
		.keys = N_("/ aa-payroll Enter; Enter opens the row, Esc leaves it"),
		.account = onboarded,
		.page = true,
		.holds = is_read,
	},
	{
		.title = N_("onboard it"),
		.text = N_(
			"Give it kv-payroll/cmk-payroll. The plan adds identity, rights and key, and "
			"purge protection, which is for good: for that the vault's name is typed."),
		.keys = N_("o, the key's name, Enter, A, kv-payroll, Enter"),
		.account = onboarded,
		.holds = is_onboarded,
	},
	{
		.title = N_("look at the result"),
		.text = N_(
			"Each link from the data to the vault, with its state in words. At the end of "
			"the plan stand the commands that do the same, here and with az."),
		.keys = N_("q leaves the plan, Enter opens the row, Esc leaves it"),
		.account = onboarded,
		.page = true,
		.holds = is_onboarded,
	},
	{
		.title = N_("rotate its key"),
		.text = N_(
			"Make a new version of the key and move every account on it there. The old "
			"version stays: backups of the data may need it."),
		.keys = N_("1, r, Enter, Enter, y"),
		.account = onboarded,
		.holds = is_rotated,
	},
	{
		.title = N_("before the alarm"),
		.text = N_(
			"A drill comes now, against the clock: the data of starchive01 must go dark, "
			"and its key is kv-archive/cmk-archive. F5 sounds the alarm."),
		.keys = N_("q leaves the plan; then F5 when you are ready"),
		.account = alarmed,
		.page = true,
		.asks = true,
		.waits = true,
		.alarm = true,
		.holds = is_readable,
	},
	{
		.title = N_("ALARM: cut cmk-archive"),
		.text = N_(
			"Its data must go dark now. See whom the cut hits and what it does not stop "
			"before you type the name of the key."),
		.keys = N_("! d cmk-archive Enter, Enter, Enter, Enter, cmk-archive Enter"),
		.account = alarmed,
		.time = TOUR_CUT,
		.holds = says_cut,
	},
	{
		.title = N_("until it is dark"),
		.text = N_(
			"A vault that says disabled proves nothing about a service. Stay on the page: "
			"each account is asked for its data until it refuses three times in a row."),
		.keys = N_("nothing to press; Up and Down look at each account"),
		.account = alarmed,
		.asks = true,
		.waits = true,
		.time = TOUR_DARK,
		.holds = is_dark,
	},
	{
		.title = N_("give it back"),
		.text = N_(
			"It was a false alarm. Take back exactly what was cut: it was written down "
			"before the first change."),
		.keys = N_("u when the page says done, then Enter, y"),
		.account = alarmed,
		.asks = true,
		.waits = true,
		.time = TOUR_RESTORED,
		.holds = is_readable,
	},
	{
		.title = N_("read the timeline"),
		.text = N_(
			"Both operations are in the journal with every request and its id: what a "
			"post-mortem asks for."),
		.keys = N_("5, Enter opens an operation, x writes its timeline to a file"),
		.account = alarmed,
		.page = true,
		.asks = true,
		.holds = is_readable,
	},
	{
		.title = N_("the end"),
		.text = N_(
			"You have moved an account to a key of yours, rotated it, cut off another, "
			"proved that and brought it back. claviger tour begins anew."),
		.keys = N_("F5 sounds the alarm again; q leaves"),
		.account = alarmed,
		.page = true,
		.asks = true,
		.waits = true,
		.alarm = true,
		.holds = is_readable,
	},
};
const size_t lessons_len = ARRAY_LEN(lessons);
