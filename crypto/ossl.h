/* How a failure of OpenSSL becomes a struct err. For crypto/ only. */
#ifndef CLAVIGER_CRYPTO_OSSL_H
#define CLAVIGER_CRYPTO_OSSL_H

#include "backend/base/err.h"

/* ERR_FAILED: what, then OpenSSL's reason for its last failure. Empties the thread's error queue,
 * so that no later call is blamed for it. Returns false. */
bool ossl_fail(struct err *err, const char *code, const char *what);

#endif
