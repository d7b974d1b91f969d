/* A tenant's id tells nobody where he is: ARM knows its domain. It is asked for beside everything
 * else, and whoever may not read it goes on seeing the id. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/session/call.h"
#include "backend/json/json.h"

static void
take(struct session *session, const json_t *tenant)
{
	struct domain *domain = &session->domain;
	char id[64];

	if (!json_text(tenant, "tenantId", id, sizeof id, NULL))
		return;
	if (text_casecmp(id, session->tenant_id) == 0 || text_casecmp(id, session->tenant) == 0)
		if (!json_text(tenant, "defaultDomain", domain->name, sizeof domain->name, NULL))
			domain->name[0] = '\0';
}

static void
answered(void *user, struct reply *reply, const struct err *err)
{
	struct session *session = user;
	struct domain *domain = &session->domain;
	json_t *root = err->kind == ERR_NONE ? json_read(buf_text(&reply->body), reply->body.len,
						       "the list of tenants", NULL)
					     : NULL;
	const json_t *list;

	if (root && json_list(root, "value", &list, NULL))
		for (size_t i = 0; i < json_array_size(list); i++)
			take(session, json_array_get(list, i));
	json_decref(root);
	domain->done(domain->user);
}

struct call *
session_ask_domain(struct session *session, void (*done)(void *user), void *user)
{
	struct request request = {.audience = AUDIENCE_ARM};
	struct call *call;

	request.url = mem_printf("%s/tenants?api-version=%s", session->profile.cloud.arm,
		session_api_version(session, "tenants"));
	session->domain.done = done;
	session->domain.user = user;
	call = session_send(session, &request, answered, session);
	request_free(&request);
	return call;
}

const char *
session_tenant_domain(const struct session *session)
{
	return session->domain.name;
}
