/* Campaigns: plans made of plans. A campaign has stages, one after the other; a stage has members,
 * side by side: runs (plan.h) about one account, key or vault each. Every member is an operation of
 * its own in the journal that names the campaign, so it is gone on with and undone as any run is;
 * the campaign adds what only holds for all of them. A fleet, one plan for several subjects that
 * the operator named, is the campaign of one stage without a name. */
#ifndef CLAVIGER_PLAN_CAMPAIGN_H
#define CLAVIGER_PLAN_CAMPAIGN_H

#include "backend/journal/operation.h"
#include "backend/plans/plan.h"

enum { CAMPAIGN_WINDOW = 8 };

struct campaign;
struct member;

/* What became of the data of an account, as far as it was seen. */
enum fate {
	FATE_NONE, /* nothing is known yet */
	FATE_UNAFFECTED,
	FATE_DARK,     /* cut, and the service was seen to refuse the data */
	FATE_CUT,      /* cut, and nothing shows what the service does */
	FATE_READABLE, /* the service was seen to give the data, or a grant stays */
	FATE_UNKNOWN,
	FATE_RESTORED, /* the service was seen to give the data again */
	FATE_MOVED,    /* on the new version or key, as read back */
	FATE_DONE,
	FATE_FAILED
};
const char *fate_name(enum fate fate);

/* One account that a campaign is about. */
struct concern {
	struct armid id;
	struct keyid key; /* that it uses, as the estate had it; version "": not told */
	enum key_mode mode;
	enum account_state state; /* as the lists tell */
	char identity[ARMID_MAX]; /* user-assigned one that opens the key; "": the system's */
	char principal[37];       /* of whoever opens it; "": not told */
	enum fate fate;
	char evidence[320]; /* why fate is what it is, in one sentence */
	char request[64];   /* id of the request that showed it last; "": none */
	bool answers;       /* moved, and its service was seen to give its data since */
	int64_t us;         /* from when it was first carried out until fate was known */
};

struct stage {
	const char *name, *title;
	const char *why; /* for the console and help, in the words of the articles */
	/* Adds the members, as things stand (campaign_add). Called when its turn has come, and
	 * while previewing before that: then values that earlier stages will make are marks such as
	 * ‹version, from stage new-version›. May wait. False ends the campaign: with ERR_PARKED it
	 * can be gone on with. */
	bool (*begin)(struct campaign *, struct err *err);
	/* A member has ended, or was found done: what later stages need is taken from its run,
	 * which is freed afterwards. NULL: nothing. */
	void (*ended)(struct campaign *, const struct member *, const struct run *);
	/* All have ended; false as in begin. NULL: each of them must have ended well. */
	bool (*end)(struct campaign *, struct err *err);
	/* One member goes first, alone: what is wrong with all of them shows in one. */
	bool first_alone;
	/* A preview with a member that would be refused is refused, so that nothing is begun; of a
	 * campaign that was begun before, the others go on. */
	bool needs_all;
};

enum member_state { MEMBER_WAITING, MEMBER_RUNNING, MEMBER_ENDED };

struct member {
	const struct stage *stage; /* NULL: of a fleet */
	const struct plan_def *plan;
	struct subject subject;
	char *values[PLAN_FIELDS_MAX];
	struct concern *concern; /* the account it is about; NULL: none of campaign->concerns */
	char operation[37];      /* "": it has not begun */
	bool back;               /* its operation is undone, not made */
	enum member_state progress;
	struct run *run;       /* while it runs */
	enum plan_state state; /* once ended */
	struct err err;        /* why it did not end well */
	json_t *result;        /* its plan_json, once ended; owned */
	json_t *ground;        /* previewed: what it stands on; owned */
	bool changes;          /* previewed: there is something to do; carried out: it did */
	bool cuts;             /* and that cuts off, or may */
	bool unsure;           /* a change of it may have happened, and nobody knows */
};

struct campaign_private;

/* Everything here may be read between turns of the loop. */
struct campaign {
	const struct plan_def *plan;
	enum plan_state state;
	char operation[37];
	struct subject subject; /* of a fleet: that of its first member */
	char name[SUBJECT_NAME];
	char *values[PLAN_FIELDS_MAX]; /* by index of plan->fields; NULL: not given */
	bool fleet, previewing, previewed;
	struct estate *estate;
	struct concern *concerns; /* set by plan->gather, steady from then on; owned */
	size_t concerns_len;
	struct finding findings[PLAN_FINDINGS_MAX]; /* of the whole; members have their own */
	size_t findings_len;
	struct member *members; /* of all stages so far, in order */
	size_t members_len;
	size_t stage; /* number in plan->stages of the one in hand */
	/* What stages tell later ones and whoever goes on after a fall: an object of names,
	 * versions and times (never a secret), in the journal with each stage. Owned. */
	json_t *kept;
	struct err err; /* why FAILED, REFUSED or PARKED */
	struct campaign_private *private;
};

struct campaign_options {
	struct journal *journal; /* NULL: nothing but previews */
	const char *journal_dir; /* as in operation_each */
	/* After every change, last thing of a turn; it must not free the campaign. */
	void (*changed)(void *user);
	/* Asked about each member before it changes anything, once it stands at PLANNED; false, and
	 * err, leaves it as it is. NULL: every one may. */
	bool (*may)(void *user, struct run *run, struct err *err);
	void *user;
	size_t max_failures;      /* so many failed: no other begins; 0: all are tried */
	bool no_wait;             /* as plan_no_wait */
	const char *const *force; /* as plan_force, of it and of its members; NULL: none */
};

/* Reads what the campaign is about (plan->gather) and stands at PLANNED or REFUSED; what is to be
 * done is known only after campaign_preview. Waits: the console calls it beside the loop
 * (job_beside). NULL: err tells. */
struct campaign *campaign_start(struct estate *estate, const struct plan_def *plan,
	const struct subject *subject, const char *const *values,
	const struct campaign_options *options, struct err *err) MUST_CHECK;

/* A fleet; plan has no stages. */
struct campaign *campaign_fleet(struct estate *estate, const struct plan_def *plan,
	const struct subject *subjects, size_t len, const char *const *values,
	const struct campaign_options *options);

/* Goes on with it under its own id, or stands at PLANNED to take it back: its members that have
 * changed something, last first. It was taken, and is in hand, as with plan_resume. */
struct campaign *campaign_resume(struct estate *estate, const struct operation *operation,
	const struct campaign_options *options, struct err *err) MUST_CHECK;
struct campaign *campaign_rollback(struct estate *estate, const struct operation *operation,
	const struct campaign_options *options, struct err *err) MUST_CHECK;

/* The campaign of a plan file (plan_file.h), as new. approval: the digest that was typed for
 * it, recorded; NULL: none. */
struct campaign *campaign_again(struct estate *estate, const json_t *file, const char *approval,
	const struct campaign_options *options, struct err *err) MUST_CHECK;

/* From PLANNED: reads and judges for every member of every stage, changes nothing, and ends at
 * PLANNED, UNCHANGED, REFUSED or FAILED. */
void campaign_preview(struct campaign *campaign);

/* Whether a preview found nothing to change, and what has become of the accounts is still to be
 * seen and recorded: campaign_go does that. */
bool campaign_sees(const struct campaign *campaign);

/* From PLANNED or PARKED: carries it out. Without a journal a change is refused. */
void campaign_go(struct campaign *campaign);

/* As plan_park and plan_abandon, of every member under way. */
void campaign_park(struct campaign *campaign, enum err_kind why);
void campaign_abandon(struct campaign *campaign);
void campaign_free(struct campaign *campaign);

bool campaign_busy(const struct campaign *campaign);

/* Whether the journal knows of it: only then can it be gone on with, or taken back. */
bool campaign_is_recorded(const struct campaign *campaign);

/* Members that ended, that ended badly, and all that are known of; seconds that the rest will take
 * by the rate so far, -1: not known. */
void campaign_progress(const struct campaign *campaign, size_t *ended, size_t *failed, size_t *all,
	int *seconds_left);

/* The result object; of a fleet the array of its members'. New reference. */
json_t *campaign_json(const struct campaign *campaign, bool dry);

/* What it stands on when previewed, as ground.h; new reference. */
json_t *campaign_ground(const struct campaign *campaign);

/* For stages. Adds a member; values by name, NULL-ended pairs, may be NULL. concern may be NULL.
 * What the journal has of it in this campaign is gone on with. */
void campaign_add(struct campaign *campaign, const struct plan_def *plan,
	const struct subject *subject, const char *const *pairs, struct concern *concern);
/* Adds the undoing of a recorded operation. */
void campaign_add_back(
	struct campaign *campaign, const struct operation *operation, struct concern *concern);
/* Where operations are recorded, for operation_each. */
const char *campaign_journal(const struct campaign *campaign);
/* Whether it waits for what takes its time; else that is left to whoever goes on later. */
bool campaign_waits(const struct campaign *campaign);
/* The value of a field; NULL: not given. */
const char *campaign_value(const struct campaign *campaign, const char *field);
/* Sets what has become of the account, with the time. */
void campaign_fate(struct campaign *campaign, struct concern *concern, enum fate fate,
	const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Whether the account of a member is as its run has read it last: it has ended well, or was parked
 * with no change in doubt. */
bool campaign_is_seen(const struct member *member, const struct run *run);
/* Adds a finding of the whole. */
void campaign_find(struct campaign *campaign, const struct rule *rule, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* Makes the findings of these rules (ids, NULL-ended), unless they are forced, stop it: false, and
 * ERR_REFUSED with the first of them. */
bool campaign_block(
	struct campaign *campaign, const char *const *rules, struct err *err) MUST_CHECK;
/* campaign_users.c: fills concerns with the accounts that use the key (any version of it), and adds
 * findings for what is not known of that and for users that are not managed here. only: names or
 * ids of accounts, NULL-ended, that it is limited to (unknown ones are an error); NULL: all. Waits.
 */
bool campaign_users(struct campaign *campaign, const struct keyid *key, const char *const *only,
	struct err *err) MUST_CHECK;

#endif
