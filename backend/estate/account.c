/* Copies share the tags by reference: nobody changes them after the reply was read. */
#include "backend/estate/account.h"

#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/services/service.h"

void
account_free(struct account *account)
{
	json_decref(account->tags);
	*account = (struct account){0};
}

void
account_copy(struct account *to, const struct account *from)
{
	*to = *from;
	json_incref(to->tags);
}

const char *
account_principal(const struct account *account)
{
	const struct identity *identity = &account->identity;

	if (account->key_identity[0] == '\0')
		return identity->principal;
	for (size_t i = 0; i < identity->users_len; i++)
		if (text_casecmp(identity->users[i].id, account->key_identity) == 0)
			return identity->users[i].principal;
	return "";
}

bool
account_tells_opener(const struct account *account)
{
	return !account->service || !account->service->one_identity || account->key_identity[0] ||
	       account->identity.users_len == 0;
}

const char *
account_version(const struct account *account)
{
	return account->key.version[0] ? account->key.version : account->used;
}

const char *
key_source_name(enum key_source source)
{
	static const char *const names[] = {
		[KEY_SOURCE_UNKNOWN] = "",
		[KEY_SOURCE_MICROSOFT] = "microsoft",
		[KEY_SOURCE_CUSTOMER] = "customer",
	};

	return names[source];
}

const char *
key_mode_name(enum key_mode mode)
{
	static const char *const names[] = {
		[KEY_MODE_UNKNOWN] = "",
		[KEY_MODE_NONE] = "none",
		[KEY_MODE_PINNED] = "pinned",
		[KEY_MODE_AUTO] = "auto",
	};

	return names[mode];
}
