/* error="insufficient_claims" alone makes a challenge of claims; the claims are JSON in base64 of
 * either alphabet [Entra's documentation, "Claims challenges, claims requests, and client
 * capabilities"; azcore's bearer token policy]. They are passed on to Entra as they came, so that
 * only their form is checked here. The capability cp1 tells that this program understands such
 * challenges: Entra then makes tokens that live long and can be revoked. */
#include "backend/auth/claims.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "backend/net/origin.h"
#include "crypto/b64.h"

enum { CLAIMS_MAX = 4096 };

bool
claims_asked(const char *challenge)
{
	char error[40];

	return challenge && text_case_starts(challenge, "Bearer") &&
	       origin_parameter(challenge + strlen("Bearer"), "error", error, sizeof error) &&
	       text_casecmp(error, "insufficient_claims") == 0;
}

/* To the alphabet of URLs without padding, which b64_decode reads. */
static void
url_safe(char *text)
{
	text[strcspn(text, "=")] = '\0';
	for (; *text; text++)
		*text = *text == '+' ? '-' : *text == '/' ? '_' : *text;
}

char *
claims_read(const char *challenge, struct err *err)
{
	char coded[CLAIMS_MAX];
	unsigned char text[CLAIMS_MAX];
	json_t *root = NULL;
	char *out = NULL;
	size_t len;

	if (origin_parameter(challenge + strlen("Bearer"), "claims", coded, sizeof coded)) {
		url_safe(coded);
		if (b64_decode(text, sizeof text, &len, coded))
			root = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
	}
	if (json_is_object(root))
		out = json_dumps(root, JSON_COMPACT);
	else
		err_set(err, ERR_DENIED, "BadChallenge",
			"its challenge asks for claims that cannot be read; no token was asked for");
	json_decref(root);
	return out;
}

/* The object of that name in `in`, which gets one where it has none. */
static json_t *
object_in(json_t *in, const char *name)
{
	json_t *object = json_object_get(in, name);

	if (!json_is_object(object)) {
		object = json_object();
		json_object_set_new(in, name, object);
	}
	return object;
}

char *
claims_with_capability(const char *asked)
{
	json_t *root = asked ? json_loads(asked, 0, NULL) : NULL;
	char *out;

	if (!json_is_object(root)) {
		json_decref(root);
		root = json_object();
	}
	json_object_set_new(
		object_in(root, "access_token"), "xms_cc", json_pack("{s:[s]}", "values", "cp1"));
	out = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return out;
}
