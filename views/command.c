/* Quoting is done in one way only, single quotes, because no value can break out of them. */
#include "views/command.h"

#include <string.h>

#include "backend/base/text.h"

static bool
is_plain(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_./:=@,+")] == '\0';
}

static bool
add_quoted(struct buf *out, const char *s)
{
	if (is_plain(s))
		return buf_adds(out, s);
	if (!buf_adds(out, "'"))
		return false;
	for (; *s; s++)
		if (!(*s == '\'' ? buf_adds(out, "'\\''") : buf_add(out, s, 1)))
			return false;
	return buf_adds(out, "'");
}

bool
command_claviger(struct buf *out, const struct plan_def *plan, const char *const *names,
	size_t names_len, const char *const *values, const char *confirm)
{
	if (!buf_addf(out, "claviger %s", plan->name))
		return false;
	for (size_t i = 0; i < names_len; i++)
		if (!buf_adds(out, " ") || !add_quoted(out, names[i]))
			return false;
	for (size_t i = 0; i < plan->fields_len; i++) {
		if (values[i] == NULL)
			continue;
		if (!buf_addf(out, " --%s", plan->fields[i].name))
			return false;
		if (plan->fields[i].arg && (!buf_adds(out, " ") || !add_quoted(out, values[i])))
			return false;
	}
	if (confirm)
		return buf_adds(out, " --confirm=") && add_quoted(out, confirm);
	return buf_adds(out, plan->danger == PLAN_HARMLESS ? "" : " --yes");
}

bool
command_rest(struct buf *out, const char *method, const char *url, const char *body,
	const char *resource)
{
	char lower[8] = "";
	bool ok;

	for (size_t i = 0; method[i] && i + 1 < sizeof lower; i++)
		lower[i] = (char)(method[i] | 0x20);
	ok = buf_addf(out, "az rest --method %s --url ", lower) && add_quoted(out, url);
	if (ok && resource)
		ok = buf_adds(out, " --resource ") && add_quoted(out, resource);
	if (ok && body)
		ok = buf_adds(out, " --body ") && add_quoted(out, body);
	return ok;
}

bool
command_az(struct buf *out, const struct run_step *step, const struct session *session)
{
	const struct cloud *cloud = session_cloud(session);
	const char *resource =
		text_case_starts(step->url, cloud->arm) ? NULL : cloud->vault_audience;

	return command_rest(out, step->method, step->url, step->body, resource);
}
