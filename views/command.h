/* What the console did, as commands that do the same. */
#ifndef CLAVIGER_VIEWS_COMMAND_H
#define CLAVIGER_VIEWS_COMMAND_H

#include "backend/base/buf.h"
#include "backend/plans/plan.h"

/* claviger PLAN NAME ... --option value ... --yes. values are by index of plan->fields; confirm, of
 * what cuts off, takes the place of --yes; NULL: it does not. */
bool command_claviger(struct buf *out, const struct plan_def *plan, const char *const *names,
	size_t names_len, const char *const *values, const char *confirm) MUST_CHECK;

/* The option that names what is cut off, with a blank before it. */
bool command_confirm(struct buf *out, const char *name) MUST_CHECK;

/* Fits a screen of 80 columns. */
enum { COMMAND_COLUMNS = 76 };

/* A command in rows of at most so many columns that a shell reads as one: folded between words with
 * a backslash behind, the row below begins with two blanks; a longer word within itself, quotes
 * closed and opened again. */
bool command_fold(struct buf *out, const char *text, int columns) MUST_CHECK;

/* A text with what command_fold has folded in one piece again, the same to a shell; the caller
 * frees it. */
char *command_unfold(const char *text);

/* A comment and a command under it, folded for a screen of 80 columns: part of a shell script. What
 * of it is not known yet is said. */
bool command_script(struct buf *out, const char *comment, const char *command) MUST_CHECK;

/* The same request by the Azure CLI: az rest with the body (NULL: none) quoted for a shell. A token
 * for another resource than ARM is asked for by its name; NULL: for ARM. */
bool command_rest(struct buf *out, const char *method, const char *url, const char *body,
	const char *resource) MUST_CHECK;
bool command_az(
	struct buf *out, const struct run_step *step, const struct session *session) MUST_CHECK;

#endif
