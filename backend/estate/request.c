/* Requests for one resource each. Paths are made of parsed ids, which hold nothing that would need
 * escaping. */
#include "backend/base/mem.h"
#include "backend/estate/estate.h"

static void
get_resource(const struct session *session, const struct armid *id, struct request *out)
{
	char path[ARMID_MAX];

	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s%s?api-version=%s", session_cloud(session)->arm,
		armid_print(id, path), session_api_version(session, id->type));
}

void
estate_get_account(const struct session *session, const struct armid *id, struct request *out)
{
	get_resource(session, id, out);
}

void
estate_get_vault(const struct session *session, const struct armid *id, struct request *out)
{
	get_resource(session, id, out);
}

static void
start_key(const struct keyid *id, struct request *out)
{
	*out = (struct request){
		.method = HTTP_GET, .audience = id->hsm ? AUDIENCE_HSM : AUDIENCE_VAULT};
}

void
estate_get_key(const struct session *session, const struct keyid *id, struct request *out)
{
	start_key(id, out);
	out->url = mem_printf("https://%s/keys/%s%s%s?api-version=%s", id->host, id->key,
		id->version[0] ? "/" : "", id->version, session_api_version(session, "keyvault"));
}

void
estate_get_versions(const struct session *session, const struct keyid *id, struct request *out)
{
	start_key(id, out);
	out->url = mem_printf("https://%s/keys/%s/versions?maxresults=25&api-version=%s", id->host,
		id->key, session_api_version(session, "keyvault"));
}

void
estate_get_rotation(const struct session *session, const struct keyid *id, struct request *out)
{
	start_key(id, out);
	out->url = mem_printf("https://%s/keys/%s/rotationpolicy?api-version=%s", id->host, id->key,
		session_api_version(session, "keyvault"));
}
