/* What the lists do not tell and rules need: the rotation policies of keys in use, the versions
 * that accounts use and keys have left behind, the vaults that were deleted. Each is one small
 * request, so they are sent side by side. */
#include "backend/estate/posture_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

/* The same question is asked once, whoever has it. */
static void
want(struct posture_extras *extras, struct request *request)
{
	uint32_t at;

	if (index_find(&extras->urls, request->url, &at)) {
		request_free(request);
		return;
	}
	index_put(&extras->urls, request->url, (uint32_t)extras->asks_len);
	extras->asks =
		rows_grow(extras->asks, extras->asks_len, &extras->asks_room, sizeof *extras->asks);
	extras->asks[extras->asks_len++] = (struct asked){.request = *request};
}

/* The answer to a question; the request is used up. NULL: it was not asked. */
static const struct asked *
answer(const struct posture_extras *extras, struct request *request)
{
	uint32_t at;
	bool found = index_find(&extras->urls, request->url, &at);

	request_free(request);
	return found ? &extras->asks[at] : NULL;
}

static void
want_keys(struct estate *estate, struct posture_extras *extras)
{
	struct request request;
	struct keyid id;

	for (size_t i = 0; i < estate->keys->len; i++) {
		if (estate->keys->rows[i].name == 0 ||
			estate->keys->rows[i].detail != DETAIL_KNOWN ||
			joins_first_user(estate, (uint32_t)i) == ROW_NONE)
			continue;
		key_rows_id(estate->keys, i, &id);
		estate_get_rotation(estate->session, &id, &request);
		want(extras, &request);
	}
	for (size_t i = 0; i < estate->accounts->len; i++) {
		const struct account_row *row = account_row(estate->accounts, i);
		struct account_sight sight;

		joins_sight(estate, i, &sight);
		if (sight.behind <= 0)
			continue;
		key_rows_id(estate->keys, sight.key, &id);
		snprintf(id.version, sizeof id.version, "%s",
			account_rows_text(estate->accounts, row->version));
		estate_get_key(estate->session, &id, &request);
		want(extras, &request);
	}
}

void
posture_extras_start(
	struct estate *estate, struct posture_extras *out, void (*done)(void *user), void *user)
{
	want_keys(estate, out);
	out->round = round_start(estate, out->asks, out->asks_len, done, user);
}

void
posture_extras_free(struct posture_extras *extras)
{
	round_cancel(extras->round);
	index_free(&extras->urls);
	asked_free(extras->asks, extras->asks_len);
	*extras = (struct posture_extras){0};
}

/* A vault adds an action of its own to every policy, which only tells: rotating is what counts. */
static bool
rotates(const json_t *policy, bool *out, struct err *err)
{
	const json_t *actions, *one;
	char type[16];
	size_t i;

	*out = false;
	if (!json_list(policy, "lifetimeActions", &actions, err))
		return false;
	json_array_foreach(actions, i, one)
	{
		if (!json_text(one, "action.type", type, sizeof type, err))
			return false;
		*out = *out || text_casecmp(type, "Rotate") == 0;
	}
	return true;
}

void
posture_add_rotation(
	const struct estate *estate, const struct posture_extras *extras, struct facts *facts)
{
	struct request request;
	const struct asked *asked;

	estate_get_rotation(estate->session, &facts->key.id, &request);
	asked = answer(extras, &request);
	if (asked == NULL)
		return;
	facts->rotation_why = asked->err;
	if (asked->json && rotates(asked->json, &facts->rotates, &facts->rotation_why))
		facts->rotation_known = KNOWN_READ;
	else
		facts->rotation_known = asked->err.kind == ERR_DENIED ? KNOWN_DENIED : KNOWN_FAILED;
}

bool
posture_add_version(const struct estate *estate, const struct posture_extras *extras,
	struct facts *facts, struct err *err)
{
	struct keyid id = facts->key.id;
	struct request request;
	const struct asked *asked;
	struct key key;

	snprintf(id.version, sizeof id.version, "%s", account_version(&facts->account));
	estate_get_key(estate->session, &id, &request);
	asked = answer(extras, &request);
	if (asked == NULL)
		return true;
	*err = asked->err;
	if (asked->json == NULL ||
		!key_decode(asked->json, session_cloud(estate->session), &key, err))
		return false;
	memcpy(facts->key.kty, key.kty, sizeof key.kty);
	facts->key.bits = key.bits;
	facts->key.ops = key.ops;
	facts->key.ops_known = key.ops_known;
	key_free(&key);
	return true;
}

bool
posture_is_deleted(const struct estate *estate, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(estate->gone, i, one)
	{
		if (text_casecmp(json_string_value(json_object_get(one, "name")), name) == 0)
			return true;
	}
	return false;
}
