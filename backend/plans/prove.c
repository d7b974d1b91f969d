/* `claviger prove`: the step of the plans, outside of a plan. */
#include "backend/plans/prove.h"

#include <string.h>

#include "backend/base/clock.h"
#include "backend/plans/step.h"

enum { PROOF_BYTES = 32 };

static bool
ask(struct plan_facts *facts, struct session *session, struct err *err)
{
	struct request request;
	struct reply reply = {0};
	struct err failure = {0};
	bool ok;

	if (!step_prove.build(facts, &request, err))
		return false;
	ok = session_ask(session, &request, &reply, &failure);
	request_free(&request);
	(void)step_prove.accept(facts, ok ? &reply : NULL, ok ? NULL : &failure, err);
	reply_free(&reply);
	return true;
}

bool
prove_key(struct estate *estate, const struct keyid *key, struct proof_result *out, struct err *err)
{
	struct session *session = estate_session(estate);
	struct plan_facts facts = {.session = session, .want = *key};
	int64_t start = clock_mono_us();
	struct err why = {0};
	bool ok;

	*out = (struct proof_result){.key = *key};
	ok = estate_read_key(estate, key, &facts.facts.key, err) &&
	     secret_random(&facts.wrapped_here, PROOF_BYTES, err);
	if (ok) {
		if (!facts.want.version[0])
			memcpy(facts.want.version, facts.facts.key.id.version,
				sizeof facts.want.version);
		out->key = facts.want;
		out->result = ask(&facts, session, &why) ? facts.proof : PROOF_FAILED;
		out->us = clock_mono_us() - start;
		out->why = facts.proof_why.kind != ERR_NONE ? facts.proof_why : why;
	}
	facts_free(&facts.facts);
	secret_free(&facts.wrapped_here);
	return ok;
}
