/* Every document is kept by its path below the root, so that each is read once whoever refers to
 * it; a folder's operations are listed when the folder is first asked for. */
#include "tests/spec/document.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { PATH_ROOM = 512, REF_DEPTH = 16 };

struct document {
	char path[PATH_ROOM]; /* below the root */
	json_t *json;
	struct document *next;
};

struct listing {
	char folder[PATH_ROOM];
	struct operation *ops;
	size_t len, room;
	struct listing *next;
};

struct openapi {
	char root[PATH_ROOM];
	struct document *documents;
	struct listing *listings;
};

struct openapi *
openapi_new(const char *root)
{
	struct openapi *api = mem_alloc(sizeof *api);

	snprintf(api->root, sizeof api->root, "%s", root ? root : "");
	return api;
}

void
openapi_free(struct openapi *api)
{
	while (api->documents) {
		struct document *doc = api->documents;

		api->documents = doc->next;
		json_decref(doc->json);
		free(doc);
	}
	while (api->listings) {
		struct listing *listing = api->listings;

		api->listings = listing->next;
		free(listing->ops);
		free(listing);
	}
	free(api);
}

static struct document *
keep(struct openapi *api, const char *path, json_t *json)
{
	struct document *doc = mem_alloc(sizeof *doc);

	snprintf(doc->path, sizeof doc->path, "%s", path);
	doc->json = json;
	doc->next = api->documents;
	api->documents = doc;
	return doc;
}

void
openapi_add(struct openapi *api, const char *path, const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, 0, &error);

	if (!json)
		fail_msg("%s: %s (line %d)", path, error.text, error.line);
	keep(api, path, json);
}

static struct document *
load(struct openapi *api, const char *path)
{
	char file[2 * PATH_ROOM + 2];
	json_error_t error;
	json_t *json;

	for (struct document *doc = api->documents; doc; doc = doc->next)
		if (strcmp(doc->path, path) == 0)
			return doc;
	snprintf(file, sizeof file, "%s/%s", api->root, path);
	json = json_load_file(file, 0, &error);
	if (!json)
		fail_msg("%s: %s (line %d)", file, error.text, error.line);
	return keep(api, path, json);
}

/* from's folder, then relative, with . and .. taken out. */
static void
join(char out[PATH_ROOM], const char *from, const char *relative)
{
	const char *slash = strrchr(from, '/');
	size_t len = slash ? (size_t)(slash - from) : 0;

	snprintf(out, PATH_ROOM, "%.*s", (int)len, from);
	while (*relative) {
		size_t step = strcspn(relative, "/");

		if (step == 2 && memcmp(relative, "..", 2) == 0) {
			char *last = strrchr(out, '/');

			*(last ? last : out) = '\0';
		} else if (step && !(step == 1 && *relative == '.')) {
			size_t used = strlen(out);

			snprintf(out + used, PATH_ROOM - used, "%s%.*s", used ? "/" : "", (int)step,
				relative);
		}
		relative += step + (relative[step] == '/');
	}
}

struct node
openapi_relative(struct openapi *api, const struct document *doc, const char *path)
{
	char file[PATH_ROOM];

	join(file, doc->path, path);
	return openapi_document(api, file);
}

struct node
openapi_document(struct openapi *api, const char *path)
{
	struct document *doc = load(api, path);

	return (struct node){doc, doc->json};
}

struct node
node_get(struct node node, const char *name)
{
	return (struct node){node.doc, json_object_get(node.json, name)};
}

const char *
node_text(struct node node, const char *name)
{
	return json_string_value(json_object_get(node.json, name));
}

bool
node_true(struct node node, const char *name)
{
	return json_is_true(json_object_get(node.json, name));
}

struct node
document_definitions(const struct document *doc)
{
	return (struct node){doc, json_object_get(doc->json, "definitions")};
}

const char *
document_path(const struct document *doc)
{
	return doc->path;
}

static bool
step_into(struct node *node, const char *at, size_t len)
{
	char name[256];
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < sizeof name; i++) {
		if (at[i] == '~' && i + 1 < len && (at[i + 1] == '0' || at[i + 1] == '1'))
			name[n++] = at[++i] == '0' ? '~' : '/';
		else
			name[n++] = at[i];
	}
	name[n] = '\0';
	*node = node_get(*node, name);
	return node->json != NULL;
}

struct node
openapi_resolve(struct openapi *api, struct node node)
{
	const char *ref;

	for (int depth = 0; (ref = node_text(node, "$ref")); depth++) {
		const char *hash = strchr(ref, '#');
		size_t len = hash ? (size_t)(hash - ref) : strlen(ref);
		char file[PATH_ROOM];

		if (depth == REF_DEPTH)
			fail_msg("%s: the $ref %s goes in a circle", node.doc->path, ref);
		snprintf(file, sizeof file, "%.*s", (int)len, ref);
		node = len ? openapi_relative(api, node.doc, file)
			   : (struct node){node.doc, node.doc->json};
		for (const char *at = hash ? hash + 1 : ""; *at;) {
			size_t step = strcspn(++at, "/");

			if (!step_into(&node, at, step))
				fail_msg("%s: the $ref %s leads nowhere", node.doc->path, ref);
			at += step;
		}
	}
	return node;
}

static void
list_operation(struct listing *listing, const char *version, struct node item, const char *path,
	const char *method)
{
	struct node json = node_get(item, method);
	const char *id = node_text(json, "operationId");

	if (listing->len == listing->room) {
		listing->room = listing->room ? 2 * listing->room : 256;
		listing->ops = mem_resize(listing->ops, listing->room * sizeof *listing->ops);
	}
	listing->ops[listing->len++] = (struct operation){
		id ? id : method, method, path, listing->folder, version, item, json};
}

static void
list_paths(struct listing *listing, struct document *doc, const char *member)
{
	static const char *const methods[] = {"get", "head", "put", "post", "patch", "delete"};
	const char *version =
		json_string_value(json_object_get(json_object_get(doc->json, "info"), "version"));
	json_t *paths = json_object_get(doc->json, member), *item;
	const char *path;

	json_object_foreach(paths, path, item)
	{
		for (size_t i = 0; i < ARRAY_LEN(methods); i++)
			if (json_object_get(item, methods[i]))
				list_operation(listing, version ? version : "",
					(struct node){doc, item}, path, methods[i]);
	}
}

static void
list_folder(struct openapi *api, struct listing *listing, const char *folder)
{
	char at[2 * PATH_ROOM + 2], path[2 * PATH_ROOM];
	struct dirent *entry;
	DIR *dir;

	snprintf(at, sizeof at, "%s/%s", api->root, folder);
	dir = opendir(at);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "examples") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (text_case_ends(entry->d_name, ".json"))
			load(api, path);
		else if (!strchr(entry->d_name, '.') || strpbrk(entry->d_name, "0123456789"))
			list_folder(api, listing, path);
	}
	closedir(dir);
}

static const struct listing *
listing_of(struct openapi *api, const char *folder)
{
	struct listing *listing;
	size_t len = strlen(folder);

	for (listing = api->listings; listing; listing = listing->next)
		if (strcmp(listing->folder, folder) == 0)
			return listing;
	listing = mem_alloc(sizeof *listing);
	snprintf(listing->folder, sizeof listing->folder, "%s", folder);
	if (api->root[0])
		list_folder(api, listing, folder);
	for (struct document *doc = api->documents; doc; doc = doc->next)
		if (strncmp(doc->path, folder, len) == 0 && doc->path[len] == '/') {
			list_paths(listing, doc, "paths");
			list_paths(listing, doc, "x-ms-paths");
		}
	listing->next = api->listings;
	api->listings = listing;
	return listing;
}

void
openapi_each(struct openapi *api, const char *folder,
	void (*visit)(void *user, const struct operation *op), void *user)
{
	const struct listing *listing = listing_of(api, folder);

	for (size_t i = 0; i < listing->len; i++)
		visit(user, &listing->ops[i]);
}

/* A path of the template that may hold slashes is one that is not encoded. */
static bool
spans(struct openapi *api, const struct operation *op, const char *name)
{
	const struct node places[] = {op->item, op->json};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct node list = node_get(places[i], "parameters");

		for (size_t j = 0; j < json_array_size(list.json); j++) {
			struct node one = openapi_resolve(
				api, (struct node){list.doc, json_array_get(list.json, j)});
			const char *is = node_text(one, "name");

			if (is && strcmp(is, name) == 0)
				return node_true(one, "x-ms-skip-url-encoding");
		}
	}
	return false;
}

static int
hex_digit(char c)
{
	const char *at = c ? strchr("0123456789abcdef", c | 0x20) : NULL;

	return at ? (int)(at - "0123456789abcdef") : -1;
}

static void
bind(struct bindings *bindings, const char *name, const char *value, size_t len)
{
	struct binding *to = &bindings->all[bindings->len];
	size_t n = 0;

	if (bindings->len == BINDINGS)
		fail_msg("more than %d parameters in one path", (int)BINDINGS);
	snprintf(to->name, sizeof to->name, "%s", name);
	for (size_t i = 0; i < len && n + 1 < sizeof to->value; i++) {
		int high = value[i] == '%' && i + 2 < len ? hex_digit(value[i + 1]) : -1;
		int low = high < 0 ? -1 : hex_digit(value[i + 2]);

		to->value[n++] = low < 0 ? value[i] : (char)(high * 16 + low);
		i += low < 0 ? 0 : 2;
	}
	to->value[n] = '\0';
	bindings->len++;
}

struct matching {
	struct openapi *api;
	const struct operation *op;
	struct bindings bindings;
	int words; /* of the template that are no parameters */
};

static bool match(struct matching *m, const char *template, const char *path);

/* A parameter that may span several segments, or none. */
static bool
match_span(struct matching *m, const char *name, const char *template, const char *path)
{
	size_t kept = m->bindings.len;

	for (const char *end = path;; end += strcspn(end, "/")) {
		size_t skip = end > path;

		bind(&m->bindings, name, path + skip, (size_t)(end - path) - skip);
		if (match(m, template, end))
			return true;
		m->bindings.len = kept;
		if (!*end++)
			return false;
	}
}

/* Key Vault's key version may be left out or empty, for the newest (recorded). */
static bool
match_parameter(struct matching *m, const char *name, const char *template, const char *path)
{
	bool optional = strcmp(name, "key-version") == 0;
	size_t len;

	if (spans(m->api, m->op, name))
		return match_span(m, name, template, path);
	if (!*path)
		return optional && (bind(&m->bindings, name, "", 0), match(m, template, path));
	len = strcspn(++path, "/");
	if (!len && !optional)
		return false;
	bind(&m->bindings, name, path, len);
	return match(m, template, path + len);
}

/* Both stand at a slash or at their end. */
static bool
match(struct matching *m, const char *template, const char *path)
{
	char name[64];
	size_t len;

	if (!*template || *template == '?')
		return !*path || strcmp(path, "/") == 0;
	len = strcspn(++template, "/?");
	if (*template == '{') {
		snprintf(name, sizeof name, "%.*s", (int)len - 2, template + 1);
		return match_parameter(m, name, template + len, path);
	}
	if (len == 0)
		return !*path || strcmp(path, "/") == 0;
	if (*path != '/' || strcspn(path + 1, "/") != len ||
		strncasecmp(path + 1, template, len) != 0)
		return false;
	m->words++;
	return match(m, template + len, path + 1 + len);
}

/* Key Vault's data plane went from dates to numbers and back to dates. */
static bool
newer(const char *a, const char *b)
{
	bool old_a = a[0] == '2' && strcmp(a, "2017") < 0;
	bool old_b = b[0] == '2' && strcmp(b, "2017") < 0;
	bool number_a = a[1] == '.', number_b = b[1] == '.';

	if (old_a != old_b)
		return old_b;
	if (number_a != number_b)
		return number_b;
	return strcmp(a, b) > 0;
}

const struct operation *
openapi_find(struct openapi *api, const char *folder, const char *method, const char *path,
	const char *version, struct bindings *bindings)
{
	const struct listing *listing = listing_of(api, folder);
	const struct operation *best = NULL;
	int best_words = -1;

	for (size_t i = 0; i < listing->len; i++) {
		const struct operation *op = &listing->ops[i];
		struct matching m = {.api = api, .op = op};
		bool exact = strcmp(op->version, version) == 0, better;

		if (strcasecmp(op->method, method) != 0 || !match(&m, op->path, path))
			continue;
		if (!best || strcmp(best->version, op->version) == 0)
			better = m.words > best_words;
		else
			better = exact || (strcmp(best->version, version) != 0 &&
						  newer(op->version, best->version));
		if (better) {
			best = op;
			best_words = m.words;
			*bindings = m.bindings;
		}
	}
	return best;
}
