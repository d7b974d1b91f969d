/* Sign-in by device code (RFC 8628, in Entra's words): a person enters a code on another machine's
 * browser while this program asks again and again whether it was done. Pure functions. */
#ifndef CLAVIGER_AUTH_DEVICE_CODE_H
#define CLAVIGER_AUTH_DEVICE_CODE_H

#include "backend/auth/credential.h"

struct device_code {
	char user_code[24]; /* what the person types: letters, digits, dashes */
	char address[160];  /* where; a page of the cloud's own sign-in */
	char tenant[64], client_id[64];
	char scopes[256];
	struct secret code; /* what the polls prove */
	int expires_in_s, interval_s;
};
void device_code_free(struct device_code *code);

/* Asks for a code, for the resource manager of the cloud; fills tenant, client id and scopes. */
bool device_code_build(const struct cloud *cloud, const char *tenant, const char *client_id,
	struct device_code *code, struct request *out, struct err *err) MUST_CHECK;

/* ERR_DENIED "ForeignAddress" when the page it names is not known to belong to the cloud. */
bool device_code_accept(const struct reply *reply, const struct cloud *cloud,
	struct device_code *code, struct err *err) MUST_CHECK;

void device_poll_build(
	const struct cloud *cloud, const struct device_code *code, struct request *out);

/* Who signed in, from the id token; "" what it does not say. */
struct device_person {
	struct token_reply token;
	char user[160], name[160], tenant[64];
};

enum device_state { DEVICE_DONE, DEVICE_PENDING, DEVICE_FAILED };

/* PENDING: poll again after code->interval_s, which "slow_down" makes longer. DONE: out is the
 * caller's (token_reply_free). FAILED: err tells. */
enum device_state device_poll_accept(const struct reply *reply, struct device_code *code,
	struct device_person *out, struct err *err) MUST_CHECK;

/* The error of a code that nobody entered in time. Returns false. */
bool device_code_expired(struct err *err);

#endif
