/* Key Vault lists versions by the text of their names, not by age, and answers for a disabled key
 * as for any other: order and state are worked out here and nowhere else. */
#include "backend/estate/key.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/reply.h"
#include "crypto/b64.h"
#include "crypto/rsa.h"

static bool
decode_attributes(const json_t *json, struct key_version *out, struct err *err)
{
	const json_t *attributes;

	return json_object_at(json, "attributes", &attributes, err) &&
	       json_flag(json, "attributes.enabled", &out->enabled, err) &&
	       json_number(json, "attributes.created", &out->created, err) &&
	       json_number(json, "attributes.updated", &out->updated, err) &&
	       json_number(json, "attributes.exp", &out->expires, err) &&
	       json_number(json, "attributes.nbf", &out->not_before, err);
}

static bool
decode_kid(const json_t *json, const char *path, const struct cloud *cloud, struct keyid *out,
	struct err *err)
{
	char kid[KEYID_MAX];

	if (!json_need_text(json, path, kid, sizeof kid, err))
		return false;
	if (!keyid_parse(out, kid, cloud, err)) {
		if (err) {
			err->kind = ERR_FAILED;
			memcpy(err->code, "BadReply", sizeof "BadReply");
		}
		return err_prefix(err, "%s", path);
	}
	return true;
}

/* Size of an RSA modulus from its base64url text; 0 when it cannot be told. */
static unsigned
modulus_bits(const char *n)
{
	unsigned char bytes[RSA_BYTES_MAX];
	size_t len, at = 0;
	unsigned bits = 0;

	if (!b64_decode(bytes, sizeof bytes, &len, n))
		return 0;
	while (at < len && bytes[at] == 0)
		at++;
	if (at == len)
		return 0;
	for (unsigned first = bytes[at]; first; first >>= 1)
		bits++;
	return bits + (unsigned)(len - at - 1) * 8;
}

static bool
key_bits(const json_t *key, unsigned *out, struct err *err)
{
	static const struct {
		const char *curve;
		unsigned bits;
	} curves[] = {{"P-256", 256}, {"P-256K", 256}, {"P-384", 384}, {"P-521", 521}};
	const json_t *n = json_at(key, "n");
	char crv[16];

	if (n && !json_is_string(n))
		return err_set(err, ERR_FAILED, "BadReply", "the reply's key.n must be a text");
	if (!json_text(key, "crv", crv, sizeof crv, err))
		return false;
	*out = n ? modulus_bits(json_string_value(n)) : 0;
	for (size_t i = 0; n == NULL && i < ARRAY_LEN(curves); i++)
		if (text_casecmp(crv, curves[i].curve) == 0)
			*out = curves[i].bits;
	return true;
}

static bool
decode_ops(const json_t *key, perm_set *out, struct err *err)
{
	const json_t *ops;
	size_t i;
	json_t *one;

	if (!json_list(key, "key_ops", &ops, err))
		return false;
	json_array_foreach(ops, i, one)
	{
		if (!json_is_string(one))
			return err_set(err, ERR_FAILED, "BadReply",
				"the reply's key.key_ops must be a list of texts");
		*out |= perm_parse(json_string_value(one));
	}
	return true;
}

bool
key_decode(const json_t *json, const struct cloud *cloud, struct key *out, struct err *err)
{
	struct key_version version = {0};
	const json_t *key;

	*out = (struct key){0};
	if (!json_object_at(json, "key", &key, err) ||
		!decode_kid(json, "key.kid", cloud, &out->id, err))
		return err_prefix(err, "key");
	if (!json_need_text(key, "kty", out->kty, sizeof out->kty, err) ||
		!decode_ops(key, &out->ops, err) || !key_bits(key, &out->bits, err) ||
		!decode_attributes(json, &version, err) ||
		!json_text(
			json, "attributes.recoveryLevel", out->recovery, sizeof out->recovery, err))
		return err_prefix(err, "key %s/%s", out->id.vault, out->id.key);
	out->ops_known = json_at(key, "key_ops") != NULL;
	out->jwk = json_deep_copy(key);
	memcpy(version.version, out->id.version, sizeof version.version);
	out->versions = mem_alloc(sizeof version);
	out->versions[0] = version;
	out->versions_len = 1;
	return true;
}

void
key_put_version(struct key *key, const struct key_version *version)
{
	for (size_t i = 0; i < key->versions_len; i++)
		if (text_casecmp(key->versions[i].version, version->version) == 0) {
			key->versions[i] = *version;
			return;
		}
	key->versions = mem_resize(key->versions, (key->versions_len + 1) * sizeof *key->versions);
	key->versions[key->versions_len++] = *version;
}

static bool
decode_version(const json_t *json, const struct cloud *cloud, struct key *out, struct err *err)
{
	struct key_version version = {0};
	struct keyid id;

	if (!decode_kid(json, "kid", cloud, &id, err) || !decode_attributes(json, &version, err))
		return false;
	if (out->id.key[0] == '\0')
		out->id = id;
	if (text_casecmp(id.host, out->id.host) != 0 || text_casecmp(id.key, out->id.key) != 0)
		return err_set(err, ERR_FAILED, "BadReply",
			"the reply's kid names another key, %s/%s", id.vault, id.key);
	if (id.version[0] == '\0')
		return err_set(err, ERR_FAILED, "BadReply", "the reply's kid has no version");
	memcpy(version.version, id.version, sizeof version.version);
	key_put_version(out, &version);
	return true;
}

bool
key_decode_versions(const json_t *json, const struct cloud *cloud, struct key *out, char **next,
	struct err *err)
{
	char current[33];
	const json_t *value;

	if (!reply_page(json, &value, next, err))
		return err_prefix(err, "versions of key %s/%s", out->id.vault, out->id.key);
	memcpy(current, out->id.version, sizeof current);
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!decode_version(json_array_get(value, i), cloud, out, err)) {
			free(*next);
			*next = NULL;
			return err_prefix(err, "versions of key %s/%s: value[%zu]", out->id.vault,
				out->id.key, i);
		}
	out->listed = (*next)[0] == '\0';
	key_sort_versions(out, current);
	return true;
}

static int
compare_versions(const void *a, const void *b, void *current)
{
	const struct key_version *x = a, *y = b;
	bool x_is = text_casecmp(x->version, current) == 0;
	bool y_is = text_casecmp(y->version, current) == 0;

	if (x->created != y->created)
		return x->created < y->created ? 1 : -1;
	if (x_is != y_is)
		return x_is ? -1 : 1;
	return text_casecmp(x->version, y->version);
}

void
key_sort_versions(struct key *key, const char *current)
{
	char name[33];

	(void)!text_copy(name, sizeof name, current);
	if (key->versions_len > 1)
		qsort_r(key->versions, key->versions_len, sizeof *key->versions, compare_versions,
			name);
}

const struct key_version *
key_version_find(const struct key *key, const char *version)
{
	for (size_t i = 0; i < key->versions_len; i++)
		if (version[0] == '\0' || text_casecmp(key->versions[i].version, version) == 0)
			return &key->versions[i];
	return NULL;
}

int
key_versions_behind(const struct key *key, const char *version)
{
	const struct key_version *found = key_version_find(key, version);

	return found ? (int)(found - key->versions) : -1;
}

void
key_free(struct key *key)
{
	free(key->versions);
	json_decref(key->jwk);
	*key = (struct key){0};
}
