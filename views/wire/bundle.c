/* A bundle leaves the house. So nothing gets into it but by put(), which copies the members that a
 * table names and no others: whatever else its sources learn to say stays here. */
#include "views/wire/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "backend/config/api_version.h"
#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/estate.h"
#include "backend/journal/journal.h"
#include "backend/session/wire.h"
#include "views/cli/cli.h"

enum { FORMAT = 1, JOURNAL_LAST = 200, CLEAN_GROWTH = 8, MEMBERS_MAX = 24 };

static const struct section {
	const char *name;
	const char *members[MEMBERS_MAX];
} sections[] = {
	{"bundle", {"format", "written", "versions"}},
	{"platform", {"system", "release", "machine"}},
	{"terminal", {"input", "output", "columns", "rows"}},
	{"checks", {"check", "state", "text", "fix"}},
	{"profile", {"name", "cloud", "arm", "tenant", "subscriptions", "auth", "readOnly",
			    "sandbox", "proxy", "caFile", "connectTo"}},
	{"signIn", {"tenant", "clientId", "objectId", "skewSeconds"}},
	{"requests", {"sent", "retries", "throttled"}},
	{"apiVersions", {"type", "version"}},
	{"estate", {"subscriptions", "accounts", "vaults", "ageSeconds", "error"}},
	{"notRead", {"code", "message", "status", "requestId"}},
	{"exchanges",
		{"number", "time", "method", "host", "path", "query", "audience", "changes", "try",
			"status", "error", "azureError", "requestId", "correlationId", "waitMs",
			"connectMs", "answerMs", "bytesSent", "bytesReceived", "reply"}},
	{"journal", {"records", "tail", "error"}},
	{"journalLast", {"seq", "time", "sandbox", "operation", "plan", "step", "phase", "target",
				"method", "http", "requestId", "code", "us"}},
};

/* Texts, numbers, and lists of them; NULL for what has members of its own. */
static json_t *
copy_plain(const json_t *value)
{
	json_t *out;
	size_t i, room;
	const json_t *item;
	char *text;

	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, item)
		{
			json_array_append_new(out, copy_plain(item));
		}
		return out;
	}
	if (!json_is_string(value))
		return json_is_object(value) ? NULL : json_deep_copy(value);
	room = json_string_length(value) * CLEAN_GROWTH + 1;
	text = mem_alloc(room);
	text_clean(text, room, json_string_value(value), json_string_length(value));
	out = json_string(text);
	free(text);
	return out;
}

static json_t *
pick(const struct section *section, const json_t *from)
{
	json_t *out = json_object();

	for (size_t i = 0; i < MEMBERS_MAX && section->members[i]; i++) {
		const json_t *value = json_object_get(from, section->members[i]);

		if (value)
			json_object_set_new(out, section->members[i], copy_plain(value));
	}
	return out;
}

/* The one way in. Takes value: an object, or an array of objects. */
static void
put(json_t *bundle, const char *name, json_t *value)
{
	const struct section *section = sections;
	json_t *list;
	const json_t *item;
	size_t i;

	while (strcmp(section->name, name) != 0)
		section++;
	if (json_is_array(value)) {
		list = json_array();
		json_array_foreach(value, i, item)
		{
			json_array_append_new(list, pick(section, item));
		}
		json_object_set_new(bundle, name, list);
	} else {
		json_object_set_new(bundle, name, pick(section, value));
	}
	json_decref(value);
}

static void
put_head(json_t *out)
{
	struct buf versions;
	char now[32];

	buf_init(&versions, 600);
	if (!cli_versions(&versions, ", "))
		buf_clear(&versions);
	put(out, "bundle",
		json_pack("{s:i, s:s, s:s}", "format", FORMAT, "written",
			clock_iso(clock_wall(), now), "versions", buf_text(&versions)));
	buf_free(&versions);
}

/* Not the name of the machine: it says nothing about a fault. */
static void
put_machine(json_t *out)
{
	struct winsize size = {0};
	struct utsname about = {0};

	uname(&about);
	put(out, "platform",
		json_pack("{s:s, s:s, s:s}", "system", about.sysname, "release", about.release,
			"machine", about.machine));
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){0};
	put(out, "terminal",
		json_pack("{s:b, s:b, s:i, s:i}", "input", isatty(STDIN_FILENO), "output",
			isatty(STDOUT_FILENO), "columns", size.ws_col, "rows", size.ws_row));
}

static void
put_profile(json_t *out, const struct profile *profile)
{
	json_t *subscriptions = json_array();

	for (size_t i = 0; i < profile->subscriptions_len; i++)
		json_array_append_new(subscriptions, json_string(profile->subscriptions[i]));
	put(out, "profile",
		json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:b, s:b, s:s, s:s, s:s}", "name",
			profile->name, "cloud", profile->cloud.name, "arm", profile->cloud.arm,
			"tenant", profile->tenant, "subscriptions", subscriptions, "auth",
			profile->auth, "readOnly", profile->read_only, "sandbox", profile->sandbox,
			"proxy", profile->proxy, "caFile", profile->ca_file, "connectTo",
			profile->connect_to));
}

static void
put_versions(json_t *out, const struct session *session)
{
	json_t *versions = json_array();

	for (size_t i = 0; i < api_types_len; i++)
		json_array_append_new(
			versions, json_pack("{s:s, s:s}", "type", api_types[i].name, "version",
					  session_api_version(session, api_types[i].name)));
	put(out, "apiVersions", versions);
}

static void
put_session(json_t *out, struct session *session)
{
	const struct session_totals totals = session_totals(session);
	const struct wire *wire = session_wire(session);
	size_t len = wire_len(wire), first = (size_t)(wire_count(wire) % WIRE_ROOM);
	json_t *exchanges = json_array();

	put(out, "signIn",
		json_pack("{s:s, s:s, s:s, s:I}", "tenant", session_tenant(session), "clientId",
			session_client_id(session), "objectId", session_object_id(session),
			"skewSeconds", (json_int_t)session_skew(session)));
	put(out, "requests",
		json_pack("{s:I, s:I, s:I}", "sent", (json_int_t)totals.requests, "retries",
			(json_int_t)totals.retries, "throttled", (json_int_t)totals.throttled));
	put_versions(out, session);
	for (size_t i = 0; i < len; i++)
		json_array_append_new(exchanges,
			wire_json(wire_at(wire, len < WIRE_ROOM ? i : (first + i) % WIRE_ROOM)));
	put(out, "exchanges", exchanges);
}

static void
put_estate(json_t *out, const struct estate *estate)
{
	json_t *notes = json_array();

	put(out, "estate",
		json_pack("{s:I, s:I, s:I, s:i}", "subscriptions",
			(json_int_t)estate_subscriptions(estate), "accounts",
			(json_int_t)kind_account.count(estate), "vaults",
			(json_int_t)kind_vault.count(estate), "ageSeconds", estate_age(estate)));
	for (size_t i = 0; i < estate_notes(estate); i++) {
		const struct err *note = estate_note(estate, i);

		json_array_append_new(notes,
			json_pack("{s:s, s:s, s:i, s:s}", "code", note->code, "message", note->msg,
				"status", note->http, "requestId", note->request_id));
	}
	put(out, "notRead", notes);
}

static void
keep_last(void *user, const json_t *record)
{
	json_t *last = user;

	if (json_array_size(last) == JOURNAL_LAST)
		json_array_remove(last, 0);
	json_array_append_new(last, json_deep_copy(record));
}

static void
put_journal(json_t *out, const char *dir)
{
	json_t *last = json_array();
	char tail[65] = "";
	size_t records = 0;
	struct err err = {0};

	if (!journal_verify(dir, &records, tail, &err) || !journal_each(dir, keep_last, last, &err))
		put(out, "journal", json_pack("{s:s}", "error", err.msg));
	else
		put(out, "journal",
			json_pack("{s:I, s:s}", "records", (json_int_t)records, "tail", tail));
	put(out, "journalLast", last);
}

json_t *
bundle_make(const struct bundle *bundle)
{
	json_t *out = json_object();

	put_head(out);
	put_machine(out);
	if (bundle->checks)
		put(out, "checks", json_deep_copy(bundle->checks));
	if (bundle->profile)
		put_profile(out, bundle->profile);
	if (bundle->session)
		put_session(out, bundle->session);
	if (bundle->estate)
		put_estate(out, bundle->estate);
	else if (bundle->estate_error)
		put(out, "estate", json_pack("{s:s}", "error", bundle->estate_error));
	put_journal(out, bundle->journal_dir);
	return out;
}

bool
bundle_write(const struct bundle *bundle, const char *path, struct err *err)
{
	json_t *made = bundle_make(bundle);
	char *json = json_dumps(made, JSON_INDENT(2)), *text;
	bool ok;

	json_decref(made);
	if (json == NULL)
		return err_set(err, ERR_FAILED, "", "the bundle cannot be written as JSON");
	text = mem_printf("%s\n", json);
	ok = strcmp(path, "-") == 0 ? print_text(text, err)
				    : file_write_new(path, text, strlen(text), err);
	free(text);
	free(json);
	return ok;
}

/* The estate is read for its counts and for what cannot be read of it; a bundle of what is broken
 * must not need it. */
static int
run(struct cli *cli)
{
	const char *path = cli_option(cli, "output");
	struct err err = {0}, unread = {0};
	struct bundle bundle = {0};
	json_t *checks;
	bool ok;

	if (path == NULL || *path == '\0') {
		err_set(&err, ERR_USAGE, "", "bundle: -o FILE is missing; - is standard output");
		return cli_fail(&err);
	}
	checks = cli_checks(cli, true);
	if (cli_open(cli, &unread) &&
		estate_load(cli->estate, ESTATE_ACCOUNTS | ESTATE_VAULTS, &unread))
		bundle.estate = cli->estate;
	bundle.estate_error = unread.msg;
	bundle.profile = cli->profile.name[0] ? &cli->profile : NULL;
	bundle.session = cli->session;
	bundle.journal_dir = cli_journal_dir(cli);
	bundle.checks = checks;
	ok = bundle_write(&bundle, path, &err);
	json_decref(checks);
	if (!ok)
		return cli_fail(&err);
	fprintf(stderr,
		"claviger: %s holds versions, doctor's rows, the profile, the last requests with their ids, "
		"what could not be read, and the heads of the last %d journal records; names of resources "
		"and people's ids are in it, no secret is: read it before you send it\n",
		strcmp(path, "-") == 0 ? "the bundle" : path, JOURNAL_LAST);
	return 0;
}

const struct command command_bundle = {
	.name = "bundle",
	.args = "",
	.summary = "Write what a support ticket needs to a file, without secrets.",
	.options = OPTIONS_COMMON | OPTIONS_ESTATE | OPTIONS_BUNDLE,
	.run = run,
};
