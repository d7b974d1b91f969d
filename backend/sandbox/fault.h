/* Faults on request: which calls go wrong, how, and how often. Grammar: sandbox_help. */
#ifndef CLAVIGER_SANDBOX_FAULT_H
#define CLAVIGER_SANDBOX_FAULT_H

#include "backend/sandbox/call.h"

struct faults;

enum fault_action {
	FAULT_NONE,
	FAULT_STATUS,    /* instead of the handler */
	FAULT_HTML,      /* instead of the handler */
	FAULT_CHALLENGE, /* instead of the handler */
	FAULT_CLAIMS,    /* instead of the handler */
	FAULT_DELAY,     /* before the handler */
	FAULT_SKEW,      /* before the handler */
	FAULT_AFTER,     /* the reply: another status */
	FAULT_TYPE,      /* the reply: a value of another type */
	FAULT_FLIP,      /* the reply: one bit */
	FAULT_MIME,      /* the reply: its content type */
	FAULT_NEXTLINK,  /* the reply: where the next page is */
	FAULT_LRO,       /* the reply: how an operation goes on */
	FAULT_DROP,      /* this one and those that follow are the server's to do */
	FAULT_RESET,
	FAULT_STALL,
	FAULT_TRUNCATE,
	FAULT_STALL_BODY,
	FAULT_OVERSIZE,
	FAULT_CERT, /* before there is any call */
};

/* What is wrong with a certificate. */
enum fault_cert {
	FAULT_CERT_NONE,
	FAULT_CERT_EXPIRED,
	FAULT_CERT_EARLY,
	FAULT_CERT_NAME,
	FAULT_CERT_UNTRUSTED,
	FAULT_CERT_KINDS,
};

struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Ends all waiting, for good: the server stops. */
void faults_stop(struct faults *faults);

/* Waits; true when it was cut short by faults_stop. */
bool faults_wait(struct faults *faults, long ms);

/* Adds one; the error names the column and the grammar. */
bool fault_add(struct faults *faults, const char *spec, struct err *err) MUST_CHECK;
void faults_clear(struct faults *faults);

/* One line per fault that is still armed, as it was written. */
bool faults_list(struct faults *faults, struct buf *out) MUST_CHECK;

/* Before the handler: waits as told, shifts the call's time, and answers instead of the handler
 * when a fault says so (true). */
bool fault_before(struct call *call);

/* After the handler: spoils the reply. FAULT_DROP and those behind it are left to the server;
 * *number is then milliseconds (-1: for ever) or mebibytes. */
enum fault_action fault_after(struct call *call, long *number);

/* Whether any fault is about certificates; which one a connection to host gets. */
bool faults_certify(struct faults *faults);
enum fault_cert fault_certificate(struct faults *faults, const char *host);

#endif
