/* Inputs for the fuzzer to begin with: the catalogue of calls (tests/spec/calls.h) as it goes over
 * the wire, each with what it builds upon; every route of every table; and what neither has. */
#ifndef CLAVIGER_TESTS_FUZZ_CORPUS_H
#define CLAVIGER_TESTS_FUZZ_CORPUS_H

#include <stddef.h>

/* Takes one input; text is borrowed, status what the catalogue got (0: nobody knows). */
typedef void corpus_take(void *user, const char *text, size_t len, unsigned status);

/* Those of them that are written down. */
extern const char *const corpus_more[];
extern const size_t corpus_more_len;

/* Makes them all, by a sandbox of its own in a temporary folder. */
void corpus_make(corpus_take *take, void *user);

#endif
