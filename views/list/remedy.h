/* The command that mends a finding: what it says, and from there to the wizard of its plan. */
#ifndef CLAVIGER_VIEWS_REMEDY_H
#define CLAVIGER_VIEWS_REMEDY_H

#include "backend/plans/plan.h"

struct app;

enum { REMEDY_WORDS = 16, REMEDY_WORD = 300 };

struct remedy {
	char word[REMEDY_WORDS][REMEDY_WORD];
	size_t len;
	const struct plan_def *plan;
	const char *subject;                 /* the word that names it */
	const char *values[PLAN_FIELDS_MAX]; /* words, by field; NULL: not said, or to be chosen */
};

/* Reads a remedy as findings tell it ("claviger protect kv-payroll"); false: it is no plan's
 * command. */
bool remedy_read(const char *text, struct remedy *out);

/* Opens the wizard of a remedy. One that is no command is told instead. */
void remedy_begin(struct app *app, const char *text);

#endif
