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

/* Reads a reply that holds a long list without ever having it whole: the elements of the member
 * `list` come one at a time, all else is in rest once they have come (the list is left there,
 * empty). Elements that come before a fault in the text have come by then. Errors as json_read. */
struct json_reader {
	const char *text; /* borrowed, as are what and list */
	size_t len, at;   /* at: how far it was read */
	const char *what, *list;
	json_t *rest;
	enum json_place {
		JSON_START,
		JSON_MEMBER,
		JSON_ELEMENT,
		JSON_AFTER_ELEMENT,
		JSON_AFTER_MEMBER,
		JSON_AFTER_OBJECT,
		JSON_END
	} place; /* what comes next */
};
void json_reader_open(
	struct json_reader *out, const char *text, size_t len, const char *what, const char *list);
/* *element gets a new reference, or NULL after the last one. Not to be called after a failure. */
bool json_reader_next(struct json_reader *reader, json_t **element, struct err *err) MUST_CHECK;
void json_reader_close(struct json_reader *reader);

/* The same in one go: each element is given to each(), borrowed; false from it ends the reading.
 * *rest is a reference that the caller gives back, after a failure too. */
typedef bool json_each(void *user, size_t i, const json_t *element, struct err *err);
bool json_rows(const char *text, size_t len, const char *what, const char *list, json_each *each,
	void *user, json_t **rest, struct err *err) MUST_CHECK;

/* What is said of a text that cannot be read; line counts from 1. For json_read and json_rows. */
bool json_unreadable(const char *what, int line, const char *cause, size_t len, struct err *err);

/* The text of a member of what is ours, borrowed and as it is; "" when there is none. */
const char *json_str(const json_t *object, const char *member);

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
