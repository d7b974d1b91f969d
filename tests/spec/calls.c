/* Which token a call carries is told by its host. */
#include "tests/spec/calls.h"

#include <stdio.h>
#include <string.h>

#include "tests/fixtures/sandbox_client.h"

static long
send(struct calls *calls, const char *method, const char *url, const char *body)
{
	const char *auth = strstr(url, ".managedhsm.") ? calls->hsm
			   : strstr(url, ".vault.")    ? demo.vault
						       : demo.arm;

	return client_send(&demo, method, url, auth, body);
}

static void
surprise(struct calls *calls, const char *kind, const char *method, const char *url)
{
	calls->surprises++;
	fprintf(stderr, "%s: %s %s -> %ld %.300s\n",
		!calls->traffic || traffic_routed(calls->traffic) ? kind : "no route", method, url,
		demo.status, demo.body);
}

void
calls_good(struct calls *calls, const char *method, const char *url, const char *body)
{
	long status = send(calls, method, url, body);

	if (status < 200 || status >= 300)
		surprise(calls, "refused", method, url);
}

void
calls_bad(struct calls *calls, const char *method, const char *url, const char *body)
{
	long status = send(calls, method, url, body);

	if (status < 400 || status >= 500)
		surprise(calls, "not refused", method, url);
}

void
calls_rows(struct calls *calls, const struct calls_row *rows, size_t len)
{
	for (size_t i = 0; i < len; i++)
		(rows[i].bad ? calls_bad : calls_good)(
			calls, rows[i].method, rows[i].url, rows[i].body);
}
