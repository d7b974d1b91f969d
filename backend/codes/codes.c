/* The rules of posture and the codes of the sign-in have tables of their own, which know what to
 * do: it is taken from there, so that it is said in one way everywhere. */
#include "backend/codes/code.h"

#include <string.h>

#include "backend/auth/aadsts.h"
#include "backend/base/err.h"
#include "backend/base/text.h"
#include "backend/estate/posture.h"

static const char sign_in[] = "AADSTS";

static const struct code_table *const tables[] = {
	&codes_exit,
	&codes_http,
	&codes_vault,
	&codes_services,
	&codes_manager,
	&codes_entra,
	&codes_rules,
	&codes_plan_rules,
	&codes_own,
	&codes_changes,
};

static void
complete(const struct code_table *table, struct code *out)
{
	const struct rule *rule = rule_find(out->name);

	if (out->todo == NULL && text_case_starts(out->name, sign_in))
		out->todo = aadsts_remedy(aadsts_code(out->name));
	if (out->todo == NULL && rule)
		out->todo = rule->remedy;
	if (out->source == NULL)
		out->source = table->source;
	if (out->source == NULL && rule)
		out->source = rule->source;
}

bool
code_at(size_t i, struct code *out)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
		if (i < tables[t]->len) {
			*out = tables[t]->codes[i];
			complete(tables[t], out);
			return true;
		}
		i -= tables[t]->len;
	}
	return false;
}

bool
code_is(const struct code *code, const char *name)
{
	if (text_casecmp(code->name, name) == 0)
		return true;
	return text_case_starts(code->name, sign_in) &&
	       strcmp(code->name + strlen(sign_in), name) == 0;
}
