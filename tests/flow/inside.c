/* Signing in to a sandbox takes the same six lines everywhere: here once. */
#include "tests/flow/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/json/json.h"

void
inside_profile(const struct sandbox *sandbox, struct profile *profile)
{
	const struct sandbox_access *access = sandbox_access(sandbox);

	profile_default(profile);
	profile->sandbox = true;
	snprintf(profile->tenant, sizeof profile->tenant, "%s", access->tenant);
	snprintf(profile->ca_file, sizeof profile->ca_file, "%s", access->ca_file);
	snprintf(profile->connect_to, sizeof profile->connect_to, "%s", access->socket);
}

struct session *
inside_sign_in(const struct sandbox *sandbox)
{
	const struct sandbox_access *access = sandbox_access(sandbox);
	struct credential credential;
	struct session *session;
	struct profile profile;
	struct err err;

	inside_profile(sandbox, &profile);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	session = session_open(&profile, &credential, &err);
	if (session == NULL)
		fail_msg("%s", err.msg);
	return session;
}

struct sandbox *
inside_serve(struct place *place, const struct sandbox_options *options)
{
	struct sandbox_options own = *options;
	struct sandbox *sandbox;
	struct err err;

	place_make(place);
	place_fill(place->dir);
	own.state = place->dir;
	own.seed = "demo";
	sandbox = sandbox_open(&own, &err);
	if (sandbox == NULL)
		fail_msg("%s", err.msg);
	return sandbox;
}

void
inside_open(struct inside *inside, const struct sandbox_options *options)
{
	struct err err;

	json_init();
	inside->place.dir[0] = '\0';
	snprintf(inside->dir, sizeof inside->dir, "/tmp/claviger-inside-XXXXXX");
	assert_non_null(mkdtemp(inside->dir));
	inside->sandbox = options->state ? sandbox_open(options, &err)
					 : inside_serve(&inside->place, options);
	if (inside->sandbox == NULL)
		fail_msg("%s", err.msg);
	inside->session = inside_sign_in(inside->sandbox);
	inside->estate = estate_new(inside->session);
	inside->journal = journal_open(inside->dir, true, &err);
	if (inside->journal == NULL)
		fail_msg("%s", err.msg);
}

void
inside_close(struct inside *inside)
{
	journal_close(inside->journal);
	estate_free(inside->estate);
	session_close(inside->session);
	sandbox_close(inside->sandbox);
	if (inside->place.dir[0])
		place_remove(&inside->place);
	file_remove_tree(inside->dir);
	clock_shift(0);
}
