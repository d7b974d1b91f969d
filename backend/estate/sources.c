/* Where the lists come from: Resource Graph, which each tenant answers for itself, or, where it
 * refuses, the providers, subscription by subscription. */
#include "backend/estate/list.h"

void
lister_learn(struct lister *lister, const char *place, size_t tenant)
{
	struct session *session = lister->estate->session;

	if (session_tenants(session) > 1)
		session_learn_place(session, place, session_tenant_at(session, tenant));
}

/* Pages of vaults are the long ones: they come while the table of accounts is still small. */
static void
add_graphs(struct lister *lister, size_t tenant, unsigned parts)
{
	static const unsigned queries[] = {
		ESTATE_ACCOUNTS, ESTATE_VAULTS | ESTATE_IDENTITIES, ESTATE_GRANTS};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		struct task *task;

		if (!(parts & queries[i]))
			continue;
		task = lister_add(lister, &task_graph);
		task->parts = parts & queries[i];
		task->tenant = tenant;
	}
}

/* Resource Graph answers for one tenant only. Several are asked once it is known which of them can
 * be signed in to and has subscriptions. */
void
lister_begin(struct lister *lister, unsigned parts)
{
	const struct profile *profile = session_profile(lister->estate->session);
	unsigned listed;

	parts &= ~(unsigned)VAULT_PARTS;
	if (parts == 0)
		return;
	for (size_t i = 0; i < profile->subscriptions_len; i++)
		estate_subscription_add(lister->estate, profile->subscriptions[i], "");
	if (!lister->naming) {
		lister->naming = true;
		lister_add(lister, &task_subscriptions);
	}
	/* Resource Graph knows nothing of what was deleted, and of a new role assignment only
	 * later. */
	listed = parts & (ESTATE_GONE | (touch_has_roles(lister) ? ESTATE_GRANTS : 0));
	for (size_t i = 0; i < session_tenants(lister->estate->session); i++)
		lister->wants[i] |= listed;
	parts &= ~listed;
	if (session_tenants(lister->estate->session) == 1)
		add_graphs(lister, 0, parts);
	else
		lister->graphs |= parts;
}

unsigned
lister_wants(const struct lister *lister)
{
	unsigned out = lister->graphs;

	for (size_t i = 0; i < TENANTS_MAX; i++)
		out |= lister->wants[i];
	return out;
}

void
lister_wants_no(struct lister *lister, unsigned parts)
{
	lister->graphs &= ~parts;
	for (size_t i = 0; i < TENANTS_MAX; i++)
		lister->wants[i] &= ~parts;
}

/* Whether the profile names subscriptions and all of them were listed, by whichever tenant: then
 * nothing of another tenant is missed. */
static bool
all_listed(const struct estate *estate)
{
	const struct profile *profile = session_profile(estate->session);
	size_t listed = 0;

	for (size_t i = 0; i < estate->subscriptions_len; i++)
		listed += estate->subscriptions[i].listed;
	return profile->subscriptions_len > 0 && listed == profile->subscriptions_len;
}

/* No subscription of a tenant, or no list of them: said of every part that waits for it. */
static void
nothing_known(struct lister *lister, size_t tenant)
{
	struct estate *estate = lister->estate;
	const struct profile *profile = session_profile(estate->session);
	unsigned parts = lister->wants[tenant] | lister->graphs;
	struct err none;

	if (lister->unnamed[tenant].kind != ERR_NONE && !all_listed(estate)) {
		estate_lack(estate, parts, &lister->unnamed[tenant]);
		return;
	}
	lister_came(lister, parts);
	if (session_tenants(estate->session) == 1) {
		err_set(&none, ERR_DENIED, "", "this sign-in sees no subscription at all");
		estate_note_add(estate, 0, &none, "subscriptions");
	} else if (profile->subscriptions_len == 0) {
		err_set(&none, ERR_DENIED, "", "this sign-in sees no subscription there");
		estate_note_add(estate, 0, &none, "subscriptions of tenant %s",
			session_tenant_at(estate->session, tenant));
	}
}

static void
add_list(struct lister *lister, const struct task_kind *kind, size_t subscription,
	const struct service *service, bool hsm)
{
	struct estate *estate = lister->estate;
	struct task *task;

	if (!(lister->wants[estate->subscriptions[subscription].tenant] & kind->part))
		return;
	task = lister_add(lister, kind);
	task->subscription = (uint16_t)subscription;
	task->service = service;
	task->hsm = hsm;
}

/* How many subscriptions a tenant has; the lists that wait for them are added. */
static size_t
add_lists(struct lister *lister, size_t tenant)
{
	const struct estate *estate = lister->estate;
	size_t len = 0;

	for (size_t i = 0; i < estate->subscriptions_len; i++) {
		if (estate->subscriptions[i].cached || estate->subscriptions[i].tenant != tenant)
			continue;
		len++;
		for (size_t s = 0; s < services_len; s++)
			add_list(lister, &task_accounts, i, services[s], false);
		add_list(lister, &task_vaults, i, NULL, false);
		add_list(lister, &task_vaults, i, NULL, true);
		add_list(lister, &task_identities, i, NULL, false);
		add_list(lister, &task_grants, i, NULL, false);
		add_list(lister, &task_gone, i, NULL, false);
		add_list(lister, &task_gone, i, NULL, true);
	}
	return len;
}

void
lister_subscriptions_known(struct lister *lister)
{
	size_t tenants = session_tenants(lister->estate->session);

	lister->naming = false;
	for (size_t i = 0; i < tenants; i++) {
		if (!(lister->wants[i] | lister->graphs))
			continue;
		if (add_lists(lister, i) == 0)
			nothing_known(lister, i);
		else
			add_graphs(lister, i, lister->graphs);
		lister->wants[i] = 0;
	}
	lister->graphs = 0;
}

/* Begins these parts anew. */
static void
forget(struct lister *lister, unsigned parts)
{
	lister_cancel(
		lister, parts | (parts & ESTATE_VAULTS ? ESTATE_NAMES | ESTATE_GONE_KEYS : 0));
	tables_clear(lister, parts);
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		if (parts & part)
			lister->lists_read[part_number(part)] = 0;
	lister_wants_no(lister, parts);
	for (size_t i = 0; i < session_tenants(lister->estate->session); i++)
		lister->wants[i] |= parts;
}

void
lister_fall_back(struct lister *lister, const struct task *task)
{
	if (task->took)
		forget(lister, task->parts);
	else
		lister->wants[task->tenant] |= task->parts;
	if (!lister->naming)
		lister_subscriptions_known(lister);
}
