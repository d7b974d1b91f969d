/* The rows come back by a copy of the whole database from memory, which is quicker than seeding
 * anew by a thousand times. RSA pairs are made once for each size and given out again (the linker
 * leads rsa_make here): inputs may ask for 4096 bits without costing seconds, and nothing in
 * the sandbox asks for two keys to differ. */
#include "tests/fuzz/estate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/fault.h"
#include "backend/sandbox/rows/keymaker.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/seed/directory.h"
#include "backend/sandbox/seed/parts.h"
#include "backend/sandbox/seed/seed.h"
#include "crypto/b64.h"

enum { TOKENS = 64, TOKEN_MAX = 16384, YEARS_20 = 20 * 365 * 86400 };

struct rsa_key *__real_rsa_make(unsigned bits, unsigned long exponent, struct err *err);
struct rsa_key *__wrap_rsa_make(unsigned bits, unsigned long exponent, struct err *err);

static struct world world;
static sqlite3 *live, *made;
static sqlite3_int64 changes;
static struct keyring *signing_ring;

static struct {
	char audience[NAMES_URL];
	char *header;
} tokens[TOKENS];
static size_t tokens_len;

static struct {
	unsigned bits;
	struct secret der;
} pairs[] = {{.bits = 2048}, {.bits = 3072}, {.bits = 4096}};
static pthread_mutex_t pairs_mutex = PTHREAD_MUTEX_INITIALIZER;

static _Noreturn void
give_up(const char *what)
{
	fprintf(stderr, "estate: %s\n", what);
	abort();
}

struct rsa_key *
__wrap_rsa_make(unsigned bits, unsigned long exponent, struct err *err)
{
	struct rsa_key *key = NULL;

	if (exponent < 3 || exponent % 2 == 0)
		give_up("an RSA key of an exponent that there cannot be");
	pthread_mutex_lock(&pairs_mutex);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (pairs[i].bits != bits)
			continue;
		if (!pairs[i].der.len) {
			key = __real_rsa_make(bits, RSA_E_USUAL, err);
			if (!key || !rsa_to_der(key, &pairs[i].der, err))
				give_up("no RSA key can be made");
			rsa_free(key);
		}
		key = rsa_from_der(pairs[i].der.bytes, pairs[i].der.len, true, err);
	}
	pthread_mutex_unlock(&pairs_mutex);
	if (!key)
		give_up("an RSA key of a size that no service makes");
	return key;
}

static int
take_handle(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
	(void)error;
	(void)api;
	live = db;
	return SQLITE_OK;
}

static void
copy_rows(sqlite3 *to, sqlite3 *from)
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");

	if (!copy || sqlite3_backup_step(copy, -1) != SQLITE_DONE ||
		sqlite3_backup_finish(copy) != SQLITE_OK)
		give_up(sqlite3_errmsg(to));
}

/* What a seed has promised is made now. */
static void
make_promised(void)
{
	struct keymaker *maker = keymaker_start(world.db);
	sqlite3_stmt *stmt;
	int64_t id;

	for (;;) {
		db_lock(world.db);
		stmt = db_ask(world.db, "SELECT id FROM material WHERE x='' LIMIT 1", "");
		id = db_next(world.db, stmt) ? sqlite3_column_int64(stmt, 0) : 0;
		if (id)
			db_done(stmt);
		db_unlock(world.db);
		if (!id)
			break;
		if (!keymaker_wait(maker, id))
			give_up("a promised key was not made");
	}
	keymaker_stop(maker);
}

/* As a start of the sandbox does, with a database that need not survive. */
static void
make_estate(const struct state *state)
{
	char path[PATH_MAX], signing[32];
	struct err err = {0};

	sqlite3_auto_extension((void (*)(void))take_handle);
	world.db = db_open(state_path(state, "state.db", path), &err);
	sqlite3_cancel_auto_extension((void (*)(void))take_handle);
	if (!world.db || sqlite3_exec(live, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF",
				 NULL, NULL, NULL) != SQLITE_OK)
		give_up("no database");
	world.faults = faults_new();
	world.keyring = keyring_new(world.db);
	if (!seed_run(&world, "demo", ESTATE_SECRET, "reader-secret-of-the-tests", &err))
		give_up(err.msg);
	make_promised();
	snprintf(world.id, sizeof world.id, "%s", "00000000-0000-4000-8000-000000000001");
	db_begin(world.db);
	db_set_meta(world.db, "id", world.id);
	db_meta(world.db, "signing_key", signing, sizeof signing);
	if (!db_commit(world.db))
		give_up("the estate cannot be written");
	signing_ring = keyring_new(world.db);
	world.tokens =
		tokens_new(keyring_hold(signing_ring, strtoll(signing, NULL, 10), &err), world.id);
	if (!directory_end(directory_begin(state), &world, state, &err))
		give_up(err.msg);
}

/* Without secret_init: what only OpenSSL's secure heap points to counts as leaked, among it the
 * ciphers of its random generators. */
struct world *
estate(void)
{
	struct state state = {.dir = "/tmp/claviger-fuzz-XXXXXX", .lock = -1};

	if (made)
		return &world;
	if (!mkdtemp(state.dir) || sqlite3_open(":memory:", &made) != SQLITE_OK)
		give_up("no folder of its own");
	make_estate(&state);
	file_remove_tree(state.dir);
	copy_rows(made, live);
	changes = sqlite3_total_changes64(live);
	return &world;
}

void
estate_reset(void)
{
	if (!sqlite3_get_autocommit(live))
		give_up("a transaction was left open");
	for (sqlite3_stmt *at = sqlite3_next_stmt(live, NULL); at; at = sqlite3_next_stmt(live, at))
		if (sqlite3_stmt_busy(at))
			give_up(sqlite3_sql(at));
	if (sqlite3_total_changes64(live) != changes) {
		copy_rows(live, made);
		changes = sqlite3_total_changes64(live);
		keyring_free(world.keyring);
		world.keyring = keyring_new(world.db);
	}
	atomic_store(&world.clock.ahead, 0);
	atomic_store(&world.due_ran, vclock_now(&world.clock));
	world.lro = 0;
}

/* The audience of a service, by the names that it was asked by. */
static const char *
audience_of(const struct naming *naming, char out[NAMES_URL])
{
	switch (naming->role) {
	case HOST_VAULT:
		return names_store_audience(naming, STORE_VAULT, out);
	case HOST_HSM:
		return names_store_audience(naming, STORE_HSM, out);
	case HOST_BLOB:
		return "https://storage.azure.com";
	case HOST_GRAPH:
		return names_graph(naming, out);
	case HOST_ARM:
	case HOST_LOCAL:
		return names_arm(naming, out);
	default:
		return NULL;
	}
}

static char *
sign(const char *audience)
{
	struct buf out;
	struct err err;
	char *header;

	buf_init(&out, TOKEN_MAX);
	if (!buf_adds(&out, "Bearer ") ||
		!token_sign(world.tokens,
			json_pack("{s:s,s:s,s:s,s:s}", "tid", seed_tenant, "oid",
				seed_operator_object, "appid", seed_operator, "aud", audience),
			vclock_now(&world.clock), YEARS_20, &out, &err))
		give_up("no token");
	header = mem_strdup(buf_text(&out));
	buf_free(&out);
	return header;
}

const char *
estate_authorization(const struct naming *naming)
{
	char room[NAMES_URL];
	const char *audience = audience_of(naming, room);

	if (!audience)
		return "";
	for (size_t i = 0; i < tokens_len; i++)
		if (strcmp(tokens[i].audience, audience) == 0)
			return tokens[i].header;
	if (tokens_len == TOKENS) { /* ports of localhost are many */
		for (size_t i = 0; i < TOKENS; i++)
			free(tokens[i].header);
		tokens_len = 0;
	}
	snprintf(tokens[tokens_len].audience, NAMES_URL, "%s", audience);
	tokens[tokens_len].header = sign(audience);
	return tokens[tokens_len++].header;
}
