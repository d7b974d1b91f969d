/* A pasted URI decides where secrets go, so it is read strictly: ASCII only, https only, and the
 * host must be one label before the suffix of the cloud in use. */
#include "backend/azure/keyid.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"

static bool
made_of(const char *s, const char *letters, size_t least, size_t most)
{
	size_t n = strspn(s, letters);

	return s[n] == '\0' && n >= least && n <= most;
}

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* No two dashes side by side: that also keeps out xn--, which can look like another name. */
bool
keyid_is_vault_name(const char *s)
{
	size_t len = strlen(s);

	return made_of(s, ALNUM "-", 3, 24) && s[0] != '-' && s[len - 1] != '-' &&
	       strstr(s, "--") == NULL;
}

bool
keyid_is_key_name(const char *s)
{
	return made_of(s, ALNUM "-", 1, 127);
}

bool
keyid_is_version(const char *s)
{
	return made_of(s, "0123456789abcdefABCDEF", 32, 32);
}

static void
lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/* Whether host is somewhere under suffix; "" is the suffix of no host. */
static bool
is_under(const char *host, const char *suffix)
{
	return suffix[0] && text_case_ends(host, suffix);
}

static bool
wrong_host(const char *host, const char *shown, const struct cloud *cloud, struct err *err)
{
	const struct cloud *other = cloud_of_host(host);
	char clean[160];

	text_cleans(clean, sizeof clean, host);
	if (other)
		return err_set(err, ERR_USAGE, "WrongCloud",
			"%s is a %s of %s; the profile's cloud is %s: use a profile of that cloud",
			clean, is_under(host, other->hsm_suffix) ? "Managed HSM" : "vault",
			other->name, cloud->name);
	return err_set(err, ERR_USAGE, "", "key URI '%s': its host does not end in %s", shown,
		cloud->vault_suffix);
}

/* Cuts https://HOST off uri; *rest is what follows. Checks the host against the cloud. */
static bool
take_host(struct keyid *out, const char *uri, const struct cloud *cloud, const char **rest,
	struct err *err)
{
	const char *suffix = cloud->vault_suffix, *at;
	char shown[160];
	size_t len;

	*out = (struct keyid){0};
	text_cleans(shown, sizeof shown, uri);
	if (!text_case_starts(uri, "https://"))
		return err_set(err, ERR_USAGE, "", "key URI '%s': must begin with https://", shown);
	at = uri + strlen("https://");
	len = strcspn(at, "/?#");
	if (len == 0 || len >= sizeof out->host || memchr(at, '@', len))
		return err_set(err, ERR_USAGE, "", "key URI '%s': has no usable host", shown);
	memcpy(out->host, at, len);
	lower(out->host);
	if (text_case_ends(out->host, ":443"))
		out->host[strlen(out->host) - 4] = '\0';
	*rest = at + len;
	out->hsm = is_under(out->host, cloud->hsm_suffix);
	if (out->hsm)
		suffix = cloud->hsm_suffix;
	if (!is_under(out->host, suffix))
		return wrong_host(out->host, shown, cloud, err);
	len = strlen(out->host) - strlen(suffix);
	if (len >= sizeof out->vault)
		return err_set(
			err, ERR_USAGE, "", "key URI '%s': its vault name is too long", shown);
	memcpy(out->vault, out->host, len);
	if (!keyid_is_vault_name(out->vault))
		return err_set(err, ERR_USAGE, "",
			"key URI '%s': '%s' is no vault name (3 to 24 letters, digits, dashes)",
			shown, out->vault);
	return true;
}

bool
keyid_parse_vault(struct keyid *out, const char *uri, const struct cloud *cloud, struct err *err)
{
	const char *rest;

	if (!take_host(out, uri, cloud, &rest, err))
		return false;
	if (rest[0] == '\0' || (rest[0] == '/' && rest[1] == '\0'))
		return true;
	return err_set(
		err, ERR_USAGE, "", "vault URI of '%s': nothing may follow the host", out->vault);
}

bool
keyid_parse(struct keyid *out, const char *uri, const struct cloud *cloud, struct err *err)
{
	const char *rest, *slash;
	char version[64];
	size_t len;

	if (!take_host(out, uri, cloud, &rest, err))
		return false;
	if (!text_case_starts(rest, "/keys/"))
		return err_set(err, ERR_USAGE, "",
			"key URI on '%s': /keys/NAME must follow the host", out->vault);
	rest += strlen("/keys/");
	len = strcspn(rest, "/");
	if (len >= sizeof out->key)
		return err_set(err, ERR_USAGE, "", "key URI on '%s': the key name is too long",
			out->vault);
	memcpy(out->key, rest, len);
	out->key[len] = '\0';
	slash = rest + len;
	if (!keyid_is_key_name(out->key))
		return err_set(err, ERR_USAGE, "",
			"key URI on '%s': no key name of letters, digits and dashes after /keys/",
			out->vault);
	if (*slash == '/')
		slash++;
	if (!text_copy(version, sizeof version, slash))
		return err_set(
			err, ERR_USAGE, "", "key URI of '%s': its version is too long", out->key);
	len = strlen(version);
	if (len && version[len - 1] == '/')
		version[--len] = '\0';
	if (len && !keyid_is_version(version))
		return err_set(err, ERR_USAGE, "",
			"key URI of '%s': a version is 32 hexadecimal digits", out->key);
	memcpy(out->version, version, len + 1);
	return true;
}

char *
keyid_print(const struct keyid *id, char out[KEYID_MAX])
{
	snprintf(out, KEYID_MAX, "https://%s/keys/%s%s%s", id->host, id->key,
		id->version[0] ? "/" : "", id->version);
	return out;
}
