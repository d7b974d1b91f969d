/* Swagger 2.0 documents of a specification tree: read when first needed, with their operations and
 * the $refs between them. Layout as in azure-rest-api-specs: FOLDER/{stable,preview}/VERSION/X.json
 */
#ifndef CLAVIGER_TESTS_SPEC_DOCUMENT_H
#define CLAVIGER_TESTS_SPEC_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct openapi;
struct document;

/* A place in a document; $refs are relative to it. */
struct node {
	const struct document *doc;
	const json_t *json;
};

struct operation {
	const char *id, *method, *path; /* AutomationAccount_Get, get, the template */
	const char *folder, *version;
	struct node item, json; /* the path's object and the operation's */
};

/* What a template's {name} stands for in a path; decoded. */
struct binding {
	char name[64], value[512];
};
enum { BINDINGS = 16 };
struct bindings {
	struct binding all[BINDINGS];
	size_t len;
};

/* root is the tree's top folder; NULL: only what openapi_add gives. Missing or broken documents end
 * the test. */
struct openapi *openapi_new(const char *root);
void openapi_free(struct openapi *api);

/* A document by its text, as if it lay at path below the root. */
void openapi_add(struct openapi *api, const char *path, const char *text);

/* The operation of a call below a service's folder. A version that is held is taken as it is, and
 * any other gets the newest one held that knows the path. NULL when there is none. path is
 * undecoded. */
const struct operation *openapi_find(struct openapi *api, const char *folder, const char *method,
	const char *path, const char *version, struct bindings *bindings);

void openapi_each(struct openapi *api, const char *folder,
	void (*visit)(void *user, const struct operation *op), void *user);

/* Follows $ref to its end. */
struct node openapi_resolve(struct openapi *api, struct node node);

/* A member of the place; its json is NULL when there is none. */
struct node node_get(struct node node, const char *name);
const char *node_text(struct node node, const char *name);
bool node_true(struct node node, const char *name);

/* The file at a path relative to the document, and a definition of the document. */
struct node openapi_relative(struct openapi *api, const struct document *doc, const char *path);
struct node document_definitions(const struct document *doc);
const char *document_path(const struct document *doc);

/* A document by its path below the root. */
struct node openapi_document(struct openapi *api, const char *path);

#endif
