/* Resource Graph. Shapes, headers and the refusal of a bad query: recordings of
 * azure-cli-extensions (resource-graph), resourcegraph.json 2022-10-01. Real data lag behind by
 * seconds to minutes; here they do not. Pages of a query that neither sorts nor counts go on after
 * the row where the last one ended. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/graph_run.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "crypto/b64.h"

static const char type[] = "Microsoft.ResourceGraph/resources";

enum { TOKEN_MAX = 256 };

static const char support[] =
	"Please provide below info when asking for support: timestamp = %s, correlationId = %s.";

/* details is taken over. */
static void
refuse(struct call *call, json_t *details)
{
	reply_error(call, 400, "BadRequest", support,
		reply_time_zulu(call, vclock_ms(&call->world->clock)), call->correlation);
	json_object_set_new(json_object_get(call->reply.json, "error"), "details", details);
}

static bool
bad_request(struct call *call, const char *code, const char *message)
{
	refuse(call, json_pack("[{s:s,s:s}]", "code", code, "message", message));
	return false;
}

/* The expected token is Microsoft's own riddle [recorded]. */
static void
bad_query(struct call *call, const struct graph_fault *fault)
{
	refuse(call,
		json_pack("[{s:s,s:s},{s:s,s:s,s:i,s:i,s:s,s:s}]", "code", "InvalidQuery",
			"message",
			"Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.",
			"code", "ParserFailure", "message", "ParserFailure", "line", fault->line,
			"characterPositionInLine", fault->position, "token", fault->token,
			"expectedToken", "\xC7\x8F"));
}

/* A subscription that was asked for, its id in the case of the database: true when the caller may
 * read all of it, false when single resources must be looked at. */
static void
add_subscription(struct call *call, json_t *out, const char *id)
{
	const char *scope = arena_printf(call->arena, "/subscriptions/%s", id);
	char *lower = arena_strdup(call->arena, id);

	for (char *at = lower; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 'a' - 'A');
	json_object_set_new(out, lower,
		json_boolean(rights_hold(call, "Microsoft.Resources/subscriptions/read", scope)));
}

static bool
lists(const json_t *list, const char *id)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		if (one && text_casecmp(one, id) == 0)
			return true;
	}
	return false;
}

/* Subscriptions of the caller's tenant that the body names, by themselves or by the root management
 * group (the tenant); all without a name. The lock must be held. */
static json_t *
subscriptions_of(struct call *call)
{
	static const char all[] = "SELECT id FROM subscription WHERE tenant=?";
	const json_t *named = call_member(call->json, "subscriptions");
	const json_t *groups = call_member(call->json, "managementGroups");
	bool every = (json_array_size(named) == 0 && json_array_size(groups) == 0) ||
		     lists(groups, call->caller.tenant);
	const char *ids[64];
	size_t len = 0;
	json_t *out = json_object();
	sqlite3_stmt *stmt = db_ask(call->world->db, all, "t", call->caller.tenant);

	while (db_next(call->world->db, stmt))
		if (len < ARRAY_LEN(ids))
			ids[len++] = db_text(stmt, 0, call->arena);
	for (size_t i = 0; i < len; i++)
		if (every || lists(named, ids[i]))
			add_subscription(call, out, ids[i]);
	return out;
}

/* A count among the options, in its limits. */
static bool
take_count(struct call *call, const char *name, int64_t least, int64_t most, int64_t *out)
{
	const json_t *value = call_member(call_member(call->json, "options"), name);

	if (!value || json_is_null(value))
		return true;
	*out = json_integer_value(value);
	return (json_is_integer(value) && *out >= least && *out <= most) ||
	       bad_request(call, "InvalidOptions",
		       arena_printf(call->arena,
			       "The option %s must be a whole number from %lld to %lld.", name,
			       (long long)least, (long long)most));
}

/* What a token says; its bytes mean nothing to a client. */
static bool
take_token(struct call *call, struct graph_page *page)
{
	const char *token = call_text(call_member(call->json, "options"), "$skipToken");
	unsigned char bytes[TOKEN_MAX];
	json_t *json;
	size_t len;

	if (!token || !*token)
		return true;
	json = b64_decode(bytes, sizeof bytes, &len, token)
		       ? json_loadb((const char *)bytes, len, 0, NULL)
		       : NULL;
	page->skip = json_integer_value(json_object_get(json, "RowsToSkip"));
	page->total = json_integer_value(json_object_get(json, "TotalRows"));
	page->source = (int)json_integer_value(json_object_get(json, "Table"));
	page->after = json_integer_value(json_object_get(json, "LastRow"));
	json_decref(json);
	return page->skip > 0 ||
	       bad_request(call, "InvalidSkipToken", "The provided skip token is invalid.");
}

static json_t *
new_token(const struct graph_page *page)
{
	char text[TOKEN_MAX], token[2 * TOKEN_MAX];

	snprintf(text, sizeof text,
		"{\"$id\":\"1\",\"MaxRows\":%lld,\"RowsToSkip\":%lld,\"TotalRows\":%lld,\"Table\":%d,\"LastRow\":%lld}",
		(long long)page->top,
		(long long)(page->skip + (int64_t)json_array_size(page->rows)),
		(long long)page->total, page->source, (long long)page->after);
	b64_encode(token, text, strlen(text));
	return json_string(token);
}

static const char *
type_name(const json_t *value)
{
	return json_is_integer(value)                          ? "integer"
	       : json_is_real(value)                           ? "number"
	       : json_is_boolean(value)                        ? "boolean"
	       : json_is_object(value) || json_is_array(value) ? "object"
							       : "string";
}

/* The type of a column is that of its first value. */
static const char *
column_type(const json_t *rows, const char *name)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *value = json_object_get(json_array_get(rows, i), name);

		if (value && !json_is_null(value))
			return type_name(value);
	}
	return "string";
}

static json_t *
as_table(const json_t *rows)
{
	json_t *columns = json_array(), *lines = json_array(), *value;
	const char *name;

	json_object_foreach(json_array_get(rows, 0), name, value)
	{
		json_array_append_new(columns,
			json_pack("{s:s,s:s}", "name", name, "type", column_type(rows, name)));
	}
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *line = json_array();

		json_object_foreach(json_array_get(rows, i), name, value)
		{
			json_array_append(line, value);
		}
		json_array_append_new(lines, line);
	}
	return json_pack("{s:o,s:o}", "columns", columns, "rows", lines);
}

static void
reply_page(struct call *call, struct graph_page *page)
{
	const char *format = call_text(call_member(call->json, "options"), "resultFormat");
	int64_t count = (int64_t)json_array_size(page->rows);
	bool table = format && text_casecmp(format, "table") == 0;
	json_t *json = json_pack("{s:I,s:I,s:o,s:[],s:s}", "totalRecords", (json_int_t)page->total,
		"count", (json_int_t)count, "data",
		table ? as_table(page->rows) : json_incref(page->rows), "facets", "resultTruncated",
		"false");

	if (page->skip + count < page->total)
		json_object_set_new(json, "$skipToken", new_token(page));
	reply_json(call, 200, json);
}

/* Runs the query for a copy of the call that GETs: resources are shown as their own GET does. */
static bool
run(struct call *call, const struct graph_query *query, struct graph_page *page)
{
	struct call *reader = arena_alloc(call->arena, sizeof *reader);
	json_t *subscriptions;
	bool any;

	*reader = *call;
	reader->verb = VERB_GET;
	db_lock(call->world->db);
	subscriptions = subscriptions_of(call);
	any = json_object_size(subscriptions) > 0;
	if (any)
		graph_run(reader, query, subscriptions, page);
	db_unlock(call->world->db);
	json_decref(subscriptions);
	return any ||
	       bad_request(call, "NoValidSubscriptionsInQueryRequest",
		       "There must be at least one subscription that is eligible to contain resources.");
}

static bool
take_options(struct call *call, struct graph_page *page)
{
	const json_t *options = call_member(call->json, "options");
	const char *format = call_text(options, "resultFormat");
	const char *filter = call_text(options, "authorizationScopeFilter");

	if (filter && !graph_is_filter(filter))
		return bad_request(call, "InvalidOptions",
			"The option authorizationScopeFilter must be AtScopeAndBelow, AtScopeAndAbove, AtScopeExact or AtScopeAboveAndBelow.");
	if (format && text_casecmp(format, "table") != 0 &&
		text_casecmp(format, "objectArray") != 0)
		return bad_request(call, "InvalidOptions",
			"The option resultFormat must be table or objectArray.");
	return take_count(call, "$top", 1, 1000, &page->top) &&
	       take_count(call, "$skip", 0, INT32_MAX, &page->skip) && take_token(call, page);
}

static void
post_query(struct call *call)
{
	struct graph_page page = {.top = 1000, .total = -1};
	const char *text = call_text(call->json, "query");
	struct graph_query query;
	struct graph_fault fault;

	reply_header_text(call, "x-ms-user-quota-remaining", "14");
	reply_header_text(call, "x-ms-user-quota-resets-after", "00:00:05");
	reply_header_text(call, "x-ms-ratelimit-remaining-tenant-resource-requests", "14");
	if (!text || !*text) {
		bad_request(call, "InvalidQuery", "The query must be given.");
		return;
	}
	if (!take_options(call, &page))
		return;
	page.rows = json_array();
	if (!graph_parse(&query, call->arena, text, &fault))
		bad_query(call, &fault);
	else if (run(call, &query, &page))
		reply_page(call, &page);
	graph_free(&query);
	json_decref(page.rows);
}

const struct route arm_resource_graph_routes[] = {
	{ROUTE_ARM, VERB_POST, "/providers/Microsoft.ResourceGraph/resources", type, ROUTE_JSON,
		post_query},
};
const size_t arm_resource_graph_routes_len = ARRAY_LEN(arm_resource_graph_routes);
