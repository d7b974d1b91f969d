/* The reasons outlive a choice that found nothing: doctor shows them. */
#include "backend/auth/choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

void
choice_free(struct choice *choice)
{
	free(choice->reasons);
	*choice = (struct choice){0};
}

static void
begin(struct choice *choice)
{
	free(choice->reasons);
	choice->reasons = mem_alloc(credential_kinds_len * sizeof *choice->reasons);
	choice->at = 0;
}

void
choice_take(struct choice *choice, const struct credential *credential)
{
	begin(choice);
	choice->state = CHOICE_MADE;
	while (choice->at < credential_kinds_len &&
		credential_kinds[choice->at] != credential->kind)
		choice->at++;
}

/* With a way that the profile chose the others' reasons are all the same. */
static bool
none_left(const struct choice *choice, const struct credential_wish *wish, struct err *err)
{
	const struct credential_kind *only = credential_kind_find(wish->way);
	char reasons[800] = "";

	for (size_t i = 0; i < credential_kinds_len; i++) {
		size_t used = strlen(reasons);

		if (only == NULL || credential_kinds[i] == only)
			snprintf(reasons + used, sizeof reasons - used, "%s%s: %s",
				used ? "; " : "", credential_kinds[i]->name, choice->reasons[i]);
	}
	return err_set(err, ERR_DENIED, "NoCredential",
		"no way to sign in: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, "
		"run claviger login, or try --sandbox; tried: %s",
		reasons);
}

bool
choice_next(struct choice *choice, const struct credential_wish *wish, struct credential *out,
	struct err *err)
{
	if (choice->state == CHOICE_NONE)
		begin(choice);
	for (; choice->at < credential_kinds_len; choice->at++) {
		char reason[CREDENTIAL_REASON] = "";
		enum credential_offer offer =
			credential_offer(credential_kinds[choice->at], wish, out, reason);

		if (offer != OFFER_NO) {
			choice->state = offer == OFFER_YES ? CHOICE_MADE : CHOICE_TRIED;
			return true;
		}
		memcpy(choice->reasons[choice->at], reason, sizeof reason);
	}
	choice->state = CHOICE_NONE;
	return none_left(choice, wish, err);
}

void
choice_skip(struct choice *choice, struct credential *credential, const char *reason)
{
	text_cleans(choice->reasons[choice->at++], CREDENTIAL_REASON, reason);
	credential_free(credential);
}

const char *
choice_reason(const struct choice *choice, size_t i)
{
	return choice->reasons && choice->reasons[i][0] ? choice->reasons[i] : NULL;
}
