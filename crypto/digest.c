/* OpenSSL looks an algorithm up by name on every use unless it is handed a fetched one: fetched
 * once, for all threads. */
#include "crypto/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

static const struct {
	const char *name;
	size_t size;
} digests[] = {
	[DIGEST_NONE] = {"none", 0},
	[DIGEST_SHA1] = {"SHA-1", 20},
	[DIGEST_SHA224] = {"SHA-224", 28},
	[DIGEST_SHA256] = {"SHA-256", 32},
	[DIGEST_SHA384] = {"SHA-384", 48},
	[DIGEST_SHA512] = {"SHA-512", 64},
	[DIGEST_SHA512_224] = {"SHA-512/224", 28},
	[DIGEST_SHA512_256] = {"SHA-512/256", 32},
	[DIGEST_SHA3_224] = {"SHA3-224", 28},
	[DIGEST_SHA3_256] = {"SHA3-256", 32},
	[DIGEST_SHA3_384] = {"SHA3-384", 48},
	[DIGEST_SHA3_512] = {"SHA3-512", 64},
	[DIGEST_MD5] = {"MD5", 16},
};

static pthread_once_t fetched_once = PTHREAD_ONCE_INIT;
static EVP_MD *fetched[ARRAY_LEN(digests)];

static void
fetch_all(void)
{
	for (size_t i = DIGEST_NONE + 1; i < ARRAY_LEN(digests); i++)
		fetched[i] = EVP_MD_fetch(NULL, digests[i].name, NULL);
}

enum digest
digest_find(const char *name)
{
	for (size_t i = DIGEST_NONE + 1; i < DIGEST_MD5; i++)
		if (strcmp(name, digests[i].name) == 0)
			return (enum digest)i;
	return DIGEST_NONE;
}

const char *
digest_name(enum digest digest)
{
	return digests[digest].name;
}

size_t
digest_size(enum digest digest)
{
	return digests[digest].size;
}

size_t
digest_of(enum digest digest, const void *bytes, size_t len, unsigned char *out)
{
	unsigned size = 0;

	pthread_once(&fetched_once, fetch_all);
	if (fetched[digest] == NULL ||
		EVP_Digest(bytes, len, out, &size, fetched[digest], NULL) != 1)
		return 0;
	return size;
}

void
digest_sha256_hex(const void *bytes, size_t len, char out[65])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char md[DIGEST_MAX];
	size_t size = digest_of(DIGEST_SHA256, bytes, len, md);

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = hex[md[i] >> 4];
		out[2 * i + 1] = hex[md[i] & 15];
	}
	out[2 * size] = '\0';
}
