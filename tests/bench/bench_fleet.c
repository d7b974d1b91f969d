/* The verbs on a key that 1,000 accounts use, through the program, against a sandbox with Azure's
 * limits, which counts: how long a rotation takes beside what the limits allow (a bucket of 200
 * writes that fills by 10 a second), what was refused, what was sent more often than it must be;
 * what a revocation asks of the vault. Automation accounts with one identity, all pinned. One line
 * each: name value unit. usage: bench_fleet CLAVIGER */
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "backend/azure/keyid.h"
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/sandbox/call.h"
#include "tests/fixtures/sandbox_client.h"

enum { ACCOUNTS = 1000, BUCKET = 200, PER_S = 10 };

#define IDENTITY_ID                                                                  \
	PRODUCTION "/resourceGroups/rg-security/providers/Microsoft.ManagedIdentity" \
		   "/userAssignedIdentities/id-batch"
#define API "?api-version=2023-11-01"
#define VAULT_API "?api-version=2023-07-01"
#define KEY "https://kv-billing.vault.azure.net/keys/cmk-billing"
#define IDENTITY_JSON                                                                        \
	"\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" IDENTITY_ID \
	"\":{}}}"

extern char **environ;

/* What the sandbox has seen since it was last asked. */
static struct {
	pthread_mutex_t lock;
	unsigned long calls, refused, reads;
	unsigned patches[ACCOUNTS]; /* of each account, that were not refused */
	unsigned long changed,
		asked;             /* versions; and requests for them, from the first change on */
	int64_t first_us, last_us; /* of those */
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct client client;

static void
take_version(bool change)
{
	seen.changed += change;
	if (seen.changed == 0)
		return;
	seen.asked++;
	seen.last_us = clock_mono_us();
	if (seen.asked == 1)
		seen.first_us = seen.last_us;
}

static void
observe(void *observer, const struct call *call)
{
	const char *name = strstr(call->path, "/automationAccounts/aa-bench-");
	bool refused = call->reply.status == 429;

	(void)observer;
	pthread_mutex_lock(&seen.lock);
	seen.calls++;
	seen.refused += refused;
	seen.reads += call->verb == VERB_GET && strstr(call->path, "/subscriptions/") == call->path;
	if (call->vault && call->segments_len == 3 && keyid_is_version(call->segments[2]))
		take_version(call->verb == VERB_PATCH);
	if (name && !refused && call->verb == VERB_PATCH)
		seen.patches[strtoul(name + strlen("/automationAccounts/aa-bench-"), NULL, 10)]++;
	pthread_mutex_unlock(&seen.lock);
}

static void
must(const char *what)
{
	if (client.status / 100 == 2)
		return;
	fprintf(stderr, "bench_fleet: %s: %ld %s\n", what, client.status, client.body);
	exit(1);
}

static void
make_accounts(void)
{
	char *url, *body, *version;

	client_send(&client, "GET", ARM IDENTITY_ID "?api-version=2023-01-31", client.arm, NULL);
	must("identity");
	body = mem_printf("{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
			  "\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"recover\","
			  "\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}}]}}",
		client_text(&client, "properties.principalId"));
	client_send(&client, "PUT", ARM SECURITY "kv-billing/accessPolicies/add" VAULT_API,
		client.arm, body);
	must("access policy");
	free(body);
	client_send(&client, "GET", KEY V, client.vault, NULL);
	must("key");
	version = mem_strdup(client_text(&client, "key.kid") + strlen(KEY "/"));
	body = mem_printf("{" IDENTITY_JSON
			  ",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\","
			  "\"keyVaultProperties\":{\"keyName\":\"cmk-billing\",\"keyvaultUri\":"
			  "\"https://kv-billing.vault.azure.net\",\"keyVersion\":\"%s\"},"
			  "\"identity\":{\"userAssignedIdentity\":\"" IDENTITY_ID "\"}}}}",
		version);
	for (int i = 0; i < ACCOUNTS; i++) {
		url = mem_printf(ARM FINANCE "aa-bench-%d" API, i);
		client_send(&client, "PUT", url, client.arm,
			"{\"location\":\"westeurope\"," IDENTITY_JSON
			",\"properties\":{\"sku\":{\"name\":\"Basic\"}}}");
		must("account");
		client_send(&client, "PATCH", url, client.arm, body);
		must("encryption");
		free(url);
	}
	free(version);
	free(body);
}

/* The same state, served with limits and counted. */
static void
serve_again(void)
{
	struct err err;

	sandbox_close(client.sandbox);
	client.sandbox = sandbox_open(
		&(struct sandbox_options){
			.state = client.dir, .throttle = true, .observe = observe},
		&err);
	if (client.sandbox)
		return;
	fprintf(stderr, "bench_fleet: %s\n", err.msg);
	exit(1);
}

/* Runs it on the sandbox; seconds. */
static double
measure(const char *program, const char *verb, const char *option, int allowed)
{
	char *sandbox = mem_printf("--sandbox=%s", client.dir);
	const char *words[] = {
		program, sandbox, verb, "kv-billing/cmk-billing", option, "-o", "none", NULL};
	int64_t start = clock_mono_us();
	int status = -1;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, (char **)words, environ) != 0 ||
		waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		(WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != allowed)) {
		fprintf(stderr, "bench_fleet: %s ended with status %d\n", verb, status);
		exit(1);
	}
	free(sandbox);
	return (double)(clock_mono_us() - start) / 1e6;
}

static void
measure_rotate(const char *program)
{
	const double floor_s = (double)(ACCOUNTS - BUCKET) / PER_S;
	double took = measure(program, "rotate", "--yes", 0);
	unsigned least = seen.patches[0], most = 0;
	struct rusage usage;

	for (int i = 0; i < ACCOUNTS; i++) {
		least = seen.patches[i] < least ? seen.patches[i] : least;
		most = seen.patches[i] > most ? seen.patches[i] : most;
	}
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("fleet.rotate_peak_mb %ld MB\n", usage.ru_maxrss / 1024);
	printf("fleet.rotate_s %.1f s\n", took);
	printf("fleet.rotate_of_floor %.3f\n", took / floor_s);
	printf("fleet.rotate_refused %.2f %%\n", 100.0 * (double)seen.refused / (double)seen.calls);
	printf("fleet.rotate_reads %.3f per account\n", (double)seen.reads / ACCOUNTS);
	printf("fleet.rotate_least_patches %u per account\n", least);
	printf("fleet.rotate_most_patches %u per account\n", most);
}

/* From the first change to the last read-back of the vault. What is looked at afterwards, whether
 * the services still give the data, takes as long as they do: it ends parked. */
static void
measure_revoke(const char *program)
{
	seen.changed = seen.asked = 0;
	measure(program, "revoke", "--confirm=cmk-billing", 75);
	printf("fleet.revoke_versions %lu\n", seen.changed);
	printf("fleet.revoke_requests %lu\n", seen.asked);
	printf("fleet.revoke_ms %.1f ms\n", (double)(seen.last_us - seen.first_us) / 1e3);
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: bench_fleet CLAVIGER\n");
		return 2;
	}
	client_open(&client, "demo");
	make_accounts();
	serve_again();
	measure_rotate(argv[1]);
	measure_revoke(argv[1]);
	client_close(&client);
	return 0;
}
