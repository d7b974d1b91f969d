/* Kills every plan at every boundary of its journal, goes on or takes back, and compares the estate
 * with that of a run which nobody disturbed. Each try has a copy of the estate and a process that
 * serves it; rows are tried side by side. What is compared is the whole dump, so one key version,
 * one assignment and one policy entry too many would show. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "tests/fixtures/knife.h"
#include "tests/fixtures/serving.h"
#include "tests/sweep/estate.h"
#include "tests/sweep/rows.h"

enum { WORDS_MAX = 40, REFUSED = 5, JOBS_A_CORE = 3, JOBS_MAX = 24 };

/* Shared by all processes of the sweep. */
struct tally {
	atomic_size_t next, points, passed, broken;
};

struct trial {
	const struct row *row;
	struct place base;   /* seeded and prepared */
	size_t records;      /* in its journal */
	json_t *start, *end; /* before the plan and after it */
	json_t *left;        /* after it was taken back */
	struct boundary *cuts;
	size_t cuts_len;
};

static struct tally *tally;

/* The call as an argument vector: what is said of every call, and the words at their blanks. text
 * is cut up. */
static void
split(const char *words[WORDS_MAX], const struct serving *serving, char *text, const char *more)
{
	size_t len = 0;

	words[len++] = serving->place.sandbox;
	for (char *word; len < WORDS_MAX - 4 && (word = strsep(&text, " ")) != NULL;)
		words[len++] = word;
	words[len++] = "-o";
	words[len++] = "json";
	words[len++] = more;
	words[len] = NULL;
}

static void
call(const struct serving *serving, const char *line, int code, struct ran *ran)
{
	const char *words[WORDS_MAX];
	char *text = rows_fill(serving, line);

	split(words, serving, text, "--yes");
	run_words(ran, words, NULL);
	if (ran->code != code)
		fail_msg("%s: exit code %d, not %d; stderr: %s", line, ran->code, code, ran->err);
	free(text);
}

static void
call_only(const struct serving *serving, const char *line, int code)
{
	struct ran ran;

	call(serving, line, code, &ran);
	ran_free(&ran);
}

/* What was granted or taken back has its effect then. */
static void
let_time_pass(const struct serving *serving)
{
	place_ctl(&serving->place, "clock", "+15s");
}

/* The estate, without what the services have noticed of it, which takes them their time. */
static json_t *
state_of(const struct serving *serving)
{
	json_t *state = serving_state(serving), *one;
	size_t i;

	json_array_foreach(json_object_get(state, "accounts"), i, one)
		json_object_del(json_object_get(one, "encryption"), "dark");
	return state;
}

static json_t *
journal(const struct serving *serving)
{
	return serving_run(serving, 0, "journal", "list", NULL);
}

/* The operation of the call, by its first record; false: it has none. */
static bool
find_operation(const struct serving *serving, const struct trial *trial, char id[40])
{
	json_t *list = journal(serving);
	bool any = json_array_size(list) > trial->records;

	if (any)
		snprintf(id, 40, "%s", text_at(json_array_get(list, trial->records), "operation"));
	json_decref(list);
	return any;
}

/* resume or rollback, with what the call had to say in order to be let. */
static void
again(const struct serving *serving, const char *verb, const struct trial *trial, int code)
{
	const char *confirm = strstr(trial->row->words, "--confirm=");
	char id[40], line[200];
	json_t *list;

	if (!find_operation(serving, trial, id))
		fail_msg("%s: there is no operation", verb);
	if (confirm == NULL && strcmp(verb, "rollback") == 0)
		confirm = trial->row->confirm;
	snprintf(line, sizeof line, "%s %s%s%.*s", verb, id, confirm ? " " : "",
		confirm ? (int)strcspn(confirm, " ") : 0, confirm ? confirm : "");
	call_only(serving, line, code);
	list = serving_run(serving, 0, "operations", NULL);
	if (code == 0)
		assert_string_equal(text_at(find(list, "operation", id), "state"),
			strcmp(verb, "resume") == 0 ? "done" : "rolled-back");
	json_decref(list);
}

/* left NULL: exactly as wanted. */
static void
expect(const struct serving *serving, const json_t *want, const json_t *left)
{
	json_t *now = state_of(serving);
	struct ran ran;

	estate_expect(now, want, left);
	json_decref(now);
	run(&ran, serving->place.sandbox, "journal", "verify", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* The call, killed at the cut. */
static void
cut_off(const struct serving *serving, const struct row *row, const struct cut *cut)
{
	const char *words[WORDS_MAX];
	char *text = rows_fill(serving, row->words);
	int code;

	split(words, serving, text, "--yes");
	if (!knife_run(words, cut, &code))
		fail_msg("it ended before (exit code %d)", code);
	free(text);
}

static void
try_forward(struct serving *serving, const struct trial *trial, const struct cut *cut)
{
	char id[40];

	cut_off(serving, trial->row, cut);
	let_time_pass(serving);
	if (find_operation(serving, trial, id)) {
		again(serving, "resume", trial, trial->row->code);
	} else {
		expect(serving, trial->start, NULL);
		call_only(serving, trial->row->words, trial->row->code);
	}
	expect(serving, trial->end, NULL);
}

static void
try_back(struct serving *serving, const struct trial *trial, const struct cut *cut)
{
	char id[40];

	cut_off(serving, trial->row, cut);
	let_time_pass(serving);
	if (find_operation(serving, trial, id) && trial->row->final) {
		again(serving, "rollback", trial, REFUSED);
		again(serving, "resume", trial, trial->row->code);
		expect(serving, trial->end, NULL);
		return;
	}
	if (find_operation(serving, trial, id))
		again(serving, "rollback", trial, 0);
	expect(serving, trial->start, trial->row->stays ? trial->left : NULL);
}

static const struct way {
	const char *name;
	void (*try)(struct serving *, const struct trial *, const struct cut *);
} ways[] = {{"resume", try_forward}, {"rollback", try_back}};

enum { WAYS = sizeof ways / sizeof *ways };

/* In a process of its own: what fails in it must not end the sweep. */
static pid_t
begin_try(const struct way *way, const struct trial *trial, const struct cut *cut)
{
	pid_t pid = fork();
	struct serving serving;

	if (pid)
		return pid;
	setpgid(0, 0);
	serving_copy(&serving, &trial->base);
	way->try(&serving, trial, cut);
	going_end(&serving.server, SIGKILL);
	place_remove(&serving.place);
	_exit(0);
}

static bool
end_well(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	kill(-pid, SIGKILL);
	return false;
}

/* Both ways at once: most of their time is spent waiting. */
static size_t
try_cut(const struct trial *trial, const struct boundary *at)
{
	pid_t pids[WAYS];
	size_t passed = 0;

	for (size_t w = 0; w < WAYS; w++)
		pids[w] = begin_try(&ways[w], trial, &at->cut);
	for (size_t w = 0; w < WAYS; w++)
		if (end_well(pids[w]))
			passed++;
		else
			printf("FAILED  %s: killed %s (record %zu), %s\n", trial->row->words,
				at->label, at->cut.record, ways[w].name);
	return passed;
}

static void
try_cuts(const struct trial *trial)
{
	int64_t started = clock_mono_ms();
	size_t passed = 0;

	for (size_t i = 0; i < trial->cuts_len; i++)
		passed += try_cut(trial, &trial->cuts[i]);
	tally->points += trial->cuts_len;
	tally->passed += passed;
	printf("%4zu points, %4zu of %4zu passed, %4lld s  %s\n", trial->cuts_len, passed,
		trial->cuts_len * WAYS, (long long)(clock_mono_ms() - started) / 1000,
		trial->row->words);
}

/* The ground, and the run that nobody disturbs. */
static void
prepare(struct trial *trial, const struct place *seeded)
{
	const struct row *row = trial->row;
	struct serving serving;
	json_t *list;

	serving_copy(&serving, seeded);
	for (size_t i = 0; i < sizeof row->before / sizeof *row->before && row->before[i]; i++)
		if (!rows_do(&serving, row->before[i]))
			call_only(&serving, row->before[i], 0);
	trial->start = state_of(&serving);
	list = journal(&serving);
	trial->records = json_array_size(list);
	json_decref(list);
	serving_end(&serving);
	trial->base = serving.place;

	serving_copy(&serving, &trial->base);
	call_only(&serving, row->words, row->code);
	trial->end = state_of(&serving);
	if (json_equal(trial->start, trial->end))
		fail_msg("%s changed nothing", row->words);
	trial->cuts_len = knife_boundaries(serving.place.dir, trial->records, &trial->cuts);
	again(&serving, "rollback", trial, row->final ? REFUSED : 0);
	trial->left = state_of(&serving);
	if (!row->stays)
		expect(&serving, row->final ? trial->end : trial->start, NULL);
	serving_stop(&serving);
}

static bool
is_wanted(const struct row *row, char **names)
{
	bool wanted = *names == NULL;

	for (; *names; names++)
		wanted = wanted || strstr(row->words, *names);
	return wanted;
}

/* Takes one row after the other, until there is none. */
static void
work(const struct place *seeded, char **names)
{
	size_t i;

	while ((i = atomic_fetch_add(&tally->next, 1)) < rows_len) {
		struct trial trial = {.row = &rows[i]};
		pid_t pid;

		if (!is_wanted(&rows[i], names))
			continue;
		pid = fork();
		if (pid == 0) {
			setpgid(0, 0);
			prepare(&trial, seeded);
			try_cuts(&trial);
			_exit(0);
		}
		if (!end_well(pid)) {
			printf("FAILED  %s: not even undisturbed\n", rows[i].words);
			tally->broken++;
		}
	}
}

/* The demo estate with all its keys: the sandbox makes them in their order once it serves, which a
 * reader of the last ones waits for. */
static void
seed(struct place *seeded)
{
	struct serving serving;
	json_t *list, *one;
	size_t i;

	serving_start(&serving);
	list = serving_run(&serving, 0, "key", "list", NULL);
	json_array_foreach(list, i, one)
	{
		char key[200];

		snprintf(key, sizeof key, "%s/%s", text_at(one, "vault"), text_at(one, "name"));
		json_decref(serving_run(&serving, 0, "key", "show", key, NULL));
	}
	json_decref(list);
	serving_end(&serving);
	*seeded = serving.place;
}

/* Everything that a try makes is in one folder, which goes with the sweep. */
static void
make_room(struct place *room)
{
	place_make(room);
	setenv("TMPDIR", room->dir, 1);
	setenv("HOME", room->dir, 1);
	unsetenv("XDG_STATE_HOME");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("XDG_RUNTIME_DIR");
}

int
main(int argc, char **argv)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int64_t started = clock_mono_ms();
	struct place room, seeded;
	size_t tried;

	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	make_room(&room);
	seed(&seeded);
	tally = mmap(
		NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(tally != MAP_FAILED);
	for (long i = 0; i < cores * JOBS_A_CORE && i < JOBS_MAX; i++)
		if (fork() == 0) {
			work(&seeded, argv + 1);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	file_remove_tree(room.dir);
	tried = tally->points * WAYS;
	printf("sweep: %zu points tried, each with resume and with rollback: %zu kills, %zu passed, "
	       "%zu failed; %zu plans failed undisturbed; %lld s\n",
		tally->points, tried, tally->passed, tried - tally->passed, tally->broken,
		(long long)(clock_mono_ms() - started) / 1000);
	return tried && tally->passed == tried && tally->broken == 0 ? 0 : 1;
}
