/* ARM ids compare without regard to case, and are written in lower case therefore. */
#include "backend/plans/ledger.h"

#include <ctype.h>

static const char *
name_of(const struct armid *account, char out[ARMID_MAX])
{
	armid_print(account, out);
	for (char *at = out; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return out;
}

void
ledger_moved(json_t *ledger, const struct armid *account, int64_t now)
{
	char name[ARMID_MAX];

	if (ledger_time(ledger, account) == 0)
		json_object_set_new(ledger, name_of(account, name), json_integer((json_int_t)now));
}

void
ledger_not_moved(json_t *ledger, const struct armid *account)
{
	char name[ARMID_MAX];

	json_object_del(ledger, name_of(account, name));
}

int64_t
ledger_time(const json_t *ledger, const struct armid *account)
{
	char name[ARMID_MAX];

	return json_integer_value(json_object_get(ledger, name_of(account, name)));
}

int64_t
ledger_due(const json_t *ledger, int64_t since)
{
	int64_t last = since;
	const char *name;
	json_t *time;

	json_object_foreach((json_t *)ledger, name, time)
	{
		if (json_integer_value(time) > last)
			last = json_integer_value(time);
	}
	return last + LEDGER_WAIT;
}
