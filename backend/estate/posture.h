/* Rules: what can be wrong with an account, its vault or its key. Posture and preflight are the
 * same rules; a plan decides which of them stop it and which it mends itself. */
#ifndef CLAVIGER_ESTATE_POSTURE_H
#define CLAVIGER_ESTATE_POSTURE_H

#include "backend/estate/facts.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

/* What a rule speaks of, as bits. */
enum { ABOUT_ACCOUNT = 1, ABOUT_VAULT = 2, ABOUT_KEY = 4, ABOUT_ALL = 7 };

/* Some hold before a plan only, where nothing is wrong as it stands; others are no plan's business.
 */
enum rule_told { TOLD_BOTH, TOLD_BEFORE_PLANS, TOLD_BY_POSTURE };

/* An id may stand twice in the table, with another severity, for cases that exclude each other. */
struct rule {
	const char *id; /* purge-protection-off */
	enum severity severity;
	unsigned about;
	enum rule_told told;
	bool locks;          /* it is why an account is locked, when it is */
	const char *source;  /* the article or API document it comes from */
	const char *section; /* instead: of the service's own article on customer keys */
	const char *remedy; /* one sentence: what to do, as a claviger command where there is one */
	/* That command with {account}, {vault}, {key} (VAULT/NAME), {uri} (of the version in use),
	 * {current} (version) and {pin} (its options); NULL: no one command does it. */
	const char *command;
	bool needs_vault, needs_key; /* judged only when those are KNOWN_READ */
	/* Whether it holds (is a finding); only then cause gets one line with the names and values
	 * seen. */
	bool (*holds)(const struct facts *, char *cause, size_t room);
};

extern const struct rule rules[];
extern const size_t rules_len;

/* The first of that id; NULL if none. */
const struct rule *rule_find(const char *id);

/* Whether any of that id holds for these facts: the one, else NULL. */
const struct rule *rule_holds(const struct facts *facts, const char *id, char *cause, size_t room);
const char *severity_name(enum severity severity);

struct finding {
	const struct rule *rule;
	const struct service *service; /* of the account; NULL: not known */
	char cause[320];
	enum { FINDING_TOLD, FINDING_MENDED, FINDING_BLOCKS } effect;
	const char *mended_by; /* name of the step that mends it; NULL otherwise */
	char command[400];     /* the rule's, filled in; "": none, the remedy tells */
};

/* The command, or in its place what the rule says. */
const char *finding_remedy(const struct finding *finding);

/* Where the rule stands, article and section, into out. Returns out. */
const char *finding_source(const struct finding *finding, char *out, size_t room);

/* Every rule that holds before a plan, in order of severity; at most max. Returns the count. */
size_t posture_judge(const struct facts *facts, struct finding *out, size_t max);

/* The same as things stand, of rules about these, with commands; account: the word for it in them
 * (its name, or its id where that is not the only one of the name). */
enum { FINDINGS_MAX = 32 };
size_t posture_see(const struct facts *facts, unsigned about, const char *account,
	struct finding *out, size_t max);

#endif
