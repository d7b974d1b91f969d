/* Replies in the shapes of the services. The last one of an exchange wins. */
#ifndef CLAVIGER_SANDBOX_REPLY_H
#define CLAVIGER_SANDBOX_REPLY_H

#include "backend/sandbox/call.h"

/* Takes json over. */
void reply_json(struct call *call, unsigned status, json_t *json);
void reply_empty(struct call *call, unsigned status);

/* Bytes of any kind, static or in the call's arena, with their content type (NULL: none). */
void reply_bytes(
	struct call *call, unsigned status, const char *type, const void *bytes, size_t len);
void reply_header(struct call *call, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with a value that outlives the exchange or hangs in its arena. */
void reply_header_text(struct call *call, const char *name, const char *value);

/* {"error":{"code","message"}}: ARM and its providers. */
void reply_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* {"code","message"}: what the Automation provider sends [azure-docs 72229]. */
void reply_flat_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* {"error":{"code","message","innererror":{"code"}}}: Key Vault's data plane; inner may be NULL. A
 * Managed HSM adds its activity id to the message (recorded). */
void reply_vault_error(struct call *call, unsigned status, const char *code, const char *inner,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

/* The XML of Storage's data plane, the code in x-ms-error-code too. */
void reply_blob_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* When db_commit was false. */
void reply_broken(struct call *call);

/* The headers that every reply of a service carries: request ids, limits, Date. */
void reply_common_headers(struct call *call);

/* 2026-11-21T19:02:03.1234567+00:00 as Automation writes times, ...123Z as Key Vault's ARM does,
 * ...1230000Z as Storage does. In the call's arena. */
const char *reply_time_offset(struct call *call, int64_t ms);
const char *reply_time_zulu(struct call *call, int64_t ms);
const char *reply_time_7(struct call *call, int64_t ms);

/* Text for the inside of an XML element. In the call's arena. */
const char *reply_xml(struct call *call, const char *text);

/* The JSON value of a text kept in the database; null when the text is "". */
json_t *reply_stored(const char *text);

#endif
