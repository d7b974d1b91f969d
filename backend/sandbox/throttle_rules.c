/* Which limits a call counts against. A call that one limit refuses is still counted by those that
 * come before it, as each layer of Azure counts for itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/regions.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rows/vaults.h"
#include "backend/sandbox/throttle.h"

enum { ONE = 1000000, SECOND = 1000, HOUR = 3600 * 1000 };

/* Takes one (or a part) and notes the wait. */
static bool
take(struct call *call, const struct throttle_limit *limit, int64_t cost, int64_t *wait_ms,
	const char *key)
{
	return throttle_take(call->world->throttle, key, limit, cost,
		vclock_ms(&call->world->clock), &call->quota, wait_ms);
}

static long
seconds(int64_t ms)
{
	return ms <= 1000 ? 1 : (long)((ms + 999) / 1000);
}

/* PUT/SUBSCRIPTIONS/RESOURCEGROUPS/PROVIDERS/...: the path without its names [recorded]. */
static const char *
operation_name(struct call *call)
{
	struct buf text;
	const char *out;

	buf_init(&text, 1024);
	(void)!buf_adds(&text, call->method);
	for (size_t i = 0; i < call->segments_len; i += 2) {
		(void)!buf_addf(&text, "/%s", call->segments[i]);
		if (text_casecmp(call->segments[i], "providers") == 0 && i + 2 < call->segments_len)
			(void)!buf_addf(
				&text, "/%s/%s", call->segments[i + 1], call->segments[i + 2]),
				i++;
	}
	(void)!buf_adds(&text, "/");
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] >= 'a' && text.data[i] <= 'z')
			text.data[i] = (char)(text.data[i] - 'a' + 'A');
	out = arena_strdup(call->arena, buf_text(&text));
	buf_free(&text);
	return out;
}

static void
refuse_arm(struct call *call, const char *subscription, int64_t wait_ms, long hourly)
{
	long after = seconds(wait_ms);

	if (hourly)
		reply_error(call, 429, "SubscriptionRequestsThrottled",
			"Number of requests for subscription '%s' and operation '%s' exceeded the limit of '%ld' for time interval '01:00:00'. Please try again after '%ld' seconds.",
			subscription, operation_name(call), hourly, after);
	else
		reply_error(call, 429, "SubscriptionRequestsThrottled",
			"Number of requests for subscription '%s' and operation '%s' exceeded the backend storage limit. Please try again after '%ld' seconds.",
			subscription, operation_name(call), after);
	reply_header(call, "Retry-After", "%ld", after);
}

static bool
is_read(const struct call *call)
{
	return call->verb == VERB_GET || call->verb == VERB_HEAD;
}

/* The resource manager's own limits: per subscription (or tenant) and principal, and 15 times that
 * for all principals; in China per hour. */
static bool
admit_arm(struct call *call)
{
	static const struct throttle_limit read = {250, 25, SECOND, false},
					   write = {200, 10, SECOND, false},
					   all_read = {3750, 375, SECOND, false},
					   all_write = {3000, 150, SECOND, false},
					   china_read = {12000, 12000, HOUR, true},
					   china_write = {1200, 1200, HOUR, true};
	bool china = call->naming.cloud && strcmp(call->naming.cloud->name, "AzureChinaCloud") == 0;
	bool reads = is_read(call);
	const struct throttle_limit *one = china   ? reads ? &china_read : &china_write
					   : reads ? &read
						   : &write;
	bool named =
		call->segments_len > 1 && text_casecmp(call->segments[0], "subscriptions") == 0;
	const char *scope = named ? call->segments[1] : call->caller.tenant;
	const char *what = reads                                 ? "reads"
			   : call->verb == VERB_DELETE && !china ? "deletes"
								 : "writes";
	int64_t wait_ms;

	if (!china && !take(call, reads ? &all_read : &all_write, ONE, &wait_ms,
			      arena_printf(call->arena, "all %s %s", what, scope))) {
		refuse_arm(call, scope, wait_ms, 0);
		return false;
	}
	if (take(call, one, ONE, &wait_ms,
		    arena_printf(call->arena, "arm %s %s %s", what, scope, call->caller.object)))
		return true;
	refuse_arm(call, scope, wait_ms, china ? one->most : 0);
	return false;
}

/* Where the storage account of the path is, or is to be; "" where there is no such region. The lock
 * is taken. */
static const char *
storage_region(struct call *call)
{
	const char *given = call_text(call->json, "location"), *region = "";
	sqlite3_stmt *stmt;
	char name[48];

	if (call->segments_len < 8)
		return "";
	if (given && region_read(given, name))
		region = arena_strdup(call->arena, name);
	db_lock(call->world->db);
	stmt = db_ask(call->world->db, "SELECT location FROM account WHERE service=2 AND name=?",
		"t", call->segments[7]);
	if (db_next(call->world->db, stmt)) {
		region = db_text(stmt, 0, call->arena);
		db_done(stmt);
	}
	db_unlock(call->world->db);
	return region;
}

/* The words of these refusals are those that the Storage provider's page links to. */
static bool
admit_storage(struct call *call)
{
	static const struct throttle_limit read = {800, 800, 300 * SECOND, true},
					   list = {100, 100, 300 * SECOND, true},
					   second = {10, 10, SECOND, true},
					   hour = {1200, 1200, HOUR, true};
	bool lists = is_read(call) && call->segments_len < 8;
	const char *where =
		arena_printf(call->arena, "%s %s", call->segments[1], storage_region(call));
	const char *what = "Write";
	long arm = call->quota;
	int64_t wait_ms;
	bool ok;

	if (lists) {
		what = "List_ObservationWindow_00:05:00";
		ok = take(call, &list, ONE, &wait_ms, arena_printf(call->arena, "srpl %s", where));
	} else if (is_read(call)) {
		what = "Read_ObservationWindow_00:05:00";
		ok = take(call, &read, ONE, &wait_ms, arena_printf(call->arena, "srpr %s", where));
	} else {
		ok = take(call, &second, ONE, &wait_ms,
			     arena_printf(call->arena, "srps %s", where)) &&
		     take(call, &hour, ONE, &wait_ms, arena_printf(call->arena, "srph %s", where));
	}
	call->quota = arm;
	if (ok)
		return true;
	reply_error(call, 429, "TooManyRequests",
		"The request is being throttled as the limit has been reached for operation type - %s. For more information, see - https://aka.ms/srpthrottlinglimits",
		what);
	reply_header(call, "Retry-After", "%ld", seconds(wait_ms));
	return false;
}

/* The quota's headers go with every answer, here and in reply.c. */
static bool
admit_graph(struct call *call)
{
	static const struct throttle_limit user = {15, 15, 5 * SECOND, true};
	char date[32];
	int64_t wait_ms;

	if (take(call, &user, ONE, &wait_ms,
		    arena_printf(call->arena, "graph %s", call->caller.object)))
		return true;
	reply_json(call, 429,
		json_pack("{s:{s:s,s:o,s:[{s:s,s:s}]}}", "error", "code", "RateLimiting", "message",
			json_sprintf(
				"Please provide below info when asking for support: timestamp = %s, correlationId = %s.",
				vclock_http(call->now, date), call->correlation),
			"details", "code", "RateLimiting", "message",
			"Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help."));
	reply_header(call, "Retry-After", "%ld", seconds(wait_ms));
	return false;
}

/* The key that a call of the data plane is about: its bits (0: none) and whether an HSM holds it.
 * Takes the lock. */
static long
key_of(struct call *call, bool *hsm)
{
	const char *name = call->segments_len > 1 ? call->segments[1] : "";
	const char *kty = call_text(call->json, "kty");
	sqlite3_stmt *stmt;
	long bits = 0;

	*hsm = kty && text_case_ends(kty, "-HSM");
	if (kty)
		return 2048;
	db_lock(call->world->db);
	stmt = db_ask(call->world->db,
		"SELECT m.bits, v.kty FROM key k JOIN version v ON v.key=k.id JOIN material m"
		" ON m.id=v.material WHERE k.vault=? AND k.name=? ORDER BY v.created DESC, v.id DESC"
		" LIMIT 1",
		"it", call->vault->id, name);
	if (db_next(call->world->db, stmt)) {
		const char *stored = db_text(stmt, 1, call->arena);

		*hsm = text_case_ends(stored, "-HSM");
		bits = text_case_starts(stored, "EC") ? 2048 : sqlite3_column_int(stmt, 0);
		db_done(stmt);
	}
	db_unlock(call->world->db);
	return bits;
}

static const char *
verb_of(const struct call *call)
{
	const char *last = call->segments_len > 2 ? call->segments[call->segments_len - 1] : "";

	return call->verb == VERB_POST ? last : "";
}

static bool
makes_key(const struct call *call)
{
	return text_casecmp(verb_of(call), "create") == 0 ||
	       text_casecmp(verb_of(call), "rotate") == 0;
}

static void
refuse_keys(struct call *call)
{
	reply_vault_error(call, 429, "Throttled", NULL,
		"Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached");
}

/* One vault has 10 seconds' worth: each call takes its share of that by what it asks for. All
 * vaults of a subscription have five times as much. */
static bool
admit_vault(struct call *call)
{
	static const struct throttle_limit vault = {1, 1, 10 * SECOND, true},
					   subscription = {5, 5, 10 * SECOND, true};
	bool hsm, makes = makes_key(call);
	long bits = key_of(call, &hsm), most;
	int64_t wait_ms;

	if (makes)
		most = hsm ? 10 : 20;
	else if (bits > 3072)
		most = hsm ? 250 : 500;
	else if (bits > 2048)
		most = hsm ? 500 : 1000;
	else
		most = hsm ? 2000 : 4000;
	if (take(call, &subscription, ONE / most, &wait_ms,
		    arena_printf(call->arena, "kvs %s", call->vault->subscription)) &&
		take(call, &vault, ONE / most, &wait_ms,
			arena_printf(call->arena, "kv %s", call->vault->name)))
		return true;
	refuse_keys(call);
	return false;
}

/* One partition of a Managed HSM, per second. */
static bool
admit_hsm(struct call *call)
{
	static const struct {
		const char *verbs; /* words of the path, with blanks around */
		long most[3];      /* of 2048, 3072 and 4096 bits */
	} rules[] = {
		{" create rotate import ", {1, 1, 1}},
		{" backup restore purge delete ", {10, 10, 10}},
		{" encrypt wrapkey verify ", {2200, 1900, 1900}},
		{" decrypt unwrapkey ", {1100, 360, 160}},
		{" sign ", {900, 340, 150}},
		{" roles ", {5, 5, 5}},
		{"", {1100, 1100, 1100}},
	};
	const char *word = verb_of(call);
	struct throttle_limit limit = {0, 0, SECOND, true};
	size_t rule = 0, size;
	int64_t wait_ms;
	long bits;
	bool hsm;

	bits = key_of(call, &hsm);
	size = bits > 3072 ? 2 : bits > 2048 ? 1 : 0;
	if (text_case_has(call->path, "Microsoft.Authorization"))
		word = "roles";
	else if (call->verb == VERB_DELETE)
		word = "delete";
	word = arena_printf(call->arena, " %s ", *word ? word : "get");
	while (rule + 1 < ARRAY_LEN(rules) && !text_case_has(rules[rule].verbs, word))
		rule++;
	limit.most = limit.refill = rules[rule].most[size];
	if (take(call, &limit, ONE, &wait_ms,
		    arena_printf(call->arena, "hsm %s %zu %zu", call->vault->name, rule, size)))
		return true;
	refuse_keys(call);
	return false;
}

static bool
is_type(const struct call *call, const char *provider, const char *type)
{
	size_t i =
		call->segments_len > 2 && text_casecmp(call->segments[2], "providers") == 0 ? 3 : 5;

	return call->segments_len > i + 1 && text_casecmp(call->segments[i], provider) == 0 &&
	       text_casecmp(call->segments[i + 1], type) == 0;
}

bool
throttle_admit(struct call *call)
{
	call->quota = -1;
	if (!call->world->throttle)
		return true;
	if (call->vault)
		return call->vault->kind == STORE_HSM ? admit_hsm(call) : admit_vault(call);
	if (!call->caller.object[0])
		return true;
	if (text_case_starts(call->path, "/providers/Microsoft.ResourceGraph/"))
		return admit_graph(call);
	return admit_arm(call) &&
	       (!is_type(call, "Microsoft.Storage", "storageAccounts") || admit_storage(call));
}
