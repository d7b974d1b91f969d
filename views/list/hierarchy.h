/* The chain that keeps an account's data readable, from data keys up to the identity's rights. */
#ifndef CLAVIGER_VIEWS_HIERARCHY_H
#define CLAVIGER_VIEWS_HIERARCHY_H

#include "backend/estate/facts.h"
#include "views/page/page.h"

/* account is the `show` object of the account; facts are NULL while they are being read, and when
 * that has failed. */
void hierarchy_describe(struct page *page, const json_t *account, const struct service *service,
	const struct facts *facts, bool failed);

#endif
