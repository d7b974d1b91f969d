/* An action that cannot run says why before anybody fills in its form. */
#include "backend/plans/fit.h"

#include <string.h>

#include "backend/plans/hint.h"

static bool
is(const json_t *row, const char *member, const char *value)
{
	return strcmp(filling_text(row, member), value) == 0;
}

static bool
has_no_identity(const json_t *row)
{
	const json_t *identity = json_object_get(row, "identity");
	const char *type = filling_text(identity, "type");

	return json_is_object(identity) && (*type == '\0' || strcmp(type, "None") == 0);
}

static const char *
never_takes_key(const struct service *service, const json_t *row)
{
	return service && service->identity_at_creation && has_no_identity(row)
		       ? "It was made without an identity, and can never take a customer key"
		       : NULL;
}

const char *
unfit_onboard(const struct service *service, const json_t *row)
{
	if (is(row, "keySource", "customer"))
		return "It already uses a customer key: Replace and Repin move it";
	return never_takes_key(service, row);
}

const char *
unfit_customer(const struct service *service, const json_t *row)
{
	const char *never = never_takes_key(service, row);

	if (!is(row, "keySource", "microsoft"))
		return NULL;
	return never ? never : "It is on Microsoft's keys: Onboard gives it a customer key";
}

const char *
unfit_assign(const struct service *service, const json_t *row)
{
	return service && service->identity_at_creation && has_no_identity(row)
		       ? "It takes an identity only when it is made"
		       : NULL;
}

const char *
unfit_protect(const struct service *service, const json_t *row)
{
	(void)service;
	return json_is_true(json_object_get(row, "softDelete")) &&
			       json_is_true(json_object_get(row, "purgeProtection"))
		       ? "Soft delete and purge protection are on already"
		       : NULL;
}

/* One of `versions` of the object instead of the object. */
static bool
is_version(const json_t *row)
{
	return json_object_get(row, "version") != NULL;
}

/* Whether every version is enabled, or none of them is. */
static bool
all_are(const json_t *row, bool enabled)
{
	const json_t *versions = json_object_get(row, "versions"), *version;
	size_t i;

	json_array_foreach((json_t *)versions, i, version)
	{
		const json_t *is_on = json_object_get(version, "enabled");

		if (!(enabled ? json_is_true(is_on) : json_is_false(is_on)))
			return false;
	}
	return json_array_size(versions) > 0;
}

const char *
unfit_enable(const struct service *service, const json_t *row)
{
	(void)service;
	if (is_version(row))
		return json_is_true(json_object_get(row, "enabled")) ? "It is enabled" : NULL;
	return all_are(row, true) ? "All its versions are enabled" : NULL;
}

const char *
unfit_disable(const struct service *service, const json_t *row)
{
	(void)service;
	if (is_version(row))
		return json_is_false(json_object_get(row, "enabled")) ? "It is disabled already"
								      : NULL;
	return all_are(row, false) ? "All its versions are disabled already" : NULL;
}

const char *
unfit_rotate(const struct service *service, const json_t *row)
{
	const char *kty = filling_text(row, "kty");

	(void)service;
	return *kty && strncmp(kty, "RSA", 3) != 0 ? "It is no RSA key: no account can use it"
						   : NULL;
}

static bool
is_used(const json_t *row)
{
	const json_t *version;
	size_t i;

	json_array_foreach((json_t *)json_object_get(row, "versions"), i, version)
	{
		if (json_array_size(json_object_get(version, "inUseBy")))
			return true;
	}
	return false;
}

/* What took the grant away instead of disabling the key shows in its accounts alone. */
const char *
unfit_restore(const struct service *service, const json_t *row)
{
	if (service)
		return is(row, "state", "ok") ? "It opens its key, as last read: nothing is to be "
						"restored"
					      : NULL;
	return all_are(row, true) && !is_used(row)
		       ? "All its versions are enabled, and no account uses it: nothing is to be "
			 "restored"
		       : NULL;
}
