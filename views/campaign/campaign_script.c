/* A campaign as commands that do the same: one of claviger, of the Azure CLI one for each change of
 * each member. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "tui/words.h"
#include "views/campaign/campaign_state.h"
#include "views/command.h"

enum { TEXT_BYTES = 1 << 20, AZ_MAX = 12 };

/* Of several the console asks how many they are, the command line for the name of each. */
static bool
add_confirms(struct buf *out, const struct campaign *campaign, size_t len)
{
	bool ok = true;

	for (size_t i = 0; ok && i < len; i++) {
		const struct member *member = &campaign->members[i];
		const struct subject *subject = &member->subject;

		if (campaign_member_cuts(member))
			ok = command_confirm(out,
				subject->kind == SUBJECT_KEY ? subject->key.key : subject->id.name);
	}
	return ok;
}

bool
campaign_claviger(struct buf *out, const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	const char *names[CAMPAIGN_NAMES] = {campaign->name};
	size_t len = campaign->fleet ? campaign->members_len : 1;
	char(*room)[SUBJECT_NAME] = mem_alloc(CAMPAIGN_NAMES * sizeof *room);
	bool whole = !campaign->fleet && campaign_cuts(view), ok;

	len = len < CAMPAIGN_NAMES ? len : CAMPAIGN_NAMES;
	for (size_t i = 0; campaign->fleet && i < len; i++)
		names[i] = subject_name(&campaign->members[i].subject, room[i]);
	if (view->past[0])
		ok = buf_addf(out, "claviger %s %s --yes", view->back ? "rollback" : "resume",
			view->past);
	else
		ok = command_claviger(out, campaign->plan, names, len,
			(const char *const *)campaign->values,
			whole ? campaign->subject.key.key : NULL);
	if (campaign->fleet || view->back)
		ok = ok && add_confirms(out, campaign, view->back ? campaign->members_len : len);
	free(room);
	return ok;
}

/* Whether the step of that name of a member's plan is a change. */
static bool
is_change(const struct member *member, const char *step)
{
	for (size_t i = 0; member->plan->steps[i]; i++)
		if (strcmp(member->plan->steps[i]->name, step) == 0)
			return member->plan->steps[i]->changes;
	return false;
}

/* The changes of a member, each under what it is. */
static bool
add_script(struct buf *out, const struct member *member)
{
	json_t *result = campaign_result_of(member), *step, *other;
	char name[SUBJECT_NAME], title[SUBJECT_NAME + 80];
	size_t i, k;
	bool ok = true;

	json_array_foreach(json_object_get(result, "steps"), i, step)
	{
		const json_t *request = json_object_get(step, "request");

		if (*json_str(request, "az") == '\0' || !is_change(member, json_str(step, "name")))
			continue;
		snprintf(title, sizeof title, "%s: %.60s", subject_name(&member->subject, name),
			json_str(step, "name"));
		ok = ok && command_script(out, title, json_str(request, "az"));
		json_array_foreach(json_object_get(step, "otherRequests"), k, other)
		{
			ok = ok && command_script(out, title, json_str(other, "az"));
		}
	}
	json_decref(result);
	return ok;
}

char *
campaign_commands(const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	struct buf out, text;
	char *script;
	bool ok;

	buf_init(&out, TEXT_BYTES);
	buf_init(&text, TEXT_BYTES);
	ok = campaign_claviger(&text, view) &&
	     command_script(&out, _("The whole of it on the command line"), buf_text(&text));
	for (size_t i = 0; ok && i < campaign->members_len; i++)
		ok = add_script(&out, &campaign->members[i]);
	script = mem_strdup(buf_text(&out));
	buf_free(&text);
	buf_free(&out);
	return script;
}

static void
add_az(struct page *page, const json_t *request, size_t *said)
{
	if (*json_str(request, "az") && (*said)++ < AZ_MAX)
		page_command(page, ROLE_TEXT, 2, json_str(request, "az"));
}

void
campaign_say_az(struct page *page, const struct campaign *campaign)
{
	size_t said = 0, taken_back = 0, k, j;
	json_t *step, *other;

	page_head(page, _("The same with the Azure CLI"));
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		taken_back += member->back && member->state == PLAN_ROLLED_BACK;
		json_array_foreach(json_object_get(member->result, "steps"), k, step)
		{
			if (strcmp(json_str(step, "state"), "done") != 0 ||
				!is_change(member, json_str(step, "name")))
				continue;
			add_az(page, json_object_get(step, "request"), &said);
			json_array_foreach(json_object_get(step, "otherRequests"), j, other)
			{
				add_az(page, other, &said);
			}
		}
	}
	if (taken_back)
		page_text(page, ROLE_DIM, 2,
			_("what was taken back by the journal has no command of its own"));
	else if (said == 0)
		page_text(page, ROLE_DIM, 2, _("nothing was sent that changes anything"));
	if (said > AZ_MAX)
		page_text(page, ROLE_DIM, 2, _("and %zu more: n shows all"), said - AZ_MAX);
}
