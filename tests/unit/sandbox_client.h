/* A sandbox in a temporary directory and a small HTTPS client for it, for the sandbox's own tests:
 * nothing of the program's client, so that the two cannot agree on the same mistake. */
#ifndef CLAVIGER_TESTS_SANDBOX_CLIENT_H
#define CLAVIGER_TESTS_SANDBOX_CLIENT_H

#include <jansson.h>

#include "backend/sandbox/sandbox.h"

#define ARM "https://management.azure.com"
#define TENANT "7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01"
#define PRODUCTION "/subscriptions/4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103"
#define STAGING "/subscriptions/91f5d3b7-2c68-4e9a-b704-5a8e1c3f6204"
#define OPERATOR "a5d81e30-4b7c-4f92-8e06-d3c9f1b27406"
#define READER "d6b92f41-5c8d-4ea3-9f17-e4da02c38508"
#define FINANCE \
	PRODUCTION "/resourceGroups/rg-finance/providers/Microsoft.Automation/automationAccounts/"
#define SECURITY PRODUCTION "/resourceGroups/rg-security/providers/Microsoft.KeyVault/vaults/"
#define PAYROLL ARM FINANCE "aa-payroll?api-version=2023-11-01"
#define BILLING ARM FINANCE "aa-billing?api-version=2023-11-01"
#define KEYS "https://kv-payroll.vault.azure.net/keys"
#define V "?api-version=7.4"
#define IDENTITY "\"identity\":{\"type\":\"SystemAssigned\"}"

struct client {
	struct sandbox *sandbox;
	char dir[64];
	char arm[4096], vault[4096]; /* "Authorization: Bearer ..." headers of the operator */
	long status;                 /* of the last call; 0: no reply */
	char headers[8192];          /* of the last reply */
	json_t *json;                /* its body; NULL when it is no JSON */
	char body[1 << 16];          /* and as text, cut */
	size_t body_len;             /* of it all */
	const char *extra[8];        /* more headers of the calls to come; NULL-ended */
};

/* Starts a sandbox on a fresh directory and signs the operator in. */
void client_open(struct client *client, const char *seed);
/* The same with more options; their state directory is the client's. */
void client_open_with(struct client *client, const struct sandbox_options *asked);
/* Stops it and removes the directory. */
void client_close(struct client *client);

/* Sends one request; auth is a header or NULL, body a text or NULL. Returns the status. */
long client_send(struct client *client, const char *method, const char *url, const char *auth,
	const char *body);

/* Text, number or truth at a path such as "error.code" or "value.0.id" of the last reply; "" or -1
 * when there is none. */
const char *client_text(const struct client *client, const char *path);
json_int_t client_number(const struct client *client, const char *path);
json_t *client_at(const struct client *client, const char *path);

/* Signs an application in for an audience; header gets "Authorization: Bearer ...". */
void client_sign_in(struct client *client, const char *id, const char *secret, const char *audience,
	char header[4096]);

/* Fails the test unless a status is the wanted one and the last reply of demo an error of that
 * code, and of that message (NULL: any). */
void demo_refused(long status, long wanted, const char *code, const char *message);

/* Fails the test unless the object at a path of demo's last reply has just these members, in this
 * order: "id,name". */
void demo_members(const char *path, const char *wanted);

/* A private file of the state directory, such as the reader's secret. */
void client_file(const struct client *client, const char *name, char out[64]);

/* One client on the demo estate for a whole group of tests: its fixtures, and a request with the
 * operator's token for the resource manager or for a vault. */
extern struct client demo;
int demo_setup(void **state);
int demo_teardown(void **state);
long demo_arm(const char *method, const char *url, const char *body);
long demo_kv(const char *method, const char *url, const char *body);

/* Moves the clock of the sandbox on ("+24h") and signs the operator in again. */
void demo_clock(const char *word);

#endif
