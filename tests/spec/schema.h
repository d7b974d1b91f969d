/* Whether a JSON value is what a Swagger 2.0 schema says, read as Azure's documents mean it:
 * members that no schema names are reported, null stands for absent where a reply may leave a
 * member out, and an x-ms-enum with modelAsString takes any word. */
#ifndef CLAVIGER_TESTS_SPEC_SCHEMA_H
#define CLAVIGER_TESTS_SPEC_SCHEMA_H

#include "backend/base/err.h"
#include "tests/spec/document.h"

enum direction { REQUEST, REPLY };

struct check {
	struct openapi *api;
	enum direction direction;
	const char *method; /* of the request: what x-ms-mutability is about */
	/* where: members with dots, # for any element ("reply.value.#.id"); rule: one word, such as
	 * "required" or "enum"; what: the same in words */
	void (*report)(void *user, const char *where, const char *rule, const char *what);
	void *user;
	size_t found; /* reports so far */
	char where[512];
};

/* Reports everything that is wrong with the value at check->where. */
void schema_check(struct check *check, struct node schema, const json_t *value);

void check_report(struct check *check, const char *rule, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Puts a step behind check->where; gives what check_leave takes. */
size_t check_enter(struct check *check, const char *step);
void check_leave(struct check *check, size_t mark);

#endif
