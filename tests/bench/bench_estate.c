/* An estate (the first word: fleet:10000) of an embedded sandbox into memory: seconds, requests and
 * how many times the least there could be, and bytes a row, measured as what the heap gets back
 * when the estate is freed. One line each: name value unit. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/estate/inside.h"
#include "backend/estate/kind.h"
#include "backend/sandbox/sandbox.h"

static struct session *
sign_in(const struct sandbox *sandbox, struct err *err)
{
	const struct sandbox_access *access = sandbox_access(sandbox);
	struct credential credential;
	struct profile profile;

	profile_default(&profile);
	profile.sandbox = true;
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", access->ca_file);
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", access->socket);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	return session_open(&profile, &credential, err);
}

static size_t
pages(size_t rows)
{
	return (rows + 999) / 1000;
}

/* The least there could be: full pages of Resource Graph, a vault's keys in use in one reply, of
 * all keys a list for each vault and two replies for each key. */
static size_t
floor_of(const struct estate *estate, unsigned parts)
{
	size_t out = 1 + pages(estate->accounts->len);

	if (parts & ESTATE_VAULTS)
		out += pages(estate->vaults->len + estate->identities->len);
	if (parts & ESTATE_GRANTS)
		out += pages(estate->grants->len);
	if (parts & (ESTATE_USED | ESTATE_KEYS))
		out += estate->keys->len;
	if (parts & ESTATE_NAMES)
		out += estate->vaults->len;
	if (parts & ESTATE_KEYS)
		out += estate->keys->len;
	return out;
}

static bool
measure(struct session *session, unsigned parts, const char *what, struct err *err)
{
	struct estate *estate = estate_new(session);
	unsigned long before = session_totals(session).requests, requests;
	int64_t start = clock_mono_us();
	size_t rows, floor, full, bytes;
	double seconds;

	if (!estate_load(estate, parts, err)) {
		estate_free(estate);
		return false;
	}
	seconds = (double)(clock_mono_us() - start) / 1e6;
	requests = session_totals(session).requests - before;
	floor = floor_of(estate, parts);
	rows = kind_account.count(estate) + kind_vault.count(estate) + kind_key.count(estate);
	full = mallinfo2().uordblks + mallinfo2().hblkhd;
	estate_free(estate);
	bytes = full - (mallinfo2().uordblks + mallinfo2().hblkhd);
	printf("estate_%s_rows %zu rows\n", what, rows);
	printf("estate_%s_time %.3f s\n", what, seconds);
	printf("estate_%s_requests %lu requests\n", what, requests);
	printf("estate_%s_of_floor %.3f\n", what, (double)requests / (double)floor);
	printf("estate_%s_speed %.0f rows/s\n", what, (double)rows / seconds);
	printf("estate_%s_rate %.0f requests/s\n", what, (double)requests / seconds);
	printf("estate_%s_memory %.1f bytes/row\n", what, (double)bytes / (double)rows);
	return true;
}

int
main(int argc, char **argv)
{
	struct sandbox_options options = {.seed = argc > 1 ? argv[1] : "fleet:10000"};
	struct session *session = NULL;
	struct sandbox *sandbox;
	struct err err = {0};
	bool ok = false;

	mem_give_back();
	json_init();
	sandbox = sandbox_open(&options, &err);
	if (sandbox)
		session = sign_in(sandbox, &err);
	if (session)
		ok = measure(session, ESTATE_ACCOUNTS, "accounts", &err) &&
		     measure(session, ESTATE_START, "start", &err) &&
		     measure(session, ESTATE_ALL, "all", &err);
	if (!ok)
		fprintf(stderr, "bench_estate: %s\n", err.msg);
	session_close(session);
	sandbox_close(sandbox);
	return ok ? 0 : 1;
}
