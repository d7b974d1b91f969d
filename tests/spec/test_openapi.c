/* The checker itself: it finds every kind of mistake in a small document of its own, and none in
 * the examples that come with Azure's documents but for those named here. */
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "tests/spec/openapi.h"
#include "tests/spec/format.h"

static const char document[] =
	"{'info':{'version':'2020-01-01'},'paths':{"
	"'/shops/{name}':{"
	" 'parameters':[{'name':'name','in':'path','required':true,'type':'string',"
	"  'pattern':'^[-\\\\w]+$','minLength':2,'maxLength':8}],"
	" 'put':{'operationId':'Shop_Put','parameters':["
	"  {'name':'top','in':'query','type':'integer','minimum':1},"
	"  {'name':'api-version','in':'query','required':true,'type':'string'},"
	"  {'name':'body','in':'body','required':true,'schema':{'$ref':'#/definitions/Shop'}}],"
	"  'responses':{'200':{'schema':{'$ref':'#/definitions/Shop'}},'204':{},"
	"   'default':{'schema':{'$ref':'../../common.json#/definitions/Error'}}}},"
	" 'patch':{'operationId':'Shop_Patch','parameters':["
	"  {'name':'body','in':'body','schema':{'$ref':'#/definitions/Shop'}}],'responses':{}},"
	" 'get':{'operationId':'Shop_Get','responses':{'200':{'schema':{'$ref':'#/definitions/Shop'}}}}},"
	"'/shops/open':{'get':{'operationId':'Shop_Open','responses':{}}},"
	"'/{scope}/locks/{key-version}':{'get':{'operationId':'Lock_Get','parameters':["
	"  {'name':'scope','in':'path','type':'string','x-ms-skip-url-encoding':true}],"
	"  'responses':{}}}},"
	"'definitions':{"
	"'Base':{'required':['id'],'properties':{'id':{'type':'string','readOnly':true}}},"
	"'Shop':{'allOf':[{'$ref':'#/definitions/Base'}],'required':['kind'],'properties':{"
	" 'kind':{'type':'string','enum':['Big','Small'],'x-ms-enum':{'modelAsString':false}},"
	" 'colour':{'type':'string','enum':['Red'],'x-ms-enum':{'modelAsString':true}},"
	" 'guid':{'type':'string','format':'uuid'},'born':{'type':'string','format':'date-time'},"
	" 'place':{'type':'string','x-ms-mutability':['create','read']},"
	" 'note':{'type':'string','x-nullable':true,'maxLength':3},"
	" 'count':{'type':'integer','format':'int32','maximum':9},"
	" 'open':{'type':'boolean'},'any':{'type':'object'},"
	" 'tags':{'type':'object','additionalProperties':{'type':'string'}},"
	" 'list':{'type':'array','maxItems':2,'items':{'$ref':'#/definitions/Animal'}}}},"
	"'Animal':{'type':'object','discriminator':'type','required':['type'],"
	" 'properties':{'type':{'type':'string'}}},"
	"'Dog':{'x-ms-discriminator-value':'dog','allOf':[{'$ref':'#/definitions/Animal'}],"
	" 'required':['name'],'properties':{'name':{'type':'string'}}}}}";

static const char common[] =
	"{'definitions':{'Error':{'required':['code'],'properties':{'code':{'type':'string'}}}}}";

/* As common-types has it. */
static const char gateway[] =
	"{'definitions':{'ErrorResponse':{'properties':{'error':{'properties':{"
	"'code':{'type':'string'},'message':{'type':'string'}}}}}}}";

static const char older[] = "{'info':{'version':'2019-01-01'},'paths':{'/shops/{name}':{'get':{"
			    "'operationId':'Shop_Old','responses':{}}}}}";

/* The documents above are written with ' for ". */
static char *
quoted(const char *text)
{
	char *copy = mem_strdup(text);

	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

static void
add(struct openapi *api, const char *path, const char *text)
{
	char *json = quoted(text);

	openapi_add(api, path, json);
	free(json);
}

static struct openapi *
small(void)
{
	struct openapi *api = openapi_new(NULL);

	add(api, "t/stable/2020-01-01/shop.json", document);
	add(api, "t/stable/2019-01-01/shop.json", older);
	add(api, "t/common.json", common);
	add(api, "specification/common-types/resource-management/v5/types.json", gateway);
	return api;
}

struct found {
	char text[2048];
};

static void
note(void *user, const char *where, const char *rule, const char *what)
{
	struct found *found = user;
	size_t used = strlen(found->text);

	assert_true(*what);
	snprintf(found->text + used, sizeof found->text - used, "%s%s %s", used ? ", " : "", where,
		rule);
}

static json_t *
parsed(const char *text)
{
	char *json = text ? quoted(text) : NULL;
	json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;

	if (text)
		assert_non_null(value);
	free(json);
	return value;
}

/* What is found in a request or in a reply, against the words of the test. */
static void
expect(struct openapi *api, const char *method, const char *path, const char *query,
	const char *body, unsigned status, const char *reply, const char *findings)
{
	struct openapi_pair pairs[] = {{"api-version", "2020-01-01"}, {query, "7"}};
	struct openapi_exchange x = {.method = method,
		.path = path,
		.query = pairs,
		.query_len = query ? 2 : 1,
		.body = parsed(body),
		.status = status,
		.reply = parsed(reply)};
	struct bindings bindings = {0};
	struct found found = {0};
	struct check check = {.api = api, .report = note, .user = &found};
	const struct operation *op = openapi_find(api, "t", method, path, "2020-01-01", &bindings);

	assert_non_null(op);
	if (status)
		openapi_reply(&check, op, &x);
	else
		openapi_request(&check, op, &bindings, &x);
	assert_string_equal(found.text, findings);
	assert_string_equal(check.where, "");
	json_decref((json_t *)x.body);
	json_decref((json_t *)x.reply);
}

static void
requests_are_checked(void **state)
{
	static const struct {
		const char *method, *path, *query, *body, *findings;
	} rows[] = {
		{"PUT", "/shops/abc", "top", "{'kind':'Big','place':'x','note':null}", ""},
		{"PUT", "/SHOPS/abc/", NULL, "{'kind':'Big','colour':'Blue'}", ""},
		{"PUT", "/shops/a", NULL, "{'kind':'Big'}", "path.name length"},
		{"PUT", "/shops/a%20b", NULL, "{'kind':'Big'}", "path.name pattern"},
		{"PUT", "/shops/abc", "$skipToken", "{'kind':'Big'}", ""},
		{"PUT", "/shops/abc", "size", "{'kind':'Big'}", "query.size unknown"},
		{"PUT", "/shops/abc", NULL, NULL, "request required"},
		{"PUT", "/shops/abc", NULL, "[]", "request type"},
		{"PUT", "/shops/abc", NULL, "{}", "request required"},
		{"PUT", "/shops/abc", NULL, "{'kind':'big'}", "request.kind enum"},
		{"PUT", "/shops/abc", NULL, "{'kind':null}", "request.kind null"},
		{"PUT", "/shops/abc", NULL, "{'kind':'Big','Colour':'x'}", "request.Colour case"},
		{"PUT", "/shops/abc", NULL, "{'kind':'Big','size':1}", "request.size unknown"},
		{"PUT", "/shops/abc", NULL, "{'kind':'Big','id':'x'}", "request.id readOnly"},
		{"PATCH", "/shops/abc", NULL, "{'kind':'Big','place':'x'}",
			"request.place readOnly"},
		{"GET", "/shops/abc", NULL, "{'a':1}", "request unknown"},
	};
	struct openapi *api = small();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(api, rows[i].method, rows[i].path, rows[i].query, rows[i].body, 0, NULL,
			rows[i].findings);
	openapi_free(api);
}

static void
replies_are_checked(void **state)
{
#define SHOP "{'id':'1','kind':'Big',"
	static const struct {
		unsigned status;
		const char *reply, *findings;
	} rows[] = {
		{200, "{'id':'1','kind':'Big','open':null,'any':[1]}", ""},
		{200, SHOP "'guid':'7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01'}", ""},
		{200, SHOP "'born':'2026-11-21T19:02:03.1234567+00:00'}", ""},
		{200, SHOP "'list':[{'type':'dog','name':'x'}],'tags':{'a':'b'}}", ""},
		{200, NULL, "reply required"},
		{200, "{'kind':'Big'}", "reply required"},
		{200, "{'id':'1','kind':'big'}", "reply.kind enum"},
		{200, SHOP "'guid':'7c3f'}", "reply.guid format"},
		{200, SHOP "'born':'2026-11-21 19:02:03Z'}", "reply.born format"},
		{200, SHOP "'born':'2026-11-21T19:02:03'}", "reply.born format"},
		{200, SHOP "'note':'longer'}", "reply.note length"},
		{200, SHOP "'count':'1'}", "reply.count type"},
		{200, SHOP "'count':1.5}", "reply.count type"},
		{200, SHOP "'count':10}", "reply.count range"},
		{200, SHOP "'count':-3000000000}", "reply.count format"},
		{200, SHOP "'open':'true'}", "reply.open type"},
		{200, SHOP "'tags':{'a':1}}", "reply.tags.* type"},
		{200, SHOP "'more':{}}", "reply.more unknown"},
		{200, SHOP "'list':[{'name':'x'}]}",
			"reply.list.# required, reply.list.#.name unknown"},
		{200, SHOP "'list':[{'type':'cat'}]}", "reply.list.# discriminator"},
		{200, SHOP "'list':[{'type':'dog'}]}", "reply.list.# required"},
		{200, SHOP "'list':[{'type':'Animal'},{'type':'Animal'},{'type':'Animal'}]}",
			"reply.list length"},
		{204, NULL, ""},
		{204, "{}", "reply unknown"},
		{202, NULL, "status status"},
		{400, "{'code':'x'}", ""},
		{400, "{'error':{'code':'x','message':'y'}}", ""},
		{400, "{'error':{'code':7}}", "reply required, reply.error unknown"},
		{400, "{}", "reply required"},
		{400, NULL, "reply required"},
	};
#undef SHOP
	struct openapi *api = small();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(api, "PUT", "/shops/abc", NULL, NULL, rows[i].status, rows[i].reply,
			rows[i].findings);
	openapi_free(api);
}

static void
operations_are_found(void **state)
{
	static const struct {
		const char *method, *path, *version, *id, *scope;
	} rows[] = {
		{"GET", "/shops/abc", "2020-01-01", "Shop_Get", NULL},
		{"GET", "/shops/abc", "2019-01-01", "Shop_Old", NULL},
		{"GET", "/shops/abc", "2024-01-01", "Shop_Get", NULL},
		{"GET", "/shops/abc", "2018-01-01", "Shop_Get", NULL},
		{"PUT", "/shops/abc", "2019-01-01", "Shop_Put", NULL},
		{"GET", "/shops/OPEN", "2020-01-01", "Shop_Open", NULL},
		{"GET", "/a/b%2Fc/locks/1", "2020-01-01", "Lock_Get", "a/b/c"},
		{"GET", "/locks/1", "2020-01-01", "Lock_Get", ""},
		{"GET", "/a/locks", "2020-01-01", "Lock_Get", "a"},
		{"GET", "/shops", "2020-01-01", NULL, NULL},
		{"GET", "/shops/a/b", "2020-01-01", NULL, NULL},
		{"DELETE", "/shops/abc", "2020-01-01", NULL, NULL},
	};
	struct openapi *api = small();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bindings bindings = {0};
		const struct operation *op = openapi_find(
			api, "t", rows[i].method, rows[i].path, rows[i].version, &bindings);

		assert_string_equal(op ? op->id : "none", rows[i].id ? rows[i].id : "none");
		if (rows[i].scope)
			assert_string_equal(bindings.all[0].value, rows[i].scope);
	}
	openapi_free(api);
}

static void
formats_and_patterns(void **state)
{
	(void)state;
	assert_true(pattern_matches("^[a-zA-Z][a-zA-Z-_0-9]*$", "a-_9"));
	assert_false(pattern_matches("^[a-zA-Z][a-zA-Z-_0-9]*$", "a.b"));
	assert_true(pattern_matches("^[-\\w\\._\\(\\)]+$", "rg-finance.(1)"));
	assert_false(pattern_matches("^[-\\w\\._\\(\\)]+$", "a b"));
	assert_true(pattern_matches("^[A-Za-z]([A-Za-z0-9]|\\-[A-Za-z0-9])+$", "ab-c"));
	assert_false(pattern_matches("^[A-Za-z]([A-Za-z0-9]|\\-[A-Za-z0-9])+$", "ab--c"));
	assert_true(pattern_matches("^[^<>&:\\?]*$", "a-b"));
	assert_false(pattern_matches("^[^<>&:\\?]*$", "a?b"));
	assert_true(format_holds("base64url", "AQAB_-"));
	assert_false(format_holds("base64url", "AQAB="));
	assert_true(format_holds("byte", "AQA="));
	assert_false(format_holds("byte", "AQ"));
	assert_true(format_holds("duration", "P90D"));
	assert_false(format_holds("duration", "90"));
	assert_true(format_holds("arm-id", "/subscriptions/x"));
	assert_false(format_holds("uri", "kv"));
}

/* Examples that are wrong by their own documents, and of what the sandbox serves only where the
 * document says less than Azure takes. */
static const struct {
	const char *operation, *where, *rule;
} mistaken[] = {
	{"StorageAccounts_Update", "request.properties.encryption.services.*.keyType", "readOnly"},
	{"UserAssignedIdentities_Update", "request.location", "readOnly"},
	{"*AssignedIdentities_*", "reply*.*Id", "format"},
	{"Pool_*", "re*.userAccounts.#", "required"},
	{"Pool_Create", "request*.secureBootEnabled", "null"},
	{"*Certificate*", "*", "format"},
	{"Schedule_CreateOrUpdate", "reply", "required"},
	{"Watcher_CreateOrUpdate", "request*", "*"},
	{"Role*ScheduleRequests_*", "request*.endDateTime", "null"},
	{"GraphQuery_Update", "request.tags", "null"},
	{"Deployments_*", "reply*.locations.#", "type"},
	{"*_Lease", "request.*", "null"},
	{"BlobContainers_*", "header.If-Match", "required"},
};

struct examples {
	struct openapi *api;
	const struct operation *op;
	size_t seen, wrong;
};

static void
judge(void *user, const char *where, const char *rule, const char *what)
{
	struct examples *examples = user;

	for (size_t i = 0; i < ARRAY_LEN(mistaken); i++)
		if (fnmatch(mistaken[i].operation, examples->op->id, 0) == 0 &&
			fnmatch(mistaken[i].where, where, 0) == 0 &&
			fnmatch(mistaken[i].rule, rule, 0) == 0)
			return;
	print_error(
		"%s %s: %s: %s: %s\n", examples->op->version, examples->op->id, where, rule, what);
	examples->wrong++;
}

enum { QUERY_MAX = 16 };

/* The example's parameters in the places that the operation gives them. */
struct placed {
	struct openapi_exchange x;
	struct openapi_pair query[QUERY_MAX];
	char texts[QUERY_MAX][512];
	struct bindings bindings;
};

static void
place(struct placed *placed, const char *in, const char *name, const json_t *value)
{
	char *text = json_is_string(value) ? mem_strdup(json_string_value(value))
					   : json_dumps(value, JSON_ENCODE_ANY);
	size_t *len = &placed->x.query_len;
	struct binding *bound;

	if (strcmp(in, "body") == 0)
		placed->x.body = value;
	if (strcmp(in, "query") == 0 && *len < QUERY_MAX) {
		snprintf(placed->texts[*len], sizeof placed->texts[0], "%s", text);
		placed->query[*len] = (struct openapi_pair){name, placed->texts[*len]};
		++*len;
	}
	if (strcmp(in, "path") == 0 && placed->bindings.len < BINDINGS) {
		bound = &placed->bindings.all[placed->bindings.len++];
		snprintf(bound->name, sizeof bound->name, "%s", name);
		snprintf(bound->value, sizeof bound->value, "%s", text);
	}
	free(text);
}

static void
check_example(struct examples *examples, const char *file)
{
	struct node example = openapi_relative(examples->api, examples->op->json.doc, file);
	const struct node lists[] = {node_get(examples->op->item, "parameters"),
		node_get(examples->op->json, "parameters")};
	struct check check = {.api = examples->api, .report = judge, .user = examples};
	struct placed placed = {.x = {.method = examples->op->method}};
	const char *status;
	json_t *reply;

	placed.x.query = placed.query;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (size_t j = 0; j < json_array_size(lists[i].json); j++) {
			struct node one = openapi_resolve(examples->api,
				(struct node){lists[i].doc, json_array_get(lists[i].json, j)});
			const char *name = node_text(one, "name");
			struct node value = node_get(node_get(example, "parameters"), name);

			if (value.json)
				place(&placed, node_text(one, "in"), name, value.json);
		}
	openapi_request(&check, examples->op, &placed.bindings, &placed.x);
	json_object_foreach(json_object_get(example.json, "responses"), status, reply)
	{
		placed.x.status =
			strcmp(status, "default") == 0 ? 400 : (unsigned)strtoul(status, NULL, 10);
		placed.x.reply = json_object_get(reply, "body");
		openapi_reply(&check, examples->op, &placed.x);
	}
	examples->seen++;
}

static void
visit(void *user, const struct operation *op)
{
	struct examples *examples = user;
	struct node list = node_get(op->json, "x-ms-examples");
	const char *name;
	json_t *one;

	examples->op = op;
	json_object_foreach((json_t *)list.json, name, one)
		check_example(examples, json_string_value(json_object_get(one, "$ref")));
}

static void
examples_hold(void **state)
{
	static const char *const paths[] = {"/providers/Microsoft.Automation/x/",
		"/providers/Microsoft.Batch/x/", "/providers/Microsoft.Storage/x/",
		"/providers/Microsoft.KeyVault/x/", "/providers/Microsoft.ManagedIdentity/x/",
		"/providers/Microsoft.Authorization/x/", "/providers/Microsoft.ResourceGraph/x/",
		"/subscriptions"};
	const char *root = getenv("SPECS");
	struct examples examples = {0};

	(void)state;
	if (!root || !*root) {
		print_message("skipped: Azure's examples (SPECS names no folder)\n");
		skip();
	}
	examples.api = openapi_new(root);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		openapi_each(examples.api, openapi_folder(paths[i], false), visit, &examples);
	openapi_each(examples.api, openapi_folder("/keys", true), visit, &examples);
	openapi_free(examples.api);
	assert_true(examples.seen > 1000);
	assert_int_equal(examples.wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_checked),
		cmocka_unit_test(replies_are_checked),
		cmocka_unit_test(operations_are_found),
		cmocka_unit_test(formats_and_patterns),
		cmocka_unit_test(examples_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
