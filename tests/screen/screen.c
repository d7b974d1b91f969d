/* What differs from run to run is hidden by shape: hexadecimal words with a digit in them, times of
 * day, durations. Everything else must be as it was. */
#include "tests/screen/screen.h"

#include <ctype.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/estate/cache.h"
#include "backend/estate/estate.h"
#include "backend/journal/journal.h"
#include "backend/json/json.h"
#include "backend/net/loop.h"
#include "backend/sandbox/sandbox.h"
#include "crypto/secret.h"
#include "tests/fixtures/run.h"
#include "views/app/app.h"
#include "views/app/keymap.h"

static const char HEX[] = "0123456789abcdef-";

enum { SCREEN_BYTES = 1 << 20, HEX_LEAST = 6, HEX_CUT = 4 };

struct screen {
	struct sandbox *sandbox;
	struct profile profile;
	struct session *session;
	struct estate *estate;
	struct journal *journal;
	char dir[64];
	bool tour;
	struct keys *keys;
	struct place place; /* the sandbox's */
	struct credential signed_in;
};

/* The demo estate as it is at first: making its keys takes seconds, so they are made once. */
static struct place seeded;

static void
forget_seeded(void)
{
	place_remove(&seeded);
}

static void
seed_once(void)
{
	struct err err = {0};
	struct sandbox *sandbox;

	if (seeded.dir[0])
		return;
	place_make(&seeded);
	atexit(forget_seeded);
	if (place_fill(seeded.dir))
		return;
	sandbox = sandbox_open(&(struct sandbox_options){.state = seeded.dir}, &err);
	if (sandbox == NULL)
		fail_msg("sandbox: %s", err.msg);
	sandbox_close(sandbox);
}

static void
sign_in(struct screen *screen, const struct screen_wish *wish)
{
	const struct sandbox_access *access = sandbox_access(screen->sandbox);
	struct credential credential = {0};
	struct err err = {0};

	profile_default(&screen->profile);
	screen->profile.sandbox = true;
	screen->profile.read_only = wish->read_only;
	snprintf(screen->profile.ca_file, sizeof screen->profile.ca_file, "%s", access->ca_file);
	snprintf(screen->profile.connect_to, sizeof screen->profile.connect_to, "%s",
		access->socket);
	credential_secret(&credential, access->tenant, access->client_id, access->client_secret);
	screen->session = session_open(&screen->profile, wish->door ? NULL : &credential, &err);
	if (screen->session == NULL)
		fail_msg("session: %s", err.msg);
}

/* As it was left at that lesson. */
static void
begin_tour(struct screen *screen, size_t lesson)
{
	char path[PATH_MAX], text[64];
	struct err err;

	screen->tour = true;
	snprintf(path, sizeof path, "%s/progress.json", screen->dir);
	snprintf(text, sizeof text, "{\"lesson\": %zu}", lesson - 1);
	if (!file_write(path, text, strlen(text), &err))
		fail_msg("tour: %s", err.msg);
}

static void
read_keys(struct screen *screen, const char *text)
{
	char path[PATH_MAX];
	struct err err = {0};

	snprintf(path, sizeof path, "%s/config", screen->dir);
	if (!file_write(path, text, strlen(text), &err) ||
		(screen->keys = keymap_read(path, &err)) == NULL)
		fail_msg("keys: %s", err.msg);
}

struct screen *
screen_open(bool online)
{
	return screen_open_as(&(struct screen_wish){.offline = !online});
}

struct screen *
screen_open_as(const struct screen_wish *wish)
{
	struct screen *screen = mem_alloc(sizeof *screen);
	struct sandbox_options options = {.seed = wish->seed,
		.state = screen->place.dir,
		.fault = &wish->fault,
		.fault_len = wish->fault != NULL};
	struct err err = {0};

	secret_init();
	json_init();
	if (wish->offline)
		return screen;
	snprintf(screen->dir, sizeof screen->dir, "/tmp/claviger-screen-XXXXXX");
	assert_non_null(mkdtemp(screen->dir));
	if (wish->seed) {
		place_make(&screen->place);
	} else {
		seed_once();
		place_copy(&screen->place, &seeded);
	}
	screen->sandbox = sandbox_open(&options, &err);
	if (screen->sandbox == NULL)
		fail_msg("sandbox: %s", err.msg);
	sign_in(screen, wish);
	if (wish->door)
		return screen;
	if (wish->tour)
		begin_tour(screen, wish->tour);
	if (wish->keys)
		read_keys(screen, wish->keys);
	screen->estate = estate_new(screen->session);
	screen->journal = journal_open(screen->dir, true, &err);
	if (screen->journal == NULL)
		fail_msg("journal: %s", err.msg);
	return screen;
}

void
screen_close(struct screen *screen)
{
	if (screen->session) {
		estate_free(screen->estate);
		session_close(screen->session);
		journal_close(screen->journal);
		sandbox_close(screen->sandbox);
		place_remove(&screen->place);
		file_remove_tree(screen->dir);
	}
	keymap_free(screen->keys);
	credential_free(&screen->signed_in);
	free(screen);
}

void
screen_remember(struct screen *screen, int operations)
{
	char id[37], message[2000];
	json_t *detail = json_pack("{s:s, s:s}", "name", "aa-billing", "state", "done");
	struct journal_entry entry = {
		.operation = id, .plan = "grant", .message = message, .detail = detail};
	struct err err;

	memset(message, 'x', sizeof message - 1);
	message[sizeof message - 1] = '\0';
	for (int i = 0; i < 2 * operations; i++) {
		snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", i / 2);
		entry.phase = i % 2 ? JOURNAL_END : JOURNAL_BEGIN;
		if (!journal_append(screen->journal, &entry, &err))
			fail_msg("journal: %s", err.msg);
	}
	json_decref(detail);
}

void
screen_fault(struct screen *screen, const char *spec)
{
	const char *const words[] = {"fault", spec};
	struct err err = {0};
	struct buf out;

	buf_init(&out, SCREEN_BYTES);
	if (!sandbox_ctl(screen->place.dir, words, ARRAY_LEN(words), &out, &err))
		fail_msg("fault: %s", err.msg);
	buf_free(&out);
}

static void
set_true(void *user)
{
	*(bool *)user = true;
}

void
screen_restart(struct screen *screen)
{
	struct cache *cache = cache_open(screen->estate, screen->dir);
	bool done = false;

	assert_non_null(cache);
	for (cache_follow(cache); cache_busy(cache);)
		loop_turn(session_loop(screen->session), 100);
	cache_close(cache);
	estate_free(screen->estate);
	screen->estate = estate_new(screen->session);
	cache = cache_open(screen->estate, screen->dir);
	assert_non_null(cache);
	for (cache_load(cache, set_true, &done); !done;)
		loop_turn(session_loop(screen->session), 100);
	cache_close(cache);
}

/* The beginning of an id, in a column that is too narrow for it. */
static bool
is_cut(const char *at, size_t len)
{
	return len >= HEX_CUT && strncmp(at + len, "…", strlen("…")) == 0;
}

/* How far the rest of a value is where a command goes on in the next row, with a quote at the end
 * of the one and at the beginning of the other; 0: it does not. */
static size_t
fold_of(const char *at)
{
	size_t blanks;

	if (strncmp(at, "'\\\n", 3) != 0)
		return 0;
	blanks = strspn(at + 3, " ");
	return at[3 + blanks] == '\'' ? 4 + blanks : 0;
}

/* The letters of an id from there on, over folds as well; each that is one becomes an x if hide. */
static size_t
hex_run(char *at, size_t len, bool hide, size_t *digits)
{
	size_t all = 0, fold;

	for (;;) {
		for (size_t i = 0; i < len; i++) {
			*digits += isdigit((unsigned char)at[i]) != 0;
			if (hide)
				at[i] = at[i] == '-' ? '-' : 'x';
		}
		all += len;
		fold = len ? fold_of(at + len) : 0;
		if (fold == 0)
			return all;
		at += len + fold;
		len = strspn(at, HEX);
	}
}

/* Letters and digits of ids that are made anew in each estate; a short one may have no digit. */
static void
hide_hex(char *text)
{
	for (char *at = text; *at;) {
		size_t len = strspn(at, HEX), digits = 0, all;
		bool word = at > text && isalnum((unsigned char)at[-1]);
		bool version = at - text >= 8 && strncmp(at - 8, "version ", 8) == 0;

		if (word && strcspn(at, "-") < len)
			len = strcspn(at, "-");
		all = hex_run(at, len, false, &digits);
		if (((all >= HEX_LEAST && (digits || version)) || is_cut(at, len)) && !word)
			hex_run(at, len, true, &digits);
		at += len ? len : 1;
	}
}

/* account#12 becomes account#x: which row comes first differs from run to run. */
static void
hide_numbers(char *text)
{
	for (char *at = strchr(text, '#'); at; at = strchr(at + 1, '#'))
		for (char *digit = at + 1; isdigit((unsigned char)*digit); digit++)
			*digit = 'x';
}

/* 21:04:11 becomes xx:xx:xx. */
static void
hide_times(char *text)
{
	for (char *at = text; *at; at++)
		if (isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
			at[2] == ':' && isdigit((unsigned char)at[3]) && at[5] == ':')
			for (int i = 0; i < 8; i++)
				at[i] = at[i] == ':' ? ':' : 'x';
}

/* 35 ms and 1.2 s become x ms, with blanks behind for what they were longer. */
static void
hide_durations(char *text)
{
	for (char *at = text; *at; at++) {
		size_t number = strspn(at, "0123456789."), unit;

		unit = strncmp(at + number, " ms", 3) == 0  ? 3
		       : strncmp(at + number, " s", 2) == 0 ? 2
							    : 0;
		if (!isdigit((unsigned char)at[0]) || unit == 0 || number + unit < 4 ||
			isalpha((unsigned char)at[number + unit])) {
			at += isdigit((unsigned char)at[0]) ? number - 1 : 0;
			continue;
		}
		memset(at, ' ', number + unit);
		memcpy(at, "x ms", 4);
		at += number + unit - 1;
	}
}

/* What was wrapped is another thing each time. Where a command goes on in the next row, it has a
 * quote at the end of the one and at the beginning of the other. */
static void
hide_values(char *text)
{
	static const char before[] = "\"value\":\"";

	for (char *at = text; (at = strstr(at, before));) {
		for (at += sizeof before - 1; *at && *at != '"' && *at != '\n'; at++) {
			if (strncmp(at, "'\\\n", 3) == 0)
				at += 3 + strcspn(at + 3, "'");
			else
				*at = 'x';
			if (*at == '\0')
				return;
		}
	}
}

/* "as of 9 s ago" becomes "as of x ago", its end where it was. */
static void
hide_ages(char *text)
{
	static const char before[] = "as of ", after[] = " ago", hidden[] = "as of x ago";

	for (char *at = text; (at = strstr(at, before)); at += sizeof before - 1) {
		char *end = strstr(at, after);
		size_t len = end ? (size_t)(end - at) + sizeof after - 1 : 0;

		if (len < sizeof hidden - 1 || memchr(at, '\n', len))
			continue;
		memset(at, ' ', len);
		at += len - (sizeof hidden - 1);
		memcpy(at, hidden, sizeof hidden - 1);
	}
}

/* The code of a sign-in is another each time, and not every machine can keep a sign-in. */
static void
hide_sign_in(char *text)
{
	static const char *const labels[] = {"    code    ", "    kept    "};

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		char *at = strstr(text, labels[i]);

		if (at == NULL)
			continue;
		at += strlen(labels[i]);
		memset(at, ' ', strcspn(at, "\n"));
		*at = 'x';
	}
}

/* A duration at the end of a row leaves blanks as well. */
static void
trim_rows(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		while (*from == '\n' && to > text && to[-1] == ' ')
			to--;
		*to++ = *from;
	}
	*to = '\0';
}

char *
screen_run(struct screen *screen, const char *theme, int columns, int rows, const char *script)
{
	const char *themes = getenv("THEMES");
	char path[PATH_MAX], *text;
	struct buf out;
	struct err err = {0};
	struct app_options options = {.profile = &screen->profile,
		.session = screen->session,
		.estate = screen->estate,
		.journal = screen->journal,
		.theme = path,
		.keys = screen->keys,
		.journal_dir = screen->dir,
		.tour = screen->tour ? screen->dir : NULL};

	if (themes == NULL)
		fail_msg("the environment variable THEMES must name the folder of the themes");
	snprintf(path, sizeof path, "%s/%s.theme", themes, theme);
	if (screen->session && screen->estate == NULL) {
		options.door = screen->session;
		options.session = NULL;
		options.signed_in = &screen->signed_in;
	}
	buf_init(&out, SCREEN_BYTES);
	if (!app_run_headless(&options, columns, rows, script, &out, &err))
		fail_msg("%s", err.msg);
	text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

char *
screen_play(struct screen *screen, int columns, int rows, const char *script)
{
	char *text = screen_run(screen, "mono", columns, rows, script);

	hide_values(text);
	hide_ages(text);
	hide_times(text);
	hide_durations(text);
	hide_hex(text);
	hide_numbers(text);
	hide_sign_in(text);
	trim_rows(text);
	return text;
}

/* Fails with the first row that is not as wanted. */
static void
compare(const char *name, const char *wanted, const char *shown)
{
	for (int row = 1; *wanted || *shown; row++) {
		size_t a = strcspn(wanted, "\n"), b = strcspn(shown, "\n");

		if (a != b || memcmp(wanted, shown, a) != 0)
			fail_msg("%s, row %d: wanted\n%.*s\nshown\n%.*s", name, row, (int)a, wanted,
				(int)b, shown);
		wanted += a + (wanted[a] != '\0');
		shown += b + (shown[b] != '\0');
	}
}

void
screen_golden(struct screen *screen, const char *name, int columns, int rows, const char *script)
{
	const char *golden = getenv("GOLDEN"), *update = getenv("GOLDEN_UPDATE");
	char *shown = screen_play(screen, columns, rows, script), path[PATH_MAX];
	struct buf wanted;
	struct err err = {0};

	if (golden == NULL)
		fail_msg("the environment variable GOLDEN must name the folder of the screens");
	snprintf(path, sizeof path, "%s/%s.txt", golden, name);
	if (update && *update) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(shown, file);
		fclose(file);
		free(shown);
		return;
	}
	buf_init(&wanted, SCREEN_BYTES);
	if (!file_read(path, false, &wanted, &err))
		fail_msg("%s", err.msg);
	compare(name, buf_text(&wanted), shown);
	buf_free(&wanted);
	free(shown);
}

void
screen_holds(const char *shown, const char *text)
{
	if (strstr(shown, text) == NULL)
		fail_msg("the screen does not hold \"%s\":\n%s", text, shown);
}

void
screen_lacks(const char *shown, const char *text)
{
	if (strstr(shown, text) != NULL)
		fail_msg("the screen holds \"%s\":\n%s", text, shown);
}

static void
check(const char *shown, const char *text)
{
	if (*text == '!')
		screen_lacks(shown, text + 1);
	else
		screen_holds(shown, text);
}

void
screen_shows(struct screen *screen, int columns, int rows, const char *script, ...)
{
	char *shown = screen_play(screen, columns, rows, script);
	const char *text;
	va_list ap;

	va_start(ap, script);
	while ((text = va_arg(ap, const char *)))
		check(shown, text);
	va_end(ap);
	free(shown);
}

void
screen_plays(struct screen *screen, const char *script, const char *text)
{
	screen_shows(screen, 80, 24, script, text, NULL);
}

int
screen_setup(void **state)
{
	*state = screen_open(true);
	return 0;
}

int
screen_teardown(void **state)
{
	screen_close(*state);
	return 0;
}
