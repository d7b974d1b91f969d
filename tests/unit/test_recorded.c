/* Every decoder fed with what Microsoft published as examples and with recorded replies: each field
 * that claviger shows must be read with the value of the document, and each field of a wrong type
 * must be an error that names it, or be one that nobody reads. Which document a reply is, is told
 * by its shape, so that any folder of examples and any recording can be given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/azure/armid.h"
#include "backend/azure/keyid.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tests/fixtures/shapes.h"

enum { PATH_ROOM = 1024, SHAPES_MAX = 16, RECORDED_MUTATIONS = 40 };

static char where[PATH_ROOM]; /* the document under test, for messages */
static size_t seen[SHAPES_MAX];

/* Case does not matter, nor a final slash and :443 of a key's URI. */
static bool
same_value(const json_t *wanted, const char *got)
{
	char number[32];
	struct keyid a, b;

	if (json_is_string(wanted))
		return text_casecmp(json_string_value(wanted), got) == 0 ||
		       (keyid_parse(&a, json_string_value(wanted), &clouds[0], NULL) &&
			       keyid_parse(&b, got, &clouds[0], NULL) &&
			       text_casecmp(a.version, b.version) == 0 &&
			       text_casecmp(a.key, b.key) == 0);
	if (json_is_boolean(wanted))
		return strcmp(got, json_is_true(wanted) ? "true" : "false") == 0;
	snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(wanted));
	return strcmp(number, got) == 0;
}

/* A path with numbers for the elements of lists. */
static const json_t *
value_at(const json_t *json, const char *path)
{
	char part[128];

	while (json && *path) {
		size_t len = strcspn(path, ".");

		snprintf(part, sizeof part, "%.*s", (int)len, path);
		json = json_is_array(json) ? json_array_get(json, strtoul(part, NULL, 10))
					   : json_at(json, part);
		path += len + (path[len] == '.');
	}
	return json;
}

/* Each line whose name is a path against the document. A GUID that is none (documents print words
 * in its place) is not kept by rows. */
static void
compare(const json_t *json, const char *dump)
{
	while (*dump) {
		char name[128], value[2048];
		const json_t *wanted;

		snprintf(name, sizeof name, "%.*s", (int)strcspn(dump, "="), dump);
		dump += strlen(name) + 1;
		snprintf(value, sizeof value, "%.*s", (int)strcspn(dump, "\n"), dump);
		dump += strcspn(dump, "\n") + 1;
		if (name[0] == '.' || strcmp(name, "tags") == 0)
			continue;
		wanted = value_at(json, name);
		if (wanted == NULL || (json_is_string(wanted) && value[0] == '\0' &&
					      !armid_is_guid(json_string_value(wanted))))
			continue;
		if (!same_value(wanted, value))
			fail_msg("%s: %s was read as '%s'", where, name, value);
	}
}

/* A value of another type. Numbers may stand as texts, so a text does not become a number. */
static json_t *
wrong_for(const json_t *value)
{
	if (json_is_number(value) || json_is_boolean(value))
		return json_string("wrong");
	return json_is_string(value) ? json_pack("[i]", 7) : json_integer(7);
}

static void
try_wrong(const struct shape *shape, const json_t *root, const char *before, const char *name,
	const char *parent)
{
	char *after = mem_alloc(SHAPE_DUMP);
	struct err err = {0};

	if (shape->read(root, after, &err)) {
		if (strcmp(before, after) != 0)
			fail_msg("%s: %s of a wrong type was read:\n%s\nwas\n%s", where, name,
				after, before);
	} else if (err.kind != ERR_FAILED ||
		   !(text_case_has(err.msg, name) || text_case_has(err.msg, parent))) {
		fail_msg("%s: %s of a wrong type: the error does not name it: %s", where, name,
			err.msg);
	}
	free(after);
}

/* Every value below `at` in turn is put wrong in root. */
static void
mutate(const struct shape *shape, json_t *root, json_t *at, const char *before, const char *parent)
{
	const char *key;
	json_t *value;
	void *tmp;
	size_t i;

	if (json_is_object(at)) {
		json_object_foreach_safe(at, tmp, key, value)
		{
			char name[256];

			snprintf(name, sizeof name, "%s", key);
			json_incref(value);
			json_object_set_new(at, name, wrong_for(value));
			if (!json_is_null(value))
				try_wrong(shape, root, before, name, parent);
			json_object_set(at, name, value);
			mutate(shape, root, value, before, name);
			json_decref(value);
		}
	}
	for (i = 0; json_is_array(at) && i < json_array_size(at); i++) {
		value = json_incref(json_array_get(at, i));
		json_array_set_new(at, i, wrong_for(value));
		if (!json_is_null(value))
			try_wrong(shape, root, before, parent, parent);
		json_array_set(at, i, value);
		mutate(shape, root, value, before, parent);
		json_decref(value);
	}
}

static void
read_one(const struct shape *shape, const json_t *json, bool wrong)
{
	char *dump = mem_alloc(SHAPE_DUMP), *again = mem_alloc(SHAPE_DUMP);
	json_t *copy = json_deep_copy(json);
	struct err err = {0};

	if (!shape->read(json, dump, &err))
		fail_msg("%s: %s: %s", where, shape->name, err.msg);
	compare(json, dump);
	json_object_set_new(copy, "somethingNew", json_pack("{s:[i]}", "unheardOf", 1));
	assert_true(shape->read(copy, again, &err));
	assert_string_equal(again, dump);
	if (wrong)
		mutate(shape, copy, copy, dump, "reply");
	seen[shape - shapes]++;
	json_decref(copy);
	free(again);
	free(dump);
}

/* A reply is one object, or a page of them. */
static void
read_tree(const json_t *root, size_t mutations)
{
	const json_t *list = json_at(root, "value");
	const struct shape *shape = shape_of(root);

	if (shape)
		read_one(shape, root, seen[shape - shapes] < mutations);
	if (!json_is_array(list))
		list = json_at(root, "data");
	for (size_t i = 0; json_is_array(list) && i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		shape = shape_of(one);
		if (shape)
			read_one(shape, one, seen[shape - shapes] < mutations);
	}
}

static int
example(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	json_t *root, *response;
	const char *status;

	(void)st;
	(void)ftw;
	if (type != FTW_F || !strstr(path, "/examples/") || !text_case_ends(path, ".json"))
		return 0;
	snprintf(where, sizeof where, "%s", strstr(path, "specification/"));
	root = json_load_file(path, 0, NULL);
	json_object_foreach(json_object_get(root, "responses"), status, response)
	{
		const json_t *body = json_at(response, "body");

		if (body)
			read_tree(body, SIZE_MAX);
	}
	json_decref(root);
	return 0;
}

static void
test_documents(void **state)
{
	const char *specs = getenv("SPECS");
	char top[PATH_ROOM];

	(void)state;
	if (specs == NULL || !*specs) {
		puts("skipped: the documented examples (SPECS names no folder)");
		skip();
	}
	memset(seen, 0, sizeof seen);
	snprintf(top, sizeof top, "%s/specification", specs);
	assert_int_equal(nftw(top, example, 16, FTW_PHYS), 0);
	for (size_t i = 0; i < shapes_len; i++)
		if (seen[i] < 2)
			fail_msg("%s: only %zu examples were found", shapes[i].name, seen[i]);
}

/* The code and message that an error body holds, wherever it holds them. */
static void
read_error(const json_t *body, int status)
{
	static const char *const messages[] = {"error.message", "message", "error_description"};
	char *text = json_dumps(body, 0);
	struct err err;

	json_error(text, strlen(text), status, "id", &err);
	assert_int_equal(err.http, status);
	assert_true(err.kind != ERR_NONE && err.msg[0]);
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const char *wanted = json_string_value(json_at(body, messages[i]));
		char start[17];

		if (wanted == NULL || !*wanted)
			continue;
		snprintf(start, sizeof start, "%.*s", (int)strcspn(wanted, "\r\n\t"), wanted);
		if (!text_case_has(err.msg, start))
			fail_msg("%s: message '%s' was read as '%s'", where, wanted, err.msg);
		break;
	}
	free(text);
}

static void
recorded(const char *line, size_t *errors)
{
	json_t *one = json_loads(line, 0, NULL);
	const json_t *body = json_at(one, "response_body");
	int status = (int)json_integer_value(json_at(one, "status"));

	assert_non_null(one);
	snprintf(where, sizeof where, "%s #%d", json_string_value(json_at(one, "source")),
		(int)json_integer_value(json_at(one, "index")));
	if (json_is_object(body) && status < 300)
		read_tree(body, RECORDED_MUTATIONS);
	else if (json_is_object(body) && status >= 400) {
		read_error(body, status);
		++*errors;
	}
	json_decref(one);
}

static void
test_recordings(void **state)
{
	const char *folder = getenv("RECORDINGS");
	char path[PATH_ROOM], *line = NULL;
	size_t room = 0, errors = 0, read = 0;
	FILE *file;

	(void)state;
	snprintf(path, sizeof path, "%s/practice.jsonl", folder ? folder : "");
	file = fopen(path, "r");
	if (file == NULL) {
		puts("skipped: the recorded replies (RECORDINGS has no practice.jsonl)");
		skip();
	}
	memset(seen, 0, sizeof seen);
	while (getline(&line, &room, file) > 0) {
		recorded(line, &errors);
		read++;
	}
	free(line);
	fclose(file);
	assert_true(read > 0 && errors > 0);
}

/* Every shape in which services are known to say no. */
static void
test_errors(void **state)
{
	static const struct {
		const char *body, *code, *msg;
		int http;
		enum err_kind kind;
	} cases[] = {
		{"{\"code\":\"BadRequest\",\"message\":\" Identity property or identity type\"}",
			"BadRequest", "Identity property", 400, ERR_FAILED},
		{"{\"Code\":\"429\",\"Message\":\"slow\",\"Target\":null}", "429", "slow", 429,
			ERR_UNAVAILABLE},
		{"{\"Message\":\"An error has occurred.\"}", "", "An error has occurred.", 500,
			ERR_UNAVAILABLE},
		{"{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller is not\\r\\nAction\","
		 "\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}",
			"Forbidden/ForbiddenByRbac", "Caller is not Action", 403, ERR_DENIED},
		{"{\"error\":{\"code\":\"KeyNotFound\",\"message\":\"m\",\"innererror\":null}}",
			"KeyNotFound", "m", 404, ERR_NOT_FOUND},
		{"{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50034: no\","
		 "\"error_codes\":[50034]}",
			"invalid_grant", "AADSTS50034", 400, ERR_FAILED},
		{"{\"error\":{\"code\":\"BadRequest\",\"message\":\"info\",\"details\":[{\"code\":"
		 "\"InvalidQuery\",\"message\":\"x\"}]}}",
			"BadRequest", "info", 400, ERR_FAILED},
		{"{\"error\":{\"code\":5,\"message\":[]}}", "", "status 409", 409, ERR_REFUSED},
		{"OK", "", "OK", 401, ERR_DENIED},
		{"", "", "status 401", 401, ERR_DENIED},
		{"<html>", "", "status 502", 502, ERR_UNAVAILABLE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;

		json_error(cases[i].body, strlen(cases[i].body), cases[i].http, NULL, &err);
		assert_int_equal(err.kind, cases[i].kind);
		assert_string_equal(err.code, cases[i].code);
		if (!strstr(err.msg, cases[i].msg))
			fail_msg("'%s' is not in '%s'", cases[i].msg, err.msg);
	}
}

/* What Azure is known to send beside what documents show. */
static void
test_tolerance(void **state)
{
	static const char *const bodies[] = {
		"{\"id\":\"/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000/resourcegroups/rg/"
		"PROVIDERS/microsoft.storage/STORAGEACCOUNTS/st\",\"tags\":[],\"identity\":null,"
		"\"properties\":{\"encryption\":null,\"provisioningState\":null}}",
		"{\"id\":\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/"
		"providers/Microsoft.Batch/batchAccounts/ba\",\"identity\":{\"type\":\"None\","
		"\"userAssignedIdentities\":[]},\"properties\":{\"encryption\":{\"keySource\":"
		"\"microsoft.batch\",\"keyVaultProperties\":null}}}",
		"{\"id\":\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/"
		"providers/Microsoft.KeyVault/vaults/kv\",\"properties\":{\"vaultUri\":"
		"\"https://kv.vault.azure.net:443/\",\"softDeleteRetentionInDays\":\"90\","
		"\"networkAcls\":null,\"accessPolicies\":null,\"enablePurgeProtection\":null}}",
		"{\"kid\":\"https://kv1.vault.azure.net:443/keys/k/7c73556c521340209371eaf623cc099d/"
		"\",\"attributes\":{\"created\":\"1493942451\",\"exp\":null}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		json_t *json = json_loads(bodies[i], 0, NULL);
		const struct shape *shape;

		snprintf(where, sizeof where, "body %zu", i);
		assert_non_null(json);
		shape = shape_of(json);
		assert_non_null(shape);
		read_one(shape, json, true);
		json_decref(json);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_tolerance),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
