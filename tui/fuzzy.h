/* How well a few letters fit a name, for the palette: simple enough to be foretold. */
#ifndef CLAVIGER_TUI_FUZZY_H
#define CLAVIGER_TUI_FUZZY_H

enum fuzzy {
	FUZZY_WHOLE,    /* it is the name */
	FUZZY_PREFIX,   /* the name begins with it */
	FUZZY_WORD,     /* a word of the name begins with it */
	FUZZY_INITIALS, /* its letters begin words, in their order */
	FUZZY_WITHIN,   /* it stands in the name */
	FUZZY_LETTERS,  /* its letters stand in the name, in their order */
	FUZZY_NOT,
};

/* The best of these that holds; of several words with blanks between, the worst among them. Case of
 * ASCII letters does not count; "" fits everything as FUZZY_PREFIX. */
enum fuzzy fuzzy_match(const char *query, const char *name);

#endif
