/* Replies in the shapes of the services. The last one of an exchange wins. */
#ifndef CLAVIGER_SANDBOX_REPLY_H
#define CLAVIGER_SANDBOX_REPLY_H

#include "backend/sandbox/call.h"

/* Takes json over. */
void reply_json(struct call *call, unsigned status, json_t *json);
void reply_empty(struct call *call, unsigned status);
void reply_header(struct call *call, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with a value that outlives the exchange or hangs in its arena. */
void reply_header_text(struct call *call, const char *name, const char *value);

/* {"error":{"code","message"}}: ARM and its providers. */
void reply_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* {"code","message"}: what the Automation provider sends [azure-docs 72229]. */
void reply_flat_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* {"error":{"code","message","innererror":{"code"}}}: Key Vault's data plane; inner may be NULL. */
void reply_vault_error(struct call *call, unsigned status, const char *code, const char *inner,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

/* When db_commit was false. */
void reply_broken(struct call *call);

/* The headers that every reply of a service carries: request ids, limits, Date. */
void reply_common_headers(struct call *call);

/* 2026-11-21T19:02:03.1234567+00:00 as Automation writes times, ...123Z as Key Vault's ARM does.
 * In the call's arena. */
const char *reply_time_offset(struct call *call, int64_t ms);
const char *reply_time_zulu(struct call *call, int64_t ms);

/* The JSON value of a text kept in the database; null when the text is "". */
json_t *reply_stored(const char *text);

#endif
