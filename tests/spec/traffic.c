/* The observer runs in the sandbox's threads and only copies; the documents are read by the test's
 * own thread. One mistake is printed once, with the first call that made it. */
#include "tests/spec/traffic.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/sandbox/route.h"
#include "tests/spec/deviations.h"
#include "tests/spec/openapi.h"

enum { SEEN_MAX = 512, MISTAKES_MAX = 512, DEVIATIONS_MAX = 128 };

struct exchange {
	struct exchange *next;
	const struct route *route;
	enum verb verb;
	bool own, keys;
	char *path, *version;
	struct openapi_pair query[CALL_QUERY];
	struct openapi_exchange x;
};

struct traffic {
	pthread_mutex_t mutex;
	struct exchange *first, **last;
	bool routed;
	struct openapi *api;
	const struct exchange *at; /* while judging */
	char operation[600];
	struct {
		const struct route *route;
		unsigned verbs;
	} seen[SEEN_MAX];
	size_t seen_len;
	char *mistakes[MISTAKES_MAX];
	size_t mistakes_len, judged, own;
	bool needed[DEVIATIONS_MAX];
};

struct traffic *
traffic_new(const char *specs)
{
	struct traffic *traffic = mem_alloc(sizeof *traffic);

	pthread_mutex_init(&traffic->mutex, NULL);
	traffic->last = &traffic->first;
	traffic->api = openapi_new(specs);
	assert_true(deviations_len <= DEVIATIONS_MAX);
	return traffic;
}

static void
forget(struct exchange *exchange)
{
	for (size_t i = 0; i < exchange->x.query_len; i++) {
		free((char *)exchange->query[i].name);
		free((char *)exchange->query[i].value);
	}
	json_decref((json_t *)exchange->x.body);
	json_decref((json_t *)exchange->x.reply);
	free(exchange->path);
	free(exchange->version);
	free(exchange);
}

void
traffic_free(struct traffic *traffic)
{
	while (traffic->first) {
		struct exchange *exchange = traffic->first;

		traffic->first = exchange->next;
		forget(exchange);
	}
	for (size_t i = 0; i < traffic->mistakes_len; i++)
		free(traffic->mistakes[i]);
	openapi_free(traffic->api);
	pthread_mutex_destroy(&traffic->mutex);
	free(traffic);
}

/* Sign-in, Graph and blobs have hosts of their own; on localhost their routes tell them, and
 * /metadata is for clients that look for the clouds. */
static bool
is_outside(const struct call *call)
{
	if (call->naming.role & ROUTE_KEYS)
		return false;
	if (!(call->naming.role & ROUTE_ARM))
		return true;
	return call->route ? !(call->route->hosts & HOST_ARM) ||
				     text_case_starts(call->route->pattern, "/metadata/")
			   : call->naming.role == HOST_LOCAL;
}

static struct exchange *
copied(const struct call *call)
{
	struct exchange *exchange = mem_alloc(sizeof *exchange);
	const char *agent = call_header(call, "User-Agent");
	struct openapi_exchange *x = &exchange->x;

	exchange->route = call->route;
	exchange->verb = call->verb;
	exchange->own = agent && text_case_starts(agent, "claviger/");
	exchange->keys = (call->naming.role & ROUTE_KEYS) != 0;
	exchange->path = mem_strdup(call->path);
	exchange->version = mem_strdup(call->api_version ? call->api_version : "");
	for (size_t i = 0; i < call->query_len; i++)
		exchange->query[i] = (struct openapi_pair){
			mem_strdup(call->query[i].name), mem_strdup(call->query[i].value)};
	x->method = call->method;
	x->path = exchange->path;
	x->query = exchange->query;
	x->query_len = call->query_len;
	x->status = call->reply.status;
	if (call->body.len)
		x->body = json_loadb(call->body.data, call->body.len, JSON_DECODE_ANY, NULL);
	if (call->reply.json)
		x->reply = json_deep_copy(call->reply.json);
	x->text = !call->reply.json && call->reply.text && *call->reply.text;
	return exchange;
}

void
traffic_observe(void *user, const struct call *call)
{
	struct traffic *traffic = user;
	struct exchange *exchange = is_outside(call) ? NULL : copied(call);

	pthread_mutex_lock(&traffic->mutex);
	traffic->routed = call->route != NULL;
	if (exchange) {
		*traffic->last = exchange;
		traffic->last = &exchange->next;
	}
	pthread_mutex_unlock(&traffic->mutex);
}

bool
traffic_routed(struct traffic *traffic)
{
	bool routed;

	pthread_mutex_lock(&traffic->mutex);
	routed = traffic->routed;
	pthread_mutex_unlock(&traffic->mutex);
	return routed;
}

static void
mistake(void *user, const char *where, const char *rule, const char *what)
{
	struct traffic *traffic = user;
	const struct openapi_exchange *x = &traffic->at->x;
	size_t deviation = deviation_find(traffic->operation, where, rule);
	char *key;

	if (deviation < deviations_len) {
		traffic->needed[deviation] = true;
		return;
	}
	key = mem_printf("%s %s %s", traffic->operation, where, rule);
	for (size_t i = 0; i < traffic->mistakes_len; i++)
		if (strcmp(traffic->mistakes[i], key) == 0) {
			free(key);
			return;
		}
	print_error("%s: %s: %s: %s [%s%s %s %s -> %u]\n", traffic->operation, where, rule, what,
		traffic->at->own ? "own " : "", x->method, x->path, traffic->at->version,
		x->status);
	if (traffic->mistakes_len < MISTAKES_MAX)
		traffic->mistakes[traffic->mistakes_len++] = key;
	else
		free(key);
}

/* What the sandbox has in order to refuse it as Azure does: account keys that no account takes, and
 * the end of a built-in role. */
static bool
always_refuses(const struct exchange *exchange)
{
	return text_case_ends(exchange->route->pattern, "/storageAccounts/{}/listKeys") ||
	       (exchange->verb == VERB_DELETE &&
		       text_case_ends(exchange->route->pattern, "/roleDefinitions/{}"));
}

static void
mark_seen(struct traffic *traffic, const struct exchange *exchange)
{
	size_t i;

	if (!exchange->route || (exchange->x.status >= 400 && !always_refuses(exchange)))
		return;
	for (i = 0; i < traffic->seen_len; i++)
		if (traffic->seen[i].route == exchange->route)
			break;
	assert_true(i < SEEN_MAX);
	traffic->seen[i].route = exchange->route;
	traffic->seen[i].verbs |= exchange->verb;
	if (i == traffic->seen_len)
		traffic->seen_len++;
}

/* A refusal of what no document knows still has the form of a refusal. */
static void
judge_unknown(struct traffic *traffic, struct check *check, const struct exchange *exchange)
{
	static const struct operation none = {.id = "", .method = "get"};

	snprintf(traffic->operation, sizeof traffic->operation, "%s %s", exchange->x.method,
		exchange->path);
	if (exchange->x.status < 400 || exchange->own)
		check_report(check, "operation", "no document has it");
	if (exchange->x.status >= 400)
		openapi_reply(check, &none, &exchange->x);
}

/* A poll of a long-running operation, told by what its Location carries. Once the operation is
 * over the resource itself answers it: the exchange then has the resource's path and no query. */
static bool
is_poll(const struct exchange *exchange)
{
	unsigned found = 0;
	bool versioned = !*exchange->version;

	for (size_t i = 0; i < exchange->x.query_len; i++) {
		const char *name = exchange->query[i].name;

		versioned |= text_casecmp(name, "api-version") == 0;
		found += strlen(name) == 1 && strchr("tcsh", *name);
	}
	return found == 4 || !versioned;
}

/* NULL also for the operation on any id: what it documents holds for no resource in particular. */
static const struct operation *
operation_of(struct traffic *traffic, const struct exchange *exchange, struct bindings *bindings)
{
	const struct operation *op =
		openapi_find(traffic->api, openapi_folder(exchange->path, exchange->keys),
			exchange->x.method, exchange->path, exchange->version, bindings);

	return op && strcmp(op->path, "/{resourceId}") == 0 ? NULL : op;
}

static void
judge(struct traffic *traffic, const struct exchange *exchange)
{
	struct check check = {.api = traffic->api, .report = mistake, .user = traffic};
	struct bindings bindings = {0};
	const struct operation *op = operation_of(traffic, exchange, &bindings);

	traffic->at = exchange;
	traffic->judged++;
	traffic->own += exchange->own;
	mark_seen(traffic, exchange);
	if (!op) {
		judge_unknown(traffic, &check, exchange);
		return;
	}
	snprintf(traffic->operation, sizeof traffic->operation, "%s", op->id);
	/* a vault is first asked without a token, and without the body */
	if (!is_poll(exchange) &&
		(exchange->x.status < 400 || (exchange->own && exchange->x.status != 401)))
		openapi_request(&check, op, &bindings, &exchange->x);
	openapi_reply(&check, op, &exchange->x);
}

void
traffic_judge(struct traffic *traffic)
{
	struct exchange *all, *next;

	pthread_mutex_lock(&traffic->mutex);
	all = traffic->first;
	traffic->first = NULL;
	traffic->last = &traffic->first;
	pthread_mutex_unlock(&traffic->mutex);
	for (; all; all = next) {
		next = all->next;
		judge(traffic, all);
		forget(all);
	}
}

size_t
traffic_mistakes(const struct traffic *traffic)
{
	return traffic->mistakes_len;
}

size_t
traffic_judged(const struct traffic *traffic)
{
	return traffic->judged;
}

size_t
traffic_own(const struct traffic *traffic)
{
	return traffic->own;
}

struct looking {
	const struct traffic *traffic;
	size_t unseen;
};

static void
look_for(void *user, const struct route *route)
{
	static const char *const verbs[] = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"};
	struct looking *looking = user;
	unsigned seen = 0;

	if (!(route->hosts & (HOST_ARM | ROUTE_KEYS)) ||
		text_case_starts(route->pattern, "/metadata/"))
		return;
	for (size_t i = 0; i < looking->traffic->seen_len; i++)
		if (looking->traffic->seen[i].route == route)
			seen = looking->traffic->seen[i].verbs;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (route->verbs & ~seen & (1U << i)) {
			print_error("no call was obeyed by %s %s\n", verbs[i], route->pattern);
			looking->unseen++;
		}
}

size_t
traffic_unseen(struct traffic *traffic)
{
	struct looking looking = {.traffic = traffic};

	route_each(look_for, &looking);
	for (size_t i = 0; i < deviations_len; i++)
		if (!traffic->needed[i]) {
			print_error("nothing needs the deviation '%s'\n", deviations[i].name);
			looking.unseen++;
		}
	return looking.unseen;
}
