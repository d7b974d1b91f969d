/* Each link is told with its state in words, then coloured: what is not read yet says so, what
 * could not be read says why, and neither is ever drawn as good. */
#include "views/list/hierarchy.h"

#include <stdio.h>
#include <string.h>

#include "tui/words.h"
#include "views/value.h"

enum { DAY = 86400 };

static void
link_of(struct page *page, const char *name, enum role role, const char *text)
{
	char label[64];

	snprintf(label, sizeof label, "%s %s", draw_glyph(GLYPH_ARROW_LEFT), name);
	page_field(page, label, role, "%s", text);
}

/* True when the part could be read; otherwise the link says what is known instead. */
static bool
readable(struct page *page, const char *name, enum known known, const struct err *why)
{
	char text[600];

	switch (known) {
	case KNOWN_READ:
		return true;
	case KNOWN_NOT_READ:
		link_of(page, name, ROLE_DIM, _("not read"));
		return false;
	case KNOWN_ABSENT:
		snprintf(text, sizeof text, _("does not exist: %s"), why->msg);
		link_of(page, name, ROLE_BAD, text);
		return false;
	case KNOWN_DENIED:
		snprintf(text, sizeof text, _("unknown, no right to read it: %s"), why->msg);
		link_of(page, name, ROLE_WARN, text);
		return false;
	case KNOWN_FAILED:
		break;
	}
	snprintf(text, sizeof text, _("unknown: %s"), why->msg);
	link_of(page, name, ROLE_WARN, text);
	return false;
}

/* In versions, and in days since the first of them was there. */
static void
say_behind(const struct key *key, int behind, time_t now, char *out, size_t room)
{
	int64_t since = key->versions[behind - 1].created;
	size_t used = strlen(out);

	if (since > 0 && now > since)
		snprintf(out + used, room - used, _(", behind by %d, for %lld days"), behind,
			(long long)((now - since) / DAY));
	else
		snprintf(out + used, room - used, _(", behind by %d"), behind);
}

/* Of the version in use: only one that was seen enabled, and newest, is well. */
static enum role
say_version(const struct facts *facts, const char *version, char *out, size_t room)
{
	const struct key_version *at = key_version_find(&facts->key, version);
	int behind = key_versions_behind(&facts->key, version);
	bool bad = at ? at->enabled == TRI_NO : facts->key.listed;
	size_t used;

	if (behind > 0)
		say_behind(&facts->key, behind, facts->now, out, room);
	used = strlen(out);
	if (at && at->enabled == TRI_YES)
		return behind > 0 ? ROLE_WARN : ROLE_OK;
	snprintf(out + used, room - used, "%s",
		!bad ? _(", not known whether enabled")
		: at ? _(", disabled")
		     : _(", not among the versions of the key"));
	return bad ? ROLE_BAD : ROLE_WARN;
}

static void
add_key(struct page *page, const json_t *account, const struct facts *facts)
{
	char key[128], version[64], mode[16], small[VALUE_SHORT + 3], text[700];
	enum role role = ROLE_TEXT;

	value_text(account, "keyName", key, sizeof key);
	value_text(account, "keyVersion", version, sizeof version);
	value_text(account, "mode", mode, sizeof mode);
	snprintf(text, sizeof text, _("%s, version %s%s%s"), key,
		version[0] ? value_short(version, small) : _("the newest"), mode[0] ? _(", ") : "",
		_(mode));
	if (facts && facts->key_known == KNOWN_READ)
		role = say_version(facts, version, text, sizeof text);
	link_of(page, _("customer key"), role, text);
	if (facts && facts->key_known != KNOWN_READ && facts->key_known != KNOWN_NOT_READ)
		readable(page, _("its state"), facts->key_known, &facts->key_why);
}

static const char *
on_off(enum tri tri)
{
	return tri == TRI_YES ? _("on") : tri == TRI_NO ? _("OFF") : _("unknown");
}

static void
add_vault(struct page *page, const struct facts *facts)
{
	const struct vault *vault = &facts->vault;
	char text[300];
	bool good, bad;

	if (!readable(page, _("vault"), facts->vault_known, &facts->vault_why))
		return;
	good = vault->soft_delete == TRI_YES && vault->purge_protection == TRI_YES;
	bad = vault->soft_delete == TRI_NO || vault->purge_protection == TRI_NO;
	snprintf(text, sizeof text, _("%s, soft delete %s, purge protection %s, %s"),
		vault->id.name, on_off(vault->soft_delete), on_off(vault->purge_protection),
		vault->model == GRANT_POLICIES ? _("access policies")
		: vault->model == GRANT_RBAC   ? _("role assignments")
					       : _("grant model unknown"));
	link_of(page, _("vault"), bad ? ROLE_BAD : good ? ROLE_OK : ROLE_WARN, text);
}

static void
add_rights(struct page *page, const struct facts *facts, const struct service *service)
{
	const struct vault *vault = &facts->vault;
	const char *principal = account_principal(&facts->account);
	perm_set has, missing;
	char text[400], names[300];

	if (facts->vault_known != KNOWN_READ || principal[0] == '\0')
		return;
	if (vault->model == GRANT_RBAC && facts->roles_known != KNOWN_READ) {
		link_of(page, _("rights"), ROLE_WARN,
			_("unknown: given by role assignments, which were not read"));
		return;
	}
	has = vault->model == GRANT_RBAC ? facts->roles
					 : perm_effective(vault_rights(vault, principal));
	missing = (vault->model == GRANT_RBAC ? service->role_perms : service->policy_perms) & ~has;
	snprintf(text, sizeof text, _("has %s"),
		has ? perm_print(has, names, sizeof names) : _("none"));
	if (missing)
		snprintf(text + strlen(text), sizeof text - strlen(text), _("; missing %s"),
			perm_print(missing, names, sizeof names));
	link_of(page, _("rights"), missing ? ROLE_BAD : ROLE_OK, text);
}

static void
add_identity(struct page *page, const json_t *account)
{
	char type[80], principal[64], text[200];

	if (json_at(account, "identity") == NULL) {
		link_of(page, _("identity"), ROLE_WARN, _("unknown"));
		return;
	}
	value_text(account, "identity.type", type, sizeof type);
	value_text(account, "identity.principalId", principal, sizeof principal);
	if (type[0] == '\0' || strcmp(type, "None") == 0)
		link_of(page, _("identity"), ROLE_DIM, _("none"));
	else {
		snprintf(text, sizeof text, "%s %s", type, principal);
		link_of(page, _("identity"), ROLE_TEXT, text);
	}
}

void
hierarchy_describe(struct page *page, const json_t *account, const struct service *service,
	const struct facts *facts, bool failed)
{
	char source[32];

	page_head(page, _("Key hierarchy"));
	page_field(page, _("data keys"), ROLE_TEXT, _("encrypt what the account holds"));
	link_of(page, _("account key"), ROLE_TEXT, _("kept by the service, wraps the data keys"));
	value_text(account, "keySource", source, sizeof source);
	if (strcmp(source, "microsoft") == 0) {
		link_of(page, _("Microsoft key"), ROLE_TEXT,
			_("wraps the account key; it is not yours to cut or rotate"));
		add_identity(page, account);
		return;
	}
	if (source[0] == '\0') {
		if (value_unread(account, "keySource"))
			link_of(page, _("top key"), ROLE_DIM, _("not read yet"));
		else
			link_of(page, _("top key"), ROLE_WARN, _("unknown"));
		return;
	}
	add_key(page, account, facts);
	if (facts == NULL)
		link_of(page, _("vault"), failed ? ROLE_WARN : ROLE_DIM,
			failed ? _("unknown") : draw_glyph(GLYPH_ELLIPSIS));
	else
		add_vault(page, facts);
	add_identity(page, account);
	if (facts)
		add_rights(page, facts, service);
}
