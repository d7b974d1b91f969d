/* Whether the data of an account can be read: what is read back of its key and of who may open it,
 * and what its service does when it is asked for something that only the key opens. */
#ifndef CLAVIGER_PLAN_CANARY_H
#define CLAVIGER_PLAN_CANARY_H

#include "backend/plans/campaign.h"

/* So many refusals, or answers, in a row are believed. */
enum { CANARY_ENOUGH = 3 };

/* Adds the asking for one account: until it is refused, or, with back, until it answers; without
 * waits it is asked once, and again only when it was as wanted. */
void canary_add(struct campaign *campaign, struct concern *concern, bool back);

/* What the run of that shows, as the fate of its account. */
void canary_ended(struct campaign *campaign, const struct member *member, const struct run *run);

/* stage.end of what goes on although something of it failed: only what cannot be recorded ends it.
 */
bool canary_recorded(struct campaign *campaign, struct err *err) MUST_CHECK;

/* plan_def.conclude: false until every account has this fate or is not concerned, and every member
 * that changes something has ended well. */
bool canary_conclude(
	struct campaign *campaign, enum fate fate, const char *word, struct err *err) MUST_CHECK;

/* What the facts say of the cut alone, with the reason; pure. */
enum cut { CUT_NO, CUT_YES, CUT_UNKNOWN };
enum cut cut_of(const struct plan_facts *facts, char *why, size_t room);

/* Whether its identity holds what opens the key, with what gives it; pure. */
enum tri grant_of(const struct plan_facts *facts, char *why, size_t room);

/* Whether the account may open the key as far as is read back, with the reason. */
enum tri open_of(const struct plan_facts *facts, char *why, size_t room);

/* Fate and evidence after the canary was asked; pure. ended: the run ended well. */
enum fate canary_fate(const struct plan_facts *facts, bool ended, char *why, size_t room);

#endif
