/* Resources of services that are not managed here and hold the key all the same: encryption scopes,
 * disk encryption sets, databases. Resource Graph has the properties of all of them; how a key is
 * named there differs from service to service, so the query takes what could name it and the rows
 * are looked at here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/estate/inside.h"

enum { PAGES_MAX = 100, TOP = 1000 };

char *
impact_query(const struct keyid *key)
{
	char types[400];
	size_t used = 0;

	for (size_t i = 0; i < services_len; i++)
		used += (size_t)snprintf(types + used, sizeof types - used, "%s'%s'", i ? ", " : "",
			services[i]->arm_type);
	return mem_printf("resources | where type !in~ (%s)"
			  " | where tostring(properties) contains '%s'"
			  " and tostring(properties) contains '%s'"
			  " | order by id asc | project id, name, type, properties",
		types, key->host, key->key);
}

/* Whether a text is the URI of the key, with a version or without. */
static bool
is_key(const char *text, const struct keyid *key, const struct cloud *cloud)
{
	struct keyid id;

	return keyid_parse(&id, text, cloud, NULL) && text_casecmp(id.host, key->host) == 0 &&
	       text_casecmp(id.key, key->key) == 0;
}

static bool
is_vault(const char *text, const struct keyid *key, const struct cloud *cloud)
{
	struct keyid id;

	return keyid_parse_vault(&id, text, cloud, NULL) && text_casecmp(id.host, key->host) == 0;
}

bool
impact_holds(const json_t *properties, const struct keyid *key, const struct cloud *cloud)
{
	bool vault = false, name = false;
	const char *member;
	json_t *value;
	size_t i;

	if (json_is_string(properties))
		return is_key(json_string_value(properties), key, cloud);
	json_array_foreach(properties, i, value) if (impact_holds(value, key, cloud)) return true;
	json_object_foreach((json_t *)properties, member, value)
	{
		if (impact_holds(value, key, cloud))
			return true;
		if (!json_is_string(value))
			continue;
		vault = vault || is_vault(json_string_value(value), key, cloud);
		name = name || text_casecmp(json_string_value(value), key->key) == 0;
	}
	return vault && name;
}

/* What an operator of accounts would not expect of another service. */
static const char *
note_of(const char *type)
{
	if (text_casecmp(type, "Microsoft.Compute/diskEncryptionSets") == 0)
		return "not managed here; managed disks behave otherwise than accounts: see Azure's "
		       "article on their server-side encryption";
	return "not managed here";
}

/* One page of one tenant's answer; *token gets the next one's, NULL at the end. */
static bool
take_page(const struct estate *estate, const struct keyid *key, const json_t *json, json_t *others,
	char **token, struct err *err)
{
	const struct cloud *cloud = session_cloud(estate->session);
	const json_t *data, *next = json_at(json, "$skipToken");
	json_t *row;
	size_t i;

	if (!json_list(json, "data", &data, err))
		return false;
	json_array_foreach(data, i, row)
	{
		char id[1024], name[256], type[128];

		if (!impact_holds(json_at(row, "properties"), key, cloud))
			continue;
		if (!json_need_text(row, "id", id, sizeof id, err) ||
			!json_text(row, "name", name, sizeof name, err) ||
			!json_text(row, "type", type, sizeof type, err))
			return false;
		json_array_append_new(others, json_pack("{s:s, s:s, s:s, s:s}", "id", id, "name",
						      name, "type", type, "note", note_of(type)));
	}
	if (json_string_length(next))
		*token = mem_strdup(json_string_value(next));
	return true;
}

static void
build(const struct estate *estate, const struct keyid *key, const char *tenant, const char *token,
	struct asked *out)
{
	char *query = impact_query(key);
	json_t *options = json_pack("{s:i, s:s}", "$top", TOP, "resultFormat", "objectArray");
	json_t *body = json_pack("{s:s, s:o}", "query", query, "options", options);

	if (token)
		json_object_set_new(options, "$skipToken", json_string(token));
	out->request = (struct request){.method = HTTP_POST, .audience = AUDIENCE_ARM};
	snprintf(out->request.tenant, sizeof out->request.tenant, "%s", tenant);
	out->request.url =
		mem_printf("%s/providers/Microsoft.ResourceGraph/resources?api-version=%s",
			session_cloud(estate->session)->arm,
			session_api_version(estate->session, "Microsoft.ResourceGraph/resources"));
	out->request.body = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	free(query);
}

/* All pages that one tenant's Resource Graph has; false only when interrupted. */
static bool
ask_tenant(struct estate *estate, const struct keyid *key, const char *tenant, json_t *others,
	struct err *why, struct err *err)
{
	char *token = NULL;
	bool ok = true, more = true;

	for (int page = 0; ok && more; page++) {
		struct asked *asked = mem_alloc(sizeof *asked);

		build(estate, key, tenant, token, asked);
		free(token);
		token = NULL;
		ok = estate_ask_all(estate, asked, 1, err);
		more = false;
		if (ok && asked->json == NULL)
			*why = asked->err;
		else if (ok && take_page(estate, key, asked->json, others, &token, why))
			more = token != NULL;
		if (more && page == PAGES_MAX)
			more = err_set(why, ERR_FAILED, "BadReply", "the list does not end");
		asked_free(asked, 1);
	}
	free(token);
	return ok;
}

void
impact_add_unknown(json_t *unknown, const char *what, const char *why)
{
	char clean[2][500];

	text_cleans(clean[0], sizeof clean[0], what);
	text_cleans(clean[1], sizeof clean[1], why);
	json_array_append_new(unknown, json_pack("{s:s, s:s}", "what", clean[0], "why", clean[1]));
}

bool
impact_add_others(struct estate *estate, const struct keyid *key, json_t *others, json_t *unknown,
	struct err *err)
{
	for (size_t i = 0; i < session_tenants(estate->session); i++) {
		const char *tenant = session_tenant_at(estate->session, i);
		struct err why = {0};

		if (!ask_tenant(estate, key, tenant, others, &why, err))
			return false;
		if (why.kind != ERR_NONE)
			impact_add_unknown(unknown, "resources of other services", why.msg);
	}
	return true;
}
