/* Plans, the verbs: a table each of fields, reads and steps, and the one runner that carries them
 * out. A step is two pure functions around one HTTP exchange; waiting, retrying, journaling,
 * cancelling and previewing live here, once. The command line and the wizard are two watchers. */
#ifndef CLAVIGER_PLAN_H
#define CLAVIGER_PLAN_H

#include "backend/estate/estate.h"
#include "backend/estate/posture.h"
#include "backend/journal/journal.h"

enum { PLAN_FIELDS_MAX = 16, PLAN_STEPS_MAX = 16, PLAN_FINDINGS_MAX = 24 };

/* One thing the operator may choose: an option of the subcommand and a field of the form. */
struct plan_field {
	const char *name;           /* key: option --key, field "key" */
	const char *title;          /* Key */
	const char *arg;            /* KEY; NULL: a yes or no */
	const char *help;           /* one sentence */
	const char *const *choices; /* NULL-ended; NULL: free text */
	bool required;
	/* Whether the service of the account can have it, NULL: every one. The form leaves out what
	 * cannot be; the option stays and is refused with the reason. */
	bool (*applies)(const struct service *);
	/* Default for this estate and account, with the reason for the form; may be NULL. */
	bool (*suggest)(const struct estate *, const struct facts *, char *value, size_t room,
		char *reason, size_t reason_room);
};

/* What the plan works on; it owns everything in it. Marks of unknowns appear only in requests. */
struct plan_facts {
	struct facts facts;            /* account, vault, key as read; steps keep them up to date */
	struct armid account, vault;   /* what was asked for */
	struct keyid want;             /* key and version to switch to; version "" until known */
	bool version_asked;            /* the operator named the version */
	char want_identity[ARMID_MAX]; /* user-assigned identity asked for; "": the system's */
	bool follow;                   /* the account is to follow new versions of the key */
	unsigned create_bits;          /* 0: the key exists */
	char operation[37];            /* UUID */
	struct vault before;           /* the vault before the grant, with what others have there */
	perm_set granted;              /* what the grant step added, for its undo */
	enum proof proof;
	struct err proof_why;
	struct secret
		wrapped_here; /* the random 32 bytes of the proof; made when the plan starts */
	char *next;           /* nextLink under way; owned */
	unsigned pages;       /* read so far of one list */
	char note[320];       /* what accept() has to say of its outcome */
	bool previewing;      /* build() may put marks where a value is not known yet */
	const struct session *session; /* for clouds and api-versions only */
};

/* AGAIN: the same once more after again_ms, unless a re-read shows that it is done. LOOK: accepted;
 * re-read until it shows. Both as long as the budget lasts. */
enum outcome { OUTCOME_DONE, OUTCOME_AGAIN, OUTCOME_LOOK, OUTCOME_FAILED, OUTCOME_SKIPPED };

struct step {
	const char *name, *title;
	const char *why;     /* explanation for the wizard, in the words of the articles */
	const char *warning; /* what cannot be undone; NULL: nothing */
	const char *confirm; /* "vault": the console asks for the vault's name; NULL: no question */
	const char *stays;   /* said by undo of a step that has none: why what it did stays */
	bool changes;        /* journaled; counted as a change */
	int again_ms, budget_ms; /* between tries of AGAIN and LOOK, and for all of them */
	enum { STEP_ON_ACCOUNT, STEP_ON_VAULT, STEP_ON_KEY } on; /* what the journal calls target */

	/* NULL: needed exactly when any step that changes something is. */
	bool (*needed)(const struct plan_facts *);
	/* A line or two on what it will do, with names: needs, has, adds. */
	void (*describe)(const struct plan_facts *, char *out, size_t room);
	bool (*build)(const struct plan_facts *, struct request *, struct err *);
	/* reply is NULL when the exchange failed: failure tells why, and DONE may still be right
	 * (a proof that is denied is SKIPPED). Sets err when FAILED; with AGAIN and LOOK err is
	 * what to say when the budget is used up. */
	enum outcome (*accept)(struct plan_facts *, const struct reply *, const struct err *failure,
		struct err *err);
	/* The read that shows whether it took effect: after LOOK, before another try, and when the
	 * answer was lost. NULL for steps that change nothing. */
	const struct step *reread;
	/* Judges the facts after the re-read: DONE, LOOK or FAILED. NULL: DONE when not
	 * needed(). */
	enum outcome (*seen)(struct plan_facts *, struct err *);
	/* Instead of build: local work on a worker thread; sees nothing of the plan. */
	bool (*work)(struct err *err);
	/* The inverse request, from the facts after the step; NULL: cannot be undone or needs
	 * not. */
	bool (*undo)(const struct plan_facts *, struct request *, struct err *);
};

/* A rule whose finding a step of the same plan does away with. */
struct plan_mend {
	const char *rule, *step;
};

struct plan_def {
	const char *name, *title; /* onboard; Onboard */
	const char *summary;      /* one sentence for help */
	const char *inverse;      /* the verb that undoes it */
	enum { PLAN_HARMLESS, PLAN_CHANGES, PLAN_CUTS } danger;
	const struct plan_field *fields;
	size_t fields_len;
	const struct step *const *reads; /* NULL-ended: fill the facts, change nothing */
	const struct step *const *steps; /* NULL-ended */
	const char *const *blocking;     /* NULL-ended rule ids that stop it (exit 5) */
	const struct plan_mend *mends;   /* rule NULL ends */
	/* Checks values against each other and resolves names; may wait on the loop. */
	bool (*prepare)(struct estate *, const struct armid *account, const char *const *values,
		struct plan_facts *, struct err *);
	/* After the reads: rules that only this plan knows; appends to out. */
	size_t (*judge)(const struct plan_facts *, struct finding *out, size_t max);
};

extern const struct plan_def plan_onboard;
extern const struct plan_def *const plans[];
extern const size_t plans_len;
const struct plan_def *plan_find(const char *name);

enum step_state {
	STEP_PENDING,
	STEP_NEEDED,
	STEP_RUNNING,
	STEP_SKIPPED,
	STEP_DONE,
	STEP_FAILED,
	STEP_ACCEPTED, /* Azure works on it, and nobody waits for it here */
	STEP_UNKNOWN
};
enum plan_state {
	PLAN_READING,
	PLAN_PLANNED,
	PLAN_RUNNING,
	PLAN_UNCHANGED,
	PLAN_DONE,
	PLAN_FAILED,
	PLAN_REFUSED,
	PLAN_PARKED,
	PLAN_ROLLED_BACK
};

struct run_step {
	const struct step *step;
	enum step_state state;
	char *method, *url, *body; /* as sent, or as it would be sent with marks; NULL: none */
	int64_t us;
	char request_id[64];
	char note[320]; /* outcome in words */
	struct err err;
};

struct run_private;

/* One plan being carried out. Everything here may be read between turns of the loop. The first
 * step is always "preflight": the self-test, the reads and the rules. */
struct run {
	const struct plan_def *plan;
	enum plan_state state;
	struct plan_facts facts;
	struct run_step steps[PLAN_STEPS_MAX];
	size_t steps_len, current;
	struct finding findings[PLAN_FINDINGS_MAX];
	size_t findings_len;
	struct err err; /* why FAILED, REFUSED or PARKED */
	bool waiting;   /* AGAIN: trying again until the budget is used up */
	int64_t waited_us, budget_us;
	struct run_private *private;
};

/* Starts with prepare and the reads, then stands at PLANNED, UNCHANGED, REFUSED or FAILED. values
 * are by index of plan->fields, NULL: not given; account is the NAME. changed(user) after every
 * change, last thing of a turn; it must not free the run. Without a journal a change is refused.
 * prepare errors: NULL is returned. */
struct run *plan_start(struct estate *estate, struct journal *journal, const struct plan_def *plan,
	const struct armid *account, const char *const *values, void (*changed)(void *user),
	void *user, struct err *err) MUST_CHECK;

/* From PLANNED or PARKED: carries out the next needed step, or all. */
void plan_step(struct run *run);
void plan_all(struct run *run);

/* From now on a change that Azure accepts and does not finish at once is not waited for: the run
 * stands at PARKED with the step ACCEPTED. */
void plan_no_wait(struct run *run);

/* Finishes the exchange under way, then stands at PARKED; an operation that Azure has accepted is
 * not waited for. why: ERR_PARKED or ERR_CANCELLED. */
void plan_park(struct run *run, enum err_kind why);

/* After plan_park, when the answer does not come in time: stands at PARKED at once. A change that
 * was sent and has no answer is recorded and shown as unknown. */
void plan_abandon(struct run *run);

/* After DONE, FAILED or PARKED: undoes the done steps that can be undone, last first. */
void plan_undo(struct run *run);

void plan_free(struct run *run);

/* Whether any step that changes something is still to be done. */
bool plan_changes(const struct run *run);

/* Whether it moves by itself (reading, running). */
bool plan_busy(const struct run *run);

/* The result object that the command line prints; new reference. dry: operation is null, states are
 * planned. */
json_t *plan_json(const struct run *run, bool dry);

const char *plan_state_name(enum plan_state state);
const char *step_state_name(enum step_state state);

#endif
