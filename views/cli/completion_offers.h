/* What may stand at a place of a command line that is being completed. Internal to completion.c. */
#ifndef CLAVIGER_VIEWS_COMPLETION_OFFERS_H
#define CLAVIGER_VIEWS_COMPLETION_OFFERS_H

#include "views/cli/cli.h"

enum { NAMES_MAX = 64 };

/* A call as far as it was typed. */
struct typed {
	const char *names[NAMES_MAX]; /* words that are no options */
	size_t names_len;
	const char *option; /* whose value is being typed; NULL: none */
	const char *current, *profile, *sandbox;
	struct command command; /* name "": none yet */
	size_t used;            /* names that the command's own name takes up */
};

struct offers {
	const struct typed *typed;
	struct buf *out;
	const char *before; /* stands before what is being completed, in the same word */
	size_t before_len;
	bool ok;
};

/* Offers word if it begins as typed; what: what it is, may be NULL. */
void offer(struct offers *offers, const char *word, const char *what);
void offer_choices(struct offers *offers, const char *const *choices);
/* The names of a kind, as the console kept them when it last read this profile or sandbox. */
void offer_kept(struct offers *offers, const char *kind);
/* The values of an option by its name, else by the word that help has for a value; false: none are
 * known for that. */
bool offer_values(struct offers *offers, const char *word);

#endif
