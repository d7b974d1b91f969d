/* 1,000 reads of one subscription from a sandbox with Azure's limits: the time beside what the
 * limits allow (a bucket of 250 that fills by 25 a second), and how many were refused. One line
 * each: name value unit. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "backend/sandbox/sandbox.h"
#include "backend/session/session.h"

enum { READS = 1000, BUCKET = 250, PER_S = 25 };

static int left = READS, failed;

static int
give_up(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_throttle: %s: %s\n", what, err->msg);
	return 1;
}

static struct session *
sign_in(const struct sandbox_access *access, struct err *err)
{
	struct credential credential;
	struct profile profile;

	profile_default(&profile);
	profile.sandbox = true;
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", access->ca_file);
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", access->socket);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	return session_open(&profile, &credential, err);
}

static void
replied(void *user, struct reply *reply, const struct err *err)
{
	(void)user;
	(void)reply;
	left--;
	failed += err->kind != ERR_NONE;
}

static void
measure(struct session *session, const char *subscription)
{
	const double floor_s = (double)(READS - BUCKET) / PER_S;
	struct request request = {.audience = AUDIENCE_ARM};
	int64_t start = clock_mono_us();
	struct session_totals totals;

	request.url = mem_printf("https://management.azure.com/subscriptions/%s/resourceGroups/"
				 "rg-finance/providers/Microsoft.Automation/automationAccounts/"
				 "aa-payroll?api-version=2023-11-01",
		subscription);
	for (int i = 0; i < READS; i++)
		session_send(session, &request, replied, NULL);
	while (left > 0)
		loop_turn(session_loop(session), -1);
	totals = session_totals(session);
	printf("throttle.of_floor %.3f\n", (double)(clock_mono_us() - start) / 1e6 / floor_s);
	printf("throttle.refused %lu\n", totals.throttled);
	printf("throttle.held_back_ms %lld\n", (long long)totals.held_back_ms);
	request_free(&request);
}

int
main(void)
{
	struct sandbox *sandbox;
	struct session *session;
	struct err err;

	secret_init();
	json_init();
	sandbox = sandbox_open(&(struct sandbox_options){.seed = "demo", .throttle = true}, &err);
	if (sandbox == NULL)
		return give_up("sandbox", &err);
	session = sign_in(sandbox_access(sandbox), &err);
	if (session == NULL)
		return give_up("session", &err);
	measure(session, sandbox_access(sandbox)->subscription);
	session_close(session);
	sandbox_close(sandbox);
	return failed != 0;
}
