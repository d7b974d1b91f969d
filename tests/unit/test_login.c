/* How a person's sign-in is kept, where the kernel lets this process keep anything. */
#include "backend/auth/login.h"

#include <linux/keyctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/auth/ways.h"
#include "backend/json/json.h"

static struct secret
secret_of(const char *text)
{
	struct secret secret = {0};

	secret_set(&secret, text, strlen(text));
	return secret;
}

static bool
needs_keyring(void)
{
	struct err err;

	if (user_keyring_usable(&err))
		return true;
	print_message("skipped: %s\n", err.msg);
	return false;
}

static void
place_of(struct login_place *place, const char *tenant, const char *client)
{
	const struct credential_wish wish = {.cloud = &clouds[0],
		.tenant = tenant,
		.client_id = client,
		.way = "",
		.certificate = ""};
	char reason[CREDENTIAL_REASON];

	assert_true(login_place(&wish, place, reason));
}

static void
knows_where_one_signs_in(void **state)
{
	struct login_place place;

	(void)state;
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
	place_of(&place, "", "");
	assert_string_equal(place.tenant, "organizations");
	assert_string_equal(place.client_id, "04b07795-8ddb-461a-bbee-02f9e1bf7b46");
	assert_string_equal(place.name, "claviger:login:login.microsoftonline.com:organizations:"
					"04b07795-8ddb-461a-bbee-02f9e1bf7b46");
	setenv("AZURE_TENANT_ID", "contoso.example", 1);
	setenv("AZURE_CLIENT_ID", "c1", 1);
	place_of(&place, "", "");
	assert_string_equal(
		place.name, "claviger:login:login.microsoftonline.com:contoso.example:c1");
	place_of(&place, "fabrikam.example", "c2");
	assert_string_equal(
		place.name, "claviger:login:login.microsoftonline.com:fabrikam.example:c2");
	unsetenv("AZURE_TENANT_ID");
	unsetenv("AZURE_CLIENT_ID");
}

static void
keyring_keeps_for_a_while(void **state)
{
	struct secret a = secret_of("first"), b = secret_of("second"), got;
	char name[60];
	struct err err;

	(void)state;
	if (!needs_keyring())
		skip();
	snprintf(name, sizeof name, "claviger:test:%ld", (long)getpid());
	assert_false(user_keyring_get(name, &got, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_true(user_keyring_put(name, &a, 60, &err));
	assert_true(user_keyring_put(name, &b, 60, &err));
	assert_true(user_keyring_get(name, &got, &err));
	assert_true(secret_equal(&got, &b));
	secret_free(&got);
	assert_true(user_keyring_drop(name));
	assert_false(user_keyring_drop(name));
	assert_false(user_keyring_get(name, &got, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	secret_free(&a);
	secret_free(&b);
}

/* Possessor and user, nobody else; and it ends by itself. */
static void
keyring_is_for_this_user_alone(void **state)
{
	struct secret secret = secret_of("value");
	char name[60], about[200];
	struct err err;
	long key;

	(void)state;
	if (!needs_keyring())
		skip();
	snprintf(name, sizeof name, "claviger:test:%ld", (long)getpid());
	assert_true(user_keyring_put(name, &secret, 1, &err));
	key = syscall(SYS_keyctl, KEYCTL_SEARCH, (long)KEY_SPEC_USER_KEYRING, "user", name, 0L);
	assert_true(key > 0);
	assert_true(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, about, sizeof about) > 0);
	if (!strstr(about, ";3f3f0000;"))
		fail_msg("%s", about);
	assert_true(user_keyring_put(name, &secret, 1, &err));
	for (int i = 0; i < 100 && user_keyring_get(name, &secret, &err); i++) {
		assert_int_not_equal(i, 99);
		secret_free(&secret);
		usleep(50000);
	}
	user_keyring_drop(name);
	secret_free(&secret);
}

static void
sign_in_is_found_again_until_it_is_refused(void **state)
{
	struct secret first = secret_of("refresh-1"), second = secret_of("refresh-2"), none = {0};
	const struct credential_wish wish = {.cloud = &clouds[0],
		.tenant = "test.example",
		.client_id = "c1",
		.way = "login",
		.certificate = ""};
	struct credential made, found;
	char reason[CREDENTIAL_REASON];
	struct login_place place;
	struct err err;

	(void)state;
	if (!needs_keyring())
		skip();
	place_of(&place, "test.example", "c1");
	login_forget(&place);
	assert_int_equal(credential_offer(&credential_login, &wish, &found, reason), OFFER_NO);
	assert_non_null(strstr(reason, "claviger login"));
	assert_true(login_take(&place, "t-1", &first, true, &made, &err));
	assert_int_equal(credential_offer(&credential_login, &wish, &found, reason), OFFER_YES);
	assert_true(secret_equal(&found.secret, &first));
	assert_string_equal(found.client_id, "c1");
	credential_login.keep(&found, &second);
	assert_true(secret_equal(&found.secret, &second));
	credential_free(&found);
	assert_int_equal(credential_offer(&credential_login, &wish, &found, reason), OFFER_YES);
	assert_true(secret_equal(&found.secret, &second));
	credential_login.keep(&found, &none);
	assert_int_equal(found.secret.len, 0);
	credential_free(&found);
	assert_int_equal(credential_offer(&credential_login, &wish, &found, reason), OFFER_NO);
	assert_false(login_forget(&place));
	credential_free(&made);
	secret_free(&first);
	secret_free(&second);
}

static void
asks_with_the_refresh_token(void **state)
{
	struct secret refresh = secret_of("0.A+b/="), none = {0};
	struct credential credential;
	struct token_ask ask = {
		.cloud = &clouds[0], .tenant = "t-2", .audience = "https://vault.azure.net"};
	struct login_place place;
	struct request request;
	struct err err;

	(void)state;
	place_of(&place, "test.example", "c1");
	assert_true(login_take(&place, "t-1", &refresh, false, &credential, &err));
	assert_string_equal(credential.tenant, "t-1");
	assert_true(credential_login.build(&credential, &ask, &request, &err));
	assert_string_equal(request.url, "https://login.microsoftonline.com/t-2/oauth2/v2.0/token");
	assert_string_equal(request.body,
		"client_id=c1&scope=https%3A%2F%2Fvault.azure.net%2F.default%20offline_access&"
		"grant_type=refresh_token&refresh_token=0.A%2Bb%2F%3D");
	request_free(&request);
	credential_login.keep(&credential, &none);
	assert_false(credential_login.build(&credential, &ask, &request, &err));
	assert_non_null(strstr(err.msg, "claviger login"));
	credential_free(&credential);
	secret_free(&refresh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_where_one_signs_in),
		cmocka_unit_test(keyring_keeps_for_a_while),
		cmocka_unit_test(keyring_is_for_this_user_alone),
		cmocka_unit_test(sign_in_is_found_again_until_it_is_refused),
		cmocka_unit_test(asks_with_the_refresh_token),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
