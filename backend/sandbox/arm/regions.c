/* Public regions: a recorded answer of 2022. The others: Microsoft's pages of the two clouds; their
 * coordinates are those of the places. */
#include "backend/sandbox/arm/regions.h"

#include <ctype.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const struct {
	const char *name, *title, *group, *longitude, *latitude, *place, *pair;
	bool recommended;
} regions[] = {
	{"eastus", "East US", "US", "-79.8164", "37.3719", "Virginia", "westus", true},
	{"eastus2", "East US 2", "US", "-78.3889", "36.6681", "Virginia", "centralus", true},
	{"southcentralus", "South Central US", "US", "-98.5", "29.4167", "Texas", "northcentralus",
		true},
	{"westus2", "West US 2", "US", "-119.852", "47.233", "Washington", "westcentralus", true},
	{"westus3", "West US 3", "US", "-112.074036", "33.448376", "Phoenix", "eastus", true},
	{"australiaeast", "Australia East", "Asia Pacific", "151.2094", "-33.86", "New South Wales",
		"australiasoutheast", true},
	{"southeastasia", "Southeast Asia", "Asia Pacific", "103.833", "1.283", "Singapore",
		"eastasia", true},
	{"northeurope", "North Europe", "Europe", "-6.2597", "53.3478", "Ireland", "westeurope",
		true},
	{"swedencentral", "Sweden Central", "Europe", "17.14127", "60.67488", "Gävle",
		"swedensouth", true},
	{"uksouth", "UK South", "Europe", "-0.799", "50.941", "London", "ukwest", true},
	{"westeurope", "West Europe", "Europe", "4.9", "52.3667", "Netherlands", "northeurope",
		true},
	{"centralus", "Central US", "US", "-93.6208", "41.5908", "Iowa", "eastus2", true},
	{"southafricanorth", "South Africa North", "Africa", "28.218370", "-25.731340",
		"Johannesburg", "southafricawest", true},
	{"centralindia", "Central India", "Asia Pacific", "73.9197", "18.5822", "Pune",
		"southindia", true},
	{"eastasia", "East Asia", "Asia Pacific", "114.188", "22.267", "Hong Kong", "southeastasia",
		true},
	{"japaneast", "Japan East", "Asia Pacific", "139.77", "35.68", "Tokyo, Saitama",
		"japanwest", true},
	{"koreacentral", "Korea Central", "Asia Pacific", "126.9780", "37.5665", "Seoul",
		"koreasouth", true},
	{"canadacentral", "Canada Central", "Canada", "-79.383", "43.653", "Toronto", "canadaeast",
		true},
	{"francecentral", "France Central", "Europe", "2.3730", "46.3772", "Paris", "francesouth",
		true},
	{"germanywestcentral", "Germany West Central", "Europe", "8.682127", "50.110924",
		"Frankfurt", "germanynorth", true},
	{"norwayeast", "Norway East", "Europe", "10.752245", "59.913868", "Norway", "norwaywest",
		true},
	{"switzerlandnorth", "Switzerland North", "Europe", "8.564572", "47.451542", "Zurich",
		"switzerlandwest", true},
	{"uaenorth", "UAE North", "Middle East", "55.316666", "25.266666", "Dubai", "uaecentral",
		true},
	{"brazilsouth", "Brazil South", "South America", "-46.633", "-23.55", "Sao Paulo State",
		"southcentralus", true},
	{"qatarcentral", "Qatar Central", "Middle East", "51.439327", "25.551462", "Doha",
		"westeurope", true},
	{"northcentralus", "North Central US", "US", "-87.6278", "41.8819", "Illinois",
		"southcentralus", false},
	{"westus", "West US", "US", "-122.417", "37.783", "California", "eastus", false},
	{"jioindiawest", "Jio India West", "Asia Pacific", "70.05773", "22.470701", "Jamnagar",
		"jioindiacentral", false},
	{"westcentralus", "West Central US", "US", "-110.234", "40.890", "Wyoming", "westus2",
		false},
	{"southafricawest", "South Africa West", "Africa", "18.843266", "-34.075691", "Cape Town",
		"southafricanorth", false},
	{"australiacentral", "Australia Central", "Asia Pacific", "149.1244", "-35.3075",
		"Canberra", "australiacentral", false},
	{"australiacentral2", "Australia Central 2", "Asia Pacific", "149.1244", "-35.3075",
		"Canberra", "australiacentral2", false},
	{"australiasoutheast", "Australia Southeast", "Asia Pacific", "144.9631", "-37.8136",
		"Victoria", "australiaeast", false},
	{"japanwest", "Japan West", "Asia Pacific", "135.5022", "34.6939", "Osaka", "japaneast",
		false},
	{"jioindiacentral", "Jio India Central", "Asia Pacific", "79.08886", "21.146633", "Nagpur",
		"jioindiawest", false},
	{"koreasouth", "Korea South", "Asia Pacific", "129.0756", "35.1796", "Busan",
		"koreacentral", false},
	{"southindia", "South India", "Asia Pacific", "80.1636", "12.9822", "Chennai",
		"centralindia", false},
	{"westindia", "West India", "Asia Pacific", "72.868", "19.088", "Mumbai", "southindia",
		false},
	{"canadaeast", "Canada East", "Canada", "-71.217", "46.817", "Quebec", "canadacentral",
		false},
	{"francesouth", "France South", "Europe", "2.1972", "43.8345", "Marseille", "francecentral",
		false},
	{"germanynorth", "Germany North", "Europe", "8.806422", "53.073635", "Berlin",
		"germanywestcentral", false},
	{"norwaywest", "Norway West", "Europe", "5.733107", "58.969975", "Norway", "norwayeast",
		false},
	{"swedensouth", "Sweden South", "Europe", "13.0007", "55.6059", "Malmo", "swedencentral",
		false},
	{"switzerlandwest", "Switzerland West", "Europe", "6.143158", "46.204391", "Geneva",
		"switzerlandnorth", false},
	{"ukwest", "UK West", "Europe", "-3.084", "53.427", "Cardiff", "uksouth", false},
	{"uaecentral", "UAE Central", "Middle East", "54.366669", "24.466667", "Abu Dhabi",
		"uaenorth", false},
	{"brazilsoutheast", "Brazil Southeast", "South America", "-43.2075", "-22.90278", "Rio",
		"brazilsouth", false},
	{"polandcentral", "Poland Central", "Europe", "14.6512702", "51.8685079", "Warsaw",
		"swedencentral", false},
	{"israelcentral", "Israel Central", "Middle East", "33.4506633", "31.2655698", "Israel",
		"swedencentral", false},
	{"chinanorth", "China North", "China", "116.388", "39.9289", "Beijing", "chinaeast", false},
	{"chinaeast", "China East", "China", "121.4737", "31.2304", "Shanghai", "chinanorth",
		false},
	{"chinanorth2", "China North 2", "China", "116.388", "39.9289", "Beijing", "chinaeast2",
		true},
	{"chinaeast2", "China East 2", "China", "121.4737", "31.2304", "Shanghai", "chinanorth2",
		true},
	{"chinanorth3", "China North 3", "China", "114.887", "40.8244", "Hebei", "chinaeast3",
		true},
	{"chinaeast3", "China East 3", "China", "119.4249", "32.3932", "Jiangsu", "chinanorth3",
		true},
	{"usgovvirginia", "USGov Virginia", "usgov", "-78.3889", "36.6681", "Virginia",
		"usgovtexas", true},
	{"usgovarizona", "USGov Arizona", "usgov", "-112.074", "33.4484", "Arizona", "usgovtexas",
		true},
	{"usgovtexas", "USGov Texas", "usgov", "-98.5", "29.4167", "Texas", "usgovarizona", true},
};

bool
region_read(const char *given, char out[48])
{
	size_t n = 0;

	for (; *given && n < 47; given++)
		if (*given != ' ')
			out[n++] = (char)tolower((unsigned char)*given);
	out[n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(regions) && !*given; i++)
		if (strcmp(regions[i].name, out) == 0)
			return true;
	return false;
}

/* Whether the cloud that is asked has it; under local names the public one answers. */
static bool
offered(const struct call *call, size_t i)
{
	const char *cloud = call->naming.cloud ? call->naming.cloud->name : "AzureCloud";
	bool china = strcmp(regions[i].group, "China") == 0;
	bool government = strcmp(regions[i].group, "usgov") == 0;

	if (strcmp(cloud, "AzureChinaCloud") == 0)
		return china;
	if (strcmp(cloud, "AzureUSGovernment") == 0)
		return government;
	return !china && !government;
}

json_t *
region_names(const struct call *call)
{
	json_t *names = json_array();

	for (size_t i = 0; i < ARRAY_LEN(regions); i++)
		if (offered(call, i))
			json_array_append_new(names, json_string(regions[i].title));
	return names;
}

static json_t *
region_json(struct call *call, size_t i)
{
	const char *subscription = call->params[0];
	bool old = strcmp(call->api_version, "2019-11") < 0;
	json_t *json = json_pack("{s:o,s:s,s:s}", "id",
		json_sprintf("/subscriptions/%s/locations/%s", subscription, regions[i].name),
		"name", regions[i].name, "displayName", regions[i].title);

	if (old) {
		json_object_set_new(json, "longitude", json_string(regions[i].longitude));
		json_object_set_new(json, "latitude", json_string(regions[i].latitude));
		return json;
	}
	json_object_set_new(json, "regionalDisplayName",
		json_sprintf("(%s) %s", regions[i].group, regions[i].title));
	if (strcmp(call->api_version, "2021") > 0)
		json_object_set_new(json, "type", json_string("Region"));
	json_object_set_new(json, "metadata",
		json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:s,s:o}]}", "regionType", "Physical",
			"regionCategory", regions[i].recommended ? "Recommended" : "Other",
			"geography", regions[i].group, "geographyGroup", regions[i].group,
			"longitude", regions[i].longitude, "latitude", regions[i].latitude,
			"physicalLocation", regions[i].place, "pairedRegion", "name",
			regions[i].pair, "id",
			json_sprintf(
				"/subscriptions/%s/locations/%s", subscription, regions[i].pair)));
	return json;
}

static void
list_locations(struct call *call)
{
	json_t *value;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/locations/read",
		    arena_printf(call->arena, "/subscriptions/%s", call->params[0])))
		return;
	value = json_array();
	for (size_t i = 0; i < ARRAY_LEN(regions); i++)
		if (offered(call, i))
			json_array_append_new(value, region_json(call, i));
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

const struct route arm_region_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/locations", "Microsoft.Resources/subscriptions", 0,
		list_locations},
};
const size_t arm_region_routes_len = ARRAY_LEN(arm_region_routes);
