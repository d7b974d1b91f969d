/* Texts of the backend for who fills in a form: they name options, as the command line has them. */
#ifndef CLAVIGER_VIEWS_FIELD_WORDS_H
#define CLAVIGER_VIEWS_FIELD_WORDS_H

#include "backend/plans/plan.h"
#include "tui/said.h"

/* In the reader's language (said.h), with the title of the plan's field for each option that is
 * one, unless it stands in a command: leave "Create key" out. Returns room, or the text itself. */
const char *field_words(const struct plan_def *plan, const char *text, char room[SAID]);

/* The same of the message of a failure, which is then said as it is. */
struct err field_words_err(const struct plan_def *plan, const struct err *err);

#endif
