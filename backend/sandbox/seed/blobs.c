/* What is sealed here opens with the account key alone, so it survives every switch of the
 * customer's key. Whether the service could unwrap now is not asked: it could when it was written.
 */
#include "backend/sandbox/seed/blobs.h"

#include <string.h>

#include "backend/sandbox/blob/content.h"
#include "backend/sandbox/blob/rows.h"
#include "backend/sandbox/service/cmk.h"

static bool
open_key(struct seeding *s, const struct account *account, struct secret *out)
{
	struct cmk_refusal refusal;
	struct secret key = {0};
	bool ok = cmk_unwrap(s->world, account, cmk_material(s->world, account), &key, &refusal) &&
		  cmk_data_key(account, &key, out);

	secret_free(&key);
	return ok;
}

bool
seed_blob(struct seeding *s, int64_t account, const char *container, const char *name,
	const char *text)
{
	struct account *a = arena_alloc(s->arena, sizeof *a);
	struct container in = {.name = container, .metadata = "{}"};
	struct blob b = {.name = name,
		.type = "BlockBlob",
		.content_type = "text/plain",
		.metadata = "{}",
		.tier = "",
		.length = (int64_t)strlen(text)};
	struct secret key = {0};
	struct db *db = s->world->db;

	if (!accounts_find_row(db, s->arena, account, a) || !open_key(s, a, &key))
		return err_set(s->err, ERR_FAILED, "", "seed: the data of '%s' cannot be sealed",
			container);
	b.content = content_seal(s->arena, &key, text, strlen(text), &b.content_len);
	secret_free(&key);
	if (!b.content)
		return err_set(s->err, ERR_FAILED, "", "seed: '%s' cannot be sealed", name);
	in.modified_ms = b.created_ms = b.modified_ms = a->created_ms;
	b.md5 = content_md5(s->arena, text, strlen(text));
	if (!container_find(db, s->arena, account, container, &in))
		container_insert(db, account, &in);
	b.container = in.id;
	blob_put(db, &b);
	return true;
}
