/* Codes that errors, findings and the process end with: what each means, why it comes and what to
 * do, in our own words. A code may stand for different things by who says it: then there are
 * several of the name. */
#ifndef CLAVIGER_CODE_H
#define CLAVIGER_CODE_H

#include <stdbool.h>
#include <stddef.h>

/* Every text is one paragraph of ASCII without line breaks. */
struct code {
	const char *name;   /* as it is printed: KeyDisabled, AADSTS700016, key-expired, 75 */
	const char *from;   /* who says it */
	const char *means;  /* what it says, and of what */
	const char *why;    /* how it comes about; NULL: that says it already */
	const char *todo;   /* NULL in the tables: what the rule or the sign-in's own table says */
	const char *source; /* article or document; NULL in the tables: the table's or the rule's */
};

/* The i-th code there is, complete; false at the end. */
bool code_at(size_t i, struct code *out);

/* Whether name means this code: letter case aside; an AADSTS code by its number as well. */
bool code_is(const struct code *code, const char *name);

/* The tables, each in a file of its own; source NULL: every code has its own. */
struct code_table {
	const struct code *codes;
	size_t len;
	const char *source;
};

extern const struct code_table codes_exit, codes_http, codes_entra, codes_manager, codes_vault,
	codes_services, codes_own, codes_changes, codes_rules, codes_plan_rules;

#endif
