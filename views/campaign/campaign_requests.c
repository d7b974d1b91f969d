/* The requests of a campaign as they are, were or would be sent: on the page of a member, and all
 * of them as text. */
#include "views/campaign/campaign_state.h"

#include <stdlib.h>

#include "backend/base/buf.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "tui/words.h"
#include "views/command.h"

enum { TEXT_BYTES = 1 << 20 };

static void
say_request(struct page *page, const json_t *request)
{
	const json_t *body = json_object_get(request, "body");
	char *line = mem_printf("%s %s", json_str(request, "method"), json_str(request, "url"));
	char *text = json_is_null(body) || body == NULL ? NULL : json_dumps(body, JSON_ENCODE_ANY);

	page_literal(page, ROLE_ACCENT, 0, line);
	if (text)
		page_literal(page, ROLE_TEXT, 0, text);
	page_command(page, ROLE_DIM, 0, json_str(request, "az"));
	free(line);
	free(text);
}

/* Of one that is still to be done its own, and of those that are done what they were. */
void
campaign_say_requests(struct page *page, const struct member *member)
{
	json_t *result = campaign_result_of(member), *step, *other;
	size_t i, k;

	json_array_foreach(json_object_get(result, "steps"), i, step)
	{
		if (json_is_object(json_object_get(step, "request")))
			say_request(page, json_object_get(step, "request"));
		json_array_foreach(json_object_get(step, "otherRequests"), k, other)
		{
			say_request(page, other);
		}
	}
	json_decref(result);
}

static bool
add_request(struct buf *out, const json_t *request)
{
	const json_t *body = json_object_get(request, "body");
	char *text = json_is_null(body) || body == NULL
			     ? NULL
			     : json_dumps(body, JSON_ENCODE_ANY | JSON_INDENT(2));
	bool ok = buf_addf(out, "%s %s\n%s%s", json_str(request, "method"),
			  json_str(request, "url"), text ? text : "", text ? "\n" : "") &&
		  command_fold(out, json_str(request, "az"), COMMAND_COLUMNS) &&
		  buf_adds(out, "\n");

	free(text);
	return ok;
}

static bool
add_member(struct buf *out, const struct member *member)
{
	json_t *result = campaign_result_of(member), *step, *other;
	char name[SUBJECT_NAME];
	size_t i, k;
	bool ok = true;

	json_array_foreach(json_object_get(result, "steps"), i, step)
	{
		const json_t *request = json_object_get(step, "request");

		if (!json_is_object(request))
			continue;
		ok = ok &&
		     buf_addf(out, "# %s %s: %s (%s)\n", _(member->plan->title),
			     subject_name(&member->subject, name), json_str(step, "name"),
			     _(json_str(step, "state"))) &&
		     add_request(out, request);
		json_array_foreach(json_object_get(step, "otherRequests"), k, other)
		{
			ok = ok && add_request(out, other);
		}
		ok = ok && buf_adds(out, "\n");
	}
	json_decref(result);
	return ok;
}

char *
campaign_requests(const struct campaign *campaign)
{
	struct buf text;
	bool ok = true;
	char *out;

	buf_init(&text, TEXT_BYTES);
	for (size_t i = 0; ok && i < campaign->members_len; i++) {
		size_t before = text.len;

		ok = add_member(&text, &campaign->members[i]);
		if (ok && text.len == before && campaign->members[i].err.kind != ERR_NONE)
			ok = buf_addf(&text, "# %s: %s\n\n", campaign->members[i].plan->name,
				campaign->members[i].err.msg);
	}
	out = mem_strdup(text.len ? buf_text(&text) : _("No request."));
	buf_free(&text);
	return out;
}
