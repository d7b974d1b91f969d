/* An id is cut into its parts once; everything else compares parts, never text of ids. */
#include "backend/azure/armid.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"

bool
armid_is_guid(const char *s)
{
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return s[36] == '\0';
}

/* Copies the segment that follows "/word/" and moves *at behind it. */
static bool
segment(const char **at, const char *word, char *dst, size_t room)
{
	size_t n = strlen(word), len;

	if (!text_case_starts(*at, word))
		return false;
	*at += n;
	len = strcspn(*at, "/");
	if (len == 0 || len >= room)
		return false;
	memcpy(dst, *at, len);
	dst[len] = '\0';
	*at += len;
	return true;
}

/* Letters of a name in a path: what ARM allows, without anything that means something there. */
static bool
plain(const char *s)
{
	if (s[strcspn(s, "/?#%\\<>&\"'")])
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

bool
armid_is_name(const char *s)
{
	return *s && strlen(s) < sizeof((struct armid *)0)->name && plain(s);
}

/* Names of resource groups may be of any script, but hold nothing that a screen must not get. */
bool
armid_is_group(const char *s)
{
	char ascii[ARMID_GROUP], clean[ARMID_GROUP];
	size_t len = 0;

	if (*s == '\0' || strlen(s) >= sizeof ascii)
		return false;
	for (const char *at = s; *at; at++)
		if ((unsigned char)*at < 0x80)
			ascii[len++] = *at;
	ascii[len] = '\0';
	text_cleans(clean, sizeof clean, s);
	return plain(ascii) && strcmp(clean, s) == 0;
}

static bool
refuse(const char *id, const char *why, struct err *err)
{
	char shown[128];

	text_cleans(shown, sizeof shown, id);
	return err_set(err, ERR_USAGE, "", "resource id '%s': %s", shown, why);
}

static bool
parse(struct armid *out, const char *id, bool guid, struct err *err)
{
	const char *at = id;
	char ns[64], type[32];

	*out = (struct armid){0};
	if (!segment(&at, "/subscriptions/", out->subscription, sizeof out->subscription) ||
		!plain(out->subscription) || (guid && !armid_is_guid(out->subscription)))
		return refuse(id, "must begin with /subscriptions/GUID", err);
	if (!segment(&at, "/resourceGroups/", out->group, sizeof out->group))
		return refuse(id, "/resourceGroups/NAME must follow the subscription", err);
	if (!segment(&at, "/providers/", ns, sizeof ns) || !segment(&at, "/", type, sizeof type) ||
		!segment(&at, "/", out->name, sizeof out->name) || *at != '\0')
		return refuse(id, "must end with /providers/NAMESPACE/TYPE/NAME", err);
	if (!armid_is_group(out->group) || !plain(ns) || !plain(type) || !plain(out->name))
		return refuse(id, "holds a character that no resource name has", err);
	snprintf(out->type, sizeof out->type, "%s/%s", ns, type);
	return true;
}

bool
armid_parse(struct armid *out, const char *id, struct err *err)
{
	return parse(out, id, true, err);
}

bool
armid_take(struct armid *out, const char *id, struct err *err)
{
	return parse(out, id, false, err);
}

char *
armid_print(const struct armid *id, char out[ARMID_MAX])
{
	snprintf(out, ARMID_MAX, "/subscriptions/%s/resourceGroups/%s/providers/%s/%s",
		id->subscription, id->group, id->type, id->name);
	return out;
}

bool
armid_same(const struct armid *a, const struct armid *b)
{
	return text_casecmp(a->subscription, b->subscription) == 0 &&
	       text_casecmp(a->group, b->group) == 0 && text_casecmp(a->type, b->type) == 0 &&
	       text_casecmp(a->name, b->name) == 0;
}
