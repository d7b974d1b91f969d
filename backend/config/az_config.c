/* The formats are az's own business and may change: what is not understood is told with its place,
 * and nobody is asked to mend more than az itself reads. A cloud of az's says where tokens go, so
 * files that anybody may write are refused. */
#include "backend/config/az_config.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "backend/net/origin.h"

enum { PROFILE_MAX = 8 << 20, SUBSCRIPTIONS_MAX = 100000, CLEAN_MAX = 2000 };

/* One key of one section that is looked for. */
struct want {
	const char *key;
	char *out;
	size_t room;
};

struct ini {
	const char *path, *section;
	const struct want *wants;
	size_t wants_len;
	FILE *file;
	struct err *err;
	bool seen; /* the section is there */
	bool failed;
};

static bool
az_path(const char *name, char out[PATH_MAX], struct err *err)
{
	const char *dir = getenv("AZURE_CONFIG_DIR"), *home = getenv("HOME");
	int n;

	if (dir && *dir)
		n = snprintf(out, PATH_MAX, "%s/%s", dir, name);
	else if (home && *home)
		n = snprintf(out, PATH_MAX, "%s/.azure/%s", home, name);
	else
		return err_set(
			err, ERR_USAGE, "", "neither AZURE_CONFIG_DIR nor HOME is set to a folder");
	return n < PATH_MAX || err_set(err, ERR_USAGE, "", "AZURE_CONFIG_DIR: too long");
}

/* *file is NULL when there is none. */
static bool
open_file(const char *path, FILE **file, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong = NULL;
	struct stat st;

	*file = NULL;
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return err_set(err, ERR_USAGE, "", "%s: cannot open it: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		wrong = "not a file";
	else if (st.st_mode & S_IWOTH)
		wrong = "anybody may write it; run: chmod o-w on it";
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		wrong = "belongs to another user";
	else if ((*file = fdopen(fd, "r")) == NULL)
		wrong = "cannot be read";
	if (wrong == NULL)
		return true;
	close(fd);
	return err_set(err, ERR_USAGE, "", "%s: %s", path, wrong);
}

/* libinih would cut a long line and read its rest as another: such a line, which is none of those
 * looked for, counts as a comment. */
static char *
next_line(char *str, int room, void *user)
{
	struct ini *ini = user;
	int ch;

	if (ini->failed || fgets(str, room, ini->file) == NULL)
		return NULL;
	if (strchr(str, '\n') == NULL && !feof(ini->file)) {
		while ((ch = getc(ini->file)) != EOF && ch != '\n')
			;
		snprintf(str, (size_t)room, ";\n");
	}
	return str;
}

static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct ini *ini = user;
	char clean[CLEAN_MAX];

	if (strcmp(section, ini->section) != 0)
		return 1;
	ini->seen = true;
	text_cleans(clean, sizeof clean, value);
	for (size_t i = 0; i < ini->wants_len; i++) {
		const struct want *want = &ini->wants[i];

		if (text_casecmp(want->key, name) != 0 || text_copy(want->out, want->room, clean))
			continue;
		ini->failed = true;
		return err_set(ini->err, ERR_USAGE, "", "%s: [%s] %s: longer than %zu bytes",
			ini->path, section, name, want->room - 1);
	}
	return 1;
}

/* Fills what the section has of the keys that ini wants; ini has path, section and wants. */
static bool
read_ini(struct ini *ini, struct err *err)
{
	int line;

	ini->err = err;
	if (!open_file(ini->path, &ini->file, err))
		return false;
	if (ini->file == NULL)
		return true;
	line = ini_parse_stream(next_line, ini, on_key, ini);
	fclose(ini->file);
	if (line != 0 && !ini->failed)
		return err_set(err, ERR_USAGE, "",
			"%s:%d: neither [section] nor KEY = VALUE; mend it with: az config",
			ini->path, line);
	return !ini->failed;
}

static bool
read_settings(struct az_config *out, char cloud[32], struct err *err)
{
	const struct want name[] = {{"name", cloud, 32}};
	const struct want group[] = {{"group", out->group, sizeof out->group}};
	char path[PATH_MAX];
	struct ini clouds_of = {.path = path, .section = "cloud", .wants = name, .wants_len = 1};
	struct ini defaults = {.path = path, .section = "defaults", .wants = group, .wants_len = 1};

	return az_path("config", path, err) && read_ini(&clouds_of, err) &&
	       read_ini(&defaults, err);
}

/* https://HOST[:PORT] of an endpoint, which az writes with or without a final slash. */
static bool
take_url(char *out, size_t room, const char *url)
{
	char host[120];

	return origin_host(url, host, sizeof host) &&
	       url[strlen("https://") + strcspn(url + strlen("https://"), "/?#")] != '?' &&
	       snprintf(out, room, "https://%s", host) < (int)room;
}

/* .HOST of a suffix, and the audience that belongs to it. */
static bool
take_suffix(char suffix[96], char audience[128], const char *value)
{
	char url[128], host[90];

	snprintf(url, sizeof url, "https://%s", value + (value[0] == '.'));
	if (!origin_host(url, host, sizeof host) || strpbrk(value, "/?#"))
		return false;
	snprintf(suffix, 96, ".%s", host);
	snprintf(audience, 128, "https://%s", host);
	return true;
}

static bool
custom_cloud(struct cloud *out, const char *name, struct err *err)
{
	char path[PATH_MAX], arm[128] = "", authority[128] = "", audience[128] = "";
	char vault[96] = "", hsm[96] = "", storage[80] = "", blob_audience[128];
	const struct want wants[] = {
		{"endpoint_resource_manager", arm, sizeof arm},
		{"endpoint_active_directory", authority, sizeof authority},
		{"endpoint_active_directory_resource_id", audience, sizeof audience},
		{"suffix_keyvault_dns", vault, sizeof vault},
		{"suffix_mhsm_dns", hsm, sizeof hsm},
		{"suffix_storage_endpoint", storage, sizeof storage},
	};
	struct ini ini = {.path = path, .section = name, .wants = wants, .wants_len = 6};
	const char *bad = NULL;
	char blob[96];

	*out = (struct cloud){0};
	if (!az_path("clouds.config", path, err) || !read_ini(&ini, err))
		return false;
	if (!ini.seen)
		return err_set(err, ERR_USAGE, "",
			"%s: no cloud %s there, which az is set to; run: az cloud set --name "
			"AzureCloud",
			path, name);
	snprintf(out->name, sizeof out->name, "%s", name);
	snprintf(blob, sizeof blob, ".blob.%s", storage);
	if (!take_url(out->arm, sizeof out->arm, arm))
		bad = wants[0].key;
	else if (!take_url(out->authority, sizeof out->authority, authority))
		bad = wants[1].key;
	else if (!take_suffix(out->vault_suffix, out->vault_audience, vault))
		bad = wants[3].key;
	else if (hsm[0] && !take_suffix(out->hsm_suffix, out->hsm_audience, hsm))
		bad = wants[4].key;
	else if (storage[0] && !take_suffix(out->blob_suffix, blob_audience, blob))
		bad = wants[5].key;
	if (bad)
		return err_set(err, ERR_USAGE, "",
			"%s: [%s] %s is missing or no https address; see: az cloud update", path,
			name, bad);
	snprintf(out->arm_audience, sizeof out->arm_audience, "%s",
		audience[0] ? audience : out->arm);
	return true;
}

static bool
take_subscription(const json_t *item, struct az_subscription *out, struct err *err)
{
	char state[32];
	enum tri is_default = TRI_UNKNOWN;

	*out = (struct az_subscription){0};
	if (!json_need_text(item, "id", out->id, sizeof out->id, err) ||
		!json_text(item, "tenantId", out->tenant, sizeof out->tenant, err) ||
		!json_text(item, "name", out->name, sizeof out->name, err) ||
		!json_text(item, "user.name", out->user, sizeof out->user, err) ||
		!json_text(item, "state", state, sizeof state, err) ||
		!json_flag(item, "isDefault", &is_default, err))
		return false;
	out->enabled = text_casecmp(state, "Enabled") == 0;
	out->is_default = is_default == TRI_YES;
	return true;
}

/* az shows and uses the subscriptions of the cloud in use only. */
static bool
take_subscriptions(struct az_config *out, const json_t *root, struct err *err)
{
	const json_t *list, *item;
	char cloud[64];
	size_t i;

	if (!json_list(root, "subscriptions", &list, err))
		return false;
	if (json_array_size(list) > SUBSCRIPTIONS_MAX)
		return err_set(err, ERR_USAGE, "", "more than %d subscriptions", SUBSCRIPTIONS_MAX);
	json_array_foreach(list, i, item)
	{
		struct az_subscription *to;

		if (!json_text(item, "environmentName", cloud, sizeof cloud, err))
			return err_prefix(err, "subscriptions[%zu]", i);
		if (text_casecmp(cloud, out->cloud.name) != 0)
			continue;
		out->subscriptions = mem_resize(out->subscriptions,
			(out->subscriptions_len + 1) * sizeof *out->subscriptions);
		to = &out->subscriptions[out->subscriptions_len++];
		if (!take_subscription(item, to, err))
			return err_prefix(err, "subscriptions[%zu]", i);
	}
	return true;
}

/* az writes azureProfile.json with a byte order mark. */
static bool
read_profile(struct az_config *out, struct err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	char path[PATH_MAX], piece[8192];
	struct buf text;
	json_t *root = NULL;
	bool ok = true;
	size_t n, skip;
	FILE *file;

	if (!az_path("azureProfile.json", path, err) || !open_file(path, &file, err))
		return false;
	if (file == NULL)
		return true;
	buf_init(&text, PROFILE_MAX);
	while (ok && (n = fread(piece, 1, sizeof piece, file)) > 0)
		ok = buf_add(&text, piece, n);
	fclose(file);
	if (!ok)
		err_set(err, ERR_USAGE, "", "%s: larger than %d MiB", path, PROFILE_MAX >> 20);
	skip = strncmp(buf_text(&text), bom, 3) == 0 ? 3 : 0;
	if (ok && text.len > skip) {
		root = json_read(text.data + skip, text.len - skip, path, err);
		ok = root != NULL;
		if (ok && !take_subscriptions(out, root, err))
			ok = err_prefix(err, "%s", path);
	}
	json_decref(root);
	buf_free(&text);
	return ok;
}

bool
az_config_read(struct az_config *out, struct err *err)
{
	char name[32] = "";
	const struct cloud *built_in;

	*out = (struct az_config){0};
	if (!read_settings(out, name, err))
		return false;
	built_in = name[0] ? cloud_find(name) : &clouds[0];
	if (built_in)
		out->cloud = *built_in;
	else if (!custom_cloud(&out->cloud, name, err))
		return false;
	if (read_profile(out, err))
		return true;
	if (err)
		err->kind = ERR_USAGE;
	az_config_free(out);
	return false;
}

void
az_config_free(struct az_config *config)
{
	free(config->subscriptions);
	*config = (struct az_config){0};
}

const struct az_subscription *
az_config_default(const struct az_config *config)
{
	for (size_t i = 0; i < config->subscriptions_len; i++)
		if (config->subscriptions[i].is_default)
			return &config->subscriptions[i];
	return NULL;
}
