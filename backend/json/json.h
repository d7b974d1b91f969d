/* Reading JSON that came from outside: by path, with errors that name the path, sanitised once.
 * A path is keys with dots: properties.encryption.keySource. Keys match without regard to case
 * (Automation's article writes keyvaultProperties, its specification keyVaultProperties). What is
 * absent or null is no error unless the reader is json_need_*; a wrong type always is one
 * (ERR_FAILED, code "BadReply"). */
#ifndef CLAVIGER_JSON_H
#define CLAVIGER_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

/* Gives jansson zeroing allocators; call once before any other use. */
void json_init(void);

/* Parses a whole text; duplicates and trailing text are errors. what names it: "reply of GET ...".
 * NULL on failure, else a reference the caller gives back with json_decref. */
json_t *json_read(const char *text, size_t len, const char *what, struct err *err) MUST_CHECK;

/* Reads a reply that holds a long list without ever having it whole: each element of the member
 * `list` is given to each(), borrowed, and forgotten; false from it ends the reading. *rest gets
 * all else (the list is left there, empty), a reference the caller gives back, after a failure too.
 * Elements that came before a fault in the text have been given by then. Errors as json_read. */
typedef bool json_each(void *user, size_t i, const json_t *element, struct err *err);
bool json_rows(const char *text, size_t len, const char *what, const char *list, json_each *each,
	void *user, json_t **rest, struct err *err) MUST_CHECK;

/* What is said of a text that cannot be read; line counts from 1. For json_read and json_rows. */
bool json_unreadable(const char *what, int line, const char *cause, size_t len, struct err *err);

/* The value at path, borrowed; NULL when absent or null. Never fails. */
const json_t *json_at(const json_t *root, const char *path);

/* dst gets clean text, "" when absent. A text that does not fit is an error. */
bool json_text(
	const json_t *root, const char *path, char *dst, size_t room, struct err *err) MUST_CHECK;
bool json_need_text(
	const json_t *root, const char *path, char *dst, size_t room, struct err *err) MUST_CHECK;

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };
bool json_flag(const json_t *root, const char *path, enum tri *out, struct err *err) MUST_CHECK;

/* *out stays as it is when absent. Takes numbers, and strings of digits (IMDS writes those). */
bool json_number(const json_t *root, const char *path, int64_t *out, struct err *err) MUST_CHECK;

/* *out is borrowed, NULL when absent. Some services write an object without members as []. */
bool json_list(
	const json_t *root, const char *path, const json_t **out, struct err *err) MUST_CHECK;
bool json_object_at(
	const json_t *root, const char *path, const json_t **out, struct err *err) MUST_CHECK;

/* A time as ISO 8601 text to seconds since the epoch; *out stays when absent. */
bool json_time(const json_t *root, const char *path, int64_t *out, struct err *err) MUST_CHECK;

/* Turns an error reply into err: Azure's {"error":{code,message,innererror}}, Automation's bare
 * {"code","message"}, Entra's {"error","error_description"}, {"Message"}, plain text or nothing.
 * Kind by status: 401 403 denied, 404 not found, 409 412 refused, 408 429 5xx unavailable, else
 * failed. The inner code, where there is one, follows the code: "Forbidden/ForbiddenByPolicy". */
void json_error(const char *body, size_t len, int http, const char *request_id, struct err *err);

#endif
