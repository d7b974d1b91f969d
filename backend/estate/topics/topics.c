/* A new topic is a const struct in one of the files beside this one and a line here. */
#include "backend/base/text.h"
#include "backend/estate/topics/topic.h"

const struct topic *const topics[] = {
	&topic_customer_key,
	&topic_words,
	&topic_roles,
	&topic_cross_tenant,
	&topic_firewall,
	&topic_rotation,
	&topic_cut,
	&topic_storage_after,
	&topic_audit,
	&topic_automation,
	&topic_batch,
	&topic_storage,
	&topic_az,
};
const size_t topics_len = ARRAY_LEN(topics);

const struct topic *
topic_find(const char *name)
{
	for (size_t i = 0; i < topics_len; i++)
		if (text_casecmp(topics[i]->name, name) == 0)
			return topics[i];
	return NULL;
}
