/* What was changed is read again at once, alone. Resource Graph goes on telling the old state for
 * seconds to minutes, so after every refresh within that time it is read again too. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/list.h"

enum { LAG_MS = 300000 };

/* ROW_NONE: it has none. */
static uint32_t
find_vault(const struct estate *estate, const struct armid *id)
{
	const struct vaults *vaults = estate->vaults;

	for (uint32_t i = 0; id->name[0] && i < vaults->len; i++) {
		struct armid at;

		if (text_casecmp(vault_rows_text(vaults, vaults->rows[i].name), id->name))
			continue;
		estate_vault_id(estate, i, &at);
		if (armid_same(&at, id))
			return i;
	}
	return ROW_NONE;
}

static bool
has_roles(const struct estate *estate, const struct armid *vault)
{
	uint32_t row = find_vault(estate, vault);
	const struct vault_row *at = row == ROW_NONE ? NULL : &estate->vaults->rows[row];

	return at && at->model == GRANT_RBAC && !at->hsm;
}

bool
touch_has_roles(const struct lister *lister)
{
	for (const struct touch *touch = lister->touches; touch; touch = touch->next)
		if (touch->roles && touch->until >= clock_mono_ms())
			return true;
	return false;
}

void
estate_touch(struct estate *estate, const struct armid *account, const struct armid *vault,
	const struct keyid *key)
{
	struct touch *touch = mem_alloc(sizeof *touch);

	if (account)
		touch->account = *account;
	/* one of another tenant may be known by its name alone */
	if (vault && vault->subscription[0])
		touch->vault = *vault;
	if (key)
		touch->key = *key;
	touch->key.version[0] = '\0';
	touch->until = clock_mono_ms() + LAG_MS;
	touch->due = true;
	touch->roles = touch->roles_due = has_roles(estate, &touch->vault);
	lister_touch(estate->lister, touch);
}

void
touch_again(struct lister *lister)
{
	struct touch **at = &lister->touches, *touch;

	while ((touch = *at)) {
		if (touch->until < clock_mono_ms()) {
			*at = touch->next;
			free(touch);
			continue;
		}
		touch->due = true;
		at = &touch->next;
	}
}

static struct task *
add(struct lister *lister, const struct task_kind *kind, unsigned part, size_t row)
{
	struct task *task = lister_add(lister, kind);

	task->parts = part;
	task->row = row;
	task->touched = true;
	lister->busy |= part;
	lister->lists_read[part_number(part)] = 0;
	return task;
}

static void
touch_account(struct lister *lister, const struct armid *id)
{
	const struct accounts *accounts = lister->accounts;

	for (size_t i = 0; id->name[0] && i < accounts->len; i++) {
		char name[ROW_NAME];
		struct armid at;

		if (text_casecmp(account_rows_name(accounts, i, name), id->name))
			continue;
		estate_account_id(lister->estate, i, &at);
		if (armid_same(&at, id)) {
			add(lister, &task_account, ESTATE_ACCOUNTS, i);
			return;
		}
	}
}

static void
touch_vault(struct lister *lister, const struct armid *id)
{
	uint32_t row = find_vault(lister->estate, id);

	if (row != ROW_NONE)
		add(lister, &task_vault, ESTATE_VAULTS, row);
}

/* They have no rows that could be read alone. */
static bool
read_roles(struct lister *lister)
{
	bool due = false;

	for (struct touch *touch = lister->touches; touch; touch = touch->next) {
		due |= touch->roles_due;
		touch->roles_due = false;
	}
	if (!due || !(lister->estate->read & ESTATE_GRANTS))
		return false;
	lister_start(lister, ESTATE_GRANTS);
	return true;
}

static void
touch_key(struct lister *lister, const struct keyid *id)
{
	bool whole = lister->estate->read & ESTATE_KEYS;
	char text[KEYID_MAX];

	if (id->key[0] == '\0')
		return;
	snprintf(text, sizeof text, "%s/%s", id->host, id->key);
	add(lister, &task_key, whole ? ESTATE_KEYS : ESTATE_USED, key_rows_find(lister->keys, text))
		->id = *id;
}

/* The estate's own tables are filled, and nothing but what was touched is asked for. */
bool
touch_begin(struct lister *lister)
{
	struct estate *estate = lister->estate;
	bool due = false;

	if (read_roles(lister))
		return true;
	for (const struct touch *touch = lister->touches; touch; touch = touch->next)
		due |= touch->due;
	if (!due)
		return false;
	lister->accounts = estate->accounts;
	lister->vaults = estate->vaults;
	lister->keys = estate->keys;
	lister->next_account = estate->accounts->len;
	lister->next_vault = estate->vaults->len;
	lister->next_key = estate->keys->len;
	for (struct touch *touch = lister->touches; touch; touch = touch->next) {
		if (!touch->due)
			continue;
		touch->due = false;
		touch_account(lister, &touch->account);
		touch_vault(lister, &touch->vault);
		touch_key(lister, &touch->key);
	}
	lister->touching = lister->busy != 0;
	return lister->touching;
}
