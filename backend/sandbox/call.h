/* One HTTP exchange on its way through the sandbox, and the world that it happens in. */
#ifndef CLAVIGER_SANDBOX_CALL_H
#define CLAVIGER_SANDBOX_CALL_H

#include <jansson.h>

#include "backend/base/buf.h"
#include "backend/base/mem.h"
#include "backend/sandbox/db.h"
#include "backend/sandbox/names.h"
#include "backend/sandbox/vclock.h"
#include "crypto/secret.h"

struct call;
struct faults;
struct keymaker;
struct keyring;
struct route;
struct throttle;
struct tokens;
struct vault;

/* What all threads share. Each part has its own lock or never changes. */
struct world {
	char id[37]; /* of this state directory; marks its tokens */
	struct db *db;
	struct vclock clock;
	struct faults *faults;
	struct keyring *keyring;
	struct keymaker *maker;
	struct tokens *tokens;
	struct throttle *throttle; /* NULL: no limits */
	struct secret platform;    /* Microsoft's key of this estate */
	long lro;                  /* seconds that long-running operations take; 0: they do not */
	struct graph_order *order; /* of the last sorted query of arm/graph_run.h; NULL: none */
	_Atomic int64_t due_ran;   /* the clock when service/due.h last looked */
	void (*observe)(void *observer, const struct call *call); /* see sandbox_options; or NULL */
	void *observer;
};

enum verb {
	VERB_GET = 1,
	VERB_HEAD = 2,
	VERB_PUT = 4,
	VERB_POST = 8,
	VERB_PATCH = 16,
	VERB_DELETE = 32,
};

struct caller {
	char tenant[37], object[37], app[37];
};

struct pair {
	const char *name, *value;
};

enum { CALL_SEGMENTS = 24, CALL_PARAMS = 8, CALL_QUERY = 32, CALL_HEADERS = 48 };

struct reply {
	unsigned status;
	json_t *json;     /* NULL: text, or nothing */
	bool sorted;      /* members of the JSON by name, as Managed HSMs write them */
	const char *text; /* static or in the call's arena */
	size_t len;       /* bytes of text, which may hold any; 0: up to its NUL */
	const char *type; /* content type of text */
	struct pair headers[CALL_HEADERS];
	size_t headers_len;
};

/* Everything hangs in the arena and lives until the reply is on its way. */
struct call {
	struct world *world;
	struct arena *arena;
	enum verb verb;
	const char *method, *host, *path; /* the path undecoded */
	struct naming naming;
	const char *segments[CALL_SEGMENTS]; /* decoded */
	size_t segments_len;
	const char *params[CALL_PARAMS]; /* what the route's {} stand for */
	size_t params_len;
	struct pair query[CALL_QUERY];
	size_t query_len;
	const char *authorization;         /* NULL: no such header */
	struct pair headers[CALL_HEADERS]; /* the other headers that came */
	size_t headers_len;
	struct buf body;
	json_t *json;              /* the body of routes that take JSON; an object */
	const struct route *route; /* NULL: no table has one */
	struct caller caller;
	struct vault *vault;     /* whose data plane is called; NULL elsewhere */
	const char *api_version; /* "" when not given */
	time_t now;
	int64_t began_ms; /* of the clock, to the millisecond */
	long quota;       /* calls that the limits leave for now; -1: nobody counts them */
	char request_id[37], correlation[37];
	struct reply reply;
};

/* A query parameter by name, case-insensitive; NULL when it is not there. */
const char *call_query(const struct call *call, const char *name);

/* A header of the request (but Authorization) by name; NULL when it is not there. */
const char *call_header(const struct call *call, const char *name);

/* A member of a JSON object whose name is compared without regard to case, as ARM does. */
json_t *call_member(const json_t *object, const char *name);

/* The text of such a member; NULL when it is missing or not a string. */
const char *call_text(const json_t *object, const char *name);

/* Whether every member of an object is a text of at most so many characters, as is its name. */
bool call_is_texts(const json_t *object, size_t name_max, size_t value_max);

#endif
