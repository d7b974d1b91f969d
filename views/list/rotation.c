/* Lists of keys do not tell of it, and one request for each key would be too many: it is read for
 * the one that is looked at. */
#include "views/list/rotation.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/words.h"
#include "views/value.h"

enum { REST_MS = 150 };

void
rotation_forget(struct rotation_look *look)
{
	job_cancel(look->rest);
	call_cancel(look->call);
	*look = (struct rotation_look){.list = look->list};
}

void
rotation_changed(struct rotation_look *look)
{
	const struct estate *estate = look->list->estate;

	if (!look->known || estate_busy(estate) || look->as_of == estate_changes(estate))
		return;
	rotation_forget(look);
	list_stale(look->list);
}

/* "rotates P1Y after creation". A vault puts a notice of its own into every policy. */
static void
say_policy(const json_t *policy, char *out, size_t room)
{
	const json_t *actions = json_at(policy, "lifetimeActions");
	char expire[32], type[24], after[32], before[32];

	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(actions); i++) {
		const json_t *one = json_array_get(actions, i);

		value_text(one, "action.type", type, sizeof type);
		value_text(one, "trigger.timeAfterCreate", after, sizeof after);
		value_text(one, "trigger.timeBeforeExpiry", before, sizeof before);
		if (text_casecmp(type, "Rotate") == 0 && after[0])
			snprintf(out, room, _("a new version %.30s after the last one"), after);
		else if (text_casecmp(type, "Rotate") == 0)
			snprintf(out, room, _("a new version %.30s before one expires"), before);
	}
	if (out[0] == '\0')
		snprintf(out, room, "%s", _("none: no new version comes by itself"));
	value_text(policy, "attributes.expiryTime", expire, sizeof expire);
	if (expire[0])
		snprintf(out + strlen(out), room - strlen(out), _("; versions expire after %.30s"),
			expire);
}

static void
answered(void *user, struct reply *reply, const struct err *err)
{
	struct rotation_look *look = user;
	json_t *json = NULL;
	char text[sizeof look->text];

	look->call = NULL;
	look->known = true;
	look->failure = *err;
	if (err->kind == ERR_NONE)
		json = json_read(
			buf_text(&reply->body), reply->body.len, "the reply", &look->failure);
	if (json) {
		say_policy(json, text, sizeof text);
		text_cleans(look->text, sizeof look->text, text);
	}
	json_decref(json);
	list_stale(look->list);
}

static void
rested(void *user)
{
	struct rotation_look *look = user;
	struct session *session = estate_session(look->list->estate);
	struct request request;

	look->rest = NULL;
	look->as_of = estate_changes(look->list->estate);
	estate_get_rotation(session, &look->key, &request);
	look->call = session_send(session, &request, answered, look);
	request_free(&request);
}

void
rotation_describe(struct rotation_look *look, size_t row, struct page *page)
{
	bool idle = !look->known && !look->rest && !look->call;

	if (idle)
		kind_key_id(look->list->estate, row, &look->key);
	if (look->key.key[0] == '\0')
		return;
	if (idle)
		look->rest = job_after(app_loop(app_of(look->list->view)), REST_MS, rested, look);
	if (!look->known)
		page_field(page, _("rotation"), ROLE_DIM, "%s", draw_glyph(GLYPH_ELLIPSIS));
	else if (look->failure.kind != ERR_NONE)
		page_field(page, _("rotation"), ROLE_WARN, _("unknown: %s"), look->failure.msg);
	else
		page_field(page, _("rotation"), ROLE_TEXT, "%s", look->text);
}
