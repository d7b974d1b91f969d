/* The kinds of credential, one file each; credential.c puts them into the order in which they are
 * tried. */
#ifndef CLAVIGER_AUTH_WAYS_H
#define CLAVIGER_AUTH_WAYS_H

#include "backend/auth/credential.h"

extern const struct credential_kind credential_client_secret;

#endif
