/* The journal: what was about to be done, made durable before it was sent, and what came of it.
 * JSON lines, each chained to the one before by SHA-256. A chain shows an edit, a deletion, an
 * insertion or a reordering; a rewrite of the whole file, or a cut at its end, it shows only
 * against a saved checkpoint. No secret and no body is ever recorded: fields are an allow-list. */
#ifndef CLAVIGER_JOURNAL_H
#define CLAVIGER_JOURNAL_H

#include <jansson.h>
#include <stdint.h>

#include "backend/base/err.h"

struct journal;

/* Opens (makes) DIR/journal.jsonl: 0600, ours, no symlink. A torn last line of an interrupted write
 * is set aside with a record that says so. DIR NULL: $XDG_STATE_HOME/claviger. sandbox marks every
 * record. ERR_JOURNAL when it cannot be used. */
struct journal *journal_open(const char *dir, bool sandbox, struct err *err) MUST_CHECK;
void journal_close(struct journal *journal);

/* Who acts, once known: object id and application id of the token. */
void journal_actor(struct journal *journal, const char *object_id, const char *client_id);

enum journal_phase {
	JOURNAL_INTENT,
	JOURNAL_ACCEPTED, /* Azure works on it */
	JOURNAL_DONE,
	JOURNAL_FAILED,
	JOURNAL_UNKNOWN,
	JOURNAL_PARKED
};

struct journal_entry {
	enum journal_phase phase;
	const char *operation; /* UUID */
	const char *plan, *step;
	const char *target;       /* resource id or key URI */
	const char *method, *url; /* of the request; NULL: none */
	const char *body_digest;  /* SHA-256 of the body, hex; NULL: none */
	int http;                 /* status; 0: none */
	const char *request_id, *code, *message;
	int64_t us; /* of the exchange */
	/* Allow-listed values that a resume needs: versions, principal; may be NULL. */
	const json_t *detail;
};

/* Appends one record and waits until it is on the disk. ERR_JOURNAL when it is not. Several
 * processes may append to one journal. */
bool journal_append(
	struct journal *journal, const struct journal_entry *entry, struct err *err) MUST_CHECK;

/* Every record as stored, in order; each gets a borrowed object. No file: none, true. DIR NULL: the
 * usual place. */
bool journal_each(const char *dir, void (*each)(void *user, const json_t *record), void *user,
	struct err *err) MUST_CHECK;

/* Checks sequence, chain and form of every line. The error names the line and what is wrong.
 * *records gets the count, tail the hash of the last (65 bytes). */
bool journal_verify(const char *dir, size_t *records, char tail[65], struct err *err) MUST_CHECK;

#endif
