#include "tests/unit/signin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "crypto/jws.h"

char signin_form[16384];

long
signin_get(const char *url, const char *header)
{
	return client_send(&demo, "GET", url, header, NULL);
}

/* Posts `signin_form` or what is given in its place. */
long
signin_post(const char *url, const char *body)
{
	return client_send(&demo, "POST", url, NULL, body ? body : signin_form);
}

void
signin_refused(long status, const char *error, int code)
{
	char name[32];

	assert_int_equal(demo.status, status);
	assert_string_equal(client_text(&demo, "error"), error);
	assert_int_equal(client_number(&demo, "error_codes.0"), code);
	snprintf(name, sizeof name, "AADSTS%d: ", code);
	assert_int_equal(strncmp(client_text(&demo, "error_description"), name, strlen(name)), 0);
	assert_true(client_text(&demo, "trace_id")[0]);
	assert_true(client_text(&demo, "correlation_id")[0]);
	assert_true(client_text(&demo, "timestamp")[0]);
	assert_true(client_text(&demo, "error_uri")[0]);
}

/* The claims of a token of the last reply; new. */
json_t *
signin_claims(const char *name)
{
	struct buf header, payload;
	json_t *claims;

	buf_init(&header, 16384);
	buf_init(&payload, 16384);
	assert_true(jws_peek(client_text(&demo, name), &header, &payload, NULL));
	claims = json_loads(buf_text(&payload), 0, NULL);
	assert_non_null(claims);
	buf_free(&header);
	buf_free(&payload);
	return claims;
}

void
signin_claim_is(const json_t *claims, const char *name, const char *value)
{
	const char *text = json_string_value(json_object_get(claims, name));

	assert_string_equal(text ? text : "(none)", value);
}

void
signin_bearer(char out[8192], const char *name)
{
	snprintf(out, 8192, "Authorization: Bearer %s", client_text(&demo, name));
}

void
signin_ctl(const char *word, const char *argument, bool ok)
{
	const char *words[] = {word, argument};
	struct err err = {0};
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(sandbox_ctl(demo.dir, words, 2, &out, &err), ok);
	if (!ok)
		assert_int_equal(err.kind, ERR_NOT_FOUND);
	buf_free(&out);
}

void
signin_file(const char *name, struct buf *out)
{
	char path[128];
	struct stat about;

	snprintf(path, sizeof path, "%s/%s", demo.dir, name);
	buf_init(out, 16384);
	assert_true(file_read(path, true, out, NULL));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

long
signin_federate(const char *url, const char *client, const char *assertion)
{
	snprintf(signin_form, sizeof signin_form,
		"grant_type=client_credentials&client_id=%s&%s&%s&client_assertion=%s", client,
		ARM_SCOPE, BEARER, assertion);
	return signin_post(url, NULL);
}

/* Starts a device code sign-in; signin_form gets the poll, user the code for people. */
void
signin_start_device(const char *scope, char user[16])
{
	snprintf(signin_form, sizeof signin_form, "client_id=" CLI "&%s", scope);
	assert_int_equal(signin_post(LOGIN "organizations/oauth2/v2.0/devicecode", NULL), 200);
	snprintf(user, 16, "%s", client_text(&demo, "user_code"));
	snprintf(signin_form, sizeof signin_form,
		"grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Adevice_code&client_id=" CLI
		"&client_info=1&device_code=%s",
		client_text(&demo, "device_code"));
}
