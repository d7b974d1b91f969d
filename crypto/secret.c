/* The secure heap is small and locked into memory, so it can be full or forbidden; a secret then
 * lives in ordinary memory, and is zeroed there just the same. */
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "crypto/ossl.h"

/* Room for some thousand private keys: OpenSSL itself fails when this heap is full. Pages cost
 * nothing until they are touched. */
enum { SECURE_HEAP = 4 << 20, SECURE_LEAST = 64 };

static void *
ossl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return mem_zeroing_malloc(size);
}

static void
ossl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	mem_zeroing_free(p);
}

/* OpenSSL expects the size 0 to free. */
static void *
ossl_realloc(void *old, size_t size, const char *file, int line)
{
	if (size > 0)
		return mem_zeroing_realloc(old, size);
	ossl_free(old, file, line);
	return NULL;
}

/* Both calls are refused once OpenSSL has allocated; it then goes on with its own memory. */
void
secret_init(void)
{
	CRYPTO_set_mem_functions(ossl_malloc, ossl_realloc, ossl_free);
	if (!CRYPTO_secure_malloc_initialized())
		CRYPTO_secure_malloc_init(SECURE_HEAP, SECURE_LEAST);
}

static void
reserve(struct secret *secret, size_t len)
{
	size_t room = len ? len : 1;

	secret->len = len;
	secret->bytes = CRYPTO_secure_malloc_initialized() ? OPENSSL_secure_malloc(room) : NULL;
	if (secret->bytes == NULL)
		secret->bytes = mem_alloc(room);
}

void
secret_set(struct secret *secret, const void *bytes, size_t len)
{
	reserve(secret, len);
	if (len)
		memcpy(secret->bytes, bytes, len);
}

char *
secret_text(const struct secret *secret)
{
	char *text = mem_alloc(secret->len + 1);

	if (secret->len)
		memcpy(text, secret->bytes, secret->len);
	return text;
}

bool
secret_random(struct secret *secret, size_t len, struct err *err)
{
	reserve(secret, len);
	if (RAND_priv_bytes(secret->bytes, (int)len) == 1)
		return true;
	secret_free(secret);
	return ossl_fail(err, "RANDOM", "no random bytes from the system");
}

void
secret_free(struct secret *secret)
{
	if (secret->bytes && CRYPTO_secure_allocated(secret->bytes)) {
		OPENSSL_secure_clear_free(secret->bytes, secret->len ? secret->len : 1);
	} else if (secret->bytes) {
		secret_wipe(secret->bytes, secret->len);
		free(secret->bytes);
	}
	*secret = (struct secret){0};
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && (a->len == 0 || CRYPTO_memcmp(a->bytes, b->bytes, a->len) == 0);
}

void
secret_wipe(void *bytes, size_t len)
{
	if (bytes)
		OPENSSL_cleanse(bytes, len);
}
