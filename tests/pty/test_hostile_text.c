/* An estate whose names, tags and errors were written by somebody who wants the operator's
 * terminal: between the real program and a sandbox sits one who puts such text into every reply.
 * Whatever is shown of it, in whichever view, no byte of it may steer the terminal or hide, and the
 * columns behind it stay where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <locale.h>

#include <cmocka.h>

#include "backend/base/buf.h"
#include "backend/base/mem.h"
#include "tests/fixtures/middle.h"
#include "tests/fixtures/public.h"
#include "tests/fixtures/recorder.h"
#include "tests/pty/cells.h"

enum { LONG_TEXT = 24 * 1024, SETTLE_MS = 60, CELLS_MAX = 200 };

/* In every text that steers: a colour and a place that nothing else asks for, a title, a clipboard
 * that is not the program's. */
#define STEER "\\u001b[6;66;666m\\u009b66;666H\\u001b]0;OWNED\\u0007\\u001b]52;c;T1dORUQ=\\u0007"
#define HIDE "\\u202e\\u2066\\u200b\\u200f\\ufeff\\u00ad\\u2028\\ue000\\udb40\\udc41"
#define LINES "\\r\\n\\t\\b\\u007f\\u0085"
#define MARKS "e\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301\\u0301"
#define WIDE "\\u8d22\\u52a1\\ud83d\\udc68\\u200d\\ud83d\\udc69\\ufe0f\\ud83e\\udee8\\uff21"
#define RIGHT_TO_LEFT "\\u05e9\\u05dc\\u05d5\\u05dd\\u0645\\u0631"

static struct public_sandbox sandbox;
static struct middle *middle;
static struct tls_server *foreign;
static struct recorder *recorder;

/* What stands for what in every reply. Names like these make an id no id: such a row is refused,
 * and the note that says so shows the name. All else is free text, as long as Azure lets it be. */
static const struct {
	const char *was, *is;
} swaps[] = {
	{"aa-billing", WIDE "\\u001b]0;OWNED\\u0007"},
	{"stledger01", "st\\r\\n\\t\\b" RIGHT_TO_LEFT},
	{"cmk-old", "\\u001b[6;66;666m" MARKS},
	{"id-batch", "\\u009b66;666Hba\\u202e\\u2066"},
	{"westeurope", WIDE "\\u0301\\u0301\\u0301\\u202e"},
	{"northeurope", "\\u001b[66;666H\\r\\n" RIGHT_TO_LEFT},
	{"Production", "\\u001b[6;66;666m" WIDE "Prod"},
	{"Staging", RIGHT_TO_LEFT MARKS},
	{"contoso.example", "\\u001b]0;OWNED\\u0007" WIDE},
	{"财务部", STEER LINES HIDE MARKS WIDE RIGHT_TO_LEFT},
};

static char *
swap(char *text, const char *was, const char *is)
{
	struct buf out;
	char *made;

	buf_init(&out, 16 << 20);
	for (const char *at = text, *next; at; at = next) {
		next = strstr(at, was);
		assert_true(buf_add(&out, at, next ? (size_t)(next - at) : strlen(at)));
		if (next) {
			assert_true(buf_adds(&out, is));
			next += strlen(was);
		}
	}
	made = mem_strdup(buf_text(&out));
	buf_free(&out);
	free(text);
	return made;
}

/* An error as long as may be, with all of it. */
static void
refuse(struct middle_reply *reply)
{
	static const char piece[] = STEER LINES HIDE MARKS WIDE RIGHT_TO_LEFT " and so on; ";
	struct buf body;

	buf_init(&body, 2 * LONG_TEXT);
	assert_true(buf_adds(&body, "{\"error\":{\"code\":\"" STEER "Forbidden\",\"message\":\""));
	while (body.len < LONG_TEXT)
		assert_true(buf_adds(&body, piece));
	assert_true(buf_adds(&body, "\"}}"));
	free(reply->body);
	reply->body = mem_strdup(buf_text(&body));
	buf_free(&body);
	reply->status = 403;
	snprintf(reply->headers, sizeof reply->headers,
		"x-ms-request-id: \033]0;OWNED\a\302\233m\342\200\256\377\r\n");
}

static void
tamper(void *user, const struct tls_request *request, struct middle_reply *reply)
{
	(void)user;
	if (strstr(request->target, "/oauth2/"))
		return;
	if (strstr(reply->host, "kv-rbac.")) {
		refuse(reply);
		return;
	}
	if (strstr(request->target, "/deletedVaults")) {
		free(reply->body);
		reply->body = mem_strdup("{\"value\":[{\"name\":\"\300\200\377\033]0;OWNED\a\"}]}");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(swaps); i++)
		reply->body = swap(reply->body, swaps[i].was, swaps[i].is);
}

static bool
answer(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reply(conn, 404, "", "{}");
	return true;
}

/* Anew for each test: a recorder holds so many connections and no more. */
static int
step_between(void **state)
{
	(void)state;
	middle = middle_start(sandbox.proxy, sandbox.ca);
	foreign = tls_server_start(&(struct tls_options){.handler = answer});
	recorder = recorder_start(middle_names, middle_port(middle), tls_server_port(foreign));
	middle_set(middle, tamper, NULL);
	public_profile(&sandbox, recorder_at(recorder));
	return 0;
}

static int
step_aside(void **state)
{
	(void)state;
	recorder_stop(recorder);
	tls_server_stop(foreign);
	middle_stop(middle);
	return 0;
}

/* Characters that have no place in what the program says. */
static bool
steers(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff ||
	       c >= 0xe0000;
}

static void
bad(const char *why, const char *bytes, size_t at, size_t len)
{
	size_t from = at > 60 ? at - 60 : 0, end = at + 20 < len ? at + 20 : len;

	fprintf(stderr, "%s: ", why);
	for (size_t i = from; i < end; i++)
		fprintf(stderr, bytes[i] >= ' ' && bytes[i] < 0x7f ? "%c" : "\\x%02x",
			(unsigned char)bytes[i]);
	fprintf(stderr, "\n");
	fail_msg("%s", why);
}

/* One character of UTF-8; returns its bytes, 0 when there is none. */
static size_t
decode(const char *bytes, size_t len, uint32_t *c)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t n = mbrtowc(&wide, bytes, len, &state);

	*c = (uint32_t)wide;
	return n == (size_t)-1 || n == (size_t)-2 ? 0 : n;
}

/* A sequence that ncurses makes for an xterm, or that this program makes; returns its bytes. */
static size_t
sequence(const char *bytes, size_t at, size_t len)
{
	static const char ours[] = "\033]52;c;", base64[] =
							 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							 "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	const char *s = bytes + at;
	size_t left = len - at, n = 2;

	if (left < 3)
		return left;
	if (strchr("()", s[1]))
		return 3;
	if (strchr("=>78M", s[1]))
		return 2;
	if (left > sizeof ours && memcmp(s, ours, sizeof ours - 1) == 0) {
		n = sizeof ours - 1 + strspn(s + sizeof ours - 1, base64);
		if (n < left && s[n] == '\a')
			return n + 1;
	}
	if (s[1] != '[')
		bad("a sequence that is not ncurses'", bytes, at, len);
	while (n < left && strchr("0123456789;?>", s[n]))
		n++;
	if (n < left && strchr("ABCDGHJKLMPSTXZ@bdhlmnrt", s[n]) == NULL)
		bad("a sequence that is not ncurses'", bytes, at, len);
	return n < left ? n + 1 : left;
}

static void
expect_harmless(const char *bytes, size_t len, bool terminal)
{
	static const char *const traces[] = {"6;66;666", "66;666", "0;OWNED\a", "T1dORUQ"};
	uint32_t c;

	for (size_t i = 0; i < len;) {
		size_t n = 1;

		if (terminal && bytes[i] == '\033')
			n = sequence(bytes, i, len);
		else if (bytes[i] == '\n' || (terminal && strchr("\r\b\t\016\017", bytes[i])))
			;
		else if ((n = decode(bytes + i, len - i, &c)) == 0)
			bad("no UTF-8", bytes, i, len);
		else if (steers(c))
			bad("a character that steers", bytes, i, len);
		if (terminal && bytes[i] == '\033')
			for (size_t t = 0; t < ARRAY_LEN(traces); t++)
				if (memmem(bytes + i, n, traces[t], strlen(traces[t])))
					bad("a sequence from outside", bytes, i, len);
		i += n;
	}
}

static void
expect_calm_cells(struct terminal *terminal)
{
	for (int row = 0; row < terminal->rows; row++)
		for (int x = 0; x < terminal->columns; x++) {
			int marks;
			uint32_t c = cells_at(terminal, row, x, &marks);

			/* (uint32_t)-1 is the second half of a wide one. */
			if ((c && c != (uint32_t)-1 && steers(c)) || marks > 2)
				fail_msg("U+%04X and %d marks in row %d, column %d", c, marks, row,
					x);
		}
}

static void
look(struct terminal *terminal, const char *keys)
{
	terminal_type(terminal, keys);
	terminal_settle(terminal, SETTLE_MS);
	expect_calm_cells(terminal);
}

/* Everything that can be opened from a row of a list, and back. */
static void
look_into_rows(struct terminal *terminal, int rows)
{
	static const char *const keys[] = {"\r", "\033[6~", "y", "\033", "\033", "d", "\033", "w",
		"w", "c", "c", "\007", "v", "\r", "\033[6~", "\033", "\033", "o", "\r", "n", "\007",
		"\007", "\007"};

	for (int row = 0; row < rows; row++) {
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			look(terminal, keys[i]);
		look(terminal, "\033[B");
	}
}

static void
through_the_views(int columns, int rows)
{
	static const char *const pages[] = {"N", "\033[6~", "\033", "?", "\033", "v", "\r", "\033",
		"\033", ":", "gui", "\033", "5", "!", "d", "cmk-", "\r", "\r", "\033", "\033", "1",
		"/\350\264\242", "\r", "/\025\r"};
	const char *words[] = {run_program(), "--profile", "hostile", NULL};
	struct terminal terminal;
	char *bytes;
	size_t len;

	terminal_run(&terminal, columns, rows, words);
	terminal.tap = open_memstream(&bytes, &len);
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "not readable");
	terminal_settle(&terminal, SETTLE_MS);
	cells_expect_columns(&terminal, 5);
	look(&terminal, "w");
	cells_expect_columns(&terminal, 5);
	look(&terminal, "w");
	look_into_rows(&terminal, 2);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		look(&terminal, pages[i]);
	for (const char *tab = "2341"; *tab; tab++) {
		look(&terminal, (char[]){*tab, '\0'});
		look_into_rows(&terminal, 1);
	}
	terminal_resize(&terminal, columns + 7, rows);
	look(&terminal, "\014");
	look(&terminal, "1");
	cells_expect_columns(&terminal, 5);
	look(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_expect_clean(&terminal);
	fclose(terminal.tap);
	expect_harmless(bytes, len, true);
	free(bytes);
	terminal_free(&terminal);
}

static void
narrow(void **state)
{
	(void)state;
	through_the_views(80, 24);
}

static void
wide(void **state)
{
	(void)state;
	through_the_views(132, 40);
}

/* Without a terminal nobody escapes but the program; and with one, tables are cut to it. */
static void
command_line(void **state)
{
	static const char *const words[][8] = {
		{"account", "list", "-o", "table"},
		{"account", "list", "-o", "tsv"},
		{"account", "list", "-o", "json"},
		{"account", "list", "-o", "jsonc"},
		{"account", "list", "--query", "[].tags", "-o", "json"},
		{"vault", "list", "-o", "table"},
		{"vault", "deleted", "-o", "table"},
		{"key", "list", "-o", "table"},
		{"key", "show", "kv-rbac/cmk-rbac", "-o", "table"},
		{"policy", "list", "-o", "table"},
		{"identity", "list", "-o", "table"},
		{"posture", "-o", "table"},
		{"impact", "kv-archive/cmk-archive", "-o", "table"},
		{"onboard", "aa-payroll", "--key", "kv-rbac/cmk-rbac", "--dry-run"},
		{"prove", "kv-rbac/cmk-rbac"},
		{"doctor"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *all[12] = {"--profile", "hostile"};
		struct ran ran;

		for (size_t w = 0; w < 8; w++)
			all[2 + w] = words[i][w];
		run_words(&ran, all, NULL);
		if (ran.code >= 1000)
			fail_msg("%s %s: %s", words[i][0], words[i][1], ran.err);
		if (strcmp(words[i][0], "account") != 0 || strcmp(words[i][3], "tsv") != 0)
			expect_harmless(ran.out, ran.out_len, false);
		expect_harmless(ran.err, strlen(ran.err), false);
		ran_free(&ran);
	}
}

/* Line by line, for a screen reader: the names are read out as they are shown elsewhere. */
static void
accessible(void **state)
{
	static const char *const answers[] = {
		"1\r", "1\r", "0\r", "2\r", "1\r", "0\r", "3\r", "0\r"};
	const char *words[] = {run_program(), "--profile", "hostile", "--accessible", NULL};
	struct terminal terminal;
	char *bytes;
	size_t len;

	(void)state;
	terminal_run(&terminal, 120, 50, words);
	terminal.tap = open_memstream(&bytes, &len);
	terminal_settle(&terminal, 1000);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		look(&terminal, answers[i]);
	look(&terminal, "\004");
	terminal_end(&terminal, 15);
	fclose(terminal.tap);
	expect_harmless(bytes, len, true);
	free(bytes);
	terminal_free(&terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(command_line, step_between, step_aside),
		cmocka_unit_test_setup_teardown(accessible, step_between, step_aside),
		cmocka_unit_test_setup_teardown(narrow, step_between, step_aside),
		cmocka_unit_test_setup_teardown(wide, step_between, step_aside),
	};
	int failed;

	unsetenv("TMUX");
	setlocale(LC_CTYPE, "C.UTF-8");
	public_start(&sandbox);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	public_stop(&sandbox);
	return failed;
}
