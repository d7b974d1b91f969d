/* Rules: what can be wrong with an account, its vault or its key. Posture and preflight are the
 * same rules; a plan decides which of them stop it and which it mends itself. */
#ifndef CLAVIGER_ESTATE_POSTURE_H
#define CLAVIGER_ESTATE_POSTURE_H

#include "backend/estate/facts.h"

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

/* An id may stand twice in the table, with another severity, for cases that exclude each other. */
struct rule {
	const char *id; /* purge-protection-off */
	enum severity severity;
	const char *source;  /* the article or API document it comes from */
	const char *section; /* instead: of the service's own article on customer keys */
	const char *remedy; /* one sentence: what to do, as a claviger command where there is one */
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
	char cause[240];
	enum { FINDING_TOLD, FINDING_MENDED, FINDING_BLOCKS } effect;
	const char *mended_by; /* name of the step that mends it; NULL otherwise */
};

/* Where the rule stands, article and section, into out. Returns out. */
const char *finding_source(const struct finding *finding, char *out, size_t room);

/* Every rule that holds, in order of severity; at most max. Returns the count. */
size_t posture_judge(const struct facts *facts, struct finding *out, size_t max);

#endif
