/* Whoever goes on asking a service that throttles stays throttled, and each refused request counts.
 * So a lane stands still after a 429, and it keeps books before one comes: Azure says with most
 * answers how much is left, and between two answers what it says is counted down by what was sent
 * and up by the rate at which its bucket fills. What other lanes of the host have under way is
 * taken as not counted yet. */
#include "backend/net/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

enum {
	CLOSED_MOST_MS = 120000,
	IDLE_MS = 5 * 60000, /* by then every bucket is full again */
	SLOTS_FIRST = 16,
	ONE = 1000,        /* levels are in thousandths of a request */
	RESERVE = 4 * ONE, /* left to others who work as the same principal */
	BURST = 250 * ONE, /* what a bucket holds at most when nobody has said more */
	READS_PER_S = 25,
	WRITES_PER_S = 10,
};

struct gate_lane {
	struct gate *gate;
	struct gate_host *host;
	struct gate_lane *next; /* of the same host */
	char *name;             /* after the host: "", "/SUBSCRIPTION/reads" */
	struct gate_place *first, *last;
	int64_t open_ms; /* closed until then */
	bool metered;    /* level counts */
	int64_t level;   /* thousandths of a request, at level_ms */
	int64_t level_ms;
	int rate;        /* requests a second by which the level rises; 0: all at once at full_ms */
	int64_t full_ms; /* the end of the window */
	struct job *timer;        /* somebody waits for the lane to open */
	int64_t still_ms, due_ms; /* since when, until when */
};

struct gate_host {
	struct gate_host *next; /* in the same slot */
	struct gate_lane *lanes;
	char *name;
	int inside;
	bool admitting;
	int64_t used_ms;
};

struct gate {
	struct loop *loop;
	struct gate_host **slots;
	size_t slots_len, hosts, still; /* lanes that stand still */
	int64_t held_back_ms;
};

struct gate *
gate_new(struct loop *loop)
{
	struct gate *gate = mem_alloc(sizeof *gate);

	gate->loop = loop;
	gate->slots_len = SLOTS_FIRST;
	gate->slots = mem_alloc(gate->slots_len * sizeof(struct gate_host *));
	return gate;
}

static void
host_free(struct gate_host *host)
{
	struct gate_lane *next;

	for (struct gate_lane *lane = host->lanes; lane; lane = next) {
		next = lane->next;
		job_cancel(lane->timer);
		free(lane->name);
		free(lane);
	}
	free(host->name);
	free(host);
}

void
gate_free(struct gate *gate)
{
	struct gate_host *next;

	if (gate == NULL)
		return;
	for (size_t i = 0; i < gate->slots_len; i++)
		for (struct gate_host *host = gate->slots[i]; host; host = next) {
			next = host->next;
			host_free(host);
		}
	free(gate->slots);
	free(gate);
}

/* What follows "/NAME/" at the beginning of a path; NULL when it begins otherwise. */
static const char *
after_segment(const char *path, const char *name)
{
	size_t len = strlen(name);

	if (path[0] != '/' || !text_case_starts(path + 1, name) || path[1 + len] != '/')
		return NULL;
	return path + 1 + len;
}

static const char *
kind_of(const char *path, enum http_method method)
{
	static const char storage[] = "/providers/Microsoft.Storage/storageAccounts";
	const char *at = strchr(path, '/');
	bool reads = method == HTTP_GET || method == HTTP_HEAD;

	if (after_segment(path, "providers") &&
		text_case_starts(path, "/providers/Microsoft.ResourceGraph/"))
		return "graph";
	while (at && !text_case_starts(at, storage))
		at = strchr(at + 1, '/');
	if (at) {
		bool named = at[strlen(storage)] == '/' && at[strlen(storage) + 1];

		return !reads ? "storage-writes" : named ? "storage-reads" : "storage-lists";
	}
	return reads ? "reads" : method == HTTP_DELETE ? "deletes" : "writes";
}

char *
gate_key(const char *url, enum http_method method, char out[GATE_KEY])
{
	const char *host = strstr(url, "://"), *rest;
	char path[600], subscription[37] = "";
	size_t len;

	host = host ? host + 3 : url;
	len = strcspn(host, "/?#");
	snprintf(path, sizeof path, "%.*s", (int)strcspn(host + len, "?#"), host + len);
	rest = after_segment(path, "subscriptions");
	if (rest)
		snprintf(subscription, sizeof subscription, "%.*s", (int)strcspn(rest + 1, "/"),
			rest + 1);
	if (armid_is_guid(subscription))
		snprintf(out, GATE_KEY, "%.*s/%s/%s", (int)len, host, subscription,
			kind_of(path, method));
	else if (text_case_starts(path, "/subscriptions") || text_case_starts(path, "/providers") ||
		 text_case_starts(path, "/tenants"))
		snprintf(out, GATE_KEY, "%.*s/%s", (int)len, host, kind_of(path, method));
	else
		snprintf(out, GATE_KEY, "%.*s", (int)len, host);
	for (char *at = out; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return out;
}

static uint32_t
hash(const char *name, size_t len)
{
	uint32_t value = 2166136261u;

	for (size_t i = 0; i < len; i++)
		value = (value ^ (unsigned char)name[i]) * 16777619u;
	return value;
}

/* Whether the host can be forgotten: nobody is there, and it has told nothing that still counts. */
static bool
is_idle(const struct gate_host *host, int64_t now_ms)
{
	bool rested = now_ms - host->used_ms >= IDLE_MS;

	for (const struct gate_lane *lane = host->lanes; lane; lane = lane->next)
		if (lane->first || lane->open_ms > now_ms ||
			(lane->metered && (!rested || lane->full_ms > now_ms)))
			return false;
	return host->inside == 0 && !host->admitting;
}

/* Forgets who has been idle, and makes more room when that does not make enough. */
static void
rehash(struct gate *gate, int64_t now_ms)
{
	struct gate_host **old = gate->slots, *kept = NULL, *next;

	for (size_t i = 0; i < gate->slots_len; i++)
		for (struct gate_host *host = old[i]; host; host = next) {
			next = host->next;
			if (is_idle(host, now_ms)) {
				host_free(host);
				gate->hosts--;
			} else {
				host->next = kept;
				kept = host;
			}
		}
	free(old);
	if (gate->hosts > gate->slots_len / 2)
		gate->slots_len *= 2;
	gate->slots = mem_alloc(gate->slots_len * sizeof(struct gate_host *));
	for (; kept; kept = next) {
		struct gate_host **slot =
			&gate->slots[hash(kept->name, strlen(kept->name)) % gate->slots_len];

		next = kept->next;
		kept->next = *slot;
		*slot = kept;
	}
}

static struct gate_host *
find_host(struct gate *gate, const char *name, size_t len)
{
	uint32_t value = hash(name, len);
	struct gate_host *host = gate->slots[value % gate->slots_len];

	while (host && (strncmp(host->name, name, len) != 0 || host->name[len]))
		host = host->next;
	if (host)
		return host;
	if (gate->hosts >= gate->slots_len)
		rehash(gate, clock_mono_ms());
	host = mem_alloc(sizeof *host);
	host->name = mem_printf("%.*s", (int)len, name);
	host->next = gate->slots[value % gate->slots_len];
	gate->slots[value % gate->slots_len] = host;
	gate->hosts++;
	return host;
}

static struct gate_lane *
find_lane(struct gate *gate, const char *key)
{
	size_t len = strcspn(key, "/");
	struct gate_host *host = find_host(gate, key, len);
	struct gate_lane *lane = host->lanes;

	while (lane && strcmp(lane->name, key + len) != 0)
		lane = lane->next;
	if (lane)
		return lane;
	lane = mem_alloc(sizeof *lane);
	lane->gate = gate;
	lane->host = host;
	lane->name = mem_strdup(key + len);
	lane->next = host->lanes;
	host->lanes = lane;
	return lane;
}

/* Brings the level up to now. */
static void
refill(struct gate_lane *lane, int64_t now_ms)
{
	int64_t most = lane->level > BURST ? lane->level : BURST;

	if (lane->rate == 0) {
		lane->metered = lane->metered && now_ms < lane->full_ms;
		return;
	}
	lane->level += (now_ms - lane->level_ms) * lane->rate;
	lane->level = lane->level > most ? most : lane->level;
	lane->level_ms = now_ms;
}

/* Milliseconds until one more may pass; 0: now. */
static int64_t
wait_of(struct gate_lane *lane, int64_t now_ms)
{
	int64_t need = lane->rate ? ONE + RESERVE : ONE, wait_ms = 0;

	refill(lane, now_ms);
	if (lane->metered && lane->level < need)
		wait_ms = lane->rate ? (need - lane->level + lane->rate - 1) / lane->rate
				     : lane->full_ms - now_ms;
	return lane->open_ms - now_ms > wait_ms ? lane->open_ms - now_ms : wait_ms;
}

static void admit(struct gate *gate, struct gate_host *host);

static void
go_on(struct gate_lane *lane)
{
	lane->timer = NULL;
	lane->gate->still--;
	lane->gate->held_back_ms += clock_mono_ms() - lane->still_ms;
}

static void
opened(void *user)
{
	struct gate_lane *lane = user;

	go_on(lane);
	admit(lane->gate, lane->host);
}

static void
stand_still(struct gate_lane *lane, int64_t now_ms, int64_t wait_ms)
{
	lane->gate->still++;
	lane->still_ms = now_ms;
	lane->due_ms = now_ms + wait_ms;
	lane->timer = job_after(lane->gate->loop, (int)wait_ms, opened, lane);
}

/* The oldest that waits in a lane which is open; the others of its host get a timer. */
static struct gate_place *
next_place(struct gate_host *host, int64_t now_ms)
{
	struct gate_place *oldest = NULL;

	for (struct gate_lane *lane = host->lanes; lane; lane = lane->next) {
		int64_t wait_ms;

		if (lane->first == NULL || lane->timer)
			continue;
		wait_ms = wait_of(lane, now_ms);
		if (wait_ms > 0)
			stand_still(lane, now_ms, wait_ms);
		else if (oldest == NULL || lane->first->number < oldest->number)
			oldest = lane->first;
	}
	return oldest;
}

static void
unlink_place(struct gate_place *place)
{
	struct gate_lane *lane = place->lane;

	if (place->prev)
		place->prev->next = place->next;
	else
		lane->first = place->next;
	if (place->next)
		place->next->prev = place->prev;
	else
		lane->last = place->prev;
	place->next = place->prev = NULL;
}

/* The vaults of a fleet are mostly asked once. */
static void
forget_idle(struct gate *gate, struct gate_host *host, int64_t now_ms)
{
	struct gate_host **at =
		&gate->slots[hash(host->name, strlen(host->name)) % gate->slots_len];

	if (!is_idle(host, now_ms))
		return;
	while (*at != host)
		at = &(*at)->next;
	*at = host->next;
	host_free(host);
	gate->hosts--;
}

/* pass() may enter and leave as it likes: what it changes is seen by the loop that called it. */
static void
admit(struct gate *gate, struct gate_host *host)
{
	int64_t now_ms = clock_mono_ms();
	struct gate_place *place;

	if (host->admitting)
		return;
	host->admitting = true;
	while (host->inside < GATE_WIDTH && (place = next_place(host, now_ms))) {
		unlink_place(place);
		place->inside = true;
		place->lane->level -= ONE;
		host->inside++;
		host->used_ms = now_ms;
		place->pass(place->user);
	}
	host->admitting = false;
	forget_idle(gate, host, now_ms);
}

void
gate_enter(struct gate *gate, const char *key, struct gate_place *place, void (*pass)(void *user),
	void *user)
{
	struct gate_lane *lane = find_lane(gate, key);
	struct gate_place *before = lane->last;

	while (before && before->number > place->number)
		before = before->prev;
	place->lane = lane;
	place->pass = pass;
	place->user = user;
	place->inside = false;
	place->prev = before;
	place->next = before ? before->next : lane->first;
	if (place->next)
		place->next->prev = place;
	else
		lane->last = place;
	if (before)
		before->next = place;
	else
		lane->first = place;
	lane->host->used_ms = clock_mono_ms();
	admit(gate, lane->host);
}

void
gate_leave(struct gate_place *place)
{
	struct gate_lane *lane = place->lane;

	if (lane == NULL)
		return;
	if (place->inside)
		lane->host->inside--;
	else
		unlink_place(place);
	place->lane = NULL;
	place->inside = false;
	if (lane->first == NULL && lane->timer) {
		job_cancel(lane->timer);
		go_on(lane);
	}
	admit(lane->gate, lane->host);
}

/* The requests under way besides this one may not be in what the reply says. */
void
gate_learn(const struct gate_place *place, const struct reply *reply)
{
	struct gate_lane *lane = place->lane;
	int64_t now_ms = clock_mono_ms(), ends_ms = now_ms + reply->resets_after_s * 1000LL;

	if (reply->remaining < 0)
		return;
	refill(lane, now_ms);
	if (reply->resets_after_s >= 0) {
		lane->rate = 0;
		if (ends_ms > now_ms + CLOSED_MOST_MS)
			ends_ms = now_ms + CLOSED_MOST_MS;
		/* Who names the whole window in every reply means the one that runs already. */
		if (!lane->metered || ends_ms < lane->full_ms)
			lane->full_ms = ends_ms;
	} else {
		lane->rate = text_case_ends(lane->name, "writes") ||
					     text_case_ends(lane->name, "deletes")
				     ? WRITES_PER_S
				     : READS_PER_S;
	}
	lane->metered = true;
	lane->level = ((int64_t)reply->remaining - (lane->host->inside - 1)) * ONE;
	lane->level_ms = now_ms;
}

void
gate_close(const struct gate_place *place, int wait_ms)
{
	int64_t until = clock_mono_ms() + (wait_ms < CLOSED_MOST_MS ? wait_ms : CLOSED_MOST_MS);

	if (until > place->lane->open_ms)
		place->lane->open_ms = until;
}

int64_t
gate_held_back_ms(const struct gate *gate)
{
	return gate->held_back_ms;
}

int
gate_patience_ms(const struct gate *gate)
{
	int64_t now_ms = clock_mono_ms(), most = 0;

	for (size_t i = 0; gate->still && i < gate->slots_len; i++)
		for (struct gate_host *host = gate->slots[i]; host; host = host->next)
			for (struct gate_lane *lane = host->lanes; lane; lane = lane->next)
				if (lane->timer && lane->due_ms - now_ms > most)
					most = lane->due_ms - now_ms;
	return (int)most;
}

size_t
gate_hosts(const struct gate *gate)
{
	return gate->hosts;
}
