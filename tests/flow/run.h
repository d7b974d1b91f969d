/* Runs the real program, named by the environment variable CLAVIGER, with an argument vector, and
 * keeps what it said. Tests speak to it as a shell would; they never link its insides. */
#ifndef CLAVIGER_FLOW_RUN_H
#define CLAVIGER_FLOW_RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <jansson.h>

struct ran {
	int code; /* exit code; 1000 + signal when a signal ended it */
	char *out, *err;
	size_t out_len;
};

/* Where the program is. */
const char *run_program(void);

/* Runs to the end (a minute at most). The words are NULL-ended, without the program's name. */
void run(struct ran *ran, ...) __attribute__((sentinel));
void run_words(struct ran *ran, const char *const *words, const char *input);
void ran_free(struct ran *ran);

/* Fails the test, with all that was said, unless it ended with this code. */
void ran_expect(const struct ran *ran, int code);
/* Fails unless stderr is exactly one line that holds each of these texts (NULL-ended). */
void ran_complains(const struct ran *ran, ...) __attribute__((sentinel));

/* stdout as JSON; the caller gives it back. Fails the test when it is none. */
json_t *ran_json(const struct ran *ran);
/* The text at a path of keys and indexes with dots; fails the test when there is none. */
const char *text_at(const json_t *root, const char *path);
json_t *value_at(const json_t *root, const char *path);
/* The element of an array whose member has that text; fails the test when there is none. */
json_t *find(const json_t *array, const char *member, const char *text);

/* The value of a line export NAME='VALUE' of --print-env; fails the test when there is none. */
void env_value(const char *block, const char *name, char *out, size_t room);

/* A process that goes on: start, wait until its stderr or stdout holds a text, end by a signal. */
struct going {
	pid_t pid;
	int out, err;
	char said[8192];
	size_t said_len;
};
void going_start(struct going *going, ...) __attribute__((sentinel));
void going_wait(struct going *going, const char *text);
/* Sends the signal (0: none) and waits for the end; returns the code as in struct ran. */
int going_end(struct going *going, int signal);

/* A temporary folder for one test, and its sandbox option: --sandbox=DIR. */
struct place {
	char dir[PATH_MAX], sandbox[PATH_MAX + 16];
};
void place_make(struct place *place);
/* One whose sandbox is seeded already. */
void place_seed(struct place *place);
/* Copies into an empty folder the demo estate that run.sh makes once for all programs, as its keys
 * take seconds: DEMO_ESTATE. False without that one: whoever serves the folder seeds it. */
bool place_fill(const char *dir);
/* A copy of a place whose sandbox nobody serves: seeding makes keys, which takes seconds. */
void place_copy(struct place *to, const struct place *from);
void place_remove(struct place *place);
/* claviger sandbox ctl, a word and its argument, for the process that serves it there. */
void place_ctl(const struct place *place, const char *word, const char *argument);
/* ctl dump of what a process serves there, as its text and as what that is; the caller gives it
 * back. */
char *place_dump(const struct place *place);
json_t *place_dumped(const struct place *place);

#endif
