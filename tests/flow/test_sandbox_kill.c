/* The serving process is killed under load: what it acknowledged is there when another serves. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/secret.h"
#include "tests/fixtures/run.h"
#include "tests/fixtures/sandbox_client.h"

enum { WRITERS = 3, WRITES_MAX = 400, LOAD_MS = 1500 };

/* What became of one write: a group with one tag, both or neither. */
enum outcome { OUTCOME_UNSENT, OUTCOME_DONE, OUTCOME_UNKNOWN };

struct writer {
	pthread_t thread;
	int number;
	struct client *client;
	atomic_bool *stop;
	enum outcome outcomes[WRITES_MAX];
};

static struct place place;
static struct going server;

static int
setup(void **state)
{
	(void)state;
	secret_init();
	place_make(&place);
	going_start(&server, "sandbox", "--state", place.dir, "--seed", "empty", NULL);
	going_wait(&server, "serving");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	place_remove(&place);
	return 0;
}

/* A client of the sandbox in place, which this process joins. */
static struct client *
join(void)
{
	struct sandbox_options options = {.state = place.dir};
	struct client *client = calloc(1, sizeof *client);
	struct err err = {0};

	assert_non_null(client);
	client->sandbox = sandbox_open(&options, &err);
	if (!client->sandbox)
		fail_msg("%s", err.msg);
	client_sign_in(
		client, OPERATOR, sandbox_access(client->sandbox)->client_secret, ARM, client->arm);
	return client;
}

static void *
write_on(void *arg)
{
	struct writer *w = arg;
	char url[256], body[128];

	for (int i = 0; i < WRITES_MAX && !atomic_load(w->stop); i++) {
		snprintf(url, sizeof url,
			ARM PRODUCTION "/resourceGroups/rg-%d-%03d?api-version=2022-09-01",
			w->number, i);
		snprintf(body, sizeof body,
			"{\"location\":\"westeurope\",\"tags\":{\"writer\":\"%d\",\"write\":\"%d\"}}",
			w->number, i);
		w->outcomes[i] = client_send(w->client, "PUT", url, w->client->arm, body) / 100 == 2
					 ? OUTCOME_DONE
					 : OUTCOME_UNKNOWN;
		if (w->outcomes[i] == OUTCOME_UNKNOWN)
			break;
	}
	return NULL;
}

static json_t *
groups_of(const json_t *dump, int number, int write)
{
	char name[32];

	snprintf(name, sizeof name, "rg-%d-%03d", number, write);
	return json_object_get(value_at(dump, "subscriptions.Production.groups"), name);
}

static void
check(const struct writer *w, const json_t *dump)
{
	char text[16];

	for (int i = 0; i < WRITES_MAX; i++) {
		const json_t *group = groups_of(dump, w->number, i);

		if (w->outcomes[i] == OUTCOME_UNSENT)
			assert_null(group);
		if (w->outcomes[i] == OUTCOME_DONE && !group)
			fail_msg("writer %d: write %d was acknowledged and is lost", w->number, i);
		if (!group)
			continue;
		snprintf(text, sizeof text, "%d", i);
		assert_string_equal(text_at(group, "location"), "westeurope");
		assert_string_equal(text_at(group, "tags.write"), text);
		snprintf(text, sizeof text, "%d", w->number);
		assert_string_equal(text_at(group, "tags.writer"), text);
	}
}

/* Killed while three write; every joiner's next call finds a server again: one of them. */
static void
killed_under_load(void **state)
{
	static struct writer writers[WRITERS];
	struct client *client = join();
	atomic_bool stop = false;
	json_t *dump;
	int done = 0;

	(void)state;
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){.number = i, .stop = &stop};
		writers[i].client = calloc(1, sizeof *writers[i].client);
		assert_non_null(writers[i].client);
		writers[i].client->sandbox = client->sandbox;
		memcpy(writers[i].client->arm, client->arm, sizeof client->arm);
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_on, &writers[i]), 0);
	}
	usleep(LOAD_MS * 1000);
	assert_int_equal(going_end(&server, SIGKILL), 1000 + SIGKILL);
	atomic_store(&stop, true);
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		json_decref(writers[i].client->json);
		free(writers[i].client);
		for (int j = 0; j < WRITES_MAX; j++)
			done += writers[i].outcomes[j] == OUTCOME_DONE;
	}
	assert_true(done > 0);
	for (int i = 0; i < 200 && !sandbox_serves(client->sandbox); i++)
		usleep(50000);
	assert_true(sandbox_serves(client->sandbox));
	assert_int_equal(client_send(client, "GET",
				 ARM PRODUCTION "/resourceGroups/rg-0-000?api-version=2022-09-01",
				 client->arm, NULL),
		200);
	dump = place_dumped(&place);
	for (int i = 0; i < WRITERS; i++)
		check(&writers[i], dump);
	json_decref(dump);
	json_decref(client->json);
	sandbox_close(client->sandbox);
	free(client);
}

/* And the next process finds all of it, with nobody there to take over. */
static void
started_again(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "account", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	going_start(&server, "sandbox", "--state", place.dir, NULL);
	going_wait(&server, "serving");
	run(&ran, "sandbox", "ctl", "--state", place.dir, "dump", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "rg-0-000"));
	ran_free(&ran);
	assert_int_equal(going_end(&server, SIGTERM), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_under_load),
		cmocka_unit_test(started_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
