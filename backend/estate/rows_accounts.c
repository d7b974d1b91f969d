/* What a decoder gives takes 16 kB an account; a row takes 8 bytes, its name (row_names.c) and its
 * principal: what else it tells it shares with others. Of 100,000 accounts on 2,000 keys that makes
 * 12,600 rows and 200 shapes. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/rows.h"

struct accounts *
account_rows_new(struct shapes *principals)
{
	struct accounts *out = mem_alloc(sizeof *out);

	out->pool = pool_new();
	out->names = row_names_new();
	out->principals = principals;
	out->rows.size = sizeof(struct account_row);
	out->shapes.size = sizeof(struct account_shape);
	return out;
}

void
account_rows_free(struct accounts *accounts)
{
	if (accounts == NULL)
		return;
	pool_free(accounts->pool);
	row_names_free(accounts->names);
	free(accounts->places);
	shapes_free(&accounts->rows);
	shapes_free(&accounts->shapes);
	free(accounts);
}

static uint32_t
put_tags(struct pool *pool, json_t *tags)
{
	char *text;
	uint32_t at;

	if (tags == NULL)
		return 0;
	text = json_dumps(tags, JSON_COMPACT);
	at = pool_intern(pool, text ? text : "");
	free(text);
	return at;
}

static uint32_t
put_users(struct pool *pool, const struct identity *identity)
{
	char *text = NULL;
	uint32_t at;

	for (size_t i = 0; i < identity->users_len; i++) {
		char *longer = mem_printf("%s%s %s %s\n", text ? text : "", identity->users[i].id,
			identity->users[i].principal, identity->users[i].client);

		free(text);
		text = longer;
	}
	at = text ? pool_intern(pool, text) : 0;
	free(text);
	return at;
}

static unsigned
service_number(const struct service *service)
{
	unsigned i = 0;

	while (i < services_len && services[i] != service)
		i++;
	return i & 15;
}

const struct account_shape *
account_shape(const struct accounts *accounts, const struct account_row *row)
{
	return shapes_at(&accounts->shapes, row->shape);
}

uint32_t
account_shape_number(struct accounts *accounts, const struct account_shape *shape)
{
	return shapes_number(&accounts->shapes, shape);
}

const struct account_row *
account_row(const struct accounts *accounts, size_t at)
{
	return shapes_at(&accounts->rows, accounts->places[at].row);
}

void
account_row_put(struct accounts *accounts, size_t at, const struct account_row *row)
{
	accounts->places[at].row = shapes_number(&accounts->rows, row);
}

const char *
account_rows_name(const struct accounts *accounts, size_t at, char out[ROW_NAME])
{
	return row_names_text(accounts->names, at, out);
}

const uint8_t *
account_rows_principal(const struct accounts *accounts, size_t at)
{
	return principals_at(accounts->principals, accounts->places[at].principal);
}

void
account_row_add(struct accounts *accounts, const char *name, const uint8_t principal[16],
	const struct account_row *row)
{
	accounts->places = rows_grow(
		accounts->places, accounts->len, &accounts->room, sizeof *accounts->places);
	accounts->places[accounts->len] =
		(struct account_place){.row = shapes_number(&accounts->rows, row),
			.principal = principals_number(accounts->principals, principal)};
	row_names_add(accounts->names, name);
	accounts->len++;
}

size_t
account_rows_add(struct accounts *accounts, const struct account *account, uint16_t subscription)
{
	struct pool *pool = accounts->pool;
	const struct account_shape shape = {
		.group = pool_intern(pool, account->id.group),
		.location = pool_intern(pool, account->location),
		.tags = put_tags(pool, account->tags),
	};
	const struct account_row row = {
		.shape = account_shape_number(accounts, &shape),
		.subscription = subscription,
		.service = service_number(account->service),
	};
	static const uint8_t none[16];

	account_row_add(accounts, account->id.name, none, &row);
	if (account->detailed)
		account_rows_set(accounts, accounts->len - 1, account);
	return accounts->len - 1;
}

void
account_rows_set(struct accounts *accounts, size_t at, const struct account *account)
{
	struct account_row row = *account_row(accounts, at);
	struct pool *pool = accounts->pool;
	const struct identity *identity = &account->identity;
	struct account_shape shape = *account_shape(accounts, &row);
	uint8_t principal[16];

	if (account->location[0])
		shape.location = pool_intern(pool, account->location);
	shape.tags = put_tags(pool, account->tags);
	shape.users = put_users(pool, identity);
	shape.tenant = pool_intern(pool, identity->tenant);
	shape.federated = pool_intern(pool, account->federated);
	shape.user_key = pool_intern(pool, account->key_identity);
	shape.why = 0;
	shape.read_at = 0;
	row.shape = account_shape_number(accounts, &shape);
	row.system = identity->system;
	row.source = account->source;
	row.mode = account->mode;
	row.queue = account->queue_covered;
	row.table = account->table_covered;
	row.key = rows_put_key(pool, &account->key);
	row.version = pool_intern(pool, account_version(account));
	row.detail = DETAIL_KNOWN;
	account_row_put(accounts, at, &row);
	hex_pack(identity->principal, principal);
	accounts->places[at].principal = principals_number(accounts->principals, principal);
}

void
account_rows_fail(struct accounts *accounts, size_t at, const struct err *why)
{
	struct account_row row = *account_row(accounts, at);
	struct account_shape shape = *account_shape(accounts, &row);

	shape.why = rows_put_why(accounts->pool, why);
	row.shape = account_shape_number(accounts, &shape);
	row.detail = DETAIL_FAILED;
	account_row_put(accounts, at, &row);
}

void
account_rows_empty(struct accounts *accounts)
{
	row_names_free(accounts->names);
	accounts->names = row_names_new();
	accounts->len = 0;
}

void
account_rows_trim(struct accounts *accounts)
{
	row_names_trim(accounts->names);
	shapes_trim(&accounts->rows);
	if (accounts->len == accounts->room || accounts->len == 0)
		return;
	accounts->places = mem_resize(accounts->places, accounts->len * sizeof *accounts->places);
	accounts->room = accounts->len;
}

const char *
account_rows_text(const struct accounts *accounts, uint32_t at)
{
	return pool_text(accounts->pool, at);
}
