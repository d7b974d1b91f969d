/* A new service is one file beside this one and one line here. */
#include "backend/estate/services/service.h"

#include "backend/base/text.h"

const struct service *const services[] = {
	&service_automation,
	&service_batch,
	&service_storage,
};
const size_t services_len = ARRAY_LEN(services);

const struct service *
service_find(const char *name)
{
	for (size_t i = 0; i < services_len; i++)
		if (text_casecmp(services[i]->name, name) == 0 ||
			text_casecmp(services[i]->arm_type, name) == 0)
			return services[i];
	return NULL;
}
