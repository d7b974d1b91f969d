/* A fault is used up only when it did something: one that changes a value at a path waits for the
 * first reply that has the path, so that the challenge before it does not count. */
#include "backend/sandbox/fault.h"

#include <ctype.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/sandbox.h"
#include "crypto/b64.h"

enum { PATTERN_MAX = 256, PATH_LEN = 128, DELAY_MAX = 600000 };

struct fault {
	char spec[PATTERN_MAX + PATH_LEN + 64];
	char method[8], glob[PATTERN_MAX];
	enum fault_action action;
	unsigned status;
	long number;         /* Retry-After in seconds (-1 none), or delay in ms */
	char path[PATH_LEN]; /* of a value in the reply */
	long left;           /* -1: for ever */
	struct fault *next;
};

struct faults {
	pthread_mutex_t mutex;
	pthread_cond_t stop;
	bool stopping;
	struct fault *first;
};

const char sandbox_help[] =
	"FAULTS   PATTERN=ACTION[*COUNT]\n"
	"  PATTERN is [METHOD ]GLOB. A GLOB without / matches every path that holds it: unwrapkey.\n"
	"  A GLOB that begins with / is matched against the whole path, any other one against\n"
	"  host/path; * and ? are wild, case does not matter, the query is left aside.\n"
	"  COUNT is how often it happens; without it, always.\n"
	"  ACTION is one of\n"
	"    status:CODE[:SECONDS]  that HTTP status, with Retry-After: SECONDS\n"
	"    type:PATH              the value at PATH of the reply becomes one of another JSON type\n"
	"    flip:PATH              one bit of the base64url value at PATH is flipped\n"
	"    delay:MS               the reply comes MS milliseconds later\n"
	"    drop                   the connection is closed without a reply\n"
	"    html                   a page of HTML instead of JSON\n"
	"    truncate               the body ends in the middle\n"
	"  PATH is names and indexes with dots between: value, attributes.enabled, value.0.kid.\n"
	"  Examples: 'unwrapkey=flip:value'  'PATCH *automationAccounts*=status:503*2'\n"
	"SEEDS\n"
	"  demo      the estate of the lessons: always the same names and states\n"
	"  empty     tenants and subscriptions, nothing in them\n"
	"  fleet:N   N Automation accounts (1 to 100000) over a vault for every 50\n";

static bool
fail(struct err *err, const char *spec, const char *at, const char *what)
{
	char shown[160];

	text_cleans(shown, sizeof shown, spec);
	return err_set(err, ERR_USAGE, "",
		"fault '%s', column %d: %s; write PATTERN=ACTION[*COUNT], such as unwrapkey=flip:value or 'PATCH *=status:503*2'",
		shown, (int)(at - spec) + 1, what);
}

static bool
parse_number(const char **at, long least, long most, long *out)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	*out = strtol(*at, &end, 10);
	*at = end;
	return *out >= least && *out <= most;
}

static bool
parse_pattern(struct fault *fault, const char *spec, size_t len, struct err *err)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"};
	const char *glob = spec;
	size_t word = strcspn(spec, " =");

	if (word < len && spec[word] == ' ') {
		for (size_t i = 0; i < ARRAY_LEN(methods); i++)
			if (strlen(methods[i]) == word && strncasecmp(methods[i], spec, word) == 0)
				snprintf(fault->method, sizeof fault->method, "%s", methods[i]);
		if (!fault->method[0])
			return fail(err, spec, spec, "the word before the blank is no HTTP method");
		glob += word + strspn(spec + word, " ");
	}
	len -= (size_t)(glob - spec);
	if (len == 0)
		return fail(err, spec, glob, "the pattern is empty");
	if (len + 3 > sizeof fault->glob)
		return fail(err, spec, glob, "the pattern is longer than 250 characters");
	if (memchr(glob, '/', len))
		snprintf(fault->glob, sizeof fault->glob, "%.*s", (int)len, glob);
	else
		snprintf(fault->glob, sizeof fault->glob, "*%.*s*", (int)len, glob);
	return true;
}

static bool
parse_path(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	size_t len = strcspn(*at, "*");

	if (len == 0 || len >= sizeof fault->path)
		return fail(err, spec, *at, "a path into the reply must follow, such as value");
	memcpy(fault->path, *at, len);
	fault->path[len] = '\0';
	*at += len;
	return true;
}

static bool
parse_status(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	long status;

	if (!parse_number(at, 400, 599, &status))
		return fail(err, spec, *at, "a status from 400 to 599 must follow");
	fault->status = (unsigned)status;
	fault->number = -1;
	if (**at != ':')
		return true;
	++*at;
	return parse_number(at, 0, 86400, &fault->number) ||
	       fail(err, spec, *at, "Retry-After is a number of seconds");
}

static bool
parse_action(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	static const struct {
		const char *word;
		enum fault_action action;
	} actions[] = {
		{"status:", FAULT_STATUS},
		{"type:", FAULT_TYPE},
		{"flip:", FAULT_FLIP},
		{"delay:", FAULT_DELAY},
		{"drop", FAULT_DROP},
		{"html", FAULT_HTML},
		{"truncate", FAULT_TRUNCATE},
	};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!text_case_starts(*at, actions[i].word))
			continue;
		*at += strlen(actions[i].word);
		fault->action = actions[i].action;
		if (fault->action == FAULT_STATUS)
			return parse_status(fault, spec, at, err);
		if (fault->action == FAULT_TYPE || fault->action == FAULT_FLIP)
			return parse_path(fault, spec, at, err);
		if (fault->action == FAULT_DELAY)
			return parse_number(at, 0, DELAY_MAX, &fault->number) ||
			       fail(err, spec, *at, "milliseconds from 0 to 600000 must follow");
		return true;
	}
	return fail(err, spec, *at,
		"the action must be status:CODE, type:PATH, flip:PATH, delay:MS, drop, html or truncate");
}

static bool
parse(struct fault *fault, const char *spec, struct err *err)
{
	size_t pattern = strcspn(spec, "=");
	const char *at = spec + pattern;

	*fault = (struct fault){.left = -1};
	if (*at != '=')
		return fail(err, spec, at, "an = must follow the pattern");
	if (!parse_pattern(fault, spec, pattern, err))
		return false;
	at++;
	if (!parse_action(fault, spec, &at, err))
		return false;
	if (*at == '*') {
		at++;
		if (!parse_number(&at, 1, 1000000, &fault->left))
			return fail(err, spec, at, "the count is a number from 1");
	}
	if (*at)
		return fail(err, spec, at, "nothing more may follow");
	if (!text_copy(fault->spec, sizeof fault->spec, spec))
		return fail(err, spec, at, "it is too long");
	return true;
}

bool
sandbox_fault_check(const char *spec, struct err *err)
{
	struct fault fault;

	return parse(&fault, spec, err);
}

struct faults *
faults_new(void)
{
	struct faults *faults = mem_alloc(sizeof *faults);

	pthread_mutex_init(&faults->mutex, NULL);
	pthread_cond_init(&faults->stop, NULL);
	return faults;
}

void
faults_stop(struct faults *faults)
{
	pthread_mutex_lock(&faults->mutex);
	faults->stopping = true;
	pthread_cond_broadcast(&faults->stop);
	pthread_mutex_unlock(&faults->mutex);
}

static void
wait_ms(struct faults *faults, long ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&faults->mutex);
	while (!faults->stopping &&
		pthread_cond_timedwait(&faults->stop, &faults->mutex, &until) == 0)
		continue;
	pthread_mutex_unlock(&faults->mutex);
}

void
faults_clear(struct faults *faults)
{
	struct fault *next;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault; fault = next) {
		next = fault->next;
		free(fault);
	}
	faults->first = NULL;
	pthread_mutex_unlock(&faults->mutex);
}

void
faults_free(struct faults *faults)
{
	if (!faults)
		return;
	faults_clear(faults);
	pthread_cond_destroy(&faults->stop);
	pthread_mutex_destroy(&faults->mutex);
	free(faults);
}

bool
fault_add(struct faults *faults, const char *spec, struct err *err)
{
	struct fault parsed, *fault, **end;

	if (!parse(&parsed, spec, err))
		return false;
	fault = mem_alloc(sizeof *fault);
	*fault = parsed;
	pthread_mutex_lock(&faults->mutex);
	for (end = &faults->first; *end; end = &(*end)->next)
		continue;
	*end = fault;
	pthread_mutex_unlock(&faults->mutex);
	return true;
}

bool
faults_list(struct faults *faults, struct buf *out)
{
	bool ok = true;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault && ok; fault = fault->next)
		if (fault->left)
			ok = buf_addf(out, "%s\n", fault->spec);
	pthread_mutex_unlock(&faults->mutex);
	return ok;
}

static bool
matches(const struct fault *fault, const struct call *call)
{
	char whole[2048];

	if (fault->left == 0 || (fault->method[0] && strcmp(fault->method, call->method) != 0))
		return false;
	if (fault->glob[0] == '/')
		return fnmatch(fault->glob, call->path, FNM_CASEFOLD) == 0;
	snprintf(whole, sizeof whole, "%s%s", call->host, call->path);
	return fnmatch(fault->glob, whole, FNM_CASEFOLD) == 0;
}

static bool
is_before(enum fault_action action)
{
	return action == FAULT_STATUS || action == FAULT_HTML || action == FAULT_DELAY;
}

/* Takes one use of each fault that matches; `pick` keeps the first that is no delay. */
static bool
take_before(struct call *call, long *delay, struct fault *pick)
{
	struct faults *faults = call->world->faults;
	bool found = false;

	*delay = 0;
	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault; fault = fault->next) {
		if (!is_before(fault->action) || !matches(fault, call))
			continue;
		if (fault->action == FAULT_DELAY)
			*delay += fault->number;
		else if (found)
			continue;
		else
			*pick = *fault, found = true;
		if (fault->left > 0)
			fault->left--;
	}
	pthread_mutex_unlock(&faults->mutex);
	return found;
}

static const char *
code_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *code;
	} codes[] = {
		{400, "BadRequest"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "NotFound"},
		{409, "Conflict"},
		{412, "PreconditionFailed"},
		{429, "TooManyRequests"},
		{500, "InternalServerError"},
		{502, "BadGateway"},
		{503, "ServiceUnavailable"},
		{504, "GatewayTimeout"},
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "Error";
}

bool
fault_before(struct call *call)
{
	struct fault fault;
	long delay;
	bool found = take_before(call, &delay, &fault);

	if (delay > 0)
		wait_ms(call->world->faults, delay);
	if (!found)
		return false;
	if (fault.action == FAULT_HTML) {
		reply_empty(call, 200);
		call->reply.type = "text/html; charset=utf-8";
		call->reply.text =
			"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Welcome to the network</h1></body></html>\n";
		return true;
	}
	reply_error(call, fault.status, code_of(fault.status),
		"The sandbox was told to fail this call: %s", fault.spec);
	if (fault.number >= 0)
		reply_header(call, "Retry-After", "%ld", fault.number);
	return true;
}

/* The container and the last step of a path; NULL when the reply has no such value. */
static json_t *
walk(json_t *at, const char *path, json_t **parent, char last[PATH_LEN])
{
	*parent = NULL;
	for (;;) {
		size_t len = strcspn(path, ".");

		if (!at || len >= PATH_LEN)
			return NULL;
		memcpy(last, path, len);
		last[len] = '\0';
		*parent = at;
		at = json_is_array(at) ? json_array_get(at, strtoul(last, NULL, 10))
				       : json_object_get(at, last);
		if (path[len] == '\0')
			return at;
		path += len + 1;
	}
}

static void
put(json_t *parent, const char *last, json_t *value)
{
	if (json_is_array(parent))
		json_array_set_new(parent, strtoul(last, NULL, 10), value);
	else
		json_object_set_new(parent, last, value);
}

static json_t *
other_type(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
	case JSON_NULL:
		return json_integer(7);
	case JSON_ARRAY:
		return json_object();
	case JSON_OBJECT:
		return json_string("not an object");
	default:
		return json_string("seven");
	}
}

/* The value with one bit in its middle flipped; NULL when it is no base64url text. */
static json_t *
flipped(const json_t *value)
{
	const char *text = json_string_value(value);
	unsigned char bytes[4096];
	char out[sizeof bytes * 2];
	size_t len;

	if (!text || !b64_decode(bytes, sizeof bytes, &len, text) || len == 0)
		return NULL;
	bytes[len / 2] ^= 0x10;
	b64_encode(out, bytes, len);
	return json_string(out);
}

static bool
spoil(struct call *call, const struct fault *fault)
{
	char last[PATH_LEN];
	json_t *parent, *value, *changed;

	if (fault->action == FAULT_DROP || fault->action == FAULT_TRUNCATE)
		return true;
	value = walk(call->reply.json, fault->path, &parent, last);
	if (!value)
		return false;
	changed = fault->action == FAULT_TYPE ? other_type(value) : flipped(value);
	if (!changed)
		return false;
	put(parent, last, changed);
	return true;
}

enum fault_action
fault_after(struct call *call)
{
	struct faults *faults = call->world->faults;
	enum fault_action action = FAULT_NONE;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault && !action; fault = fault->next) {
		if (is_before(fault->action) || !matches(fault, call) || !spoil(call, fault))
			continue;
		action = fault->action;
		if (fault->left > 0)
			fault->left--;
	}
	pthread_mutex_unlock(&faults->mutex);
	return action;
}
