/* The estate is the demo; tests of one file share it, one after another. */
#include "tests/flow/serving.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 24, TURN_US = 50000, TURNS = 600 };

static void
serve(struct serving *serving)
{
	going_start(&serving->server, "sandbox", "--state", serving->place.dir, NULL);
	going_wait(&serving->server, "serving");
}

void
serving_start(struct serving *serving)
{
	place_seed(&serving->place);
	serve(serving);
}

void
serving_copy(struct serving *serving, const struct place *from)
{
	place_copy(&serving->place, from);
	serve(serving);
}

void
serving_end(struct serving *serving)
{
	assert_int_equal(going_end(&serving->server, SIGTERM), 0);
}

void
serving_stop(struct serving *serving)
{
	serving_end(serving);
	place_remove(&serving->place);
}

static size_t
gather(const struct serving *serving, const char *words[WORDS_MAX], va_list ap)
{
	size_t len = 0;

	words[len++] = serving->place.sandbox;
	while (len + 2 < WORDS_MAX && (words[len] = va_arg(ap, const char *)))
		len++;
	words[len++] = "-o";
	words[len++] = "json";
	words[len] = NULL;
	return len;
}

json_t *
serving_run(const struct serving *serving, int code, ...)
{
	const char *words[WORDS_MAX + 1];
	struct ran ran;
	json_t *root;
	va_list ap;

	va_start(ap, code);
	gather(serving, words, ap);
	va_end(ap);
	run_words(&ran, words, NULL);
	ran_expect(&ran, code);
	root = ran_json(&ran);
	ran_free(&ran);
	return root;
}

void
serving_refuses(const struct serving *serving, const char *rule, const char *text, ...)
{
	const char *words[WORDS_MAX + 1];
	struct ran ran;
	va_list ap;

	va_start(ap, text);
	gather(serving, words, ap);
	va_end(ap);
	run_words(&ran, words, NULL);
	ran_expect(&ran, 5);
	ran_complains(&ran, rule, text, NULL);
	ran_free(&ran);
}

static json_t *
with(const char **words, size_t len, const char *option, int code)
{
	struct ran ran;
	json_t *root;

	words[len] = option;
	words[len + 1] = NULL;
	run_words(&ran, words, NULL);
	ran_expect(&ran, code);
	root = ran_json(&ran);
	ran_free(&ran);
	return root;
}

/* Keys are marked with the operation that made them. */
static void
forget_operations(json_t *json)
{
	json_t *one;
	const char *name;
	void *next;
	size_t i;

	if (json_object_get(json, "claviger-op"))
		json_object_set_new(json, "claviger-op", json_string("an operation"));
	json_object_foreach_safe(json, next, name, one) forget_operations(one);
	json_array_foreach(json, i, one) forget_operations(one);
}

json_t *
serving_state(const struct serving *serving)
{
	json_t *root = place_dumped(&serving->place);

	json_object_del(root, "operations");
	forget_operations(root);
	return root;
}

json_t *
serving_plan(const struct serving *serving, ...)
{
	const char *words[WORDS_MAX + 2];
	json_t *before, *after, *dry, *done;
	va_list ap;
	size_t len;

	va_start(ap, serving);
	len = gather(serving, words, ap);
	va_end(ap);
	before = place_dumped(&serving->place);
	dry = with(words, len, "--dry-run", 10);
	assert_string_equal(text_at(dry, "state"), "planned");
	after = place_dumped(&serving->place);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	done = with(words, len, "--yes", 0);
	assert_string_equal(text_at(done, "state"), "done");
	json_decref(done);
	done = with(words, len, "--yes", 0);
	assert_string_equal(text_at(done, "state"), "unchanged");
	json_decref(done);
	return dry;
}

json_t *
serving_dump(const struct serving *serving, const char *array, const char *name)
{
	json_t *root = place_dumped(&serving->place), *one;

	one = json_incref(find(json_object_get(root, array), "name", name));
	json_decref(root);
	return one;
}

void
serving_wait_held(const struct serving *serving)
{
	for (int i = 0; i < TURNS; i++) {
		struct ran ran;
		bool held;

		run(&ran, "sandbox", "ctl", "--state", serving->place.dir, "fault", NULL);
		ran_expect(&ran, 0);
		held = ran.out_len == 0;
		ran_free(&ran);
		if (held)
			return;
		usleep(TURN_US);
	}
	fail_msg("no call came that the fault is for");
}

int
serving_recorded(const struct serving *serving, const char *text)
{
	char path[PATH_MAX + 32], line[65536];
	int found = 0;
	FILE *file;

	snprintf(path, sizeof path, "%s/journal.jsonl", serving->place.dir);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		found += strstr(line, text) != NULL;
	if (file)
		fclose(file);
	return found;
}

void
serving_expect(
	const struct serving *serving, const char *account, const char *member, const char *value)
{
	json_t *one = serving_dump(serving, "accounts", account);

	assert_string_equal(text_at(value_at(one, "encryption"), member), value);
	json_decref(one);
}
