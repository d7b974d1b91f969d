/* What an operator would check first when something does not work. Each check adds rows of its own;
 * a finding names its fix. Nothing is changed, and the one request is a list of subscriptions. */
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/auth/credential.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli.h"

enum { EXIT_FINDINGS = 11, SKEW_WARN_S = 60, SKEW_BAD_S = 240 };

enum health { HEALTH_OK, HEALTH_SKIPPED, HEALTH_WARN, HEALTH_BAD };

static const char *const health_names[] = {"ok", "skipped", "warn", "bad"};
static const char *const columns[] = {"check", "state", "text", "fix"};

struct doctor {
	struct cli *cli;
	json_t *array;
	struct sheet sheet;
	bool findings;
	bool signed_in; /* there is something to sign in with */
};

static void PRINTF_LIKE(5, 6) say(struct doctor *doctor, const char *check, enum health health,
	const char *fix, const char *fmt, ...)
{
	char raw[700], text[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	text_cleans(text, sizeof text, raw);
	json_array_append_new(doctor->array,
		json_pack("{s:s, s:s, s:s, s:s}", "check", check, "state", health_names[health],
			"text", text, "fix", health <= HEALTH_SKIPPED ? "" : fix));
	sheet_add(&doctor->sheet, check);
	sheet_add(&doctor->sheet, health_names[health]);
	sheet_add(&doctor->sheet, text);
	sheet_add(&doctor->sheet, health <= HEALTH_SKIPPED ? "" : fix);
	doctor->findings = doctor->findings || health > HEALTH_SKIPPED;
}

static void
check_terminal(struct doctor *doctor)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		say(doctor, "terminal", HEALTH_OK, "",
			"standard input or output is no terminal: subcommands only");
	else if (!term || !*term || strcmp(term, "dumb") == 0)
		say(doctor, "terminal", HEALTH_WARN, "export TERM=xterm-256color",
			"TERM is %s: the console cannot draw", term && *term ? term : "not set");
	else
		say(doctor, "terminal", HEALTH_OK, "", "TERM=%s", term);
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
	bool there = setlocale(LC_CTYPE, "") != NULL;
	bool utf8 = there && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	if (!utf8)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (!there)
		say(doctor, "locale", HEALTH_WARN, "export LC_ALL=C.UTF-8, or install that locale",
			"%s is not installed here; C.UTF-8 is used instead", asked);
	else if (!utf8)
		say(doctor, "locale", HEALTH_OK, "", "%s is not UTF-8; C.UTF-8 is used instead",
			*asked ? asked : "C");
	else
		say(doctor, "locale", HEALTH_OK, "", "%s", asked);
}

static void
check_process(struct doctor *doctor)
{
	struct rlimit core = {0};

	if (prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0)
		say(doctor, "process", HEALTH_OK, "",
			"memory is closed to other processes, no core files");
	else
		say(doctor, "process", HEALTH_BAD, "run it outside of a debugger",
			"memory can be read by other processes of this user");
}

static void
check_libraries(struct doctor *doctor)
{
	struct buf text;

	buf_init(&text, 600);
	if (cli_versions(&text, ", "))
		say(doctor, "libraries", HEALTH_OK, "", "%s", buf_text(&text));
	buf_free(&text);
}

/* Whether others may read or change it. A missing file is no finding. */
static void
check_mode(struct doctor *doctor, const char *check, const char *path, mode_t refused)
{
	char fix[PATH_MAX + 32];
	struct stat st;

	if (lstat(path, &st) != 0) {
		say(doctor, check, HEALTH_OK, "", "%s: not there yet", path);
		return;
	}
	snprintf(fix, sizeof fix, "chmod go%s '%s'", refused & 044 ? "=" : "-w", path);
	if (st.st_uid != geteuid())
		say(doctor, check, HEALTH_BAD, "move it away", "%s: belongs to another user", path);
	else if (st.st_mode & refused)
		say(doctor, check, HEALTH_BAD, fix, "%s: mode %03o is open to others", path,
			(unsigned)st.st_mode & 0777);
	else
		say(doctor, check, HEALTH_OK, "", "%s: mode %03o", path,
			(unsigned)st.st_mode & 0777);
}

/* False when the profile cannot be used, and the checks that need it must be left out. */
static bool
check_config(struct doctor *doctor)
{
	char dir[PATH_MAX], path[PATH_MAX + 16];
	struct err err = {0};
	bool ok = cli_open_profile(doctor->cli, &err);

	if (doctor->cli->sandbox) {
		say(doctor, "config", HEALTH_OK, "",
			"not read: the sandbox is a profile of its own");
		return ok;
	}
	if (!ok) {
		say(doctor, "config", HEALTH_BAD,
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
	say(doctor, "profile", HEALTH_OK, "", "%s: %s%s%s%s", doctor->cli->profile.name,
		doctor->cli->profile.cloud.name, doctor->cli->profile.tenant[0] ? ", tenant " : "",
		doctor->cli->profile.tenant, doctor->cli->profile.read_only ? ", read-only" : "");
	return true;
}

static void
check_credentials(struct doctor *doctor)
{
	const struct credential_wish wish = session_wish(&doctor->cli->profile);

	if (doctor->cli->sandbox) {
		doctor->signed_in = true;
		say(doctor, "credential", HEALTH_OK, "", "the sandbox's own operator");
		return;
	}
	for (size_t i = 0; i < credential_kinds_len; i++) {
		const struct credential_kind *kind = credential_kinds[i];
		struct credential found = {0};
		char reason[CREDENTIAL_REASON] = "";

		if (credential_offer(kind, &wish, &found, reason) == OFFER_NO)
			say(doctor, "credential", HEALTH_SKIPPED, "", "%s: %s", kind->name, reason);
		else if (doctor->signed_in)
			say(doctor, "credential", HEALTH_SKIPPED, "", "%s: another one comes first",
				kind->name);
		else
			say(doctor, "credential", HEALTH_OK, "", "%s: chosen", kind->title);
		doctor->signed_in |= found.kind != NULL;
		credential_free(&found);
	}
	if (!doctor->signed_in)
		say(doctor, "credential", HEALTH_BAD,
			"set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or try "
			"claviger --sandbox",
			"there is nothing to sign in with");
}

static void
check_trust(struct doctor *doctor)
{
	static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";
	const char *own = doctor->cli->profile.ca_file, *path = *own ? own : system_ca;

	if (access(path, R_OK) == 0)
		say(doctor, "certificates", HEALTH_OK, "", "trusted: %s", path);
	else
		say(doctor, "certificates", HEALTH_BAD,
			*own ? "correct ca-file in the profile" : "apt-get install ca-certificates",
			"%s cannot be read: no server can be verified", path);
}

static void
check_proxy(struct doctor *doctor)
{
	static const char *const names[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"};
	const struct profile *profile = &doctor->cli->profile;

	if (doctor->cli->sandbox)
		return;
	if (profile->proxy[0]) {
		say(doctor, "proxy", HEALTH_OK, "", "%s, by the profile", profile->proxy);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]), *at;

		if (value == NULL || *value == '\0')
			continue;
		/* A proxy's URL may hold a password before its last @. */
		at = strrchr(value, '@');
		say(doctor, "proxy", HEALTH_OK, "", "%s, by %s", at ? at + 1 : value, names[i]);
		return;
	}
	say(doctor, "proxy", HEALTH_OK, "", "none");
}

static void
check_state(struct doctor *doctor)
{
	const char *dir = cli_journal_dir(doctor->cli);
	char place[PATH_MAX], tail[65];
	size_t records = 0;
	struct err err = {0};

	if (dir == NULL && !file_place(FILE_STATE, place, &err)) {
		say(doctor, "state", HEALTH_BAD, "set HOME or XDG_STATE_HOME", "%s", err.msg);
		return;
	}
	check_mode(doctor, "state", dir ? dir : place, 077);
	if (journal_verify(dir, &records, tail, &err))
		say(doctor, "journal", HEALTH_OK, "", "%zu records, the chain holds", records);
	else
		say(doctor, "journal", HEALTH_BAD,
			"keep the file as evidence, then move it away: a new one is begun", "%s",
			err.msg);
}

static void
check_clock(struct doctor *doctor, const struct reply *reply)
{
	long long skew = (long long)(reply->date - clock_wall());
	enum health health = llabs(skew) >= SKEW_BAD_S    ? HEALTH_BAD
			     : llabs(skew) >= SKEW_WARN_S ? HEALTH_WARN
							  : HEALTH_OK;

	if (reply->date == 0)
		say(doctor, "clock", HEALTH_SKIPPED, "", "not compared: the reply had no date");
	else
		say(doctor, "clock", health, "timedatectl set-ntp true",
			"%lld s apart from the server's", llabs(skew));
}

static void
check_service(struct doctor *doctor)
{
	struct request request = {.audience = AUDIENCE_ARM};
	struct cli *cli = doctor->cli;
	struct reply reply = {0};
	struct err err = {0};

	if (!doctor->signed_in) {
		say(doctor, "clock", HEALTH_SKIPPED, "", "not compared: nothing to sign in with");
		return;
	}
	if (cli_open_session(cli, &err)) {
		request.url = mem_printf("%s/subscriptions?api-version=%s",
			session_cloud(cli->session)->arm,
			session_api_version(cli->session, "subscriptions"));
		if (session_ask(cli->session, &request, &reply, &err)) {
			say(doctor, "service", HEALTH_OK, "", "%s answers, TLS verified",
				session_cloud(cli->session)->arm);
			check_clock(doctor, &reply);
		}
	}
	if (err.kind != ERR_NONE)
		say(doctor, "service", HEALTH_BAD,
			err.kind == ERR_DENIED
				? "correct the credential, or give it a role on a subscription"
				: "see the message; --verbose tells more",
			"%s", err.msg);
	reply_free(&reply);
	request_free(&request);
}

static int
doctor_run(struct cli *cli)
{
	struct doctor doctor = {.cli = cli, .array = json_array()};
	int code;

	doctor.sheet = (struct sheet){.headers = columns, .columns = ARRAY_LEN(columns)};
	check_terminal(&doctor);
	check_locale(&doctor);
	check_process(&doctor);
	check_libraries(&doctor);
	if (check_config(&doctor)) {
		check_credentials(&doctor);
		check_trust(&doctor);
		check_proxy(&doctor);
		check_state(&doctor);
		check_service(&doctor);
	}
	code = cli_print(cli, doctor.array, &doctor.sheet, doctor.findings ? EXIT_FINDINGS : 0);
	sheet_free(&doctor.sheet);
	return code;
}

const struct command command_doctor = {
	.name = "doctor",
	.args = "",
	.summary =
		"Look for what stands in the way here: terminal, sign-in, clock, files; exit 11 if any.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.run = doctor_run,
};
