/* How machines and people sign in, and what Microsoft Graph knows of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/signin.h"

static void
machines_have_an_identity(void **state)
{
#define IMDS LOCAL "/metadata/identity/oauth2/token?api-version=2018-02-01"
	char header[8192], url[512], principal[64], client[64];
	json_t *claims;

	(void)state;
	assert_int_equal(
		signin_get(IMDS "&resource=https://management.azure.com/", "Metadata: true"), 200);
	assert_string_equal(client_text(&demo, "expires_in"), "86399");
	assert_true(strtoll(client_text(&demo, "expires_on"), NULL, 10) > 1700000000);
	assert_string_equal(client_text(&demo, "resource"), "https://management.azure.com/");
	assert_string_equal(client_text(&demo, "client_id"), OPERATOR);
	signin_bearer(header, "access_token");
	assert_int_equal(signin_get(SUBSCRIPTIONS, header), 200);

	assert_int_equal(signin_get(IMDS "&resource=https://vault.azure.net&msi_res_id=" IDENTITIES
					 "id-storage",
				 "Metadata: true"),
		200);
	claims = signin_claims("access_token");
	signin_claim_is(claims, "xms_mirid", IDENTITIES "id-storage");
	signin_claim_is(claims, "idtyp", "app");
	snprintf(principal, sizeof principal, "%s",
		json_string_value(json_object_get(claims, "oid")));
	snprintf(client, sizeof client, "%s", client_text(&demo, "client_id"));
	assert_string_not_equal(principal, client);
	json_decref(claims);
	snprintf(url, sizeof url, IMDS "&resource=https://vault.azure.net&client_id=%s", client);
	assert_int_equal(signin_get(url, "Metadata: true"), 200);
	snprintf(url, sizeof url, IMDS "&resource=https://vault.azure.net&object_id=%s", principal);
	assert_int_equal(signin_get(url, "Metadata: true"), 200);
	assert_string_equal(client_text(&demo, "client_id"), client);

	assert_int_equal(signin_get(IMDS "&resource=https://vault.azure.net&client_id=" READER,
				 "Metadata: true"),
		400);
	assert_string_equal(client_text(&demo, "error"), "invalid_request");
	assert_string_equal(client_text(&demo, "error_description"), "Identity not found");
	assert_int_equal(signin_get(IMDS "&resource=https://vault.azure.net", NULL), 400);
	assert_int_equal(signin_get(IMDS, "Metadata: true"), 400);
	assert_int_equal(
		signin_get(LOCAL "/metadata/identity/oauth2/token?resource=https://vault.azure.net",
			"Metadata: true"),
		400);
	assert_int_equal(signin_get(IMDS "&resource=https://example.com", "Metadata: true"), 400);
	assert_string_equal(client_text(&demo, "error"), "invalid_resource");
}

static void
app_services_have_one_too(void **state)
{
#define MSI LOCAL "/msi/token"
	static const char new[] = MSI "?api-version=2019-08-01&resource=https://vault.azure.net";
	static const char old[] = MSI "/?resource=https://vault.azure.net&api-version=2017-09-01";

	(void)state;
	assert_int_equal(signin_get(new, "X-IDENTITY-HEADER: x"), 200);
	assert_true(strtoll(client_text(&demo, "expires_on"), NULL, 10) > 1700000000);
	assert_string_equal(client_text(&demo, "token_type"), "Bearer");
	assert_int_equal(signin_get(new, NULL), 401);
	assert_int_equal(client_number(&demo, "statusCode"), 401);
	assert_int_equal(signin_get(MSI "?api-version=2019-08-01&resource=https://vault.azure.net"
					"&mi_res_id=" IDENTITIES "id-batch",
				 "X-IDENTITY-HEADER: x"),
		200);
	assert_int_equal(signin_get(MSI "?api-version=2019-08-01&resource=https://vault.azure.net"
					"&principal_id=" READER,
				 "X-IDENTITY-HEADER: x"),
		400);
	assert_int_equal(signin_get(MSI "?api-version=2019-08-01", "X-IDENTITY-HEADER: x"), 400);
	assert_int_equal(
		signin_get(MSI "?api-version=2020-01-01&resource=x", "X-IDENTITY-HEADER: x"), 400);
	assert_int_equal(signin_get(old, "secret: x"), 200);
	assert_non_null(strstr(client_text(&demo, "expires_on"), " +00:00"));
	assert_int_equal(signin_get(old, "X-IDENTITY-HEADER: x"), 401);
	assert_int_equal(client_send(&demo, "POST", MSI, "Metadata: true",
				 "resource=https%3A%2F%2Fmanagement.core.windows.net%2F"),
		200);
	assert_string_equal(client_text(&demo, "token_type"), "Bearer");
	assert_string_equal(client_text(&demo, "expires_in"), "86399");
	assert_int_equal(client_send(&demo, "POST", MSI, NULL, "resource=https%3A%2F%2Fx"), 400);
}

static void
sign_in_to_graph(char header[8192])
{
	char secret[64];

	client_file(&demo, "secret", secret);
	snprintf(signin_form, sizeof signin_form,
		"grant_type=client_credentials&client_id=" OPERATOR
		"&client_secret=%s&scope=https%%3A%%2F%%2Fgraph.microsoft.com%%2F.default",
		secret);
	assert_int_equal(signin_post(TOKEN, NULL), 200);
	signin_bearer(header, "access_token");
}

static void
graph_knows_who_is_who(void **state)
{
	char header[8192], url[1024], identity[64], body[512];
	const char *types;

	(void)state;
	sign_in_to_graph(header);
	assert_int_equal(signin_get(GRAPH "me", header), 400);
	assert_string_equal(client_text(&demo, "error.code"), "BadRequest");
	assert_int_equal(
		signin_get(GRAPH
			"servicePrincipals?$filter=servicePrincipalNames/any(c:c%20eq%20'" OPERATOR
			"')",
			header),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.id"), OPERATOR_OBJECT);
	assert_string_equal(client_text(&demo, "value.0.appId"), OPERATOR);
	assert_string_equal(client_text(&demo, "value.0.servicePrincipalType"), "Application");
	assert_int_equal(
		signin_get(GRAPH "servicePrincipals?$filter=appId%20eq%20'" BROKER "'", header),
		200);
	assert_string_equal(client_text(&demo, "value.0.displayName"), "app-cmk-broker");
	assert_int_equal(
		signin_get(GRAPH "servicePrincipals?$filter=appId%20eq%20'" PERSON "'", header),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	assert_int_equal(
		signin_get(
			GRAPH "servicePrincipals?$filter=displayName%20eq%20'id-storage'", header),
		200);
	assert_string_equal(client_text(&demo, "value.0.servicePrincipalType"), "ManagedIdentity");
	assert_string_equal(
		client_text(&demo, "value.0.alternativeNames.1"), IDENTITIES "id-storage");
	snprintf(identity, sizeof identity, "%s", client_text(&demo, "value.0.id"));
	snprintf(url, sizeof url, GRAPH "servicePrincipals/%s", identity);
	assert_int_equal(signin_get(url, header), 200);
	assert_string_equal(client_text(&demo, "displayName"), "id-storage");
	assert_int_equal(signin_get(GRAPH "servicePrincipals/" READER, header), 404);
	assert_string_equal(client_text(&demo, "error.code"), "Request_ResourceNotFound");

	snprintf(body, sizeof body,
		"{\"ids\":[\"" OPERATOR_OBJECT "\",\"%s\",\"" PERSON "\",\"" READER
		"\"],\"types\":[\"user\",\"servicePrincipal\"]}",
		identity);
	assert_int_equal(
		client_send(&demo, "POST", GRAPH "directoryObjects/getByIds", header, body), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 3);
	types = json_string_value(json_object_get(client_at(&demo, "value.2"), "@odata.type"));
	assert_string_equal(types, "#microsoft.graph.user");
	assert_int_equal(
		client_send(&demo, "POST", GRAPH "directoryObjects/getByIds", header, "{}"), 400);
}

static void
graph_knows_whom_an_application_trusts(void **state)
{
	char header[8192];

	(void)state;
	sign_in_to_graph(header);
	assert_int_equal(
		signin_get(GRAPH "applications(appId='" BROKER "')/federatedIdentityCredentials",
			header),
		200);
	assert_string_equal(client_text(&demo, "value.0.name"), "id-storage");
	assert_int_equal(strlen(client_text(&demo, "value.0.subject")), 36);
	assert_string_equal(
		client_text(&demo, "value.0.audiences.0"), "api://AzureADTokenExchange");
	assert_int_equal(
		signin_get(GRAPH "applications(appId='" PERSON "')/federatedIdentityCredentials",
			header),
		404);
	assert_int_equal(
		signin_get(GRAPH "applications(id='x')/federatedIdentityCredentials", header), 400);
}

static void
graph_lists_in_pages(void **state)
{
	char header[8192], url[1024];

	(void)state;
	sign_in_to_graph(header);
	assert_int_equal(
		signin_get(GRAPH "servicePrincipals?$filter=startswith(displayName,'aa-')", header),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_int_equal(
		signin_get(GRAPH "servicePrincipals?$filter=startswith(displayName,'aa-')&$top=1",
			header),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	snprintf(url, sizeof url, "%s",
		json_string_value(json_object_get(demo.json, "@odata.nextLink")));
	assert_int_equal(signin_get(url, header), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_null(json_object_get(demo.json, "@odata.nextLink"));
	assert_int_equal(
		signin_get(GRAPH "servicePrincipals?$filter=tags%20eq%20'x'", header), 400);
}

static void
graph_refuses(void **state)
{
	(void)state;
	assert_int_equal(signin_get(GRAPH "me", NULL), 401);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidAuthenticationToken");
	assert_int_equal(signin_get(GRAPH "me", demo.vault), 401);
	assert_int_equal(signin_get(GRAPH "me", "Authorization: Bearer a.b.c"), 401);
}

static void
people_are_in_graph(void **state)
{
	char header[8192], user[16];

	(void)state;
	signin_start_device("scope=User.Read+openid", user);
	signin_ctl("approve", user, true);
	assert_int_equal(signin_post(TOKEN, NULL), 200);
	assert_string_equal(client_text(&demo, "refresh_token"), "");
	signin_bearer(header, "access_token");
	assert_int_equal(signin_get(GRAPH "me", header), 200);
	assert_string_equal(client_text(&demo, "id"), PERSON);
	assert_string_equal(client_text(&demo, "userPrincipalName"), "operator@contoso.example");
	assert_int_equal(
		signin_get(GRAPH
			"users?$filter=userPrincipalName%20eq%20'operator@contoso.example'",
			header),
		200);
	assert_string_equal(client_text(&demo, "value.0.id"), PERSON);
	assert_int_equal(signin_get(GRAPH "users/operator@contoso.example", header), 200);
	assert_int_equal(signin_get(GRAPH "users/" PERSON, header), 200);
	assert_int_equal(signin_get(GRAPH "users/" OPERATOR_OBJECT, header), 404);
	assert_int_equal(signin_get(GRAPH "servicePrincipals/" PERSON, header), 404);
}

static void
the_old_device_code_and_the_page(void **state)
{
	char body[64], user[16];

	(void)state;
	assert_int_equal(signin_post(LOCAL "/common/oauth2/devicecode",
				 "client_id=" CLI "&resource=https%3A%2F%2Fmanagement.azure.com"),
		200);
	assert_string_equal(client_text(&demo, "verification_url"), LOCAL "/devicelogin");
	assert_string_equal(client_text(&demo, "interval"), "5");
	snprintf(user, sizeof user, "%s", client_text(&demo, "user_code"));
	snprintf(signin_form, sizeof signin_form,
		"grant_type=device_code&client_id=" CLI
		"&resource=https%%3A%%2F%%2Fmanagement.azure.com&code=%s",
		client_text(&demo, "device_code"));
	assert_int_equal(signin_get(LOCAL "/devicelogin", NULL), 200);
	assert_non_null(strstr(demo.headers, "text/html"));
	assert_non_null(strstr(demo.body, "SANDBOX"));
	assert_int_equal(signin_post(LOCAL "/devicelogin", "code=%3Cscript%3E"), 400);
	assert_null(strstr(demo.body, "<script>"));
	assert_int_equal(signin_get(LOGIN "devicelogin", NULL), 404);
	snprintf(body, sizeof body, "code=%.3s-%s", user, user + 3);
	assert_int_equal(signin_post(LOCAL "/devicelogin", body), 200);
	assert_non_null(strstr(demo.body, "operator@contoso.example"));
	assert_int_equal(signin_post(LOCAL "/common/oauth2/token", NULL), 200);
	assert_string_equal(client_text(&demo, "expires_in"), "3599");
	assert_true(client_text(&demo, "refresh_token")[0]);
	assert_true(client_text(&demo, "id_token")[0]);
}

static void
device_codes_end(void **state)
{
	char user[16];

	(void)state;
	signin_start_device(PEOPLE_SCOPE, user);
	signin_ctl("clock", "+16m", true);
	signin_post(TOKEN, NULL);
	signin_refused(400, "expired_token", 70020);
	signin_ctl("approve", user, false);
	signin_ctl("approve", "NOBODY", false);
	signin_post(TOKEN, "grant_type=device_code&client_id=" CLI "&device_code=rubbish");
	signin_refused(400, "bad_verification_code", 70000);
	signin_post(TOKEN, "grant_type=device_code&client_id=" CLI);
	signin_refused(400, "invalid_request", 900144);
	signin_post(LOGIN TENANT "/oauth2/v2.0/devicecode", "client_id=" CLI);
	signin_refused(400, "invalid_request", 900144);
	signin_post(LOGIN TENANT "/oauth2/v2.0/devicecode",
		"client_id=11111111-2222-3333-4444-555555555555&" ARM_SCOPE);
	signin_refused(400, "unauthorized_client", 700016);
	signin_post(LOGIN TENANT "/oauth2/v2.0/devicecode",
		"client_id=" CLI "&scope=https%3A%2F%2Fvault.azure.net");
	signin_refused(400, "invalid_scope", 70011);
	signin_post(LOGIN TENANT "/oauth2/v2.0/devicecode",
		"client_id=" CLI "&scope=https%3A%2F%2Fexample.com%2F.default");
	signin_refused(400, "invalid_resource", 500011);
	signin_post(LOGIN "nowhere.example/oauth2/v2.0/devicecode", "client_id=" CLI "&" ARM_SCOPE);
	assert_int_equal(client_number(&demo, "error_codes.0"), 90002);
}

static void
people_sign_in_by_device_code(void **state)
{
	char user[16], longer[20], header[8192];
	json_t *claims;

	(void)state;
	signin_start_device(PEOPLE_SCOPE, user);
	assert_string_equal(
		client_text(&demo, "verification_uri"), "https://microsoft.com/devicelogin");
	assert_int_equal(client_number(&demo, "expires_in"), 900);
	assert_int_equal(client_number(&demo, "interval"), 5);
	assert_non_null(strstr(client_text(&demo, "message"), user));
	signin_post(LOGIN "organizations/oauth2/v2.0/token", NULL);
	signin_refused(400, "authorization_pending", 70016);
	signin_post(LOGIN "organizations/oauth2/v2.0/token", NULL);
	signin_refused(400, "slow_down", 70016);
	snprintf(longer, sizeof longer, "%sX", user);
	signin_ctl("approve", longer, false);
	signin_ctl("approve", user, true);
	signin_ctl("approve", user, false);
	assert_int_equal(signin_post(LOGIN "organizations/oauth2/v2.0/token", NULL), 200);
	assert_string_equal(client_text(&demo, "token_type"), "Bearer");
	assert_string_equal(
		client_text(&demo, "scope"), ARM "/user_impersonation " ARM "/.default");
	assert_true(client_text(&demo, "client_info")[0]);
	claims = signin_claims("access_token");
	signin_claim_is(claims, "oid", PERSON);
	signin_claim_is(claims, "upn", "operator@contoso.example");
	signin_claim_is(claims, "name", "Operator");
	signin_claim_is(claims, "idtyp", "user");
	signin_claim_is(claims, "scp", "user_impersonation");
	signin_claim_is(claims, "appid", CLI);
	json_decref(claims);
	claims = signin_claims("id_token");
	signin_claim_is(claims, "aud", CLI);
	signin_claim_is(claims, "preferred_username", "operator@contoso.example");
	signin_claim_is(claims, "iss", LOGIN TENANT "/v2.0");
	json_decref(claims);
	assert_true(strlen(client_text(&demo, "refresh_token")) > 40);
	signin_bearer(header, "id_token");
	assert_int_equal(signin_get(SUBSCRIPTIONS, header), 401);
	signin_post(LOGIN "organizations/oauth2/v2.0/token", NULL);
	signin_refused(400, "bad_verification_code", 70000);
}

static void
refresh_tokens_go_on(void **state)
{
	char user[16], refresh[256];
	json_t *claims;

	(void)state;
	signin_start_device(PEOPLE_SCOPE, user);
	signin_ctl("approve", user, true);
	assert_int_equal(signin_post(TOKEN, NULL), 200);
	snprintf(refresh, sizeof refresh, "%s", client_text(&demo, "refresh_token"));
	snprintf(signin_form, sizeof signin_form,
		"grant_type=refresh_token&client_id=" CLI "&refresh_token=%s"
		"&scope=https%%3A%%2F%%2Fvault.azure.net%%2F.default+offline_access",
		refresh);
	assert_int_equal(signin_post(TOKEN, NULL), 200);
	assert_string_not_equal(client_text(&demo, "refresh_token"), refresh);
	assert_string_equal(client_text(&demo, "id_token"), "");
	claims = signin_claims("access_token");
	signin_claim_is(claims, "aud", "https://vault.azure.net");
	signin_claim_is(claims, "oid", PERSON);
	json_decref(claims);
	snprintf(signin_form, sizeof signin_form,
		"grant_type=refresh_token&client_id=" OPERATOR "&refresh_token=%s&%s", refresh,
		ARM_SCOPE);
	signin_post(TOKEN, NULL);
	signin_refused(400, "invalid_grant", 9002313);
	signin_ctl("clock", "+91d", true);
	snprintf(signin_form, sizeof signin_form,
		"grant_type=refresh_token&client_id=" CLI "&refresh_token=%s&%s", refresh,
		ARM_SCOPE);
	signin_post(TOKEN, NULL);
	signin_refused(400, "invalid_grant", 700082);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_have_an_identity),
		cmocka_unit_test(app_services_have_one_too),
		cmocka_unit_test(graph_knows_who_is_who),
		cmocka_unit_test(graph_knows_whom_an_application_trusts),
		cmocka_unit_test(graph_lists_in_pages),
		cmocka_unit_test(graph_refuses),
		cmocka_unit_test(people_are_in_graph),
		cmocka_unit_test(the_old_device_code_and_the_page),
		cmocka_unit_test(device_codes_end),
		cmocka_unit_test(people_sign_in_by_device_code),
		cmocka_unit_test(refresh_tokens_go_on),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
