/* What the Azure CLI keeps of itself, read and never written: the files config, clouds.config and
 * azureProfile.json in $AZURE_CONFIG_DIR or ~/.azure [azure-cli-core 2.45 cloud.py, _profile.py].
 */
#ifndef CLAVIGER_AZ_CONFIG_H
#define CLAVIGER_AZ_CONFIG_H

#include "backend/azure/cloud.h"
#include "backend/base/err.h"

struct az_subscription {
	char id[64];     /* a GUID; of a sign-in without subscriptions its tenant's [_profile.py] */
	char tenant[64]; /* GUID */
	char name[128];
	char user[160]; /* who signed in: a person's name, an application's id */
	bool enabled, is_default;
};

struct az_config {
	struct cloud cloud; /* the one in use, a custom one with the endpoints az has for it */
	char group[96];     /* what -g is when it is not given; "" : not set */
	struct az_subscription *subscriptions; /* of that cloud */
	size_t subscriptions_len;
};

/* Files that are not there say nothing: the cloud is then AzureCloud, nobody is signed in. An error
 * (ERR_USAGE) names file and place; out then needs no az_config_free. */
bool az_config_read(struct az_config *out, struct err *err) MUST_CHECK;
void az_config_free(struct az_config *config);

/* The subscription in use, which has the tenant in use and who is signed in; NULL: nobody is. */
const struct az_subscription *az_config_default(const struct az_config *config);

#endif
