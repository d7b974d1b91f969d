/* The machine that reads the lists: a queue of pages, cursors over what has to be asked one by one,
 * and a window of requests under way, so that 10,000 accounts are not 10,000 calls waiting. What
 * the answers mean is in intake.c, graph.c, tasks.c and tasks_keys.c, where they go in tables.c. */
#include "backend/estate/list.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"

/* Enough for the vaults of a fleet to be asked side by side; more connections only cost memory. */
enum { WINDOW = 12 };

static void pump(struct lister *lister);

struct lister *
lister_new(struct estate *estate)
{
	struct lister *lister = mem_alloc(sizeof *lister);

	lister->estate = estate;
	lister->accounts = estate->accounts;
	lister->vaults = estate->vaults;
	lister->keys = estate->keys;
	lister->identities = estate->identities;
	lister->grants = estate->grants;
	lister->gone = estate->gone;
	lister->gone_keys = estate->gone_keys;
	lister->queue_end = &lister->queue;
	return lister;
}

static void
task_free(struct task *task)
{
	intake_free(task->intake);
	key_free(&task->key);
	free(task->sent);
	free(task->url);
	free(task->token);
	free(task->seen);
	free(task);
}

/* Of one of the two lists of tasks; how many that were. */
static size_t
cancel(struct lister *lister, struct task **at, unsigned parts)
{
	struct task *task;
	size_t len = 0;

	while ((task = *at)) {
		if (!(task->parts & parts)) {
			at = &task->next;
			continue;
		}
		call_cancel(task->call);
		*at = task->next;
		lister->total -= 1 + task->ahead;
		task_free(task);
		len++;
	}
	return len;
}

void
lister_cancel(struct lister *lister, unsigned parts)
{
	lister->sent_len -= cancel(lister, &lister->sent, parts);
	(void)cancel(lister, &lister->queue, parts);
	lister->queue_end = &lister->queue;
	while (*lister->queue_end)
		lister->queue_end = &(*lister->queue_end)->next;
}

void
lister_free(struct lister *lister)
{
	struct task *next;

	if (lister == NULL)
		return;
	for (struct task *task = lister->sent; task; task = next) {
		next = task->next;
		call_cancel(task->call);
		task_free(task);
	}
	for (struct task *task = lister->queue; task; task = next) {
		next = task->next;
		task_free(task);
	}
	tables_drop(lister, lister->busy);
	free(lister->lost);
	while (lister->touches) {
		struct touch *touch = lister->touches;

		lister->touches = touch->next;
		free(touch);
	}
	free(lister);
}

unsigned
lister_busy(const struct lister *lister)
{
	return lister->busy;
}

void
lister_progress(const struct lister *lister, size_t *done, size_t *total)
{
	*done = lister->done;
	*total = lister->total;
	if ((lister->busy & ESTATE_ACCOUNTS) && !lister->names_only)
		*total += lister->accounts->len - lister->next_account;
	if (lister->busy & ESTATE_NAMES)
		*total += lister->vaults->len - lister->next_vault;
	if (lister->busy & KEY_PARTS)
		*total += lister->keys->len - lister->next_key;
	if (lister->busy & ESTATE_GONE_KEYS)
		*total += lister->vaults->len - lister->next_gone;
}

static struct task *
task_new(struct lister *lister, const struct task_kind *kind)
{
	struct task *task = mem_alloc(sizeof *task);

	task->kind = kind;
	task->parts = kind->part;
	task->lister = lister;
	lister->total++;
	return task;
}

struct task *
lister_add(struct lister *lister, const struct task_kind *kind)
{
	struct task *task = task_new(lister, kind);

	*lister->queue_end = task;
	lister->queue_end = &task->next;
	return task;
}

void
lister_skip(struct task *task, const struct err *why, const char *fmt, ...)
{
	struct estate *estate = task->lister->estate;
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	estate_note_add(estate, task->parts, why, "%s", what);
	/* An account whose id can be read is a row that says so. */
	if (task->parts != ESTATE_ACCOUNTS)
		estate_lack(estate, task->parts, why);
}

/* What must be read along: what a part rests on, when that is not there; what rests on a part that
 * is read anew; and whatever the requests under way that are given up were for. */
static unsigned
with_others(const struct lister *lister, unsigned parts)
{
	unsigned before, have = lister->estate->read | lister->busy;

	do {
		before = parts;
		if (parts & ESTATE_KEYS)
			parts |= ESTATE_NAMES & ~have;
		if (parts & (ESTATE_NAMES | ESTATE_GONE_KEYS))
			parts |= ESTATE_VAULTS & ~have;
		if (parts & ESTATE_USED)
			parts |= ESTATE_ACCOUNTS & ~have;
		if (parts & ESTATE_VAULTS)
			parts |= lister->busy & (ESTATE_NAMES | ESTATE_KEYS | ESTATE_GONE_KEYS);
		if (parts & ESTATE_ACCOUNTS)
			parts |= lister->busy & ESTATE_USED;
		if (parts & lister->estate->read & KEY_PARTS)
			parts |= lister->estate->read & KEY_PARTS;
		for (const struct task *task = lister->sent; task; task = task->next)
			if (task->parts & parts)
				parts |= task->parts;
		for (const struct task *task = lister->queue; task; task = task->next)
			if (task->parts & parts)
				parts |= task->parts;
	} while (parts != before);
	return parts;
}

void
lister_start(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;

	parts = with_others(lister, parts);
	lister_cancel(lister, parts);
	tables_drop(lister, parts & lister->busy);
	if (lister->busy == 0)
		lister->done = lister->total = 0;
	estate_notes_drop(estate, parts);
	stale_forget(lister, parts);
	tables_start(lister, parts);
	joins_drop(estate->joins);
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		if (parts & part) {
			lister->lists_read[part_number(part)] = 0;
			estate->failed[part_number(part)] = (struct err){0};
		}
	lister->busy |= parts;
	lister->touching = false;
	touch_again(lister);
	lister_wants_no(lister, parts);
	/* What a part rests on was read before, unless it is read again now. */
	if (!(parts & ESTATE_VAULTS) && (estate->read & ESTATE_VAULTS))
		lister_came(lister, parts & (ESTATE_NAMES | ESTATE_KEYS | ESTATE_GONE_KEYS));
	if (!(parts & ESTATE_ACCOUNTS))
		lister_came(lister, parts & ESTATE_USED);
	for (size_t i = 0; (parts & ESTATE_USED) && i < lister->accounts->len; i++)
		lister_use_key(lister, i);
	lister_begin(lister, parts);
	pump(lister);
}

void
lister_start_names(struct lister *lister)
{
	lister_start(lister, ESTATE_ACCOUNTS);
	lister->names_only = true;
}

void
lister_came(struct lister *lister, unsigned parts)
{
	if (parts & ESTATE_ACCOUNTS)
		parts |= ESTATE_USED;
	if (parts & ESTATE_VAULTS)
		parts |= ESTATE_NAMES | ESTATE_KEYS | ESTATE_GONE_KEYS;
	for (unsigned part = 1; part <= ESTATE_PARTS; part *= 2)
		lister->lists_read[part_number(part)] += (parts & part) != 0;
}

/* Whether a list of this part is still to come; requests for single rows do not count. */
static bool
has_lists(const struct task *task, unsigned part)
{
	for (; task; task = task->next)
		if ((task->parts & part) && task->kind != &task_account)
			return true;
	return false;
}

bool
lister_has_names(const struct lister *lister)
{
	return !(lister_wants(lister) & ESTATE_ACCOUNTS) &&
	       !has_lists(lister->sent, ESTATE_ACCOUNTS) &&
	       !has_lists(lister->queue, ESTATE_ACCOUNTS);
}

void
lister_use_key(struct lister *lister, size_t account)
{
	const struct accounts *accounts = lister->accounts;
	const char *text = account_rows_text(accounts, account_row(accounts, account)->key), *name;
	const struct cloud *cloud = session_cloud(lister->estate->session);
	char uri[KEYID_MAX];
	struct keyid id;
	uint32_t row;

	name = strchr(text, '/');
	if (!(lister->busy & ESTATE_USED) || name == NULL)
		return;
	row = key_rows_find(lister->keys, text);
	if (row == ROW_NONE) {
		snprintf(uri, sizeof uri, "https://%.*s/keys%s", (int)(name - text), text, name);
		if (!keyid_parse(&id, uri, cloud, NULL))
			return;
		row = (uint32_t)key_rows_add(lister->keys, &id);
	}
	if (!lister->keys->rows[row].used && row < lister->next_key)
		lister->next_key = row;
	lister->keys->rows[row].used = true;
}

static struct task *
next_account(struct lister *lister)
{
	struct task *task;

	if (!(lister->busy & ESTATE_ACCOUNTS) || lister->names_only)
		return NULL;
	while (lister->next_account < lister->accounts->len &&
		account_row(lister->accounts, lister->next_account)->detail != DETAIL_LOADING)
		lister->next_account++;
	if (lister->next_account >= lister->accounts->len)
		return NULL;
	task = task_new(lister, &task_account);
	task->row = lister->next_account++;
	return task;
}

/* Whether a request for this key is under way. */
static bool
is_asked(const struct lister *lister, size_t row)
{
	for (const struct task *task = lister->sent; task; task = task->next)
		if ((task->parts & KEY_PARTS) && task->kind != &task_vault_keys && task->row == row)
			return true;
	return false;
}

static struct task *
next_gone(struct lister *lister)
{
	struct task *task;

	if (!(lister->busy & ESTATE_GONE_KEYS) || lister->next_gone >= lister->vaults->len)
		return NULL;
	task = task_new(lister, &task_gone_keys);
	task->row = lister->next_gone++;
	return task;
}

/* What is still to be asked of a key; NULL: nothing. */
static const struct task_kind *
kind_for_key(const struct lister *lister, size_t row)
{
	const struct key_row *key = &lister->keys->rows[row];

	if (key->name == 0)
		return NULL;
	if ((lister->busy & ESTATE_KEYS) && !key->whole)
		return &task_key;
	return key->used && key->detail == DETAIL_LOADING ? &task_used : NULL;
}

static struct task *
next_key(struct lister *lister)
{
	const struct task_kind *kind = NULL;
	struct task *task;

	if ((lister->busy & ESTATE_NAMES) && lister->next_vault < lister->vaults->len) {
		task = task_new(lister, &task_vault_keys);
		task->row = lister->next_vault++;
		return task;
	}
	for (; (lister->busy & KEY_PARTS) && lister->next_key < lister->keys->len;
		lister->next_key++) {
		kind = kind_for_key(lister, lister->next_key);
		if (kind && !is_asked(lister, lister->next_key))
			break;
		kind = NULL;
	}
	if (kind == NULL)
		return NULL;
	task = task_new(lister, kind);
	task->row = lister->next_key++;
	key_rows_id(lister->keys, task->row, &task->id);
	task->id.version[0] = '\0';
	return task;
}

/* Lists first, then keys and accounts in turn. */
static struct task *
next_task(struct lister *lister)
{
	struct task *task = lister->queue;

	if (task) {
		lister->queue = task->next;
		if (lister->queue == NULL)
			lister->queue_end = &lister->queue;
		return task;
	}
	lister->turn = !lister->turn;
	task = lister->turn ? next_key(lister) : next_account(lister);
	if (task == NULL)
		task = lister->turn ? next_account(lister) : next_key(lister);
	return task ? task : next_gone(lister);
}

static void finish(struct lister *lister);
static void answered(void *user, struct reply *reply, const struct err *err);

static void
send_task(struct task *task)
{
	struct lister *lister = task->lister;
	struct request request;

	task->kind->build(task, &request);
	if (task->url) {
		free(request.url);
		request.url = task->url;
		task->url = NULL;
	}
	free(task->sent);
	task->sent = mem_strdup(request.url);
	task->again = false;
	task->next = lister->sent;
	lister->sent = task;
	lister->sent_len++;
	task->call = session_send(lister->estate->session, &request, answered, task);
	request_free(&request);
}

static void
pump(struct lister *lister)
{
	struct task *task;

	do {
		while (lister->sent_len < WINDOW && (task = next_task(lister)))
			send_task(task);
		finish(lister);
	} while (lister->busy == 0 && touch_begin(lister));
}

void
lister_touch(struct lister *lister, struct touch *touch)
{
	touch->next = lister->touches;
	lister->touches = touch;
	pump(lister);
}

/* Whether a table that is shown is being filled, and not only one beside it. */
static bool
fills_shown(const struct lister *lister)
{
	const struct estate *estate = lister->estate;
	unsigned busy = lister->busy;

	return lister->touching ||
	       ((busy & ESTATE_ACCOUNTS) && lister->accounts == estate->accounts) ||
	       ((busy & ESTATE_VAULTS) && lister->vaults == estate->vaults) ||
	       ((busy & KEY_PARTS) && lister->keys == estate->keys) ||
	       ((busy & ESTATE_IDENTITIES) && lister->identities == estate->identities) ||
	       ((busy & ESTATE_GRANTS) && lister->grants == estate->grants);
}

/* Rows have come, or names of subscriptions; then a part may be over. */
static void
go_on(struct lister *lister, bool shown)
{
	struct estate *estate = lister->estate;
	unsigned busy = lister->busy;

	if (shown || fills_shown(lister)) {
		joins_drop(estate->joins);
		estate->changes++;
	}
	pump(lister);
	estate->changes += lister->busy != busy;
}

void
task_took(const struct task *task)
{
	go_on(task->lister, false);
}

static void
answered(void *user, struct reply *reply, const struct err *failure)
{
	struct task *task = user;
	struct err err = *failure;

	task->call = NULL;
	if (err.kind == ERR_NONE && task->kind->list) {
		intake_start(task, reply);
		return;
	}
	if (err.kind == ERR_NONE && !task->kind->accept(task, &reply->body, &err))
		memcpy(err.request_id, reply->request_id, sizeof err.request_id);
	task_told(task, &err);
}

void
task_told(struct task *task, const struct err *err)
{
	struct lister *lister = task->lister;
	struct estate *estate = lister->estate;
	struct task **at = &lister->sent;
	bool names = task->parts == 0;

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
	lister->sent_len--;
	if (err->kind != ERR_NONE)
		task->kind->fail(task, err);
	lister->done++;
	if (task->url || task->again) {
		task_foresee(task, task->ahead ? task->ahead : 1);
		task->ahead--;
		send_task(task);
	} else {
		task_foresee(task, 0);
		task_free(task);
	}
	go_on(lister, names);
	if (estate->changed)
		estate->changed(estate->user);
}

static bool
has_tasks(const struct task *task, unsigned part)
{
	for (; task; task = task->next)
		if (task->parts & part)
			return true;
	return false;
}

/* Whether nothing is left to be asked of a part. Keys end after the vaults, and those in use after
 * the accounts, in whose tables they are looked up. A table may have been emptied meanwhile. */
static bool
is_over(const struct lister *lister, unsigned part)
{
	bool keys_over = lister->next_key >= lister->keys->len;

	if ((lister_wants(lister) & part) || has_tasks(lister->queue, part) ||
		has_tasks(lister->sent, part))
		return false;
	if (part == ESTATE_ACCOUNTS)
		return lister->names_only || lister->next_account >= lister->accounts->len;
	if (part == ESTATE_NAMES)
		return !(lister->busy & ESTATE_VAULTS) && lister->next_vault >= lister->vaults->len;
	if (part == ESTATE_GONE_KEYS)
		return !(lister->busy & ESTATE_VAULTS) && lister->next_gone >= lister->vaults->len;
	if (part == ESTATE_KEYS)
		return keys_over && !(lister->busy & ESTATE_NAMES);
	if (part == ESTATE_USED)
		return keys_over && !(lister->busy & ESTATE_ACCOUNTS);
	return true;
}

/* Ends the parts of which nothing is left to be asked. */
static void
finish(struct lister *lister)
{
	static const unsigned order[] = {ESTATE_ACCOUNTS, ESTATE_VAULTS, ESTATE_IDENTITIES,
		ESTATE_GRANTS, ESTATE_GONE, ESTATE_NAMES, ESTATE_GONE_KEYS, ESTATE_KEYS,
		ESTATE_USED};
	struct estate *estate = lister->estate;
	unsigned before = lister->busy;

	for (size_t i = 0; i < ARRAY_LEN(order) && !lister->naming; i++) {
		unsigned part = order[i];

		if (!(lister->busy & part) || !is_over(lister, part))
			continue;
		lister->busy &= ~part;
		tables_replace(lister, part);
		if (part == ESTATE_VAULTS)
			readings_vaults_known(estate);
	}
	if (before && lister->busy == 0) {
		shapes_trim(&estate->principals);
		mem_trim();
		if (!lister->touching)
			estate->read_ms = clock_mono_ms();
	}
	if ((lister->busy & estate->waiting) == 0 ||
		(estate->waiting_names && lister_has_names(lister)))
		estate->idle = true;
}
