/* What a command works on: a profile, with --sandbox a sandbox of this process or one that is
 * joined, then session and estate. With a sandbox neither AZURE_* nor the configuration file
 * counts, but for keys and looks of the console; the journal stays with the sandbox, so that drills
 * never mix with the real one. */
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/sandbox/sandbox.h"
#include "views/cli/cli.h"
#include "views/signals.h"

/* Once parked, how long the exchange under way may still take; and a turn of the loop. */
enum { PARK_MS = 10000, TURN_MS = 1000 };

static bool
open_sandbox(struct cli *cli, struct err *err)
{
	const char *dir = cli_option(cli, "sandbox"), *fault[CLI_FAULTS_MAX];
	struct sandbox_options options;
	const struct sandbox_access *access;
	char ca[PATH_MAX];

	if (!cli_sandbox_options(cli, fault, &options, err))
		return false;
	options.state = *dir ? dir : NULL;
	signals_defer();
	cli->sandbox = sandbox_open(&options, err);
	if (cli->sandbox == NULL)
		return false;
	if (signals_pending())
		return cli_stopped("nothing was begun", err);
	access = sandbox_access(cli->sandbox);
	profile_default(&cli->profile);
	cli->profile.sandbox = true;
	memcpy(ca, access->ca_file, sizeof ca);
	return (text_copy(cli->profile.name, sizeof cli->profile.name, "sandbox") &&
		       text_copy(cli->profile.ca_file, sizeof cli->profile.ca_file,
			       access->ca_file) &&
		       text_copy(cli->profile.connect_to, sizeof cli->profile.connect_to,
			       access->socket) &&
		       text_copy(cli->profile.tenant, sizeof cli->profile.tenant, access->tenant) &&
		       text_copy(cli->journal_dir, sizeof cli->journal_dir,
			       *dir ? dir : dirname(ca))) ||
	       err_set(err, ERR_FAILED, "", "--sandbox=%s: the path is too long", dir);
}

bool
cli_open_profile(struct cli *cli, struct err *err)
{
	if (cli->profile.name[0])
		return true;
	if (cli_option(cli, "sandbox")
			? !open_sandbox(cli, err)
			: !config_read(NULL, cli_option(cli, "profile"), &cli->profile, err))
		return false;
	if (cli_option(cli, "read-only"))
		cli->profile.read_only = true;
	return true;
}

bool
cli_stopped(const char *what, struct err *err)
{
	enum err_kind kind = signals_kind(signals_pending());

	return err_set(err, kind, "", "%s: %s",
		kind == ERR_CANCELLED ? "interrupted" : "ended by a signal", what);
}

bool
cli_turn(const struct cli *cli, bool parked, int64_t *until)
{
	if (parked && *until == 0)
		*until = clock_mono_ms() + PARK_MS;
	if (*until && clock_mono_ms() > *until)
		return false;
	loop_turn(session_loop(cli->session), TURN_MS);
	return true;
}

void
cli_stop(void *user)
{
	struct cli *cli = user;

	session_close(cli->session);
	sandbox_close(cli->sandbox);
	_exit(signals_exit(signals_pending()));
}

bool
cli_open_session(struct cli *cli, struct err *err)
{
	struct credential credential = {0};
	const struct sandbox_access *access;

	if (cli->session)
		return true;
	if (!cli_open_profile(cli, err))
		return false;
	if (cli->sandbox) {
		access = sandbox_access(cli->sandbox);
		credential_secret(
			&credential, access->tenant, access->client_id, access->client_secret);
	}
	if (cli->sandbox == NULL && cli->signed_in.kind)
		credential_copy(&credential, &cli->signed_in);
	cli->session = session_open(&cli->profile, credential.kind ? &credential : NULL, err);
	credential_free(&credential);
	if (cli->session)
		signals_watch(session_loop(cli->session), cli_stop, cli);
	return cli->session != NULL;
}

struct named {
	const char *name;
	char id[37];
	size_t found;
};

/* Takes the ids of the subscriptions of that name out of ARM's list. */
static bool
match_subscriptions(const json_t *root, struct named *named, struct err *err)
{
	const json_t *list, *item;
	char display[256], id[37];
	size_t i;

	if (!json_list(root, "value", &list, err))
		return false;
	json_array_foreach(list, i, item)
	{
		if (!json_text(item, "displayName", display, sizeof display, err))
			return false;
		if (text_casecmp(display, named->name) != 0)
			continue;
		if (!json_need_text(item, "subscriptionId", id, sizeof id, err))
			return false;
		named->found += text_casecmp(named->id, id) != 0;
		memcpy(named->id, id, sizeof id);
	}
	return true;
}

static bool
ask_subscriptions(struct cli *cli, const char *tenant, struct named *named, struct err *err)
{
	struct request request = {.audience = AUDIENCE_ARM};
	struct reply reply = {0};
	json_t *root = NULL;
	bool ok;

	request.url =
		mem_printf("%s/subscriptions?api-version=%s", session_cloud(cli->session)->arm,
			session_api_version(cli->session, "subscriptions"));
	snprintf(request.tenant, sizeof request.tenant, "%s", tenant);
	ok = session_ask(cli->session, &request, &reply, err);
	if (ok) {
		root = json_read(reply.body.data, reply.body.len, "the list of subscriptions", err);
		ok = root && match_subscriptions(root, named, err);
	}
	json_decref(root);
	reply_free(&reply);
	request_free(&request);
	return ok;
}

/* Asks every tenant; what one of them refuses does not cost the others. The first refusal is told
 * in unread. */
static void
ask_tenants(struct cli *cli, struct named *named, struct err *unread)
{
	size_t len = session_tenants(cli->session);

	for (size_t i = 0; i < len; i++) {
		const char *tenant = session_tenant_at(cli->session, i);
		struct err why = {0};

		if (ask_subscriptions(cli, tenant, named, &why) || unread->kind != ERR_NONE)
			continue;
		if (len > 1)
			err_prefix(&why, "subscriptions of tenant %s", tenant);
		*unread = why;
	}
}

/* A subscription given by name needs one question to each tenant before the estate is opened. */
static bool
find_subscription(struct cli *cli, const char *name, char id[37], struct err *err)
{
	struct named named = {.name = name};
	struct err unread = {0};
	char shown[80];

	ask_tenants(cli, &named, &unread);
	if (unread.kind != ERR_NONE && named.found == 0) {
		*err = unread;
		return false;
	}
	if (unread.kind != ERR_NONE)
		fprintf(stderr, "claviger: not read: %s\n", unread.msg);
	text_cleans(shown, sizeof shown, name);
	memcpy(id, named.id, sizeof named.id);
	if (named.found == 0)
		return err_set(err, ERR_NOT_FOUND, "",
			"--subscription '%s': not among those this sign-in can see", shown);
	return named.found == 1 ||
	       err_set(err, ERR_USAGE, "",
		       "--subscription '%s': %zu subscriptions have that name; give the id", shown,
		       named.found);
}

static bool
narrow(struct cli *cli, struct err *err)
{
	const char *wanted = cli_option(cli, "subscription");
	char id[37];

	if (wanted == NULL)
		return true;
	if (armid_is_guid(wanted))
		snprintf(id, sizeof id, "%s", wanted);
	else if (!find_subscription(cli, wanted, id, err))
		return false;
	memcpy(cli->profile.subscriptions[0], id, sizeof id);
	cli->profile.subscriptions_len = 1;
	session_close(cli->session);
	cli->session = NULL;
	return cli_open_session(cli, err);
}

bool
cli_open(struct cli *cli, struct err *err)
{
	if (cli->estate)
		return true;
	if (!cli_open_session(cli, err) || !narrow(cli, err))
		return false;
	cli->estate = estate_new(cli->session);
	return true;
}

bool
cli_open_journal(struct cli *cli, struct err *err)
{
	cli->journal = journal_open_glass(
		cli_journal_dir(cli), cli->sandbox != NULL, cli_option(cli, "break-glass"), err);
	return cli->journal || err_prefix(err, "nothing was sent");
}

void
cli_close_journal(struct cli *cli)
{
	if (cli->journal == NULL)
		return;
	if (journal_note(cli->journal)[0])
		fprintf(stderr, "claviger: %s\n", journal_note(cli->journal));
	journal_close(cli->journal);
	cli->journal = NULL;
}

void
cli_close(struct cli *cli)
{
	if (cli->estate)
		estate_free(cli->estate);
	if (cli->session)
		session_close(cli->session);
	cli_close_journal(cli);
	if (cli->sandbox)
		sandbox_close(cli->sandbox);
	cli->estate = NULL;
	cli->session = NULL;
	cli->sandbox = NULL;
}

bool
cli_cache_dir(const struct cli *cli, const char **dir)
{
	*dir = cli_option(cli, "sandbox");
	return *dir == NULL || **dir != '\0';
}

const char *
cli_journal_dir(const struct cli *cli)
{
	return cli->journal_dir[0] ? cli->journal_dir : NULL;
}

void
cli_notes(const struct cli *cli)
{
	for (size_t i = 0; i < estate_notes(cli->estate); i++)
		fprintf(stderr, "claviger: not read: %s\n", estate_note(cli->estate, i)->msg);
}
