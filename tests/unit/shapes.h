/* The kinds of replies that claviger reads, told apart by what is in them, with all that its
 * decoders make of one as lines of text: for the tests of documented and recorded replies. */
#ifndef CLAVIGER_TEST_SHAPES_H
#define CLAVIGER_TEST_SHAPES_H

#include "backend/json/json.h"

enum { SHAPE_DUMP = 1 << 16 };

/* A kind of reply, or of an element of a list. read writes all that was decoded as lines
 * "name=value" where name is the path in the reply that it comes from; names that begin with a dot
 * are of no single path. out has SHAPE_DUMP bytes, the first of them 0. */
struct shape {
	const char *name;
	const char *type; /* of the ARM id; NULL: told by the member `mark` */
	const char *mark;
	bool (*read)(const json_t *, char *out, struct err *);
};

extern const struct shape shapes[];
extern const size_t shapes_len;

/* What this object is a reply about; NULL: nothing that claviger reads. */
const struct shape *shape_of(const json_t *json);

#endif
