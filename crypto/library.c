/* Asked at run time: the library that is loaded need not be the one that was compiled against. */
#include "crypto/library.h"

#include <openssl/crypto.h>

const char *
crypto_library(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
