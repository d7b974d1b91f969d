/* User-assigned identities and role assignments, packed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/reply.h"
#include "backend/estate/rows.h"

static const char identity_type[] = "Microsoft.ManagedIdentity/userAssignedIdentities";

struct identities *
identity_rows_new(void)
{
	struct identities *out = mem_alloc(sizeof *out);

	out->pool = pool_new();
	return out;
}

void
identity_rows_free(struct identities *identities)
{
	if (identities == NULL)
		return;
	pool_free(identities->pool);
	free(identities->rows);
	free(identities);
}

static bool
take_guid(const json_t *json, const char *path, uint8_t out[16], struct err *err)
{
	char text[64];

	if (!json_text(json, path, text, sizeof text, err))
		return false;
	hex_pack(text, out);
	return true;
}

bool
identity_rows_take(
	struct identities *identities, const json_t *json, uint16_t subscription, struct err *err)
{
	struct identity_row row = {.subscription = subscription};
	const json_t *properties;
	struct armid id;
	char location[64];

	if (!reply_id(json, identity_type, &id, err) ||
		!json_object_at(json, "properties", &properties, err) ||
		!json_text(json, "location", location, sizeof location, err) ||
		!take_guid(json, "properties.principalId", row.principal, err) ||
		!take_guid(json, "properties.clientId", row.client, err) ||
		!take_guid(json, "properties.tenantId", row.tenant, err))
		return err_prefix(err, "identity");
	row.name = pool_add(identities->pool, id.name);
	row.group = pool_intern(identities->pool, id.group);
	row.location = pool_intern(identities->pool, location);
	identities->rows = rows_grow(
		identities->rows, identities->len, &identities->room, sizeof *identities->rows);
	identities->rows[identities->len++] = row;
	return true;
}

const char *
identity_rows_text(const struct identities *identities, uint32_t at)
{
	return pool_text(identities->pool, at);
}

struct grants *
grant_rows_new(struct shapes *principals)
{
	struct grants *out = mem_alloc(sizeof *out);

	out->pool = pool_new();
	out->principals = principals;
	out->shapes.size = sizeof(struct grant_shape);
	return out;
}

void
grant_rows_free(struct grants *grants)
{
	if (grants == NULL)
		return;
	pool_free(grants->pool);
	shapes_free(&grants->shapes);
	free(grants->rows);
	free(grants);
}

void
grant_rows_add(struct grants *grants, const uint8_t principal[16], const struct grant_shape *shape)
{
	grants->rows = rows_grow(grants->rows, grants->len, &grants->room, sizeof *grants->rows);
	grants->rows[grants->len++] =
		(struct grant_row){.principal = principals_number(grants->principals, principal),
			.shape = shapes_number(&grants->shapes, shape)};
}

const struct grant_shape *
grant_shape(const struct grants *grants, const struct grant_row *grant)
{
	return shapes_at(&grants->shapes, grant->shape);
}

const uint8_t *
grant_principal(const struct grants *grants, const struct grant_row *grant)
{
	return principals_at(grants->principals, grant->principal);
}

bool
grant_rows_take(struct grants *grants, const json_t *json, struct err *err)
{
	struct grant_shape shape;
	uint8_t principal[16];
	char scope[ARMID_MAX], definition[ARMID_MAX], type[32];
	const json_t *properties;
	const char *guid;

	if (!json_object_at(json, "properties", &properties, err) ||
		!json_need_text(json, "properties.scope", scope, sizeof scope, err) ||
		!json_need_text(
			json, "properties.roleDefinitionId", definition, sizeof definition, err) ||
		!json_text(json, "properties.principalType", type, sizeof type, err) ||
		!take_guid(json, "properties.principalId", principal, err))
		return err_prefix(err, "role assignment");
	guid = strrchr(definition, '/');
	hex_pack(guid ? guid + 1 : definition, shape.role);
	for (char *p = scope; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	shape.scope = pool_intern(grants->pool, scope);
	shape.type = pool_intern(grants->pool, type);
	grant_rows_add(grants, principal, &shape);
	return true;
}

const char *
grant_rows_text(const struct grants *grants, uint32_t at)
{
	return pool_text(grants->pool, at);
}
