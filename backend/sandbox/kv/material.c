/* Key pairs before they are versions of a key. */
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/rows/keyring.h"
#include "crypto/b64.h"

bool
kv_make(struct kv_made *made, unsigned bits, const char *curve, struct err *err)
{
	*made = (struct kv_made){.curve = curve};
	if (curve)
		return ec_generate(curve, &made->der, made->x, made->y, err);
	made->rsa = rsa_make(bits, RSA_E_USUAL, err);
	return made->rsa != NULL;
}

void
kv_made_free(struct kv_made *made)
{
	rsa_free(made->rsa);
	secret_free(&made->der);
}

int64_t
kv_add(struct db *db, const struct kv_made *made)
{
	char x[EC_COORDINATE_MAX * 2], y[EC_COORDINATE_MAX * 2];
	size_t size;

	if (made->rsa)
		return keyring_add(db, made->rsa, NULL);
	size = ec_size(made->curve);
	b64_encode(x, made->x, size);
	b64_encode(y, made->y, size);
	db_do(db, "INSERT INTO material(kty,bits,crv,x,y,private) VALUES('EC',?,?,?,?,?)", "itttb",
		(int64_t)size * 8, made->curve, x, y, (const void *)made->der.bytes, made->der.len);
	return db_last_id(db);
}
