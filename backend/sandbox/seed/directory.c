/* The files are made at a start, not while seeding: they are steady for as long as the state is,
 * and an estate that lost one gets another. */
#include "backend/sandbox/seed/directory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/sandbox/entra/assertion.h"
#include "backend/sandbox/entra/token.h"
#include "backend/sandbox/seed/seed.h"
#include "crypto/cert.h"

enum { PEM_MAX = 16384, DAY = 86400, YEARS_20 = 20 * 365 * DAY };

const char seed_person[] = "1b7c0e52-4d9a-4f38-93e6-c05a7d21b80a";

void
seed_directory(struct seeding *s)
{
	struct db *db = s->world->db;

	db_do(db,
		"INSERT INTO person(object,tenant,upn,name) VALUES(?,?,'operator@contoso.example',"
		"'Operator')",
		"tt", seed_person, seed_tenant);
	db_do(db,
		"INSERT INTO federated_credential(owner,name,issuer,subject,audiences)"
		" VALUES(?,'workload',?,?,?)",
		"tttt", seed_operator, assertion_issuer, assertion_subject,
		arena_printf(s->arena, "[\"%s\"]", assertion_audience));
}

/* Key and certificate in one file, as AZURE_CLIENT_CERTIFICATE_PATH names it. */
static bool
make_certificate(const char *path, struct buf *pem, struct err *err)
{
	time_t now = clock_wall() - clock_shifted();
	struct buf cert;
	bool ok;

	buf_init(&cert, PEM_MAX);
	ok = cert_make_client(
		     "claviger sandbox operator", now - DAY, now + YEARS_20, &cert, pem, err) &&
	     (buf_add(pem, cert.data, cert.len) ||
		     err_set(err, ERR_FAILED, "", "%s: too long", path)) &&
	     file_write(path, pem->data, pem->len, err);
	buf_free(&cert);
	return ok;
}

/* Beside the estate's own keys: this one takes as long as one of theirs. */
struct directory {
	char path[PATH_MAX];
	struct buf pem;
	struct err err;
	bool ok, started;
	pthread_t thread;
};

static void *
find_certificate(void *arg)
{
	struct directory *d = arg;

	d->ok = file_read(d->path, true, &d->pem, &d->err) ||
		(d->err.kind == ERR_NOT_FOUND && make_certificate(d->path, &d->pem, &d->err));
	return NULL;
}

struct directory *
directory_begin(const struct state *state)
{
	struct directory *d = mem_alloc(sizeof *d);

	state_path(state, "operator.pem", d->path);
	buf_init(&d->pem, PEM_MAX);
	d->started = pthread_create(&d->thread, NULL, find_certificate, d) == 0;
	if (!d->started)
		find_certificate(d);
	return d;
}

static bool
register_certificate(struct world *world, const struct directory *d, struct err *err)
{
	struct buf der;
	bool ok;

	buf_init(&der, PEM_MAX);
	ok = cert_to_der(buf_text(&d->pem), &der, err) || err_prefix(err, "%s", d->path);
	if (ok) {
		db_begin(world->db);
		db_do(world->db, "INSERT OR IGNORE INTO certificate(client,der) VALUES(?,?)", "tb",
			seed_operator, (const void *)der.data, der.len);
		ok = db_commit(world->db) ||
		     err_set(err, ERR_FAILED, "", "%s: it cannot be registered in the state",
			     d->path);
	}
	buf_free(&der);
	return ok;
}

/* What a cluster's token file is, but for its life: nobody is there to renew it. */
static bool
make_token(struct world *world, const char *path, struct err *err)
{
	json_t *claims = json_pack("{s:s,s:s,s:s}", "iss", assertion_issuer, "sub",
		assertion_subject, "aud", assertion_audience);
	struct buf token;
	bool ok;

	buf_init(&token, PEM_MAX);
	ok = token_sign(world->tokens, claims, vclock_now(&world->clock), YEARS_20, &token, err) &&
	     file_write(path, token.data, token.len, err);
	buf_free(&token);
	return ok;
}

/* Whether there is one that this estate signed and that is good for a year yet. */
static bool
is_good(struct world *world, const struct buf *file)
{
	json_t *claims = token_open(world->tokens, buf_text(file));
	json_int_t exp = json_integer_value(json_object_get(claims, "exp"));

	json_decref(claims);
	return exp > vclock_now(&world->clock) + 365 * DAY;
}

static bool
prepare_token(struct world *world, const struct state *state, struct err *err)
{
	char path[PATH_MAX];
	struct buf file;
	bool ok;

	buf_init(&file, PEM_MAX);
	state_path(state, "federated.jwt", path);
	ok = file_read(path, true, &file, err) || err->kind == ERR_NOT_FOUND;
	if (ok && !is_good(world, &file))
		ok = make_token(world, path, err);
	buf_free(&file);
	return ok;
}

bool
directory_end(struct directory *d, struct world *world, const struct state *state, struct err *err)
{
	bool ok = true;

	if (d->started)
		pthread_join(d->thread, NULL);
	if (world) {
		ok = d->ok && register_certificate(world, d, err) &&
		     prepare_token(world, state, err);
		if (!d->ok)
			*err = d->err;
	}
	buf_free(&d->pem);
	free(d);
	return ok;
}
