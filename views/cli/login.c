/* login and logout: a person signs in by device code, which works over SSH as well. What is asked
 * of the person goes to stderr, who it was to stdout. Whether the sign-in can be kept is found out
 * before anybody is sent to another machine with a code. */
#include <stdio.h>
#include <time.h>

#include "views/cli/cli.h"
#include "views/device_flow.h"

struct login {
	struct device_flow flow;
	bool over;
};

static void
show_code(const struct device_flow *flow)
{
	char until[16] = "";
	struct tm tm;

	if (localtime_r(&flow->until, &tm))
		strftime(until, sizeof until, "%H:%M:%S", &tm);
	fprintf(stderr,
		"To sign in, open this page in a browser on any machine, and enter the code:\n\n"
		"    %s\n    %s\n\n"
		"tenant  %s\nclient  %s\nscopes  %s\nuntil   %s (%d minutes)\n\n%s\n",
		flow->code.address, flow->code.user_code, flow->code.tenant, flow->code.client_id,
		flow->code.scopes, until, flow->code.expires_in_s / 60, device_flow_warning);
}

static void
on_change(void *user)
{
	struct login *login = user;

	if (login->flow.state == FLOW_WAITING)
		show_code(&login->flow);
	login->over = login->flow.state == FLOW_DONE || login->flow.state == FLOW_FAILED;
}

static json_t *
describe(const struct cli *cli, const struct device_flow *flow)
{
	const struct device_person *person = &flow->person;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "user", person->user, "name",
		person->name, "tenantId", person->tenant, "clientId", flow->place.client_id,
		"cloud", cli->profile.cloud.name, "keptSeconds", LOGIN_SECONDS);
}

static bool
sign_in(struct cli *cli, struct login *login, struct err *err)
{
	struct credential credential = {0};
	struct device_flow *flow = &login->flow;
	bool ok;

	if (!device_flow_start(flow, cli->session, on_change, login, err))
		return false;
	loop_until(session_loop(cli->session), &login->over);
	if (flow->state != FLOW_DONE) {
		*err = flow->err;
		return false;
	}
	ok = login_take(&flow->place, flow->person.tenant, &flow->person.token.refresh, true,
		&credential, err);
	credential_free(&credential);
	return ok;
}

static int
login_run(struct cli *cli)
{
	struct login login = {0};
	struct err err = {0};
	int code;

	if (!user_keyring_usable(&err) || !cli_open_session(cli, &err))
		return cli_fail(&err);
	if (sign_in(cli, &login, &err))
		code = cli_print(cli, describe(cli, &login.flow), NULL, 0);
	else
		code = cli_fail(&err);
	device_flow_stop(&login.flow);
	return code;
}

static int
logout_run(struct cli *cli)
{
	char reason[CREDENTIAL_REASON];
	struct credential_wish wish;
	struct login_place place;
	struct err err = {0};

	if (!cli_open_profile(cli, &err))
		return cli_fail(&err);
	wish = session_wish(&cli->profile);
	if (!login_place(&wish, &place, reason)) {
		err_set(&err, ERR_USAGE, "", "%s", reason);
		return cli_fail(&err);
	}
	fprintf(stderr, "claviger: %s, tenant %s, client %s\n",
		login_forget(&place) ? "signed out" : "nobody was signed in", place.tenant,
		place.client_id);
	return 0;
}

const struct command command_login = {
	.name = "login",
	.args = "",
	.summary = "Sign in by a code that is entered in a browser anywhere; kept for 12 hours.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_PROFILE | OPTIONS_LOGIN,
	.run = login_run,
};

const struct command command_logout = {
	.name = "logout",
	.args = "",
	.summary = "Forget the sign-in of claviger login.",
	.options = OPTIONS_COMMON | OPTIONS_PROFILE,
	.run = logout_run,
};
