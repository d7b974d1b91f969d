/* Which of the two an assertion is, its issuer tells: a federated one is a URL. The same
 * assertion may come again until it expires: Microsoft's own libraries send one for as long as it
 * lives (ClientAssertion.ts of msal-node, create_regenerative_assertion of msal for Python).
 * Codes: Entra's list of AADSTS errors; messages: public reports, such as
 * azure-powershell and azure-workload-identity issues. */
#include "backend/sandbox/entra/assertion.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/entra/form.h"
#include "backend/sandbox/entra/principal.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/route.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/jws.h"

enum { ASSERTION_MAX = 65536, SKEW = 300, DER_MAX = 8192, CERTIFICATES = 8 };

const char assertion_issuer[] = "https://localhost/federation";
const char assertion_subject[] = "system:serviceaccount:claviger:operator";
const char assertion_audience[] = "api://AzureADTokenExchange";

struct assertion {
	const char *text, *tenant, *client;
	json_t *header, *claims;
};

/* A claim or header, clean; "" when it is missing or no text. */
static const char *
text_of(struct call *call, const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return form_clean(call, text ? text : "");
}

static bool
refuse_key(struct call *call, const char *client, const char *reason, const char *thumbprint)
{
	form_refuse(call, 401, "invalid_client", 700027,
		"The certificate with identifier used to sign the client assertion is not registered on application. [Reason - %s, Thumbprint of key used by client: '%s', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '%s'.]",
		reason, thumbprint, client);
	return false;
}

static bool
refuse_malformed(struct call *call, const char *what)
{
	form_refuse(call, 400, "invalid_request", 50027, "JWT token is invalid or malformed: %s.",
		what);
	return false;
}

/* The form of .NET's round-trip times, which the message uses. */
static void
long_time(char out[40], json_int_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 40, "%Y-%m-%dT%H:%M:%S.0000000Z", &tm);
}

/* A NumericDate may have a fraction (RFC 7519 section 2), as those of MSAL for Python have; kept
 * within the years that have four digits. */
static json_int_t
time_of(const struct assertion *a, const char *claim)
{
	const json_int_t last = INT64_C(253402300799);
	double seconds = json_number_value(json_object_get(a->claims, claim));

	if (!(seconds > 0))
		return 0;
	return seconds < (double)last ? (json_int_t)seconds : last;
}

static bool
in_time(struct call *call, const struct assertion *a)
{
	json_int_t nbf = time_of(a, "nbf"), exp = time_of(a, "exp");
	char now[40], from[40], until[40];

	if (call->now < exp && nbf <= call->now + SKEW)
		return true;
	long_time(now, call->now);
	long_time(from, nbf);
	long_time(until, exp);
	form_refuse(call, 401, "invalid_client", 700024,
		"Client assertion is not within its valid time range. Current time: %s, assertion valid from %s, expiry time of assertion %s. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
		now, from, until);
	return false;
}

/* The token endpoint (v1 or v2) or the tenant itself, by any name of the sign-in service and by any
 * name of the tenant. */
static bool
is_our_endpoint(struct call *call, const char *tenant, const char *audience)
{
	static const char *const tails[] = {
		"/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/", ""};
	char name[256], id[37];
	struct naming naming;
	size_t len;
	bool found;

	if (!text_case_starts(audience, "https://"))
		return false;
	audience += strlen("https://");
	len = strcspn(audience, "/?#@");
	snprintf(name, sizeof name, "%.*s", (int)len, audience);
	names_read(&naming, name);
	if (!(naming.role & ROUTE_ENTRA) || audience[len] != '/')
		return false;
	audience += len + 1;
	len = strcspn(audience, "/");
	snprintf(name, sizeof name, "%.*s", (int)len, audience);
	db_lock(call->world->db);
	found = principal_tenant(call->world->db, name, id) && text_casecmp(id, tenant) == 0;
	db_unlock(call->world->db);
	for (size_t i = 0; i < ARRAY_LEN(tails) && found; i++)
		if (text_casecmp(audience + len, tails[i]) == 0)
			return true;
	return false;
}

static bool
claims_fit(struct call *call, const struct assertion *a)
{
	if (text_casecmp(text_of(call, a->claims, "iss"), a->client) != 0 ||
		text_casecmp(text_of(call, a->claims, "sub"), a->client) != 0) {
		form_refuse(call, 401, "invalid_client", 700021,
			"Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .");
		return false;
	}
	if (!is_our_endpoint(call, a->tenant, text_of(call, a->claims, "aud"))) {
		form_refuse(call, 401, "invalid_client", 700023,
			"Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .");
		return false;
	}
	if (!text_of(call, a->claims, "jti")[0])
		return refuse_malformed(call, "the claim 'jti' is missing");
	return in_time(call, a);
}

struct certificate {
	unsigned char der[DER_MAX];
	size_t len;
};

/* What the client has registered, at most CERTIFICATES of them; returns their number. */
static size_t
certificates(struct call *call, const char *client, struct certificate **out)
{
	struct db *db = call->world->db;
	struct certificate *all = arena_alloc(call->arena, CERTIFICATES * sizeof *all);
	sqlite3_stmt *stmt;
	size_t n = 0;

	db_lock(db);
	stmt = db_ask(db, "SELECT der FROM certificate WHERE client=?", "t", client);
	while (db_next(db, stmt)) {
		int len = sqlite3_column_bytes(stmt, 0);

		if (n == CERTIFICATES || len <= 0 || len > DER_MAX)
			continue;
		memcpy(all[n].der, sqlite3_column_blob(stmt, 0), (size_t)len);
		all[n++].len = (size_t)len;
	}
	db_unlock(db);
	*out = all;
	return n;
}

/* The thumbprint that the header names as upper-case hex; digest tells by which hash it is. MSAL
 * for Python leaves the padding on its x5t (msal/oauth2cli/assertion.py, 1.21). */
static bool
named_thumbprint(struct call *call, const struct assertion *a, enum digest *digest,
	unsigned char out[DIGEST_MAX], char hex[2 * DIGEST_MAX + 1])
{
	const char *sha256 = text_of(call, a->header, "x5t#S256");
	const char *named = *sha256 ? sha256 : text_of(call, a->header, "x5t");
	size_t len;

	*digest = *sha256 ? DIGEST_SHA256 : DIGEST_SHA1;
	if (!b64_decode(out, DIGEST_MAX, &len,
		    arena_printf(call->arena, "%.*s", (int)strcspn(named, "="), named)))
		len = 0;
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02X", out[i]);
	hex[2 * len] = '\0';
	return len == digest_size(*digest);
}

static bool
signature_fits(struct call *call, const struct assertion *a, const struct certificate *with,
	const char *hex)
{
	const char *alg = text_of(call, a->header, "alg");
	struct buf header, payload;
	struct rsa_key *key;
	time_t from = 0, until = 0;
	bool ok;

	buf_init(&header, ASSERTION_MAX);
	buf_init(&payload, ASSERTION_MAX);
	key = cert_read(with->der, with->len, &from, &until, NULL);
	ok = key && jws_verify(key, alg, a->text, &header, &payload, NULL);
	rsa_free(key);
	buf_free(&header);
	buf_free(&payload);
	if (!ok) {
		form_refuse(call, 401, "invalid_client", 700027,
			"Client assertion failed signature validation. [Reason - The key was found, but use of the key to verify the signature failed., Thumbprint of key used by client: '%s', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '%s'.]",
			hex, a->client);
		return false;
	}
	return (call->now >= from && call->now < until) ||
	       refuse_key(call, a->client, "The key used is expired.", hex);
}

static bool
by_certificate(struct call *call, const struct assertion *a)
{
	const char *alg = text_of(call, a->header, "alg");
	unsigned char named[DIGEST_MAX], own[DIGEST_MAX];
	char hex[2 * DIGEST_MAX + 1];
	struct certificate *known;
	enum digest digest;
	size_t n = certificates(call, a->client, &known);

	if (strcmp(alg, "RS256") != 0 && strcmp(alg, "PS256") != 0) {
		form_refuse(call, 401, "invalid_client", 5002738,
			"Invalid JWT token. '%s' is not a supported signature algorithm. Supported signing algorithms are: 'RS256, PS256'",
			alg);
		return false;
	}
	if (n == 0) {
		form_refuse(call, 401, "invalid_client", 700026,
			"Client application has no configured keys.");
		return false;
	}
	if (!named_thumbprint(call, a, &digest, named, hex))
		return refuse_key(call, a->client, "The key was not found.", hex);
	for (size_t i = 0; i < n; i++)
		if (digest_of(digest, known[i].der, known[i].len, own) &&
			memcmp(own, named, digest_size(digest)) == 0)
			return signature_fits(call, a, &known[i], hex) && claims_fit(call, a);
	return refuse_key(call, a->client, "The key was not found.", hex);
}

static bool
has_text(const char *array, const char *text)
{
	json_t *all = json_loads(array, 0, NULL), *one;
	bool found = false;
	size_t i;

	json_array_foreach(all, i, one)
	{
		found = found || (json_is_string(one) && strcmp(json_string_value(one), text) == 0);
	}
	json_decref(all);
	return found;
}

/* How far the credentials of the application agree with the assertion: 0 there are none, 1 none has
 * its issuer, 2 none its subject, 3 none its audience, 4 one has all. */
static int
agreement(struct call *call, const struct assertion *a)
{
	const char *issuer = text_of(call, a->claims, "iss");
	const char *subject = text_of(call, a->claims, "sub");
	const char *audience = text_of(call, a->claims, "aud");
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	int best = 0;

	db_lock(db);
	stmt = db_ask(db,
		"SELECT issuer, subject, audiences FROM federated_credential WHERE owner=?", "t",
		a->client);
	while (db_next(db, stmt)) {
		int now = 1;

		if (names_same_issuer(db_text(stmt, 0, call->arena), issuer))
			now = strcmp(db_text(stmt, 1, call->arena), subject) != 0 ? 2
			      : has_text(db_text(stmt, 2, call->arena), audience) ? 4
										  : 3;
		if (now > best)
			best = now;
	}
	db_unlock(db);
	return best;
}

/* Codes since 2024 [azure-workload-identity issue 1200, Azure/login issue 482]; letters count in
 * their case [Entra's list of breaking changes, 2024]. */
static bool
is_trusted(struct call *call, const struct assertion *a)
{
	static const struct {
		int code;
		const char *what, *claim;
	} misses[] = {
		{700211, "issuer", "iss"},
		{700213, "subject", "sub"},
		{700212, "audience", "aud"},
	};
	int level = agreement(call, a);

	if (level == 4)
		return true;
	if (level == 0)
		form_refuse(call, 401, "invalid_client", 70025,
			"The client '%s' has no configured federated identity credentials.",
			a->client);
	else
		form_refuse(call, 401, "invalid_client", misses[level - 1].code,
			"No matching federated identity record found for presented assertion %s '%s'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
			misses[level - 1].what, text_of(call, a->claims, misses[level - 1].claim));
	return false;
}

/* The sandbox can reach no issuer but itself: what it did not sign is refused. */
static bool
by_federation(struct call *call, const struct assertion *a)
{
	json_t *signed_here;

	if (!is_trusted(call, a))
		return false;
	signed_here = token_open(call->world->tokens, a->text);
	if (!signed_here) {
		form_refuse(call, 401, "invalid_client", 50013,
			"Assertion failed signature validation. [Reason - The key was not found., Thumbprint of key used by client: '%s']",
			text_of(call, a->header, "kid"));
		return false;
	}
	json_decref(signed_here);
	return in_time(call, a);
}

bool
assertion_proves(struct call *call, const char *tenant, const char *client, const char *assertion)
{
	struct assertion a = {.text = assertion, .tenant = tenant, .client = client};
	struct buf header, payload;
	bool ok;

	buf_init(&header, ASSERTION_MAX);
	buf_init(&payload, ASSERTION_MAX);
	if (jws_peek(assertion, &header, &payload, NULL)) {
		a.header = json_loads(buf_text(&header), 0, NULL);
		a.claims = json_loads(buf_text(&payload), 0, NULL);
	}
	if (!json_is_object(a.header) || !json_is_object(a.claims))
		ok = refuse_malformed(call, "it is no JWT of three parts");
	else if (text_case_starts(text_of(call, a.claims, "iss"), "https://"))
		ok = by_federation(call, &a);
	else
		ok = by_certificate(call, &a);
	json_decref(a.header);
	json_decref(a.claims);
	buf_free(&header);
	buf_free(&payload);
	return ok;
}
