/* The profiles there are, and what a profile means for where requests go: the same words for
 * `profile list` and for doctor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/theme.h"
#include "views/cli/cli.h"

static const char *const columns[] = {
	"name", "cloud", "tenant", "subscriptions", "auth", "readOnly", "default", "source"};

struct listing {
	json_t *array;
	struct sheet sheet;
	struct err err; /* the first thing that is wrong with a profile */
};

static json_t *
text_or_null(const char *s)
{
	return s[0] ? json_string(s) : json_null();
}

static json_t *
subscriptions_of(const struct profile *profile)
{
	json_t *array = json_array();

	for (size_t i = 0; i < profile->subscriptions_len; i++)
		json_array_append_new(array, json_string(profile->subscriptions[i]));
	return array;
}

static json_t *
others_of(const struct profile *profile)
{
	json_t *array = json_array();

	for (size_t i = 0; i < profile->other_tenants_len; i++)
		json_array_append_new(array, json_string(profile->other_tenants[i]));
	return array;
}

/* "contoso.example, fabrikam.example" */
static void
print_tenants(const struct profile *profile, char *out, size_t room)
{
	size_t used = (size_t)snprintf(out, room, "%s", profile->tenant);

	for (size_t i = 0; i < profile->other_tenants_len && used < room; i++)
		used += (size_t)snprintf(
			out + used, room - used, ", %s", profile->other_tenants[i]);
}

bool
cli_profile_theme(const struct profile *profile, struct err *err)
{
	struct err why;

	return profile->theme[0] == '\0' || theme_check(profile->theme, &why) ||
	       err_set(err, ERR_USAGE, "", "%s: profile %s: theme: %s", profile->source,
		       profile->name, why.msg);
}

static void
collect(void *user, const struct profile *profile, bool is_default)
{
	struct listing *listing = user;
	struct sheet *sheet = &listing->sheet;
	const char *auth = profile->auth[0] ? profile->auth : "auto";
	char subscriptions[24] = "all", tenants[300], source[sizeof profile->source];

	if (listing->err.kind != ERR_NONE || !cli_profile_theme(profile, &listing->err))
		return;
	json_array_append_new(listing->array,
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:b, s:o, s:s, s:b}", "name",
			profile->name, "cloud", profile->cloud.name, "tenant",
			text_or_null(profile->tenant), "otherTenants", others_of(profile),
			"subscriptions", subscriptions_of(profile), "auth", auth, "readOnly",
			profile->read_only, "banner", text_or_null(profile->banner), "source",
			profile->source, "default", is_default));
	if (profile->subscriptions_len)
		snprintf(subscriptions, sizeof subscriptions, "%zu", profile->subscriptions_len);
	print_tenants(profile, tenants, sizeof tenants);
	text_cleans(source, sizeof source, profile->source);
	sheet_add(sheet, profile->name);
	sheet_add(sheet, profile->cloud.name);
	sheet_add(sheet, tenants);
	sheet_add(sheet, subscriptions);
	sheet_add(sheet, auth);
	sheet_add(sheet, profile->read_only ? "yes" : "no");
	sheet_add(sheet, is_default ? "yes" : "no");
	sheet_add(sheet, source);
}

static int
list(struct cli *cli)
{
	struct listing listing = {.array = json_array(),
		.sheet = {.headers = columns, .columns = ARRAY_LEN(columns)}};
	int code;

	if (config_list(NULL, collect, &listing, &listing.err) && listing.err.kind == ERR_NONE) {
		code = cli_print(cli, listing.array, &listing.sheet, 0);
	} else {
		json_decref(listing.array);
		code = cli_fail(&listing.err);
	}
	sheet_free(&listing.sheet);
	return code;
}

/* The value of the first of two variables that is set, as libcurl reads them: the lower-case one
 * wins. "" for none. */
static const char *
variable(const char *lower, const char *upper, const char **name)
{
	const char *value = getenv(lower);

	*name = lower;
	if (value == NULL || *value == '\0') {
		value = getenv(upper);
		*name = upper;
	}
	return value ? value : "";
}

/* Whether a host is one of those that take no proxy: whole names or ends of names, "*" for all. */
static bool
is_spared(const char *host, const char *list)
{
	while (*(list += strspn(list, ", \t"))) {
		size_t len = strcspn(list, ", \t"), host_len = strlen(host);
		char end[256];

		if (len == 1 && *list == '*')
			return true;
		snprintf(end, sizeof end, "%.*s", (int)len - (*list == '.'), list + (*list == '.'));
		list += len;
		len = strlen(end);
		if (len && text_case_ends(host, end) &&
			(host_len == len || host[host_len - len - 1] == '.'))
			return true;
	}
	return false;
}

/* How the requests to one host get there. A proxy's URL may hold a password before its last @. */
static void
print_proxy(const struct profile *profile, const char *host, char *out, size_t room)
{
	const char *spared_name, *name, *value;
	const char *spared = variable("no_proxy", "NO_PROXY", &spared_name);

	name = "the profile";
	value = profile->proxy;
	if (value[0] == '\0' && profile->connect_to[0]) {
		snprintf(out, room, "none, because of connect-to");
		return;
	}
	if (value[0] == '\0')
		value = variable("https_proxy", "HTTPS_PROXY", &name);
	if (value[0] == '\0')
		value = variable("all_proxy", "ALL_PROXY", &name);
	if (value[0] == '\0' || strcmp(value, "none") == 0)
		snprintf(out, room, "none%s", value[0] ? ", by the profile" : "");
	else if (is_spared(host, spared))
		snprintf(out, room, "none, by %s", spared_name);
	else
		snprintf(out, room, "%s, by %s",
			strrchr(value, '@') ? strrchr(value, '@') + 1 : value, name);
}

/* One row for all kinds of host when they are reached in the same way. */
static void
proxy_rows(const struct profile *profile, cli_row *row, void *user)
{
	const struct cloud *cloud = &profile->cloud;
	const char *const hosts[] = {cloud->authority, cloud->arm, cloud->vault_suffix};
	char how[ARRAY_LEN(hosts)][300], text[sizeof how + 160];
	bool same = true;

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		const char *host = hosts[i];
		char name[160];

		host += text_case_starts(host, "https://") ? strlen("https://") : 0;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(host, ":"), host);
		print_proxy(profile, name, how[i], sizeof how[i]);
		same = same && strcmp(how[i], how[0]) == 0;
	}
	for (size_t i = 0; i < (same ? 1 : ARRAY_LEN(hosts)); i++) {
		snprintf(text, sizeof text, "%s%s%s", same ? "" : hosts[i], same ? "" : ": ",
			how[i]);
		row(user, "proxy", text);
	}
}

static void
cloud_row(const struct cloud *cloud, cli_row *row, void *user)
{
	char text[900];

	snprintf(text, sizeof text, "%s: %s, %s, vaults %s, HSMs %s, blobs %s%s%s", cloud->name,
		cloud->arm, cloud->authority, cloud->vault_suffix,
		cloud->hsm_suffix[0] ? cloud->hsm_suffix : "none",
		cloud->blob_suffix[0] ? cloud->blob_suffix : "none", cloud->graph[0] ? ", " : "",
		cloud->graph);
	row(user, "cloud", text);
}

void
cli_profile_rows(const struct profile *profile, cli_row *row, void *user)
{
	char text[PATH_MAX + 200], tenants[300];

	snprintf(text, sizeof text, "%s%s%s%s%s%s", profile->name,
		profile->source[0] ? ", from " : ": no such section, so nothing is set",
		profile->source, profile->read_only ? "; read-only" : "",
		profile->banner[0] ? "; banner " : "", profile->banner);
	row(user, "profile", text);
	cloud_row(&profile->cloud, row, user);
	print_tenants(profile, tenants, sizeof tenants);
	row(user, "tenant", tenants[0] ? tenants : "the credential's");
	if (profile->connect_to[0]) {
		snprintf(text, sizeof text,
			"all bytes go to %s; names and certificates stay those of the URLs",
			profile->connect_to);
		row(user, "connect-to", text);
	}
	proxy_rows(profile, row, user);
}

const struct command command_profile_list = {
	.name = "profile list",
	.args = "",
	.summary = "List the profiles of the configuration file.",
	.options = OPTIONS_COMMON | OPTIONS_DATA,
	.run = list,
};
