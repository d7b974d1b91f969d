/* What an operator would check first when something does not work. Each check adds rows of its own;
 * a finding names its fix. Nothing is changed, and all that is asked for is a list of
 * subscriptions of each tenant. */
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

#include "backend/auth/choice.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/cache.h"
#include "backend/json/json.h"
#include "views/cli/cli.h"

enum {
	SKEW_WARN_S = 60,
	SKEW_BAD_S = 240,
	API_WARN_S = 180 * 86400,
};

enum health { HEALTH_OK, HEALTH_SKIPPED, HEALTH_WARN, HEALTH_BAD };

static const char *const health_names[] = {"ok", "skipped", "warn", "bad"};
static const char *const columns[] = {"check", "state", "text", "fix"};

struct doctor {
	struct cli *cli;
	json_t *array;
	struct sheet sheet;
	bool findings;
	time_t date;       /* of the service's answer; 0: none came */
	struct err failed; /* why */
	json_t *seen;      /* the ids of the subscriptions that were listed */
	bool unseen;       /* a tenant refused its list, or a list has another page */
};

/* In a table the fix stands below what it mends, where a terminal has room for it. */
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
	if (doctor->cli->print.format != PRINT_TABLE) {
		sheet_add(&doctor->sheet, health <= HEALTH_SKIPPED ? "" : fix);
	} else if (health > HEALTH_SKIPPED) {
		sheet_add(&doctor->sheet, "");
		sheet_add(&doctor->sheet, "fix");
		sheet_add(&doctor->sheet, fix);
	}
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
	char *in_use = mem_strdup(setlocale(LC_CTYPE, NULL));
	bool there = setlocale(LC_CTYPE, "") != NULL;
	bool utf8 = there && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	/* The console draws by it. */
	setlocale(LC_CTYPE, in_use);
	free(in_use);
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
		say(doctor, "api-version", HEALTH_WARN, fix,
			"%s %s ends on %s, with all before %s (%s)", type->name,
			api_version(&profile->api, type->name), type->ends, type->stays,
			type->source);
	}
}

static void
say_row(void *user, const char *check, const char *text)
{
	say(user, check, HEALTH_OK, "", "%s", text);
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
			"only looks and keys of the console: the sandbox is a profile of its own");
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
	cli_profile_rows(&doctor->cli->profile, say_row, doctor);
	check_api_versions(doctor);
	return true;
}

/* One way to sign in: as a request found out, or as far as can be seen without one. */
static void
check_way(struct doctor *doctor, const struct choice *choice, size_t i)
{
	const struct credential_wish wish = session_wish(&doctor->cli->profile);
	const struct credential_kind *kind = credential_kinds[i];
	char reason[CREDENTIAL_REASON] = "";
	struct credential found = {0};

	if (choice->state != CHOICE_NONE && choice->at == i) {
		say(doctor, "credential", HEALTH_OK, "", "%s: %s%s", kind->name, kind->title,
			choice->state == CHOICE_MADE ? ": chosen" : ": if it is there");
		return;
	}
	if (choice_reason(choice, i))
		snprintf(reason, sizeof reason, "%s", choice_reason(choice, i));
	else if (credential_offer(kind, &wish, &found, reason) != OFFER_NO)
		snprintf(reason, sizeof reason, "another one comes first");
	credential_free(&found);
	say(doctor, "credential", HEALTH_SKIPPED, "", "%s: %s", kind->name, reason);
}

static void
check_credentials(struct doctor *doctor)
{
	const struct cli *cli = doctor->cli;
	const struct credential_wish wish = session_wish(&cli->profile);
	const struct choice *choice = cli->session ? session_choice(cli->session) : NULL;
	struct credential found = {0};
	struct choice own = {0};

	if (cli->sandbox) {
		say(doctor, "credential", HEALTH_OK, "", "the sandbox's own operator");
		return;
	}
	if (choice == NULL || choice->reasons == NULL) {
		(void)!choice_next(&own, &wish, &found, NULL);
		choice = &own;
	}
	for (size_t i = 0; i < credential_kinds_len; i++)
		check_way(doctor, choice, i);
	if (choice->state == CHOICE_NONE && credential_kind_find(wish.way))
		say(doctor, "credential", HEALTH_BAD,
			"mend what its row says, or take auth out of the profile",
			"the profile's auth allows only %s", wish.way);
	else if (choice->state == CHOICE_NONE)
		say(doctor, "credential", HEALTH_BAD,
			"set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, run claviger "
			"login, or try claviger --sandbox",
			"there is nothing to sign in with");
	credential_free(&found);
	choice_free(&own);
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
		say(doctor, "certificates", HEALTH_OK, "", "trusted: %s, %d certificate%s", path,
			found, found == 1 ? "" : "s");
	else
		say(doctor, "certificates", HEALTH_BAD,
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
		say(doctor, "cache", HEALTH_OK, "", "none: this sandbox is thrown away");
		return;
	}
	if (!cache_path(&doctor->cli->profile, dir, path, &err)) {
		say(doctor, "cache", HEALTH_WARN, "set HOME or XDG_CACHE_HOME", "%s", err.msg);
		return;
	}
	if (lstat(path, &st) != 0)
		say(doctor, "cache", HEALTH_OK, "", "%s: not there yet", path);
	else if (!cache_read_at(path, &at, &err))
		say(doctor, "cache", HEALTH_WARN, "remove it: it is not used, and made anew", "%s",
			err.msg);
	else
		say(doctor, "cache", HEALTH_OK, "", "%s: mode %03o, %lld kB, read %s", path,
			(unsigned)st.st_mode & 0777, (long long)st.st_size / 1024,
			clock_iso(at, when));
}

static void
check_clock(struct doctor *doctor, long skew)
{
	enum health health = labs(skew) >= SKEW_BAD_S    ? HEALTH_BAD
			     : labs(skew) >= SKEW_WARN_S ? HEALTH_WARN
							 : HEALTH_OK;

	say(doctor, "clock", health, "timedatectl set-ntp true", "%ld s apart from the server's",
		labs(skew));
}

/* One list of subscriptions, as that tenant's operator. */
static bool
ask_tenant(struct doctor *doctor, const char *tenant, struct err *err)
{
	struct session *session = doctor->cli->session;
	struct request request = {.audience = AUDIENCE_ARM};
	struct reply reply = {0};
	json_t *root = NULL, *row;
	bool ok = false;
	size_t i;

	snprintf(request.tenant, sizeof request.tenant, "%s", tenant);
	request.url = mem_printf("%s/subscriptions?api-version=%s", session_cloud(session)->arm,
		session_api_version(session, "subscriptions"));
	if (session_ask(session, &request, &reply, err)) {
		doctor->date = doctor->date ? doctor->date : reply.date;
		root = json_read(buf_text(&reply.body), reply.body.len, "subscriptions", err);
		ok = root != NULL;
	}
	json_array_foreach(json_object_get(root, "value"), i, row)
	{
		json_array_append(doctor->seen, json_object_get(row, "subscriptionId"));
	}
	doctor->unseen = doctor->unseen || !ok || json_object_get(root, "nextLink");
	json_decref(root);
	reply_free(&reply);
	request_free(&request);
	return ok;
}

/* What came of it is told in its turn. */
static void
ask_service(struct doctor *doctor)
{
	struct cli *cli = doctor->cli;

	if (cli_open_session(cli, &doctor->failed))
		(void)!ask_tenant(doctor, "", &doctor->failed);
}

/* The tenants beside the first one, whose service has answered. */
static void
check_tenants(struct doctor *doctor)
{
	struct session *session = doctor->cli->session;

	for (size_t i = 1; i < session_tenants(session); i++) {
		const char *tenant = session_tenant_at(session, i);
		struct err err = {0};

		if (ask_tenant(doctor, tenant, &err))
			say(doctor, "service", HEALTH_OK, "", "tenant %s: signed in", tenant);
		else
			say(doctor, "service", HEALTH_BAD,
				"let the credential into that tenant, or take it out of the "
				"profile's key tenant",
				"tenant %s: %s", tenant, err.msg);
	}
}

static bool
is_seen(const struct doctor *doctor, const char *id)
{
	const json_t *seen;
	size_t i;

	json_array_foreach(doctor->seen, i, seen)
	{
		if (json_is_string(seen) && text_casecmp(json_string_value(seen), id) == 0)
			return true;
	}
	return false;
}

/* What there is to work on. A subscription that was not listed may be on a page that was not. */
static void
check_subscriptions(struct doctor *doctor)
{
	const struct profile *profile = &doctor->cli->profile;
	size_t seen = json_array_size(doctor->seen);

	for (size_t i = 0; !doctor->unseen && i < profile->subscriptions_len; i++)
		if (!is_seen(doctor, profile->subscriptions[i]))
			say(doctor, "subscriptions", HEALTH_BAD,
				"correct subscriptions in the profile, or give this sign-in a role "
				"there",
				"%s is not among the %zu that this sign-in can see",
				profile->subscriptions[i], seen);
	if (seen == 0)
		say(doctor, "subscriptions", HEALTH_BAD,
			"give this sign-in a role, such as Reader, on a subscription",
			"this sign-in can see none");
	else
		say(doctor, "subscriptions", HEALTH_OK, "", "this sign-in can see %zu%s", seen,
			doctor->unseen ? " or more" : "");
}

static void
check_service(struct doctor *doctor)
{
	const struct session *session = doctor->cli->session;
	const struct err *err = &doctor->failed;

	if (strcmp(err->code, "NoCredential") == 0) {
		say(doctor, "clock", HEALTH_SKIPPED, "", "not compared: nothing to sign in with");
		return;
	}
	if (err->kind == ERR_NONE)
		say(doctor, "service", HEALTH_OK, "", "%s answers, TLS verified",
			session_cloud(session)->arm);
	else
		say(doctor, "service", HEALTH_BAD,
			err->kind == ERR_DENIED
				? "correct the credential, or give it a role on a subscription"
				: "see the message; --verbose tells more",
			"%s", err->msg);
	if (err->kind == ERR_NONE) {
		check_tenants(doctor);
		check_subscriptions(doctor);
	}
	if (doctor->date)
		check_clock(doctor, (long)(doctor->date - clock_wall()));
	else if (session && session_skew(session))
		check_clock(doctor, session_skew(session));
	else
		say(doctor, "clock", HEALTH_SKIPPED, "", "not compared: no reply had a date");
}

static void
examine(struct doctor *doctor, bool ask)
{
	doctor->array = json_array();
	doctor->sheet = (struct sheet){.headers = columns,
		.columns = ARRAY_LEN(columns) - (doctor->cli->print.format == PRINT_TABLE),
		.wrapped = 1 << 2};
	check_terminal(doctor);
	check_locale(doctor);
	check_process(doctor);
	check_libraries(doctor);
	if (!check_config(doctor))
		return;
	doctor->seen = json_array();
	if (ask)
		ask_service(doctor);
	check_credentials(doctor);
	check_trust(doctor);
	check_state(doctor);
	check_cache(doctor);
	if (ask)
		check_service(doctor);
	json_decref(doctor->seen);
}

json_t *
cli_checks(struct cli *cli, bool ask)
{
	struct doctor doctor = {.cli = cli};

	examine(&doctor, ask);
	sheet_free(&doctor.sheet);
	return doctor.array;
}

static int
doctor_run(struct cli *cli)
{
	struct doctor doctor = {.cli = cli};
	int code;

	examine(&doctor, true);
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
