/* libinih cuts long lines and long section names without a word and tells handlers no line number;
 * so the lines come from a reader of ours that counts them and refuses what would be cut. Profiles
 * and clouds may stand in any order: clouds are looked up once the whole file is read. */
#include "backend/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/config/config_keys.h"

enum { LINE_MOST = 198, SECTION_MOST = 48, SECTIONS_MOST = 64 };

void
profile_default(struct profile *out)
{
	*out = (struct profile){.cloud = clouds[0]};
	snprintf(out->name, sizeof out->name, "default");
}

static bool
add_profile(struct config *c, const char *name)
{
	struct config_profile *p;

	for (size_t i = 0; i < c->profiles_len; i++)
		if (strcmp(c->profiles[i].profile.name, name) == 0)
			return config_bad(c, c->line, "profile %s is there twice, first in line %d",
				name, c->profiles[i].line);
	if (c->profiles_len == SECTIONS_MOST)
		return config_bad(c, c->line, "more than %d profiles", SECTIONS_MOST);
	c->profiles = mem_resize(c->profiles, (c->profiles_len + 1) * sizeof *c->profiles);
	p = &c->profiles[c->profiles_len++];
	*p = (struct config_profile){.line = c->line};
	profile_default(&p->profile);
	c->where = IN_PROFILE;
	snprintf(p->profile.source, sizeof p->profile.source, "%s:%d", c->path, c->line);
	return text_copy(p->profile.name, sizeof p->profile.name, name);
}

static bool
add_cloud(struct config *c, const char *name)
{
	struct config_cloud *cloud;

	if (cloud_find(name))
		return config_bad(
			c, c->line, "cloud %s is built in; give yours another name", name);
	for (size_t i = 0; i < c->clouds_len; i++)
		if (text_casecmp(c->clouds[i].cloud.name, name) == 0)
			return config_bad(c, c->line, "cloud %s is there twice, first in line %d",
				name, c->clouds[i].line);
	if (c->clouds_len == SECTIONS_MOST)
		return config_bad(c, c->line, "more than %d clouds", SECTIONS_MOST);
	c->clouds = mem_resize(c->clouds, (c->clouds_len + 1) * sizeof *c->clouds);
	cloud = &c->clouds[c->clouds_len++];
	*cloud = (struct config_cloud){.line = c->line};
	memcpy(cloud->cloud.storage_audience, clouds[0].storage_audience,
		sizeof cloud->cloud.storage_audience);
	c->where = IN_CLOUD;
	return text_copy(cloud->cloud.name, sizeof cloud->cloud.name, name) ||
	       config_bad(c, c->line, "cloud names have at most %zu bytes",
		       sizeof cloud->cloud.name - 1);
}

static bool
is_name(const char *s)
{
	char clean[SECTION_MOST * 8 + 1];

	text_cleans(clean, sizeof clean, s);
	return *s && strcmp(clean, s) == 0 && strpbrk(s, " \t\"'") == NULL;
}

/* "[profile work]" with whatever blanks around; at points to the bracket. */
static bool
open_section(struct config *c, const char *at)
{
	char section[SECTION_MOST + 1], kind[SECTION_MOST + 1];
	size_t len = strcspn(at, "]") - 1;
	const char *name, *rest;

	c->where = NOWHERE;
	c->seen = 0;
	if (at[len + 1] != ']')
		return config_bad(c, c->line,
			"a section is [profile NAME], [cloud NAME] or [keys]; its ] is missing");
	if (len > SECTION_MOST)
		return config_bad(c, c->line,
			"a section is [profile NAME] or [cloud NAME], at most %d bytes",
			SECTION_MOST);
	rest = at + len + 2;
	rest += strspn(rest, " \t\r");
	if (*rest && *rest != ';' && *rest != '#')
		return config_bad(c, c->line, "text after the section's ]; put it on its own line");
	memcpy(section, at + 1, len);
	section[len] = '\0';
	len = strcspn(section, " \t");
	memcpy(kind, section, len);
	kind[len] = '\0';
	name = section + len + strspn(section + len, " \t");
	if (strcmp(kind, "keys") == 0 && (*name == '\0' || is_name(name))) {
		c->where = IN_KEYS;
		return text_copy(c->view, sizeof c->view, name) ||
		       config_bad(c, c->line, "no view has so long a name");
	}
	if (!is_name(name))
		return config_bad(c, c->line,
			"a section is [profile NAME] or [cloud NAME], the name without blanks");
	if (strcmp(kind, "profile") == 0)
		return add_profile(c, name);
	if (strcmp(kind, "cloud") == 0)
		return add_cloud(c, name);
	return config_bad(
		c, c->line, "unknown section; there are [profile NAME], [cloud NAME] and [keys]");
}

/* One line for libinih, without its end; NULL at the end of the file or after an error. */
static char *
next_line(char *str, int room, void *user)
{
	struct config *c = user;
	const char *start = str;
	int len = 0, ch;

	if (c->failed || (ch = getc(c->file)) == EOF)
		return NULL;
	c->line++;
	for (; ch != EOF && ch != '\n'; ch = getc(c->file)) {
		if (ch == '\0' || len >= LINE_MOST || len >= room - 1) {
			config_bad(c, c->line,
				ch ? "is longer than %d bytes; shorten it"
				   : "holds a byte of value 0; lines are text of at most %d bytes",
				LINE_MOST);
			return NULL;
		}
		str[len++] = (char)ch;
	}
	str[len] = '\0';
	c->goes_on = str[0] == ' ' || str[0] == '\t';
	if (c->line == 1 && strncmp(start, "\xef\xbb\xbf", 3) == 0)
		start += 3;
	start += strspn(start, " \t");
	return *start != '[' || open_section(c, start) ? str : NULL;
}

/* Called for each key; section names were taken by the reader. 0 tells libinih of an error. */
static int
on_key(void *user, const char *section, const char *name, const char *value)
{
	struct config *c = user;
	const struct config_key *keys =
		c->where == IN_PROFILE ? config_profile_keys : config_cloud_keys;
	char shown[80], known[300] = "";
	size_t i;

	(void)section;
	if (c->failed)
		return 0;
	text_cleans(shown, sizeof shown, name);
	if (c->where == NOWHERE)
		return config_bad(c, c->line,
			"key %s stands before any section; begin with [profile NAME]", shown);
	if (c->where == IN_KEYS)
		return config_bind(c, shown, value);
	for (i = 0; keys[i].name && strcmp(keys[i].name, name) != 0; i++)
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
			keys[i].name);
	if (keys[i].name == NULL)
		return config_bad(c, c->line, "unknown key %s; there are %s", shown, known);
	if (c->seen & (uint32_t)1 << i && !(keys[i].list && c->goes_on))
		return config_bad(c, c->line,
			"%s is there twice (a line that begins with a blank goes on with the last)",
			shown);
	c->seen |= (uint32_t)1 << i;
	c->key = keys[i].name;
	if (*value == '\0')
		return config_bad(
			c, c->line, "%s has no value; give one or remove the line", shown);
	return keys[i].set(c, value);
}

static bool
check_cloud(struct config *c, const struct config_cloud *custom)
{
	const struct cloud *cloud = &custom->cloud;
	const char *missing = NULL;

	if (!cloud->arm[0])
		missing = "arm";
	else if (!cloud->authority[0])
		missing = "authority";
	else if (!cloud->vault_suffix[0])
		missing = "vault-suffix";
	return missing == NULL ||
	       config_bad(c, custom->line, "cloud %s has no %s; add it", cloud->name, missing);
}

static bool
find_cloud(struct config *c, struct config_profile *p)
{
	const struct cloud *built_in = cloud_find(p->cloud[0] ? p->cloud : clouds[0].name);
	char shown[80];

	if (built_in) {
		p->profile.cloud = *built_in;
		return true;
	}
	for (size_t i = 0; i < c->clouds_len; i++) {
		if (text_casecmp(c->clouds[i].cloud.name, p->cloud) != 0)
			continue;
		p->profile.cloud = c->clouds[i].cloud;
		return true;
	}
	text_cleans(shown, sizeof shown, p->cloud);
	return config_bad(c, p->cloud_line,
		"cloud %s is neither AzureCloud, AzureChinaCloud, AzureUSGovernment nor a [cloud] "
		"section of this file",
		shown);
}

/* Nobody should take one for the other at three in the morning, not even who wrote no banner. */
static void
default_banner(struct config_profile *p)
{
	if (!p->banner && text_case_starts(p->profile.name, "prod"))
		snprintf(p->profile.banner, sizeof p->profile.banner, "PRODUCTION");
}

/* What others may write could send tokens anywhere. */
static bool
check_mode(struct config *c, struct err *err)
{
	struct stat st;

	if (fstat(fileno(c->file), &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "", "%s: not a file", c->path);
	if (st.st_mode & 022)
		return err_set(err, ERR_USAGE, "",
			"%s: others may write it (mode %03o); run: chmod go-w '%s'", c->path,
			(unsigned)st.st_mode & 0777, c->path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_USAGE, "", "%s: belongs to another user", c->path);
	return true;
}

static bool
read_file(struct config *c, struct err *err)
{
	int line;

	c->err = err;
	if (!check_mode(c, err))
		return false;
	line = ini_parse_stream(next_line, c, on_key, c);
	if (!c->failed && line != 0)
		config_bad(c, line > 0 ? line : c->line, "neither [section] nor KEY = VALUE");
	for (size_t i = 0; !c->failed && i < c->clouds_len; i++)
		if (!check_cloud(c, &c->clouds[i]))
			break;
	for (size_t i = 0; !c->failed && i < c->profiles_len; i++) {
		if (!find_cloud(c, &c->profiles[i]))
			break;
		default_banner(&c->profiles[i]);
	}
	return !c->failed;
}

/* Opens path, or the usual file where path is NULL; *none: there is none, which is no error for
 * the usual one. */
static bool
load(struct config *c, const char *path, char usual[PATH_MAX], bool *none, struct err *err)
{
	bool ok;
	int fd;

	*none = false;
	if (path == NULL) {
		if (!file_place(FILE_CONFIG, usual, err))
			return false;
		if (strlen(usual) + sizeof "/config" > PATH_MAX)
			return err_set(err, ERR_USAGE, "", "XDG_CONFIG_HOME: the path is too long");
		snprintf(usual + strlen(usual), PATH_MAX - strlen(usual), "/config");
	}
	c->path = path ? path : usual;
	fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT && path == NULL) {
		*none = true;
		return true;
	}
	if (fd < 0)
		return err_set(
			err, ERR_USAGE, "", "%s: cannot open it: %s", c->path, strerror(errno));
	c->file = fdopen(fd, "r");
	if (c->file == NULL) {
		close(fd);
		return err_set(
			err, ERR_FAILED, "", "%s: cannot read it: %s", c->path, strerror(errno));
	}
	ok = read_file(c, err);
	fclose(c->file);
	return ok;
}

static void
unload(struct config *c)
{
	free(c->profiles);
	free(c->clouds);
	free(c->bindings);
}

/* The profile in use when none is named: [profile default], else what the Azure CLI is set to, else
 * the public cloud with nothing set. Of a file that was named only its own profiles count. */
static bool
pick_default(const struct config *c, bool usual, struct profile *out, struct err *err)
{
	bool found = false;

	for (size_t i = 0; i < c->profiles_len; i++) {
		if (strcmp(c->profiles[i].profile.name, "default") != 0)
			continue;
		*out = c->profiles[i].profile;
		return true;
	}
	if (usual && !config_az(out, &found, err))
		return false;
	if (!found)
		profile_default(out);
	return true;
}

static bool
pick(const struct config *c, const char *name, bool usual, struct profile *out, struct err *err)
{
	char shown[80], known[200] = "";
	struct err ignored;
	size_t used = 0;

	if (name == NULL)
		return pick_default(c, usual, out, err);
	for (size_t i = 0; i < c->profiles_len; i++) {
		const struct profile *p = &c->profiles[i].profile;

		if (strcmp(p->name, name) == 0) {
			*out = *p;
			return true;
		}
		if (used + strlen(p->name) + 3 < sizeof known)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
				used ? ", " : "", p->name);
	}
	/* "default" and "az" can be named although no section says so. */
	if (pick_default(c, usual, out, &ignored) && strcmp(out->name, name) == 0)
		return true;
	text_cleans(shown, sizeof shown, name);
	return err_set(err, ERR_USAGE, "", "%s: no profile %s there; %s%s", c->path, shown,
		used ? "there are " : "write a section [profile NAME]", known);
}

bool
config_read(const char *path, const char *name, struct profile *out, struct err *err)
{
	char usual[PATH_MAX] = "";
	struct config c = {0};
	bool none, ok;

	ok = load(&c, path, usual, &none, err) && pick(&c, name, path == NULL, out, err);
	unload(&c);
	return ok;
}

bool
config_list(const char *path,
	void (*each)(void *user, const struct profile *profile, bool is_default), void *user,
	struct err *err)
{
	char usual[PATH_MAX] = "";
	struct profile used;
	struct config c = {0};
	bool none, ok;

	ok = load(&c, path, usual, &none, err) && pick_default(&c, path == NULL, &used, err);
	for (size_t i = 0; ok && i < c.profiles_len; i++)
		each(user, &c.profiles[i].profile,
			strcmp(c.profiles[i].profile.source, used.source) == 0);
	if (ok && strcmp(used.name, "az") == 0)
		each(user, &used, true);
	unload(&c);
	return ok;
}

bool
config_bindings(const char *path,
	bool (*each)(void *user, const struct config_binding *binding, struct err *err), void *user,
	struct err *err)
{
	char usual[PATH_MAX] = "";
	struct config c = {0};
	bool none, ok;

	ok = load(&c, path, usual, &none, err);
	for (size_t i = 0; ok && i < c.bindings_len; i++)
		ok = each(user, &c.bindings[i], err);
	unload(&c);
	return ok;
}
