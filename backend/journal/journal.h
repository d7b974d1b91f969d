/* The journal: what was about to be done, made durable before it was sent, and what came of it.
 * JSON lines, each chained to the one before by SHA-256. A chain shows an edit, a deletion, an
 * insertion or a reordering; a rewrite of the whole file, or a cut at its end, it shows only
 * against a saved checkpoint. No secret and no body is ever recorded: fields are an allow-list. */
#ifndef CLAVIGER_JOURNAL_H
#define CLAVIGER_JOURNAL_H

#include <jansson.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/base/err.h"

struct journal;

/* Opens (makes) DIR/journal.jsonl: 0600, ours, no symlink. A torn last line of an interrupted write
 * is set aside with a record that says so. DIR NULL: $XDG_STATE_HOME/claviger. sandbox marks every
 * record. Where the usual place cannot be written, $XDG_RUNTIME_DIR/claviger and the system's log
 * stand in. ERR_JOURNAL when nothing can be used. */
struct journal *journal_open(const char *dir, bool sandbox, struct err *err) MUST_CHECK;
/* The same for what must be done even unrecorded: where no place takes a record it goes to stderr,
 * and the next start that can write takes it in, behind a record of the gap with this reason. */
struct journal *journal_open_glass(
	const char *dir, bool sandbox, const char *reason, struct err *err) MUST_CHECK;
void journal_close(struct journal *journal);

/* From its first record, or from being taken up again, until it is let go of: an operation is in
 * one hand, of whichever process. ERR_REFUSED while it is in another. */
bool journal_hold(struct journal *journal, const char *operation, struct err *err) MUST_CHECK;
void journal_release(struct journal *journal, const char *operation);

/* Why records do not go where they should, and where they go; "": they do. */
const char *journal_note(const struct journal *journal);

/* Who acts, once known: object id and application id of the token. */
void journal_actor(struct journal *journal, const char *object_id, const char *client_id);

enum journal_phase {
	JOURNAL_INTENT,
	JOURNAL_ACCEPTED, /* Azure works on it */
	JOURNAL_DONE,
	JOURNAL_FAILED,
	JOURNAL_UNKNOWN,
	JOURNAL_PARKED,
	JOURNAL_BEGIN, /* of an operation: detail is what it is about */
	JOURNAL_END    /* of a run of it: detail.state is how it stands */
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
 * usual place. What still waits elsewhere to be carried there comes last. */
bool journal_each(const char *dir, void (*each)(void *user, const json_t *record), void *user,
	struct err *err) MUST_CHECK;
/* The same on any thread; ERR_CANCELLED once *stop (NULL: never) has come true. */
bool journal_each_until(const char *dir, void (*each)(void *user, const json_t *record), void *user,
	const atomic_bool *stop, struct err *err) MUST_CHECK;

/* Bytes of all that journal_each would read. */
size_t journal_size(const char *dir);

/* Checks sequence, chain and form of every line. The error names the line and what is wrong.
 * *records gets the count, tail the hash of the last (65 bytes). */
bool journal_verify(const char *dir, size_t *records, char tail[65], struct err *err) MUST_CHECK;

/* What the journal is at one time, to be kept where its owner cannot change it: as a line "ORIGIN
 * SIZE HASH" (after the signed notes of transparency logs, C2SP tlog-checkpoint, without a
 * signature). Against it a cut at the end and a rewriting of the whole show. */
enum { CHECKPOINT_ORIGIN = 40 };
struct checkpoint {
	char origin[CHECKPOINT_ORIGIN]; /* which journal */
	size_t size;                    /* records */
	char hash[65];                  /* of the last of them */
};
bool journal_checkpoint(const char *dir, struct checkpoint *out, struct err *err) MUST_CHECK;
/* From its line, in whatever white space. ERR_USAGE when it is none. */
bool journal_checkpoint_read(const char *text, struct checkpoint *out, struct err *err) MUST_CHECK;
/* journal_verify, and that the journal goes on from what was saved. */
bool journal_verify_since(const char *dir, const struct checkpoint *saved, size_t *records,
	char tail[65], struct err *err) MUST_CHECK;

#endif
