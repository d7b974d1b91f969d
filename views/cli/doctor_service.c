/* What doctor finds beyond this machine: a way to sign in, what the service answers, and its clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/choice.h"
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "views/cli/doctor.h"

enum { SKEW_WARN_S = 60, SKEW_BAD_S = 240 };

/* One way to sign in: as a request found out, or as far as can be seen without one. */
static void
check_way(struct doctor *doctor, const struct choice *choice, size_t i)
{
	const struct credential_wish wish = session_wish(&doctor->cli->profile);
	const struct credential_kind *kind = credential_kinds[i];
	char reason[CREDENTIAL_REASON] = "";
	struct credential found = {0};

	if (choice->state != CHOICE_NONE && choice->at == i) {
		doctor_say(doctor, "credential", HEALTH_OK, "", "%s: %s%s", kind->name, kind->title,
			choice->state == CHOICE_MADE ? ": chosen" : ": if it is there");
		return;
	}
	if (choice_reason(choice, i))
		snprintf(reason, sizeof reason, "%s", choice_reason(choice, i));
	else if (credential_offer(kind, &wish, &found, reason) != OFFER_NO)
		snprintf(reason, sizeof reason, "another one comes first");
	credential_free(&found);
	doctor_say(doctor, "credential", HEALTH_SKIPPED, "", "%s: %s", kind->name, reason);
}

void
doctor_credentials(struct doctor *doctor)
{
	const struct cli *cli = doctor->cli;
	const struct credential_wish wish = session_wish(&cli->profile);
	const struct choice *choice = cli->session ? session_choice(cli->session) : NULL;
	struct credential found = {0};
	struct choice own = {0};

	if (cli->sandbox) {
		doctor_say(doctor, "credential", HEALTH_OK, "", "the sandbox's own operator");
		return;
	}
	if (choice == NULL || choice->reasons == NULL) {
		(void)!choice_next(&own, &wish, &found, NULL);
		choice = &own;
	}
	for (size_t i = 0; i < credential_kinds_len; i++)
		check_way(doctor, choice, i);
	if (choice->state == CHOICE_NONE && credential_kind_find(wish.way))
		doctor_say(doctor, "credential", HEALTH_BAD,
			"mend what its row says, or take auth out of the profile",
			"the profile's auth allows only %s", wish.way);
	else if (choice->state == CHOICE_NONE)
		doctor_say(doctor, "credential", HEALTH_BAD,
			"set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, run claviger "
			"login, or try claviger --sandbox",
			"there is nothing to sign in with");
	credential_free(&found);
	choice_free(&own);
}

static void
check_clock(struct doctor *doctor, long skew)
{
	enum health health = labs(skew) >= SKEW_BAD_S    ? HEALTH_BAD
			     : labs(skew) >= SKEW_WARN_S ? HEALTH_WARN
							 : HEALTH_OK;

	doctor_say(doctor, "clock", health, "timedatectl set-ntp true",
		"%ld s apart from the server's", labs(skew));
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

void
doctor_ask(struct doctor *doctor)
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
			doctor_say(
				doctor, "service", HEALTH_OK, "", "tenant %s: signed in", tenant);
		else
			doctor_say(doctor, "service", HEALTH_BAD,
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
			doctor_say(doctor, "subscriptions", HEALTH_BAD,
				"correct subscriptions in the profile, or give this sign-in a role "
				"there",
				"%s is not among the %zu that this sign-in can see",
				profile->subscriptions[i], seen);
	if (seen == 0)
		doctor_say(doctor, "subscriptions", HEALTH_BAD,
			"give this sign-in a role, such as Reader, on a subscription",
			"this sign-in can see none");
	else
		doctor_say(doctor, "subscriptions", HEALTH_OK, "", "this sign-in can see %zu%s",
			seen, doctor->unseen ? " or more" : "");
}

void
doctor_service(struct doctor *doctor)
{
	const struct session *session = doctor->cli->session;
	const struct err *err = &doctor->failed;

	if (strcmp(err->code, "NoCredential") == 0) {
		doctor_say(doctor, "clock", HEALTH_SKIPPED, "",
			"not compared: nothing to sign in with");
		return;
	}
	if (err->kind == ERR_NONE)
		doctor_say(doctor, "service", HEALTH_OK, "", "%s answers, TLS verified",
			session_cloud(session)->arm);
	else
		doctor_say(doctor, "service", HEALTH_BAD,
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
		doctor_say(
			doctor, "clock", HEALTH_SKIPPED, "", "not compared: no reply had a date");
}
