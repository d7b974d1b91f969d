/* The library behind crypto/. */
#ifndef CLAVIGER_CRYPTO_LIBRARY_H
#define CLAVIGER_CRYPTO_LIBRARY_H

/* "OpenSSL 3.0.19 27 Jan 2026": the one that is loaded. */
const char *crypto_library(void);

#endif
