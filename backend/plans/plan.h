/* Plans, the verbs: a table each of fields, reads and steps, and the one runner that carries them
 * out. A step is two pure functions around one HTTP exchange; waiting, retrying, journaling,
 * cancelling and previewing live here, once. The command line and the wizard are two watchers. */
#ifndef CLAVIGER_PLAN_H
#define CLAVIGER_PLAN_H

#include "backend/estate/estate.h"
#include "backend/estate/posture.h"
#include "backend/estate/stores/store.h"
#include "backend/journal/journal.h"

enum { PLAN_FIELDS_MAX = 16, PLAN_STEPS_MAX = 16, PLAN_FINDINGS_MAX = 24 };

/* What a plan is about, as its NAME says. */
enum subject_kind { SUBJECT_ACCOUNT, SUBJECT_VAULT, SUBJECT_KEY, SUBJECT_IDENTITY };

struct subject {
	enum subject_kind kind;
	struct armid id;    /* account, vault or identity; of a key its vault */
	struct keyid key;   /* of a key */
	char location[64];  /* of what was deleted */
	char operation[37]; /* that was named in place of it; "": none */
};

enum { SUBJECT_NAME = 256 };

/* "account", "vault", "key" or "identity". */
const char *subject_noun(enum subject_kind kind);

/* aa-payroll, kv-payroll, kv-payroll/cmk-payroll. Returns out. */
char *subject_name(const struct subject *subject, char out[SUBJECT_NAME]);

struct plan_def;

/* A form as it is filled in so far. */
struct filling {
	const struct estate *estate;
	const struct plan_def *plan;
	const struct subject *subject; /* of what is to be made: what it was begun from */
	const struct service *service; /* of the account; NULL: it is about none, or several */
	const struct facts *facts;     /* of the account; NULL: not read, or there is none */
	const struct keyid *used;      /* that several accounts are all on; NULL: none */
	const struct plan_field *const *fields;
	const char *const *values; /* by index of fields; NULL: not given */
	size_t fields_len, field;  /* field: the one in question */
};

/* What is to be said of a value as it stands: BAD would be refused. */
enum hint { HINT_NONE, HINT_TELLS, HINT_GOOD, HINT_WARNS, HINT_BAD };

/* A value that can be chosen, and what it is. */
struct offer {
	char value[ARMID_MAX], note[160];
};

/* One thing the operator may choose: an option of the subcommand and a field of the form. */
struct plan_field {
	const char *name;           /* key: option --key, field "key" */
	const char *title;          /* Key */
	const char *arg;            /* KEY; NULL: a yes or no */
	const char *help;           /* one sentence */
	const char *const *choices; /* NULL-ended; NULL: free text */
	bool required;
	bool several; /* may be given more than once: the values then stand with commas between */
	/* Whether the service of the account can have it, NULL: every one. The form leaves out what
	 * cannot be; the option stays and is refused with the reason. */
	bool (*applies)(const struct service *);
	/* Default for this estate and account, with the reason for the form; may be NULL. */
	bool (*suggest)(
		const struct filling *, char *value, size_t room, char *reason, size_t reason_room);
	const char *empty;    /* what happens when it is left empty; NULL: nothing but that */
	const char *excludes; /* name of a field that then stays empty; NULL: none */
	/* While it is typed (hint.h); may be NULL. */
	enum hint (*hint)(const struct filling *, char *out, size_t room);
	/* What to choose from; NULL: from the rows of the kind of its name, if there is one. */
	size_t (*offer)(const struct filling *, struct offer *out, size_t max);
	unsigned parts; /* ESTATE_ parts that both look at */
};

/* What was changed in the key rights of one access policy. */
struct pruned {
	char principal[37], tenant[37], application[37];
	perm_set added, taken;
};

/* What the plan works on; it owns everything in it. Marks of unknowns appear only in requests. */
struct plan_facts {
	struct facts facts; /* account, vault, key as read; steps keep them up to date */
	struct facts used;  /* the account and the key that it was on when the plan began; read by
			     * plans that take it off that key, see used.h */
	struct {
		bool known;
		struct keyid key; /* version "": it followed new ones */
		char identity[ARMID_MAX];
		char federated[37];
	} former;                /* the customer key to go back to; not known: Microsoft's keys */
	struct subject subject;  /* what it is about; account, vault or want repeat it */
	char name[SUBJECT_NAME]; /* of the subject */
	struct armid account, vault; /* what was asked for */
	struct keyid want;           /* key and version to switch to; version "" until known */
	bool version_asked;          /* the operator named the version */
	char version_mark[64]; /* previewing: the version is made by a stage before; "": it is not
				*/
	char made[33];         /* version of the key that this operation made; "": none yet */
	json_t *users_seen;    /* who uses the key, as impact.h tells; NULL: not asked; owned */
	char want_identity[ARMID_MAX]; /* user-assigned identity asked for; "": the system's */
	bool follow;                   /* the account is to follow new versions of the key */
	bool keep_mode;                /* whether it does was left open */
	struct {
		bool asked;      /* the vault is in another tenant than the account; see cross.h */
		bool inherits;   /* what is left open of it is to stay as the account has it */
		char tenant[64]; /* that tenant's name or id; "": not told */
		char client[37]; /* the application of both by which the account gets there */
		enum known trust_known; /* whether it has a federated credential for the identity */
		bool trusts;
		struct err trust_why;
		enum known installed_known; /* ABSENT: it is not installed in the vault's tenant */
		char principal[37];         /* what it is there; "": not known */
		struct err installed_why;
	} cross;
	unsigned create_bits; /* 0: the key exists */
	char operation[37];   /* UUID */
	struct vault before;  /* the vault before the grant, with what others have there */
	perm_set granted;     /* what the grant step added, for its undo */
	bool covering;        /* what stands on the vault opens the key too, and is taken with it */
	struct gift *taken; /* what the ungrant step took back, or may have; for its undo; owned */
	size_t taken_len, given_back; /* given_back: which of them the undo has in hand */
	struct pruned *cuts; /* what the contain step changed, or may have; for its undo; owned */
	size_t cuts_len;
	struct pruned hand; /* of these the change under way */
	enum proof proof;
	struct err proof_why;
	struct secret
		wrapped_here; /* the random 32 bytes of the proof; made when the plan starts */
	bool enable;          /* versions are to be enabled, else disabled */
	char (*asked)[33];    /* the versions that are to be; none: all of them; owned */
	size_t asked_len;
	char (*changed)[33]; /* versions that a step changed, or may have; for its undo; owned */
	size_t changed_len;
	char version_seen[33]; /* of the last re-read of one version */
	bool undoing;          /* what is sent and read is the undo of a step */
	size_t ahead;          /* previewing: how many changes of the step to pass over */
	struct armid identity; /* to be made or to be assigned; name "": none */
	char identity_location[64], identity_principal[37]; /* as read; "": not there */
	char location[64]; /* asked for; of a deleted vault where it was */
	char sku[32];      /* asked for; "": none */
	char tenant[37];   /* of the subscription */
	char users[240];   /* names of accounts that use the key, as a list; "": none known */
	size_t users_len, users_unread; /* how many; parts of the estate that could not be read */
	bool cover_queue, cover_table;  /* Storage: these too under the account's key */
	enum known gone_known;          /* whether it is among the deleted ones */
	bool refused, account_made; /* Azure refused to make the account; this operation has made
				     * it, or may have, in another process */
	char name_taken[240];       /* why the name cannot be had; "": it can */
	struct rotation {
		char every[24], expire[24]; /* ISO 8601 durations; "": none */
	} rotation, rotation_before;        /* asked for ("": as it is); as it was */
	bool rotation_known;                /* rotation_before is: it is not read again */
	json_t *policy;                     /* rotation policy as read; owned */
	char *next;                         /* nextLink under way; owned */
	unsigned pages;                     /* read so far of one list */
	struct {
		bool back, patient;     /* it is to answer again, else to be refused; as long as it
					   takes */
		char name[CANARY_NAME]; /* of what is read; "": none was found */
		enum canary told;       /* last */
		unsigned asked, same;   /* times; times in a row that it told this */
		int64_t since_ms;       /* first asked, monotonic */
		char words[200];        /* what it was refused with */
	} canary;
	char note[320];                /* what accept() has to say of its outcome */
	bool previewing;               /* build() may put marks where a value is not known yet */
	const struct session *session; /* for clouds and api-versions only */
};

/* AGAIN: the same once more after again_ms, unless a re-read shows that it is done. LOOK: accepted;
 * re-read until it shows. Both as long as the budget lasts. MORE: this change is done, and the step
 * has another one, which is a change of its own in the journal. */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_AGAIN,
	OUTCOME_LOOK,
	OUTCOME_FAILED,
	OUTCOME_SKIPPED,
	OUTCOME_MORE
};

struct step {
	const char *name, *title;
	const char *why;     /* explanation for the wizard, in the words of the articles */
	const char *warning; /* what cannot be undone; NULL: nothing */
	const char *confirm; /* "vault": the console asks for the vault's name; NULL: no question */
	const char *stays;   /* said by undo: why what it did stays, or the part of it that does */
	bool changes;        /* journaled; counted as a change */
	int again_ms, budget_ms; /* between tries of AGAIN and LOOK, and for all of them */
	int (*pace)(const struct plan_facts *); /* instead of again_ms, as the facts stand */
	/* what the journal calls target */
	enum { STEP_ON_ACCOUNT, STEP_ON_VAULT, STEP_ON_KEY, STEP_ON_IDENTITY } on;

	/* NULL: needed exactly when any step that changes something is. */
	bool (*needed)(const struct plan_facts *);
	/* Whether it can be done at all; one that cannot is skipped. NULL: it can. */
	bool (*possible)(const struct plan_facts *);
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
	/* Judges the facts after the re-read: DONE, MORE, LOOK or FAILED. NULL: DONE when not
	 * needed(). */
	enum outcome (*seen)(struct plan_facts *, struct err *);
	/* Instead of build: local work on a worker thread; sees nothing of the plan. */
	bool (*work)(struct err *err);
	/* Of a read, instead of build: the account with the vault and key that it uses, into
	 * facts->used; then accept, without a reply: failure when the account cannot be read. */
	bool reads_used;
	/* The inverse request, from the facts after the step; NULL: cannot be undone or needs
	 * not. */
	bool (*undo)(const struct plan_facts *, struct request *, struct err *);
	/* Judges the facts after the re-read of an undo: DONE, MORE or LOOK. NULL: DONE when
	 * needed(). */
	enum outcome (*undone)(const struct plan_facts *);
	/* Of a step whose undo may cut somebody off: fills facts->users, before the reads; waits.
	 * NULL: it cuts nobody off. */
	bool (*users)(struct estate *, struct plan_facts *, struct err *);
	/* The same once the reads are done, from the lists that users has loaded. own: the account
	 * of the plan counts too; no step that is undone before takes it off the key. May be NULL.
	 */
	void (*hits)(struct plan_facts *, const struct estate *, bool own);
	/* How many changes are left of a step that makes several (MORE); a preview builds each of
	 * them, with facts->ahead. NULL: one. */
	size_t (*left)(const struct plan_facts *);
	/* What going on and undoing need in another process and cannot read back any more: save
	 * adds it to the detail of every record of the step, load takes it from the last one,
	 * before the reads. See step.h. NULL: nothing. */
	void (*save)(const struct plan_facts *, json_t *detail);
	void (*load)(struct plan_facts *, const json_t *detail);
};

struct campaign;
struct stage;

/* A rule whose finding a step of the same plan does away with. */
struct plan_mend {
	const char *rule, *step;
};

struct plan_def {
	const char *name, *title; /* onboard; Onboard */
	const char *summary;      /* one sentence for help */
	const char *inverse;      /* the verb that undoes it */
	const char *final;        /* why no operation of it is rolled back; NULL: they are */
	enum subject_kind subject;
	enum { PLAN_HARMLESS, PLAN_CHANGES, PLAN_CUTS } danger;
	/* Of a plan that cuts off: whether it does so as things stand. NULL: always. */
	bool (*cuts)(const struct plan_facts *);
	const struct plan_field *fields;
	size_t fields_len;
	const struct step *const *reads; /* NULL-ended: fill the facts, change nothing */
	const struct step *const *steps; /* NULL-ended */
	/* Of a campaign (campaign.h) instead of reads, steps, prepare and judge: NULL-ended. */
	const struct stage *const *stages;
	/* Checks values, finds who is concerned, and judges; waits. ERR_REFUSED stops it. */
	bool (*gather)(struct campaign *, struct err *err);
	/* All stages have ended well: false, and err, when that is not enough. NULL: it is. */
	bool (*conclude)(struct campaign *, struct err *err);
	bool versions; /* of a key: it can be about one version of it alone */
	bool member;   /* carried out by campaigns only: no command and no form of its own */
	const char *const *blocking;   /* NULL-ended rule ids that stop it (exit 5) */
	const char *const *beside;     /* the same of rules of posture that it need not hear of */
	const struct plan_mend *mends; /* rule NULL ends */
	/* Checks values against each other and resolves names; may wait on the loop. NULL: there is
	 * nothing to. */
	bool (*prepare)(struct estate *, const struct subject *, const char *const *values,
		struct plan_facts *, struct err *);
	/* ARM type of what the plan makes: the NAME is not there yet, and -g says where it will be.
	 * NULL: it is there. */
	const char *makes;
	/* The NAME was deleted: it is looked for among what can be recovered. */
	bool recovers;
	/* It may name something else, such as an operation (journal_dir as in operation_each);
	 * waits. NULL: it names a subject. */
	bool (*find)(struct estate *, const char *journal_dir, const char *name, const char *vault,
		struct subject *out, struct err *err);
	/* Of a plan whose steps change nothing: carried out all the same, to see something. */
	bool watches;
	/* What is shown when none of the fields is given, instead of a plan; new reference, waits.
	 * NULL: there is no such. */
	json_t *(*show)(struct estate *, const struct subject *, struct err *);
	/* Why what a list knows of it speaks against beginning it, NULL: nothing does (fit.h). row
	 * is its `show` object, service that of an account. */
	const char *(*unfit)(const struct service *, const json_t *row);
	/* After the reads: rules that only this plan knows; appends to out. */
	size_t (*judge)(const struct plan_facts *, struct finding *out, size_t max);
};

extern const struct plan_def plan_key_create, plan_key_enable, plan_key_disable, plan_key_recover,
	plan_rotation_policy, plan_vault_create, plan_vault_recover, plan_identity_create,
	plan_identity_assign, plan_create_batch, plan_create_storage;
extern const struct plan_def plan_rotate, plan_key_version, plan_follow;
extern const struct plan_def plan_grant, plan_ungrant, plan_protect;
extern const struct plan_def plan_onboard, plan_repin, plan_replace, plan_detach;
extern const struct plan_def plan_evacuate, plan_contain, plan_moved;
extern const struct plan_def plan_revoke, plan_restore, plan_canary, plan_survey, plan_withdraw,
	plan_regrant, plan_enable_versions, plan_disable_versions, plan_proof;
extern const struct plan_def *const plans[];
extern const size_t plans_len;
const struct plan_def *plan_find(const char *name);
/* Whether it has a field of that name. */
bool plan_asks(const struct plan_def *plan, const char *field);

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
	json_t *others; /* previewed: requests of its other changes, an array; NULL: none; owned */
	int64_t us;
	char request_id[64];
	char note[320]; /* outcome in words */
	struct err err;
	bool partly; /* one of its changes was made and stands, whatever became of the others */
};

struct run_private;

/* One plan being carried out. Everything here may be read between turns of the loop. The first
 * step is always "preflight": the self-test, the reads and the rules. */
struct run {
	const struct plan_def *plan;
	enum plan_state state;
	struct plan_facts facts;
	char *values[PLAN_FIELDS_MAX]; /* as given, by index of plan->fields; NULL: not given */
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
 * are by index of plan->fields, NULL: not given; subject is the NAME. changed(user) after every
 * change, last thing of a turn; it must not free the run. Without a journal a change is refused.
 * prepare errors: NULL is returned. */
struct run *plan_start(struct estate *estate, struct journal *journal, const struct plan_def *plan,
	const struct subject *subject, const char *const *values, void (*changed)(void *user),
	void *user, struct err *err) MUST_CHECK;

/* From PLANNED or PARKED: carries out the next needed step, or all. */
void plan_step(struct run *run);
void plan_all(struct run *run);

/* From now on a change that Azure accepts and does not finish at once is not waited for: the run
 * stands at PARKED with the step ACCEPTED. */
void plan_no_wait(struct run *run);

/* Findings of these rules (ids, NULL-ended) do not stop it; recorded with what it is about. Before
 * the reads are done. */
void plan_force(struct run *run, const char *const *rules);

/* It is one of many: vaults and keys that it does not change itself may be as another one read them
 * in the last minute. */
void plan_share(struct run *run);

/* Finishes the exchange under way, then stands at PARKED; an operation that Azure has accepted is
 * not waited for. why: ERR_PARKED or ERR_CANCELLED. */
void plan_park(struct run *run, enum err_kind why);

/* After plan_park, when the answer does not come in time: stands at PARKED at once. A change that
 * was sent and has no answer is recorded and shown as unknown. */
void plan_abandon(struct run *run);

/* After DONE, FAILED or PARKED, and at PLANNED of plan_rollback: undoes the done steps that can be
 * undone, last first. */
void plan_undo(struct run *run);

void plan_free(struct run *run);

/* Whether its NAME names what is not there yet, or not any more. */
bool plan_names_absent(const struct plan_def *plan);

/* Whether what it is about to do cuts somebody off, or may, which is confirmed by this name. */
bool plan_cuts(const struct run *run);
const char *plan_confirm_name(const struct run *run);

/* What has to be typed before a step that is needed and cannot be undone; NULL: nothing. */
const char *plan_step_name(const struct run *run, size_t step);

/* Whether what was typed is the name that was asked for: Azure's names know no case. */
bool plan_confirmed(const char *typed, const char *name);

/* Whether the journal knows of it: only then can it be gone on with, or taken back. */
bool plan_is_recorded(const struct run *run);

/* Whether any step that changes something is still to be done. */
bool plan_changes(const struct run *run);

/* Whether something that it is to undo, or has undone, stays as it was made. */
bool plan_leaves(const struct run *run);
/* Records that an operation was taken back of which nothing can be: a look does not. */
void plan_settle(struct run *run);

/* Whether it moves by itself (reading, running). */
bool plan_busy(const struct run *run);

/* The answer for which a step that waits is tried again; NULL: what was accepted is looked for. */
const struct err *plan_tries_again(const struct run *run);

/* Whether its request failed and waits to be sent again (session.h). */
bool plan_waits(const struct run *run, struct call_wait *out);

/* The result object that the command line prints; new reference. dry: operation is null, states are
 * planned. */
json_t *plan_json(const struct run *run, bool dry);

const char *plan_state_name(enum plan_state state);
const char *step_state_name(enum step_state state);

#endif
