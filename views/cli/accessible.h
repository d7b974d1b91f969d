/* The inside of the dialogue of --accessible, shared by its files only. */
#ifndef CLAVIGER_VIEWS_CLI_ACCESSIBLE_H
#define CLAVIGER_VIEWS_CLI_ACCESSIBLE_H

#include "views/cli/cli.h"

enum { LINE_BYTES = 512, ROWS = 20 };

struct dialogue {
	struct cli *cli;
	bool over;
	const struct kind *kind; /* looked at now */
};

/* What a plan is to be called with. */
struct form {
	const struct plan_def *plan;
	const struct service *service; /* of an account; NULL: it is none */
	struct subject subject;        /* that has the name; an id of accounts only */
	struct facts facts;            /* of the account, for suggestions */
	char name[LINE_BYTES], group[LINE_BYTES];
	char named[PLAN_FIELDS_MAX][LINE_BYTES]; /* suggested by what led here; "": nothing */
	char own[PLAN_FIELDS_MAX][LINE_BYTES];
	const char *values[PLAN_FIELDS_MAX]; /* NULL: not given */
};

/* One answer without blanks around it; false: q, a signal or the end of input ends the dialogue. */
bool dialogue_answer(struct dialogue *d, char out[LINE_BYTES]);

/* A number from 1 to most, 0 if it is none. */
size_t dialogue_number(const char *text, size_t most);

/* The number of an answer; 0: back. */
size_t dialogue_choose(struct dialogue *d, const char *what, size_t most);

/* Reads parts of the estate, and also others as far as they can be; false: it was said why not. */
bool dialogue_load(struct dialogue *d, unsigned parts, unsigned also);

/* A row of the kind, or, where others is set, SIZE_MAX for what is not in the list; false: back. */
bool dialogue_choose_row(struct dialogue *d, const struct kind *kind, bool others, size_t *row);

/* What a call takes for the row. */
void dialogue_row_name(
	const struct dialogue *d, const struct kind *kind, size_t row, char *out, size_t room);

/* Asks for what the plan needs besides its name, and calls it. */
void dialogue_carry_out(struct dialogue *d, struct form *form);

/* accessible_alarm.c */
void dialogue_findings(struct dialogue *d);
void dialogue_incident(struct dialogue *d);

/* wrap.c: from now on what is said breaks between words, at the terminal's columns, until the end.
 * output: what is printed too, as it is read by somebody and not by a program. */
struct wrap *wrap_start(bool output);
void wrap_end(struct wrap *wrap); /* NULL: nothing */

/* Whoever answered is at the beginning of a line. NULL: nothing. */
void wrap_answered(struct wrap *wrap);

#endif
