/* What doctor finds on this machine: the terminal, the process, the profile and the files. */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/estate/cache.h"
#include "views/cli/doctor.h"

enum { API_WARN_S = 180 * 86400 };

static void
check_terminal(struct doctor *doctor)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		doctor_say(doctor, "terminal", HEALTH_OK, "",
			"standard input or output is no terminal: subcommands only");
	else if (!term || !*term || strcmp(term, "dumb") == 0)
		doctor_say(doctor, "terminal", HEALTH_WARN, "export TERM=xterm-256color",
			"TERM is %s: the console cannot draw", term && *term ? term : "not set");
	else
		doctor_say(doctor, "terminal", HEALTH_OK, "", "TERM=%s", term);
}

/* The first variable that decides, as setlocale reads them. */
static const char *
locale_asked(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "";
}

static void
check_locale(struct doctor *doctor)
{
	const char *asked = locale_asked();
	char *in_use = mem_strdup(setlocale(LC_CTYPE, NULL));
	bool there = setlocale(LC_CTYPE, "") != NULL;
	bool utf8 = there && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	/* The console draws by it. */
	setlocale(LC_CTYPE, in_use);
	free(in_use);
	if (!there)
		doctor_say(doctor, "locale", HEALTH_WARN,
			"export LC_ALL=C.UTF-8, or install that locale",
			"%s is not installed here; C.UTF-8 is used instead", asked);
	else if (!utf8)
		doctor_say(doctor, "locale", HEALTH_OK, "",
			"%s is not UTF-8; C.UTF-8 is used instead", *asked ? asked : "C");
	else
		doctor_say(doctor, "locale", HEALTH_OK, "", "%s", asked);
}

static void
check_process(struct doctor *doctor)
{
	struct rlimit core = {0};

	if (prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0)
		doctor_say(doctor, "process", HEALTH_OK, "",
			"memory is closed to other processes, no core files");
	else
		doctor_say(doctor, "process", HEALTH_BAD, "run it outside of a debugger",
			"memory can be read by other processes of this user");
}

static void
check_libraries(struct doctor *doctor)
{
	struct buf text;

	buf_init(&text, 600);
	if (cli_versions(&text, ", "))
		doctor_say(doctor, "libraries", HEALTH_OK, "", "%s", buf_text(&text));
	buf_free(&text);
}

void
doctor_process(struct doctor *doctor)
{
	check_terminal(doctor);
	check_locale(doctor);
	check_process(doctor);
	check_libraries(doctor);
}

/* Whether others may read or change it. A missing file is no finding. */
static void
check_mode(struct doctor *doctor, const char *check, const char *path, mode_t refused)
{
	char fix[PATH_MAX + 32];
	struct stat st;

	if (lstat(path, &st) != 0) {
		doctor_say(doctor, check, HEALTH_OK, "", "%s: not there yet", path);
		return;
	}
	snprintf(fix, sizeof fix, "chmod go%s '%s'", refused & 044 ? "=" : "-w", path);
	if (st.st_uid != geteuid())
		doctor_say(doctor, check, HEALTH_BAD, "move it away", "%s: belongs to another user",
			path);
	else if (st.st_mode & refused)
		doctor_say(doctor, check, HEALTH_BAD, fix, "%s: mode %03o is open to others", path,
			(unsigned)st.st_mode & 0777);
	else
		doctor_say(doctor, check, HEALTH_OK, "", "%s: mode %03o", path,
			(unsigned)st.st_mode & 0777);
}

/* Azure announces ends years ahead; half a year is time enough to try the next version. */
static void
check_api_versions(struct doctor *doctor)
{
	const struct profile *profile = &doctor->cli->profile;
	time_t soon = clock_wall() + API_WARN_S;

	for (size_t i = 0; i < api_types_len; i++) {
		const struct api_type *type = &api_types[i];
		char fix[240];

		if (!api_ends_by(&profile->api, type, soon))
			continue;
		snprintf(fix, sizeof fix, "add to api-versions in [profile %s]: %s %s",
			profile->name, type->name, type->stays);
		doctor_say(doctor, "api-version", HEALTH_WARN, fix,
			"%s %s ends on %s, with all before %s (%s)", type->name,
			api_version(&profile->api, type->name), type->ends, type->stays,
			type->source);
	}
}

static void
say_row(void *user, const char *check, const char *text)
{
	doctor_say(user, check, HEALTH_OK, "", "%s", text);
}

bool
doctor_config(struct doctor *doctor)
{
	char dir[PATH_MAX], path[PATH_MAX + 16];
	struct err err = {0};
	bool ok = cli_open_profile(doctor->cli, &err);

	if (doctor->cli->sandbox) {
		doctor_say(doctor, "config", HEALTH_OK, "",
			"only looks and keys of the console: the sandbox is a profile of its own");
		return ok;
	}
	if (!ok) {
		doctor_say(doctor, "config", HEALTH_BAD,
			cli_option(doctor->cli, "sandbox")
				? "take away what is in the way, or name another folder"
				: "mend the line that is named",
			"%s", err.msg);
		return false;
	}
	if (file_place(FILE_CONFIG, dir, &err)) {
		snprintf(path, sizeof path, "%s/config", dir);
		check_mode(doctor, "config", path, 022);
	}
	cli_profile_rows(&doctor->cli->profile, say_row, doctor);
	check_api_versions(doctor);
	return true;
}

/* Of a PEM file; -1: it cannot be read. */
static int
count_certificates(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[200];
	int out = 0;

	if (file == NULL)
		return -1;
	while (fgets(line, sizeof line, file))
		out += strstr(line, "-----BEGIN ") && strstr(line, "CERTIFICATE-----");
	fclose(file);
	return out;
}

static void
check_trust(struct doctor *doctor)
{
	static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";
	const char *own = doctor->cli->profile.ca_file, *path = *own ? own : system_ca;
	int found = count_certificates(path);

	if (found > 0)
		doctor_say(doctor, "certificates", HEALTH_OK, "", "trusted: %s, %d certificate%s",
			path, found, found == 1 ? "" : "s");
	else
		doctor_say(doctor, "certificates", HEALTH_BAD,
			*own ? "correct ca-file in the profile" : "apt-get install ca-certificates",
			"%s %s: no server can be verified", path,
			found < 0 ? "cannot be read" : "holds no certificate in PEM form");
}

static void
check_state(struct doctor *doctor)
{
	const char *dir = cli_journal_dir(doctor->cli);
	char place[PATH_MAX], tail[65];
	size_t records = 0;
	struct err err = {0};

	if (dir == NULL && !file_place(FILE_STATE, place, &err)) {
		doctor_say(
			doctor, "state", HEALTH_BAD, "set HOME or XDG_STATE_HOME", "%s", err.msg);
		return;
	}
	check_mode(doctor, "state", dir ? dir : place, 077);
	if (journal_verify(dir, &records, tail, &err))
		doctor_say(
			doctor, "journal", HEALTH_OK, "", "%zu records, the chain holds", records);
	else
		doctor_say(doctor, "journal", HEALTH_BAD,
			"keep the file as evidence, then move it away: a new one is begun", "%s",
			err.msg);
}

/* A cache that cannot be used is no finding: it is made anew. */
static void
check_cache(struct doctor *doctor)
{
	char path[PATH_MAX], when[32];
	struct err err = {0};
	const char *dir;
	struct stat st;
	time_t at;

	if (!cli_cache_dir(doctor->cli, &dir)) {
		doctor_say(doctor, "cache", HEALTH_OK, "", "none: this sandbox is thrown away");
		return;
	}
	if (!cache_path(&doctor->cli->profile, dir, path, &err)) {
		doctor_say(
			doctor, "cache", HEALTH_WARN, "set HOME or XDG_CACHE_HOME", "%s", err.msg);
		return;
	}
	if (lstat(path, &st) != 0)
		doctor_say(doctor, "cache", HEALTH_OK, "", "%s: not there yet", path);
	else if (!cache_read_at(path, &at, &err))
		doctor_say(doctor, "cache", HEALTH_WARN, "remove it: it is not used, and made anew",
			"%s", err.msg);
	else
		doctor_say(doctor, "cache", HEALTH_OK, "", "%s: mode %03o, %lld kB, read %s", path,
			(unsigned)st.st_mode & 0777, (long long)st.st_size / 1024,
			clock_iso(at, when));
}

void
doctor_files(struct doctor *doctor)
{
	check_trust(doctor);
	check_state(doctor);
	check_cache(doctor);
}
