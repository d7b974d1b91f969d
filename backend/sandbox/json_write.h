/* JSON as the bytes of a reply. */
#ifndef CLAVIGER_SANDBOX_JSON_WRITE_H
#define CLAVIGER_SANDBOX_JSON_WRITE_H

#include <jansson.h>
#include <stddef.h>

/* The compact text of a value, members in their order, as json_dumps writes it; new (free), with a
 * NUL after its len bytes. */
char *json_write(const json_t *json, size_t *len);

#endif
