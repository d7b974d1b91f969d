/* ARM's providers differ in their spelling of types, and lists end in three ways; that is settled
 * here once. */
#include "backend/estate/reply.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

bool
reply_id(const json_t *json, const char *type, struct armid *out, struct err *err)
{
	char id[ARMID_MAX];

	if (!json_need_text(json, "id", id, sizeof id, err))
		return false;
	if (!armid_take(out, id, NULL))
		return err_set(err, ERR_FAILED, "BadReply", "id '%s' is no resource id", id);
	if (text_casecmp(out->type, type) != 0)
		return err_set(err, ERR_FAILED, "BadReply", "id '%s' is no %s", id, type);
	return text_copy(out->type, sizeof out->type, type);
}

bool
reply_tags(const json_t *json, json_t **out, struct err *err)
{
	const json_t *tags;
	const char *key;
	json_t *value, *mutable;

	*out = NULL;
	if (!json_object_at(json, "tags", &tags, err))
		return false;
	if (tags == NULL || json_object_size(tags) == 0)
		return true;
	mutable = (json_t *)tags;
	*out = json_object();
	json_object_foreach(mutable, key, value)
	{
		char clean_key[600], clean_value[1100];

		if (!json_is_string(value) && !json_is_null(value)) {
			json_decref(*out);
			*out = NULL;
			return err_set(err, ERR_FAILED, "BadReply", "tags: must be texts");
		}
		text_cleans(clean_key, sizeof clean_key, key);
		text_cleans(clean_value, sizeof clean_value,
			json_is_string(value) ? json_string_value(value) : "");
		json_object_set_new(*out, clean_key, json_string(clean_value));
	}
	return true;
}

bool
reply_page(const json_t *json, const json_t **value, char **next, struct err *err)
{
	const json_t *link;

	*next = NULL;
	if (!json_list(json, "value", value, err))
		return false;
	if (*value == NULL)
		return err_set(err, ERR_FAILED, "BadReply", "value: is not there; a list needs it");
	link = json_at(json, "nextLink");
	if (link && !json_is_string(link))
		return err_set(err, ERR_FAILED, "BadReply", "nextLink: must be a text");
	*next = mem_strdup(link ? json_string_value(link) : "");
	return true;
}

bool
reply_rows(const struct buf *body, json_each *each, void *user, char **next, struct err *err)
{
	const json_t *value;
	json_t *rest;
	bool ok;

	*next = NULL;
	ok = json_rows(buf_text(body), body->len, "the reply", "value", each, user, &rest, err) &&
	     reply_page(rest, &value, next, err);
	json_decref(rest);
	return ok;
}

void
reply_vault_host(const char *uri, const struct cloud *cloud, struct keyid *out)
{
	const char *host = text_case_starts(uri, "https://") ? uri + strlen("https://") : uri;
	size_t len;

	if (keyid_parse_vault(out, uri, cloud, NULL))
		return;
	*out = (struct keyid){0};
	len = strcspn(host, "/");
	text_clean(out->host, sizeof out->host, host, len);
	len = strcspn(out->host, ".");
	text_clean(out->vault, sizeof out->vault, out->host, len);
}
