/* The machine that reads the lists: a queue of pages, cursors over what has to be asked one by one,
 * and a window of requests under way, so that 10,000 accounts are not 10,000 calls waiting. What
 * the answers mean is in tasks.c. */
#include "backend/estate/list.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/net/origin.h"

enum { WINDOW = 16, PAGES_MAX = 20000 };

static void pump(struct lister *lister);

struct lister *
lister_new(struct estate *estate)
{
	struct lister *lister = mem_alloc(sizeof *lister);

	lister->estate = estate;
	lister->queue_end = &lister->queue;
	return lister;
}

static void
task_free(struct task *task)
{
	key_free(&task->key);
	free(task->sent);
	free(task->url);
	free(task->seen);
	free(task);
}

/* Ends tasks of these parts without their answers. */
static void
cancel(struct lister *lister, unsigned parts)
{
	for (struct task **at = &lister->sent; *at;) {
		struct task *task = *at;

		if (!(task->kind->part & parts)) {
			at = &task->next;
			continue;
		}
		call_cancel(task->call);
		*at = task->next;
		lister->sent_len--;
		task_free(task);
	}
	for (struct task **at = &lister->queue; *at;) {
		struct task *task = *at;

		if (!(task->kind->part & parts)) {
			at = &task->next;
			continue;
		}
		*at = task->next;
		task_free(task);
	}
	lister->queue_end = &lister->queue;
	while (*lister->queue_end)
		lister->queue_end = &(*lister->queue_end)->next;
}

/* Forgets a reading that stood beside the estate's own table. */
static void
drop_tables(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;

	if ((parts & ESTATE_ACCOUNTS) && lister->accounts != estate->accounts) {
		account_rows_free(lister->accounts);
		lister->accounts = NULL;
	}
	if ((parts & ESTATE_VAULTS) && lister->vaults != estate->vaults) {
		vault_rows_free(lister->vaults);
		lister->vaults = NULL;
	}
	if ((parts & ESTATE_KEYS) && lister->keys != estate->keys) {
		key_rows_free(lister->keys);
		lister->keys = NULL;
	}
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
	drop_tables(lister, lister->busy);
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
	if (lister->busy & ESTATE_KEYS)
		*total += lister->vaults->len - lister->next_vault + lister->keys->len -
			  lister->next_key;
}

static struct task *
task_new(struct lister *lister, const struct task_kind *kind)
{
	struct task *task = mem_alloc(sizeof *task);

	task->kind = kind;
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

/* False when that page was read before. */
static bool
mark_page(struct task *task, const char *url)
{
	uint64_t mark = 0xcbf29ce484222325;

	for (; *url; url++)
		mark = (mark ^ (unsigned char)*url) * 0x100000001b3;
	for (size_t i = 0; i < task->seen_len; i++)
		if (task->seen[i] == mark)
			return false;
	task->seen = rows_grow(task->seen, task->seen_len, &task->seen_room, sizeof *task->seen);
	task->seen[task->seen_len++] = mark;
	return true;
}

bool
task_follow(struct task *task, const char *next, struct err *err)
{
	char *url;

	if (next[0] == '\0')
		return true;
	if (!origin_follow(task->sent, next, &url, err))
		return false;
	if (task->seen_len == 0)
		(void)!mark_page(task, task->sent);
	if (task->seen_len < PAGES_MAX && mark_page(task, url)) {
		task->url = url;
		return true;
	}
	free(url);
	return err_set(err, ERR_FAILED, "BadReply",
		task->seen_len < PAGES_MAX
			? "the pages go round in a circle: nextLink leads to one that was read"
			: "the list has too many pages");
}

/* Tables that hold nothing yet are filled in sight; others are replaced when the reading ends. */
static void
start_tables(struct lister *lister, unsigned parts)
{
	struct estate *estate = lister->estate;

	if (parts & ESTATE_ACCOUNTS) {
		lister->names_only = false;
		lister->accounts = estate->accounts->len ? account_rows_new() : estate->accounts;
		lister->next_account = 0;
	}
	if (parts & ESTATE_VAULTS)
		lister->vaults = estate->vaults->len ? vault_rows_new() : estate->vaults;
	if (parts & ESTATE_KEYS) {
		lister->keys = estate->keys->len ? key_rows_new() : estate->keys;
		lister->next_vault = lister->next_key = 0;
	}
}

void
lister_start(struct lister *lister, unsigned parts)
{
	const struct profile *profile = session_profile(lister->estate->session);

	if (parts & (ESTATE_KEYS | ESTATE_VAULTS))
		parts |= lister->busy & ESTATE_KEYS ? ESTATE_KEYS : 0;
	if (parts & ESTATE_KEYS)
		parts |= ESTATE_VAULTS;
	cancel(lister, parts);
	drop_tables(lister, parts & lister->busy);
	if (lister->busy == 0)
		lister->done = lister->total = 0;
	for (size_t i = 0; i < profile->subscriptions_len; i++)
		estate_subscription_add(lister->estate, profile->subscriptions[i], "");
	estate_notes_drop(lister->estate, parts);
	start_tables(lister, parts);
	for (unsigned part = 1; part < ESTATE_ALL; part *= 2)
		if (parts & part) {
			lister->lists_read[part_number(part)] = 0;
			lister->estate->failed[part_number(part)] = (struct err){0};
		}
	lister->busy |= parts;
	if (lister->wants == 0) {
		lister->wants = parts;
		lister_add(lister, &task_subscriptions);
	}
	lister->wants |= parts;
	pump(lister);
}

void
lister_start_names(struct lister *lister)
{
	lister_start(lister, ESTATE_ACCOUNTS);
	lister->names_only = true;
}

bool
lister_has_names(const struct lister *lister)
{
	if (lister->wants & ESTATE_ACCOUNTS)
		return false;
	for (const struct task *task = lister->sent; task; task = task->next)
		if (task->kind == &task_accounts)
			return false;
	for (const struct task *task = lister->queue; task; task = task->next)
		if (task->kind == &task_accounts)
			return false;
	return true;
}

void
lister_subscriptions_known(struct lister *lister)
{
	struct estate *estate = lister->estate;
	size_t len = estate_subscriptions(estate);
	struct err none;

	if (len == 0) {
		err_set(&none, ERR_DENIED, "", "this sign-in sees no subscription at all");
		estate_note_add(estate, 0, &none, "subscriptions");
		for (size_t i = 0; i < PARTS; i++)
			lister->lists_read[i]++;
	}
	for (size_t i = 0; i < len; i++) {
		for (size_t s = 0; (lister->wants & ESTATE_ACCOUNTS) && s < services_len; s++) {
			struct task *task = lister_add(lister, &task_accounts);

			task->subscription = (uint16_t)i;
			task->service = services[s];
		}
		if (lister->wants & ESTATE_VAULTS)
			lister_add(lister, &task_vaults)->subscription = (uint16_t)i;
	}
	lister->wants = 0;
}

static struct task *
next_account(struct lister *lister)
{
	struct task *task;

	if (!(lister->busy & ESTATE_ACCOUNTS) || lister->names_only)
		return NULL;
	while (lister->next_account < lister->accounts->len &&
		lister->accounts->rows[lister->next_account].detail != DETAIL_LOADING)
		lister->next_account++;
	if (lister->next_account == lister->accounts->len)
		return NULL;
	task = task_new(lister, &task_account);
	task->row = lister->next_account++;
	return task;
}

static struct task *
next_key(struct lister *lister)
{
	struct task *task;

	if (!(lister->busy & ESTATE_KEYS))
		return NULL;
	if (lister->next_vault < lister->vaults->len) {
		task = task_new(lister, &task_vault_keys);
		task->row = lister->next_vault++;
		return task;
	}
	while (lister->next_key < lister->keys->len &&
		lister->keys->rows[lister->next_key].detail != DETAIL_LOADING)
		lister->next_key++;
	if (lister->next_key == lister->keys->len)
		return NULL;
	task = task_new(lister, &task_key);
	task->row = lister->next_key++;
	key_rows_id(lister->keys, task->row, &task->id);
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
	return task;
}

static void finish(struct lister *lister);
static void answered(void *user, const struct reply *reply, const struct err *err);

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

	while (lister->sent_len < WINDOW && (task = next_task(lister)))
		send_task(task);
	finish(lister);
}

static void
take_reply(struct task *task, const struct reply *reply, const struct err *failure)
{
	struct err err = {0};
	json_t *json;

	if (failure->kind != ERR_NONE) {
		task->kind->fail(task, failure);
		return;
	}
	json = json_read(buf_text(&reply->body), reply->body.len, "the reply", &err);
	if (json == NULL || !task->kind->accept(task, json, &err)) {
		memcpy(err.request_id, reply->request_id, sizeof err.request_id);
		task->kind->fail(task, &err);
	}
	json_decref(json);
}

static void
answered(void *user, const struct reply *reply, const struct err *err)
{
	struct task *task = user;
	struct lister *lister = task->lister;
	struct estate *estate = lister->estate;
	struct task **at = &lister->sent;

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
	lister->sent_len--;
	task->call = NULL;
	take_reply(task, reply, err);
	if (task->url || task->again) {
		send_task(task);
	} else {
		lister->done++;
		task_free(task);
	}
	joins_drop(estate->joins);
	pump(lister);
	if (estate->changed)
		estate->changed(estate->user);
}

static bool
has_tasks(const struct lister *lister, unsigned part)
{
	for (const struct task *task = lister->sent; task; task = task->next)
		if (task->kind->part == part)
			return true;
	for (const struct task *task = lister->queue; task; task = task->next)
		if (task->kind->part == part)
			return true;
	return false;
}

/* Puts a table in the place of the one before it, unless nothing at all could be read. */
static void
replace(struct lister *lister, unsigned part)
{
	struct estate *estate = lister->estate;
	bool ok = lister->lists_read[part_number(part)] > 0;

	if (!ok) {
		drop_tables(lister, part);
		return;
	}
	if (part == ESTATE_ACCOUNTS)
		estate->named = true;
	if (part != ESTATE_ACCOUNTS || !lister->names_only)
		estate->read |= part;
	if (part == ESTATE_ACCOUNTS && lister->accounts != estate->accounts) {
		account_rows_free(estate->accounts);
		estate->accounts = lister->accounts;
	}
	if (part == ESTATE_VAULTS && lister->vaults != estate->vaults) {
		vault_rows_free(estate->vaults);
		estate->vaults = lister->vaults;
	}
	if (part == ESTATE_KEYS && lister->keys != estate->keys) {
		key_rows_free(estate->keys);
		estate->keys = lister->keys;
	}
	if (part == ESTATE_ACCOUNTS)
		account_rows_trim(estate->accounts);
}

/* Ends the parts of which nothing is left to be asked. Keys end after vaults: they are read from
 * the table of vaults that is being read. */
static void
finish(struct lister *lister)
{
	static const unsigned order[] = {ESTATE_ACCOUNTS, ESTATE_VAULTS, ESTATE_KEYS};
	struct estate *estate = lister->estate;
	unsigned before = lister->busy;

	for (size_t i = 0; i < ARRAY_LEN(order) && lister->busy && lister->wants == 0; i++) {
		unsigned part = order[i];

		if (!(lister->busy & part) || lister->queue || has_tasks(lister, part))
			continue;
		if (part == ESTATE_ACCOUNTS && !lister->names_only &&
			lister->next_account < lister->accounts->len)
			continue;
		if (part == ESTATE_KEYS && ((lister->busy & ESTATE_VAULTS) ||
						   lister->next_vault < lister->vaults->len ||
						   lister->next_key < lister->keys->len))
			continue;
		replace(lister, part);
		if (part == ESTATE_VAULTS && lister->vaults == NULL) {
			lister->vaults = estate->vaults;
			lister->next_vault = lister->vaults->len;
		}
		lister->busy &= ~part;
		if (part == ESTATE_VAULTS)
			readings_vaults_known(estate);
	}
	if (before && lister->busy == 0)
		estate->read_ms = clock_mono_ms();
	if ((lister->busy & estate->waiting) == 0 ||
		(estate->waiting_names && lister_has_names(lister)))
		estate->idle = true;
}
