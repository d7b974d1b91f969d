/* The name that a TLS client asks for, read from its first bytes. */
#ifndef CLAVIGER_SANDBOX_HELLO_H
#define CLAVIGER_SANDBOX_HELLO_H

#include <stddef.h>

#include "backend/base/err.h"

enum hello { HELLO_MORE, HELLO_NAME, HELLO_NONE };

/* HELLO_MORE: the bytes are not all there yet. HELLO_NONE: no ClientHello, or one without a name;
 * name is then "". */
enum hello hello_name(const unsigned char *bytes, size_t len, char name[256]);

#endif
