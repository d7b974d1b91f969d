/* A plan of three steps, red, blue and a check, on a small world behind a TLS server of the test.
 * Include after cmocka.h. */
#ifndef CLAVIGER_TEST_PAINT_H
#define CLAVIGER_TEST_PAINT_H

#include <pthread.h>

#include "backend/plans/plan.h"
#include "tests/unit/tls_server.h"

#define WORLD "https://management.azure.com/world"

enum { RED = 1, BLUE = 2 };

/* What the server has and how it misbehaves; and what it was asked. */
struct world {
	pthread_mutex_t lock;
	int bits;
	int status, times; /* answers so many changes with this status */
	int blind;         /* reads that do not show the last change yet */
	int shown;         /* bits as such reads show them */
	int polls;         /* changes are accepted, and end with so many polls; 0: at once */
	int busy;          /* reads that show the wall as being changed */
	enum { ANSWER, DROP_BEFORE, DROP_AFTER } drop;
	char log[1024]; /* "R+ ? B- " */
	char journal[128];
	int unjournaled; /* changes that came before their intent was on the disk */
};
extern struct world paint_world;

/* What goes wrong on this side. */
struct paint_faults {
	bool work_fails, must_stop, must_mend;
};
extern struct paint_faults paint_faults;

struct fixture {
	char dir[64];
	struct tls_server *server;
	struct session *session;
	struct estate *estate;
	struct journal *journal;
	struct run *run;
	struct err err;
	int changes;
};

extern const struct plan_def paint;

int paint_setup(void **state);
int paint_teardown(void **state);
void paint_session(struct fixture *f, bool read_only);

void paint_changed(void *user);
/* Starts the plan; turns the loop until it stands; both; carries it all out. */
void paint_begin(struct fixture *f);
void paint_settle(struct fixture *f);
void paint_plan(struct fixture *f);
void paint_all(struct fixture *f);

/* What the server was asked, the states of the steps, "step:phase" of the journal's records (each
 * intent of which was on the disk before its change came). */
void paint_expect_log(const char *log);
void paint_expect_states(const struct fixture *f, const char *states);
void paint_expect_journal(const struct fixture *f, const char *text);

#endif
