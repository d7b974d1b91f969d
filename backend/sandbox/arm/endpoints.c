/* What a client that knows nothing but this address asks first. Forms as azure-cli and Microsoft's
 * SDKs read them: an array of clouds (2018-05-01 to 2020-06-01), one cloud (2022-09-01), the small
 * object of 2015-01-01. No token is needed. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

/* The part of a suffix or audience behind its first characters. */
static const char *
bare(const char *suffix)
{
	return suffix[0] == '.' ? suffix + 1 : suffix;
}

/* What the clouds' own documents call themselves, and the names that only they have. */
static const struct {
	const char *cloud, *title, *portal, *audience, *classic, *batch, *sql, *registry;
} known[] = {
	{"AzureCloud", "AzureCloud", "https://portal.azure.com",
		"https://management.core.windows.net/", "https://management.azure.com/",
		"https://batch.core.windows.net/", ".database.windows.net", ".azurecr.io"},
	{"AzureChinaCloud", "AzureChinaCloud", "https://portal.azure.cn",
		"https://management.core.chinacloudapi.cn/", "https://management.chinacloudapi.cn/",
		"https://batch.chinacloudapi.cn", ".database.chinacloudapi.cn", ".azurecr.cn"},
	{"AzureUSGovernment", "AzureUSGovernment", "https://portal.azure.us",
		"https://management.core.usgovcloudapi.net/",
		"https://management.usgovcloudapi.net/", "https://batch.core.usgovcloudapi.net",
		".database.usgovcloudapi.net", ".azurecr.us"},
};

static json_t *
suffixes(struct call *call, size_t i)
{
	const struct cloud *cloud = call->naming.cloud;
	const char *port = call->naming.port;
	const char *vault = arena_printf(call->arena, "vault.localhost%s", port);
	const char *hsm = arena_printf(call->arena, "managedhsm.localhost%s", port);

	/* a storage host is ACCOUNT.blob. and this */
	const char *storage = arena_printf(call->arena, "localhost%s", port);

	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "keyVaultDns",
		cloud ? bare(cloud->vault_suffix) : vault, "mhsmDns",
		cloud ? bare(cloud->hsm_suffix) : hsm, "storage",
		cloud ? cloud->blob_suffix + strlen(".blob.") : storage, "sqlServerHostname",
		known[i].sql + 1, "acrLoginServer", known[i].registry + 1);
}

/* For the sandbox's own names the path /adfs makes azure-cli ask nobody else about this authority;
 * the tokens are the same. */
static json_t *
cloud_json(struct call *call, bool for_cli)
{
	const struct cloud *cloud = call->naming.cloud;
	char arm[NAMES_URL], login[NAMES_URL], graph[NAMES_URL];
	size_t i = 0;
	json_t *json;

	while (cloud && i + 1 < ARRAY_LEN(known) && strcmp(known[i].cloud, cloud->name) != 0)
		i++;
	names_arm(&call->naming, arm);
	names_authority(&call->naming, login);
	names_graph(&call->naming, graph);
	json = json_pack("{s:s,s:s,s:{s:o,s:[s,s],s:s,s:s},s:o}", "name",
		cloud ? known[i].title : "Claviger", "portal", cloud ? known[i].portal : arm,
		"authentication", "loginEndpoint",
		json_sprintf("%s%s", login, !cloud && for_cli ? "/adfs" : ""), "audiences",
		cloud ? known[i].audience : arm, cloud ? known[i].classic : arm, "tenant", "common",
		"identityProvider", "AAD", "suffixes", suffixes(call, i));
	json_object_set_new(json, "resourceManager", json_sprintf("%s/", arm));
	json_object_set_new(json, "microsoftGraphResourceId", json_sprintf("%s/", graph));
	json_object_set_new(json, "graphAudience", json_sprintf("%s/", graph));
	json_object_set_new(json, "graph", json_sprintf("%s/", graph));
	json_object_set_new(json, "batch", json_string(known[i].batch));
	json_object_set_new(json, "gallery", json_sprintf("%s/", arm));
	json_object_set_new(json, "media", json_string(arm));
	json_object_set_new(json, "sqlManagement", json_string(arm));
	json_object_set_new(json, "vmImageAliasDoc", json_sprintf("%s/aliases.json", arm));
	json_object_set_new(json, "activeDirectoryDataLake", json_string(arm));
	return json;
}

static json_t *
small_json(struct call *call)
{
	char arm[NAMES_URL], login[NAMES_URL], graph[NAMES_URL];

	names_arm(&call->naming, arm);
	names_authority(&call->naming, login);
	names_graph(&call->naming, graph);
	return json_pack("{s:o,s:o,s:s,s:{s:s,s:[o]}}", "galleryEndpoint", json_sprintf("%s/", arm),
		"graphEndpoint", json_sprintf("%s/", graph), "portalEndpoint", arm,
		"authentication", "loginEndpoint", login, "audiences",
		call->naming.cloud ? json_string(call->naming.cloud->arm_audience)
				   : json_string(arm));
}

static void
get_endpoints(struct call *call)
{
	if (!call->api_version[0])
		reply_error(call, 400, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.");
	else if (strcmp(call->api_version, "2018") < 0)
		reply_json(call, 200, small_json(call));
	else if (strcmp(call->api_version, "2022") < 0)
		reply_json(call, 200, json_pack("[o]", cloud_json(call, true)));
	else
		reply_json(call, 200, cloud_json(call, false));
}

const struct route arm_endpoints_routes[] = {
	{ROUTE_ARM, VERB_GET, "/metadata/endpoints", NULL, 0, get_endpoints},
};
const size_t arm_endpoints_routes_len = ARRAY_LEN(arm_endpoints_routes);
