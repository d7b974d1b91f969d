/* Faults on request: which calls go wrong, how, and how often. Grammar: sandbox_help. */
#ifndef CLAVIGER_SANDBOX_FAULT_H
#define CLAVIGER_SANDBOX_FAULT_H

#include "backend/sandbox/call.h"

struct faults;

enum fault_action {
	FAULT_NONE,
	FAULT_STATUS,
	FAULT_TYPE,
	FAULT_FLIP,
	FAULT_DELAY,
	FAULT_DROP,
	FAULT_HTML,
	FAULT_TRUNCATE,
};

struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Ends all waiting, for good: the server stops. */
void faults_stop(struct faults *faults);

/* Adds one; the error names the column and the grammar. */
bool fault_add(struct faults *faults, const char *spec, struct err *err) MUST_CHECK;
void faults_clear(struct faults *faults);

/* One line per fault that is still armed, as it was written. */
bool faults_list(struct faults *faults, struct buf *out) MUST_CHECK;

/* Before the handler: waits as told, and answers instead of it when a fault says so (true). */
bool fault_before(struct call *call);

/* After the handler: spoils the reply. FAULT_DROP and FAULT_TRUNCATE are left to the server. */
enum fault_action fault_after(struct call *call);

#endif
