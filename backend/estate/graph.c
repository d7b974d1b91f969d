/* Azure Resource Graph: all resources of all subscriptions in pages of a thousand, where providers
 * want one list for each subscription and type. Its data lag behind by seconds to minutes and it
 * may be refused as a whole; then the providers are asked. The language: "Understanding the Azure
 * Resource Graph query language"; paging by $skipToken needs the column id ["Working with large
 * Azure resource data sets"]; shapes: resourcegraph.json 2022-10-01. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/list.h"

/* The most that a page may have; but a thousand vaults of fifty policies each are 10 MB, which
 * would be the peak of memory. */
enum { TOP = 1000, TOP_VAULTS = 250 };
enum { QUERY_MAX = 2048, SUBSCRIPTIONS_A_QUERY = 1000 };

_Static_assert(
	(int)PROFILE_SUBSCRIPTIONS <= (int)SUBSCRIPTIONS_A_QUERY, "one query names them all");

static const char identity_type[] = "Microsoft.ManagedIdentity/userAssignedIdentities";

static const char grants_query[] =
	"authorizationresources"
	" | where type =~ 'microsoft.authorization/roleassignments'"
	" | order by id asc"
	" | project id, scope = properties.scope, principalId = properties.principalId,"
	" principalType = properties.principalType, roleDefinitionId = properties.roleDefinitionId";

/* 'microsoft.batch/batchaccounts': types are in lower case there. */
static bool
add_type(struct buf *out, const char *before, const char *type)
{
	char lower[96];
	size_t len = 0;

	for (; type[len] && len + 1 < sizeof lower; len++)
		lower[len] =
			(char)(type[len] >= 'A' && type[len] <= 'Z' ? type[len] + 32 : type[len]);
	lower[len] = '\0';
	return buf_addf(out, "%s'%s'", before, lower);
}

/* Of accounts rows keep what encrypts them, of the others nearly all properties. */
static bool
add_query(struct buf *out, unsigned parts)
{
	bool ok = buf_adds(out, "resources | where type in~ (");
	const char *comma = "";

	for (size_t i = 0; ok && (parts & ESTATE_ACCOUNTS) && i < services_len; i++) {
		ok = add_type(out, comma, services[i]->arm_type);
		comma = ", ";
	}
	if (ok && (parts & ESTATE_VAULTS)) {
		ok = add_type(out, comma, vault_type(false)) &&
		     add_type(out, ", ", vault_type(true));
		comma = ", ";
	}
	if (ok && (parts & ESTATE_IDENTITIES))
		ok = add_type(out, comma, identity_type);
	return ok &&
	       buf_addf(out, ") | order by id asc | project id, type, location, tags, %s",
		       parts == ESTATE_ACCOUNTS ? "identity, encryption = properties.encryption"
						: "sku, properties");
}

char *
graph_query(unsigned parts)
{
	struct buf out;
	char *text;

	buf_init(&out, QUERY_MAX);
	text = mem_strdup(parts == ESTATE_GRANTS   ? grants_query
			  : add_query(&out, parts) ? buf_text(&out)
						   : "");
	buf_free(&out);
	return text;
}

/* The subscriptions that the profile names; of several tenants' those of the one that is asked. */
static json_t *
named_subscriptions(const struct task *task)
{
	struct estate *estate = task->lister->estate;
	const struct profile *profile = session_profile(estate->session);
	bool all = session_tenants(estate->session) == 1;
	json_t *out = json_array();

	for (size_t i = 0; i < profile->subscriptions_len; i++) {
		const char *id = profile->subscriptions[i];
		const struct subscription *at =
			&estate->subscriptions[estate_subscription_add(estate, id, "")];

		if (all || at->tenant == task->tenant)
			json_array_append_new(out, json_string(id));
	}
	return out;
}

static int
top_of(const struct task *task)
{
	return task->parts & ESTATE_VAULTS ? TOP_VAULTS : TOP;
}

/* Named subscriptions, or all that can be seen; role assignments also from above them. */
static json_t *
body_of(const struct task *task)
{
	json_t *options =
		json_pack("{s:i, s:s}", "$top", top_of(task), "resultFormat", "objectArray");
	char *query = graph_query(task->parts);
	json_t *body = json_pack("{s:s, s:o}", "query", query, "options", options);
	json_t *subscriptions = named_subscriptions(task);

	free(query);
	if (task->parts == ESTATE_GRANTS)
		json_object_set_new(
			options, "authorizationScopeFilter", json_string("AtScopeAboveAndBelow"));
	if (task->token)
		json_object_set_new(options, "$skipToken", json_string(task->token));
	if (json_array_size(subscriptions))
		json_object_set(body, "subscriptions", subscriptions);
	json_decref(subscriptions);
	return body;
}

static void
build_graph(struct task *task, struct request *out)
{
	const struct session *session = task->lister->estate->session;
	json_t *body = body_of(task);

	*out = (struct request){.method = HTTP_POST, .audience = AUDIENCE_ARM};
	snprintf(out->tenant, sizeof out->tenant, "%s", session_tenant_at(session, task->tenant));
	out->url = mem_printf("%s/providers/Microsoft.ResourceGraph/resources?api-version=%s",
		session_cloud(session)->arm,
		session_api_version(session, "Microsoft.ResourceGraph/resources"));
	out->body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
}

/* The task goes on with the subscription of that row. Rows come in the order of their ids, so it is
 * mostly the last one. */
static bool
find_subscription(struct task *task, const json_t *row, struct err *err)
{
	static const char start[] = "/subscriptions/";
	struct estate *estate = task->lister->estate;
	const char *id = json_string_value(json_at(row, "id"));
	char guid[37] = "";

	if (id && text_case_starts(id, start))
		snprintf(guid, sizeof guid, "%.36s", id + sizeof start - 1);
	if (!armid_is_guid(guid))
		return err_set(err, ERR_FAILED, "BadReply", "id: names no subscription");
	if (estate->subscriptions_len &&
		text_casecmp(guid, estate->subscriptions[task->subscription].id) == 0)
		return true;
	if (!estate_subscription_fits(estate, guid, err))
		return false;
	task->subscription = estate_subscription_add(estate, guid, "");
	lister_learn(task->lister, guid, task->tenant);
	return true;
}

/* The account as its provider would show it, as far as it was asked for. */
static bool
take_encrypted(struct task *task, const json_t *row, const struct service *service,
	uint16_t subscription, struct err *err)
{
	json_t *account = json_copy((json_t *)row);
	bool ok;

	json_object_set_new(account, "properties",
		json_pack("{s:O?}", "encryption", json_object_get(row, "encryption")));
	ok = take_account(task->lister, service, subscription, account, err);
	json_decref(account);
	return ok;
}

static bool
take_resource(struct task *task, const json_t *row, struct err *err)
{
	struct lister *lister = task->lister;
	const struct service *service;
	uint16_t subscription;
	char type[96];

	if (!json_need_text(row, "type", type, sizeof type, err) ||
		!find_subscription(task, row, err))
		return false;
	subscription = task->subscription;
	service = service_find(type);
	if (service && (task->parts & ESTATE_ACCOUNTS))
		return take_encrypted(task, row, service, subscription, err);
	if (text_casecmp(type, identity_type) == 0 && (task->parts & ESTATE_IDENTITIES))
		return identity_rows_take(lister->identities, row, subscription, err);
	if (task->parts & ESTATE_VAULTS)
		return take_vault(lister, subscription, row, err);
	return err_set(err, ERR_FAILED, "BadReply", "%s was not asked for", type);
}

static bool
take_grant(struct task *task, const json_t *row, struct err *err)
{
	json_t *resource = json_pack("{s:O}", "properties", row);
	bool ok = grant_rows_take(task->lister->grants, resource, err);

	json_decref(resource);
	return ok;
}

/* What one row lacks does not cost the others. */
static void
take_row(struct task *task, size_t i, const json_t *row)
{
	struct err why = {0};

	task->took = true;
	if (!(task->parts == ESTATE_GRANTS ? take_grant(task, row, &why)
					   : take_resource(task, row, &why)))
		lister_skip(task, &why, "Resource Graph: data[%zu]", i);
}

/* More pages are there exactly when there is a token, whatever resultTruncated (a text) says. */
static bool
next_page(struct task *task, const json_t *rest, struct err *err)
{
	const json_t *token = json_at(rest, "$skipToken"), *data;
	json_int_t rows = json_integer_value(json_at(rest, "totalRecords"));

	if (!json_list(rest, "data", &data, err))
		return false;
	if (data == NULL)
		return err_set(err, ERR_FAILED, "BadReply", "data: is not there; a page needs it");
	if (token && !json_is_string(token))
		return err_set(err, ERR_FAILED, "BadReply", "$skipToken: must be a text");
	if (token == NULL || json_string_length(token) == 0)
		return true;
	/* The first page tells how many rows there are; the others tell the same. */
	if (task->seen_len == 0 && rows > 0)
		task_foresee(task, (size_t)(rows - 1) / (size_t)top_of(task));
	if (!task_mark(task, json_string_value(token), err))
		return false;
	free(task->token);
	task->token = mem_strdup(json_string_value(token));
	task->again = true;
	return true;
}

static bool
take_rest(struct task *task, const json_t *rest, struct err *err)
{
	if (!next_page(task, rest, err))
		return false;
	lister_came(task->lister, task->parts);
	return true;
}

/* The queries to one tenant are mostly refused for one reason: told once. */
static void
fail_graph(struct task *task, const struct err *err)
{
	struct lister *lister = task->lister;
	struct estate *estate = lister->estate;
	struct err why = *err;
	size_t len = strlen(why.msg);
	char what[100] = "Resource Graph";

	if (session_tenants(estate->session) > 1)
		snprintf(what, sizeof what, "Resource Graph of tenant %s",
			session_tenant_at(estate->session, task->tenant));
	snprintf(why.msg + len, sizeof why.msg - len,
		"; the lists of every subscription are read instead");
	if (!estate_note_join(estate, task->parts, what, err->code))
		estate_note_row(estate, task->parts, &why, "%s", what);
	lister_fall_back(lister, task);
}

const struct task_kind task_graph = {
	.build = build_graph,
	.list = "data",
	.row = take_row,
	.rest = take_rest,
	.fail = fail_graph,
};
