/* From the command that mends a finding to the wizard of its plan. */
#ifndef CLAVIGER_VIEWS_REMEDY_H
#define CLAVIGER_VIEWS_REMEDY_H

#include <stdbool.h>

struct app;

/* Opens the wizard of a remedy as findings tell it ("claviger protect kv-payroll"). One that is no
 * command is told instead. */
void remedy_begin(struct app *app, const char *remedy);

#endif
