/* Identifiers that the service makes up. */
#ifndef CLAVIGER_SANDBOX_IDENT_H
#define CLAVIGER_SANDBOX_IDENT_H

#include <stddef.h>

/* len random bytes from the kernel; ends the process when there are none to be had. */
void ident_random(void *out, size_t len);

/* A random GUID in lower case (RFC 4122 version 4). Returns out. */
char *ident_guid(char out[37]);

/* 32 lower-case hex digits, as a key version is named. Returns out. */
char *ident_version(char out[33]);

#endif
