/* What a session is made of, and what it tells about itself; the way of a request is in call.c. */
#include "backend/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/call.h"

static const char *
or_null(const char *s)
{
	return s[0] ? s : NULL;
}

struct session *
session_open(const struct profile *profile, struct credential *credential, struct err *err)
{
	struct http_options options = {
		.ca_file = or_null(profile->ca_file),
		.connect_to = or_null(profile->connect_to),
		.proxy = strcmp(profile->proxy, "none") == 0 ? "" : or_null(profile->proxy),
	};
	struct session *session = mem_alloc(sizeof *session);

	session->profile = *profile;
	snprintf(session->tenant, sizeof session->tenant, "%s", profile->tenant);
	if (credential) {
		session->credential = *credential;
		*credential = (struct credential){0};
		snprintf(session->tenant, sizeof session->tenant, "%s", session->credential.tenant);
		snprintf(session->client_id, sizeof session->client_id, "%s",
			session->credential.client_id);
	}
	if (getrandom(session->chance, sizeof session->chance, GRND_NONBLOCK) < 0)
		session->chance[0] = (unsigned short)time(NULL);
	session->gate = gate_new();
	session->tokens = token_cache_new();
	session->loop = loop_new(&options, err);
	if (session->loop)
		return session;
	session_close(session);
	return NULL;
}

void
session_close(struct session *session)
{
	if (session == NULL)
		return;
	while (session->first)
		call_cancel(session->first);
	signin_free_all(session);
	loop_free(session->loop);
	gate_free(session->gate);
	token_cache_free(session->tokens);
	credential_free(&session->credential);
	free(session);
}

struct loop *
session_loop(struct session *session)
{
	return session->loop;
}

const struct profile *
session_profile(const struct session *session)
{
	return &session->profile;
}

const struct cloud *
session_cloud(const struct session *session)
{
	return &session->profile.cloud;
}

struct answer {
	struct reply *reply;
	struct err *err;
	bool done;
};

/* The reply is only lent by the call: what the caller keeps is copied. */
static void
copy_reply(struct reply *to, const struct reply *from)
{
	*to = *from;
	buf_init(&to->body, from->body.max);
	if (!buf_add(&to->body, buf_text(&from->body), from->body.len))
		to->body.len = 0;
	to->location = from->location ? mem_strdup(from->location) : NULL;
	to->operation = from->operation ? mem_strdup(from->operation) : NULL;
	to->challenge = from->challenge ? mem_strdup(from->challenge) : NULL;
}

static void
on_answer(void *user, const struct reply *reply, const struct err *err)
{
	struct answer *answer = user;

	answer->done = true;
	if (answer->err)
		*answer->err = *err;
	if (answer->reply && reply)
		copy_reply(answer->reply, reply);
}

bool
session_ask(struct session *session, const struct request *request, struct reply *reply,
	struct err *err)
{
	struct err own = {0};
	struct answer answer = {.reply = reply, .err = err ? err : &own};

	if (reply)
		*reply = (struct reply){0};
	session_send(session, request, on_answer, &answer);
	loop_until(session->loop, &answer.done);
	return answer.done && answer.err->kind == ERR_NONE;
}

struct session_totals
session_totals(const struct session *session)
{
	return session->totals;
}

long
session_skew(const struct session *session)
{
	return session->skew_s;
}

const char *
session_object_id(const struct session *session)
{
	return session->object_id;
}

const char *
session_client_id(const struct session *session)
{
	return session->client_id;
}

const char *
session_tenant(const struct session *session)
{
	return session->tenant;
}

/* One table: versions of which the shape of every call is documented. */
const char *
session_api_version(const struct session *session, const char *type)
{
	static const struct {
		const char *type, *version;
	} table[] = {
		{"Microsoft.Automation/automationAccounts", "2023-11-01"},
		{"Microsoft.Batch/batchAccounts", "2024-02-01"},
		{"Microsoft.Storage/storageAccounts", "2023-05-01"},
		{"Microsoft.KeyVault/vaults", "2023-07-01"},
		{"Microsoft.KeyVault/managedHSMs", "2023-07-01"},
		{"Microsoft.ManagedIdentity/userAssignedIdentities", "2023-01-31"},
		{"Microsoft.Authorization/roleAssignments", "2022-04-01"},
		{"Microsoft.ResourceGraph/resources", "2022-10-01"},
		{"keyvault", "7.4"},
		{"resourcegroups", "2022-09-01"},
		{"subscriptions", "2022-12-01"},
		{"tenants", "2022-12-01"},
	};

	(void)session;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (text_casecmp(table[i].type, type) == 0)
			return table[i].version;
	return NULL;
}
