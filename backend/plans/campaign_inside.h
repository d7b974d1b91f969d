/* What the parts of a campaign share; nobody else includes it. */
#ifndef CLAVIGER_PLAN_CAMPAIGN_INSIDE_H
#define CLAVIGER_PLAN_CAMPAIGN_INSIDE_H

#include "backend/plans/campaign.h"
#include "backend/plans/run.h"

struct campaign_private {
	struct campaign_options options;
	struct job *pump, *pumping; /* pumping: the members are looked at now; NULL: not */
	bool moving;                /* there is something that it waits for */
	bool missed;                /* a pump came while it was pumping */
	bool anew;                  /* the first stage is not begun yet */
	enum err_kind park;         /* nothing more is begun; ERR_NONE: no */
	size_t first;               /* of members: where those of the stage in hand begin */
	size_t running, failures;
	bool back;              /* it takes back */
	bool tested;            /* the RSA of this machine, by a member */
	bool begun;             /* the journal knows what it is about */
	bool unended;           /* the journal has changes of it, and no end that they came to */
	bool held;              /* it has the operation in hand, see journal_hold */
	struct operations past; /* members that the journal knows, oldest first */
	size_t past_left;       /* taking back: of them, how many are not yet members */
	json_t *forced;    /* ids of rules that do not stop it or a member; NULL: none; owned */
	char approval[65]; /* digest that a second operator typed; "": none */
	/* Monotonic: since when it is carried out, first of all and after it was parked. */
	int64_t started_us, carried_us;
};

/* campaign_members.c: begins the run of a member; false: it ended at once, with its err. */
void member_begin(struct campaign *campaign, struct member *member);
/* Takes over what became of its run, and frees that. */
void member_take(struct campaign *campaign, struct member *member);
bool member_is_well(const struct member *member);
/* The first that was refused in a stage that needs all; NULL: none. */
const struct member *member_refused(const struct campaign *campaign);
void member_free(struct member *member);

/* campaign_record.c: the journal. Before the first change of any member. */
bool campaign_record_begin(void *user, struct err *err) MUST_CHECK;
void campaign_let_go(struct campaign *campaign);
/* stage NULL: the one in hand was parked. */
bool campaign_record_stage(
	struct campaign *campaign, const struct stage *stage, struct err *err) MUST_CHECK;
/* How it ended, once a change is on record. What cannot be recorded makes it fail. */
void campaign_conclude(struct campaign *campaign);
/* What the journal knows of its members by now: whoever goes on must not begin them twice. */
bool campaign_recall_members(struct campaign *campaign, struct err *err) MUST_CHECK;

/* campaign_end.c: says so, and records it. */
void campaign_end(struct campaign *campaign, enum plan_state state, const struct err *err);
void campaign_end_previewing(struct campaign *campaign);
/* Every stage, or member of the fleet, has ended well. */
void campaign_end_well(struct campaign *campaign);
void campaign_end_parked(struct campaign *campaign);
/* A stage whose time has not come, or in which something went wrong. */
void campaign_end_badly(struct campaign *campaign, const struct err *why);
/* After too many failures. */
void campaign_end_stopped(struct campaign *campaign, size_t waiting);
/* The first member that did not end well, from that one on; count: how many did not. */
const struct member *campaign_first_bad(
	const struct campaign *campaign, size_t from, size_t *count);
void campaign_say_bad(
	const struct campaign *campaign, const struct member *bad, size_t count, struct err *err);

/* campaign.c */
void campaign_tell(struct campaign *campaign);
struct campaign *campaign_new(struct estate *estate, const struct plan_def *plan,
	const struct subject *subject, const char *const *values,
	const struct campaign_options *options);
bool campaign_gather(struct campaign *campaign, struct err *err) MUST_CHECK;
/* Whom a run tells of its changes. */
void campaign_member_changed(void *user);

#endif
