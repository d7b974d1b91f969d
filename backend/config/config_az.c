/* Who has no configuration of ours but uses the Azure CLI finds himself in the cloud and tenant
 * that he works in there. Its files are read, never written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/config/az_config.h"
#include "backend/config/config_keys.h"

/* The tenant of the environment belongs to the credential there, which comes before az's. */
static void
take(const struct az_config *az, const struct az_subscription *used, struct profile *out)
{
	const char *tenant = getenv("AZURE_TENANT_ID");

	profile_default(out);
	snprintf(out->name, sizeof out->name, "az");
	snprintf(out->source, sizeof out->source, "the Azure CLI's configuration");
	out->cloud = az->cloud;
	if (used && (tenant == NULL || *tenant == '\0'))
		snprintf(out->tenant, sizeof out->tenant, "%s", used->tenant);
}

bool
config_az(struct profile *out, bool *found, struct err *err)
{
	const struct az_subscription *used;
	struct az_config az;

	*found = false;
	if (!az_config_read(&az, err))
		return err_prefix(err,
			"there is no [profile default], so the Azure CLI's configuration counts "
			"(write that section, or set AZURE_CONFIG_DIR)");
	used = az_config_default(&az);
	*found = used || strcmp(az.cloud.name, clouds[0].name) != 0;
	if (*found)
		take(&az, used, out);
	az_config_free(&az);
	return true;
}
