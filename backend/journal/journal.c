/* Where records go: the usual file; where that cannot be written the one in the runtime folder
 * (which no full disk touches), then the system's log. One of them has to take a record, or the
 * change that it announces is not sent. What was written elsewhere is carried into the usual file
 * by whoever opens it next. Breaking the glass adds stderr and a last folder. */
#include "backend/journal/journal.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/journal/hold.h"
#include "backend/journal/places.h"
#include "backend/journal/read.h"
#include "backend/journal/sink.h"

struct journal {
	bool sandbox;
	bool usual;       /* no folder was named: there are other places */
	char reason[256]; /* why the glass may be broken; "": it may not */
	struct places places;
	struct sink *sinks[PLACES]; /* NULL: not opened, or no file */
	enum place at;              /* where records go */
	struct hold hold;
	char note[480];
	char object_id[64], client_id[64];
};

static void
put(json_t *object, const char *name, const char *value)
{
	char clean[2048];

	if (value == NULL || !*value)
		return;
	text_cleans(clean, sizeof clean, value);
	json_object_set_new(object, name, json_string(clean));
}

static json_t *
actor(const struct journal *journal)
{
	const char *connection = getenv("SSH_CONNECTION");
	json_t *who = json_object();
	struct passwd found, *entry = NULL;
	char room[2048];

	json_object_set_new(who, "uid", json_integer((json_int_t)geteuid()));
	if (getpwuid_r(geteuid(), &found, room, sizeof room, &entry) == 0 && entry)
		put(who, "login", entry->pw_name);
	if (connection) {
		char client[64];
		size_t len = strcspn(connection, " ");

		text_clean(client, sizeof client, connection, len);
		put(who, "ssh", client);
	}
	put(who, "objectId", journal->object_id);
	put(who, "clientId", journal->client_id);
	return who;
}

/* What every record begins with. */
static json_t *
begin(const struct journal *journal)
{
	json_t *record = json_object();
	struct timespec boot = {0};
	char iso[32];

	clock_gettime(CLOCK_BOOTTIME, &boot);
	json_object_set_new(record, "time", json_string(clock_iso(clock_wall(), iso)));
	json_object_set_new(record, "boottime",
		json_integer((json_int_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000));
	json_object_set_new(record, "actor", actor(journal));
	json_object_set_new(record, "sandbox", json_boolean(journal->sandbox));
	return record;
}

static json_t *
about_itself(
	const struct journal *journal, const char *phase, const char *code, const char *message)
{
	json_t *record = begin(journal);

	put(record, "phase", phase);
	put(record, "code", code);
	put(record, "message", message);
	return record;
}

static json_t *
mended(void *user, const char *digest, const char *message)
{
	json_t *record = about_itself(user, "repaired", "TornLine", message);

	put(record, "bodyDigest", digest);
	return record;
}

static bool
file_sink(struct journal *journal, enum place place, struct err *err)
{
	if (journal->sinks[place] == NULL && !journal->places.dir[place][0])
		return err_set(err, ERR_JOURNAL, "Journal", "there is no such folder");
	if (journal->sinks[place] == NULL)
		journal->sinks[place] = sink_open(journal->places.dir[place], mended, journal, err);
	return journal->sinks[place] != NULL;
}

static bool
to_syslog(const json_t *records, struct err *err)
{
	struct sockaddr_un log = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&log, sizeof log) == 0;

	for (size_t i = 0; ok && i < json_array_size(records); i++) {
		char *json = json_dumps(json_array_get(records, i), JSON_COMPACT);
		char *text = mem_printf(
			"<%d>claviger-journal: %s", LOG_AUTHPRIV | LOG_NOTICE, json ? json : "");

		ok = send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
		free(text);
		free(json);
	}
	if (!ok)
		err_set(err, ERR_JOURNAL, "Journal", "/dev/log: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Nothing holds a record any more but the terminal, and perhaps a folder in /tmp from which the
 * next start takes it. */
static void
behind_the_glass(struct journal *journal, const json_t *records)
{
	struct err err;

	for (size_t i = 0; i < json_array_size(records); i++) {
		char *json = json_dumps(json_array_get(records, i), JSON_COMPACT);

		fprintf(stderr, "claviger: not in the journal: %s\n", json ? json : "");
		free(json);
	}
	if (!file_sink(journal, PLACE_GLASS, &err) ||
		!sink_append(journal->sinks[PLACE_GLASS], records, &err))
		fprintf(stderr, "claviger: nor kept for its next start: %s\n", err.msg);
}

static bool
put_at(struct journal *journal, enum place place, const json_t *records, struct err *err)
{
	switch (place) {
	case PLACE_USUAL:
	case PLACE_RUNTIME:
		return file_sink(journal, place, err) &&
		       sink_append(journal->sinks[place], records, err);
	case PLACE_SYSLOG:
		return journal->usual ? to_syslog(records, err) : false;
	case PLACE_GLASS:
		if (journal->reason[0])
			behind_the_glass(journal, records);
		return journal->reason[0] != '\0';
	case PLACES:
		break;
	}
	return false;
}

/* What is wrong with the usual place, told once. */
static void
tell_elsewhere(struct journal *journal, const struct err *why)
{
	static const char *const names[] = {[PLACE_RUNTIME] = "the runtime folder",
		[PLACE_SYSLOG] = "the system's log",
		[PLACE_GLASS] = "this terminal, as --break-glass asks for"};

	snprintf(journal->note, sizeof journal->note,
		"the journal cannot be written (%s); its records go to %s", why->msg,
		names[journal->at]);
}

/* Takes these records to the first place that holds them, from the present one on. */
static bool
deliver(struct journal *journal, const json_t *records, struct err *err)
{
	struct err first = {0}, why = {0};

	for (enum place place = journal->at; place < PLACES; place++) {
		bool breaks = place == PLACE_GLASS && journal->at != PLACE_GLASS;
		json_t *gap = NULL;

		if (breaks && journal->reason[0])
			gap = json_pack(
				"[o]", about_itself(journal, "gap", "BreakGlass", journal->reason));
		if ((gap == NULL || put_at(journal, place, gap, &why)) &&
			put_at(journal, place, records, &why)) {
			if (place != journal->at) {
				journal->at = place;
				tell_elsewhere(journal, &first);
			}
			json_decref(gap);
			return true;
		}
		json_decref(gap);
		if (first.kind == ERR_NONE)
			first = why;
	}
	if (err)
		*err = first;
	return false;
}

/* What stands elsewhere, on its way home. */
struct carrying {
	struct journal *journal;
	const char *code;
	json_t *records;
};

/* Without the numbers and hashes of the other place's chain. */
static void
take_over(void *user, const json_t *record)
{
	struct carrying *carrying = user;
	json_t *copy = json_deep_copy(record);

	json_object_del(copy, "seq");
	json_object_del(copy, "prev");
	json_object_del(copy, "hash");
	json_object_set_new(copy, "carried", json_true());
	json_array_append_new(carrying->records, copy);
}

static bool
put_home(void *user)
{
	struct carrying *carrying = user;
	size_t len = json_array_size(carrying->records);
	char message[120];
	struct err err;

	snprintf(message, sizeof message,
		"%zu records were written elsewhere while this journal could not be", len);
	json_array_insert_new(carrying->records, 0,
		about_itself(carrying->journal, "gap", carrying->code, message));
	return len && sink_append(carrying->journal->sinks[PLACE_USUAL], carrying->records, &err);
}

/* Brings home what was recorded elsewhere, behind a record that says so. Whoever still writes there
 * is kept out meanwhile, and begins a new file. A crash before the other one is gone brings it
 * twice, which harms nobody; what cannot be brought waits for the next who opens the journal. */
static void
carry_home(struct journal *journal, enum place from)
{
	struct carrying carrying = {.journal = journal,
		.code = from == PLACE_GLASS ? "BreakGlass" : "Elsewhere",
		.records = json_array()};
	char path[PATH_MAX];
	struct err err;

	(void)!(places_file(&journal->places, from, path) &&
		read_away(path, take_over, put_home, &carrying, &err));
	json_decref(carrying.records);
}

/* Finds a place before anything is begun. Whether the system's log takes a record shows only
 * when there is one. */
static bool
settle(struct journal *journal, struct err *err)
{
	struct err first = {0}, why = {0};

	if (file_sink(journal, PLACE_USUAL, &first)) {
		carry_home(journal, PLACE_RUNTIME);
		carry_home(journal, PLACE_GLASS);
		return true;
	}
	if (journal->usual && file_sink(journal, PLACE_RUNTIME, &why))
		journal->at = PLACE_RUNTIME;
	else if (journal->usual && access("/dev/log", W_OK) == 0)
		journal->at = PLACE_SYSLOG;
	else if (journal->reason[0])
		return true;
	else {
		if (err)
			*err = first;
		return false;
	}
	tell_elsewhere(journal, &first);
	return true;
}

struct journal *
journal_open_glass(const char *dir, bool sandbox, const char *reason, struct err *err)
{
	struct journal *journal = mem_alloc(sizeof *journal);

	journal->sandbox = sandbox;
	hold_init(&journal->hold);
	journal->usual = dir == NULL;
	text_cleans(journal->reason, sizeof journal->reason, reason ? reason : "");
	if (places_find(dir, &journal->places, err) && settle(journal, err))
		return journal;
	journal_close(journal);
	return NULL;
}

struct journal *
journal_open(const char *dir, bool sandbox, struct err *err)
{
	return journal_open_glass(dir, sandbox, NULL, err);
}

void
journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	for (size_t i = 0; i < PLACES; i++)
		sink_close(journal->sinks[i]);
	hold_free(&journal->hold);
	free(journal);
}

bool
journal_hold(struct journal *journal, const char *operation, struct err *err)
{
	return hold_take(&journal->hold, &journal->places, operation, err);
}

void
journal_release(struct journal *journal, const char *operation)
{
	hold_drop(&journal->hold, operation);
}

const char *
journal_note(const struct journal *journal)
{
	return journal->note;
}

void
journal_actor(struct journal *journal, const char *object_id, const char *client_id)
{
	text_cleans(journal->object_id, sizeof journal->object_id, object_id);
	text_cleans(journal->client_id, sizeof journal->client_id, client_id);
}

static json_t *
compose(const struct journal *journal, const struct journal_entry *entry)
{
	static const char *const phases[] = {
		[JOURNAL_INTENT] = "intent",
		[JOURNAL_ACCEPTED] = "accepted",
		[JOURNAL_DONE] = "done",
		[JOURNAL_FAILED] = "failed",
		[JOURNAL_UNKNOWN] = "unknown",
		[JOURNAL_PARKED] = "parked",
		[JOURNAL_BEGIN] = "begin",
		[JOURNAL_END] = "end",
	};
	json_t *record = begin(journal);

	put(record, "operation", entry->operation);
	put(record, "plan", entry->plan);
	put(record, "step", entry->step);
	put(record, "phase", phases[entry->phase]);
	put(record, "target", entry->target);
	put(record, "method", entry->method);
	put(record, "url", entry->url);
	put(record, "bodyDigest", entry->body_digest);
	if (entry->http)
		json_object_set_new(record, "http", json_integer(entry->http));
	put(record, "requestId", entry->request_id);
	put(record, "code", entry->code);
	put(record, "message", entry->message);
	if (entry->phase > JOURNAL_INTENT && entry->phase < JOURNAL_BEGIN)
		json_object_set_new(record, "us", json_integer(entry->us));
	if (entry->detail)
		json_object_set_new(record, "detail", json_deep_copy(entry->detail));
	return record;
}

bool
journal_append(struct journal *journal, const struct journal_entry *entry, struct err *err)
{
	json_t *records = json_pack("[o]", compose(journal, entry));
	bool ok = deliver(journal, records, err);

	json_decref(records);
	return ok;
}
