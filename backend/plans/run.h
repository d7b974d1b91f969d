/* What the parts of the runner share; nobody else includes it. */
#ifndef CLAVIGER_PLAN_RUN_H
#define CLAVIGER_PLAN_RUN_H

#include "backend/plans/plan.h"

/* What the exchange under way is for. */
enum doing { DOING_NOTHING, DOING_READ, DOING_STEP, DOING_REREAD, DOING_UNDO, DOING_UNDO_REREAD };

struct run_private {
	struct session *session;
	struct estate *estate;
	struct journal *journal;
	void (*changed)(void *user);
	void *user;

	enum doing doing;
	const struct step *step; /* whose exchange it is: a read's own, else the step's */
	struct call *call;
	struct job *timer, *worker;
	struct reading *reading; /* of a step that reads_used */
	size_t read;             /* of plan->reads */
	bool all;                /* go on after this step */
	/* Why a re-read: LOOK, AGAIN, no answer came, or what is known is old. */
	enum { LOOKING, TRYING, LOST, FRESHENING } because;
	bool undoing;              /* has begun: there is no way forward any more */
	bool take_back;            /* it is a rollback: the steps needed are those to undo */
	bool settled;              /* what stays of it was told, and that is its end */
	bool made[PLAN_STEPS_MAX]; /* rollback: the journal says that it was, or may have been */
	bool begun;                /* the journal knows what it is about */
	bool held;                 /* it has the operation in hand, see journal_hold */
	const char *recorded;      /* how it stands by the journal; NULL: nothing yet */
	char approval[65];         /* digest that a second operator typed; "": none */
	json_t *forced;            /* ids of rules that do not stop it; NULL: none; owned */
	const char *of, *stage;    /* the campaign that it is a member of, and where; NULL: none */
	/* Asked before a change is recorded: that of the campaign comes before; may be NULL. */
	bool (*before)(void *user, struct err *err);
	void *before_user;
	json_t *ground;       /* what it stood on when it was planned; owned */
	enum err_kind park;   /* stop when the exchange under way has ended; ERR_NONE: no */
	bool acted;           /* a change was sent */
	bool shares;          /* see plan_share */
	bool tested;          /* this machine's RSA; once is enough for a campaign */
	int64_t read_ms;      /* when the reads were done, monotonic */
	int64_t started_us;   /* of the step in hand, or of the reads */
	int64_t first_us;     /* of its first AGAIN or LOOK; 0: none yet */
	struct err why;       /* of the last AGAIN, LOOK or loss */
	char digest[65];      /* of the body that the intent on record speaks of */
	char method[8], *url; /* what it speaks of */
	bool no_wait;         /* what is accepted is not waited for */
	char operation[OPERATION_ROOM]; /* that Azure works on for the step in hand; "": none */
	int status;                     /* of the last answer to the step's own request */
	int64_t us;
};

/* preview.c: the requests of all steps to come, as the facts stand; with decide also which are. */
void run_preview(struct run *run, bool decide);
/* Rules, each with its effect on this plan. False when one stops it: run->err says so. */
bool run_judge(struct run *run);
/* Whether the id is among those rules; forced may be NULL. And a list of them, NULL: none. */
bool run_is_forced(const json_t *forced, const char *id);
json_t *run_forced(const char *const *rules);
/* Takes a request over into what is shown of a step. */
void run_show(struct run_step *shown, const struct request *request);

/* json.c: {method, url, body} as the result object has it; body may be NULL. New reference. */
json_t *run_request_json(const char *method, const char *url, const char *body);
/* Null for none; a text whose last character was cut in half is told all the same. */
json_t *run_text_json(const char *text);
/* {code, message}, null where there is none; one finding. New references. */
json_t *run_error_json(const struct err *err);
json_t *run_finding_json(const struct finding *finding);

/* record.c: the journal. */
bool run_intend(struct run *run, const struct step *step, const struct request *request, bool undo,
	struct err *err) MUST_CHECK;
bool run_record(struct run *run, const struct run_step *shown, enum journal_phase phase,
	const struct err *why, struct err *err) MUST_CHECK;

/* It has the operation in hand no more. */
void run_let_go(struct run *run);

/* How the run has ended, for whoever asks the journal later; once a change is on record. What
 * cannot be recorded makes the run fail, with words that say that changes were sent. */
void run_conclude(struct run *run);

/* carry.c: steps one after the other. */
void carry_next(struct run *run);
void carry_answered(struct run *run, const struct reply *reply, const struct err *failure);
void carry_woke(struct run *run);
/* Azure has accepted the change in hand and works on it. */
void carry_accepted(struct run *run, const char *operation, const char *progress);
/* Whether what the step in hand works on is still being changed, by whomever. */
bool run_is_busy(const struct run *run);
/* Stands at PARKED, for the reason in private->park. */
void run_park(struct run *run);
/* The same with the step in hand accepted by Azure. */
void run_park_accepted(struct run *run);
/* The same while an answer is still out, which has been given up. */
void run_abandon(struct run *run);

/* undo.c: the same backwards. */
void undo_answered(struct run *run, const struct reply *reply, const struct err *failure);
void undo_woke(struct run *run);

/* past.c: which of the recorded changes are to be undone, and whether that may cut somebody off. */
bool past_judge(struct run *run, struct err *err) MUST_CHECK;
bool past_cuts(const struct run *run);

/* plan.c: a run that has not begun to read; operation NULL: a new one. Errors of prepare: NULL. */
struct run *run_new(struct estate *estate, struct journal *journal, const struct plan_def *plan,
	const struct subject *subject, const char *const *values, const char *operation,
	struct err *err) MUST_CHECK;
/* Starts the reads. */
void run_go(struct run *run, void (*changed)(void *user), void *user);
/* Starts one exchange (or local work) whose end comes back to the part that it is for.
 * False when nothing was sent: err tells why. */
bool run_exchange(
	struct run *run, const struct step *step, enum doing doing, struct err *err) MUST_CHECK;
/* Waits for the step in hand, as long as its budget lasts; false when that is used up. */
bool run_wait(struct run *run, const struct step *step);
/* The first run_wait of a step starts its budget. */
void run_begin(struct run *run);
/* Whether an answer that did not come may still have had its effect. */
bool run_is_lost(const struct err *failure);
/* Cancels what is under way. */
void run_drop(struct run *run);
void run_end(struct run *run, enum plan_state state, const struct err *err);
void run_tell(struct run *run);

#endif
