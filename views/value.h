/* Values of a `show` object in words: the console says what the JSON output says. */
#ifndef CLAVIGER_VIEWS_VALUE_H
#define CLAVIGER_VIEWS_VALUE_H

#include "backend/journal/operation.h"
#include "backend/json/json.h"
#include "views/page/page.h"

/* The value at path as text: yes and no, numbers, lists with blanks between; "" when it is unknown
 * or absent. Returns out. */
char *value_text(const json_t *json, const char *path, char *out, size_t room);

/* Whether it is unknown for no other reason than that nobody has read it yet. */
bool value_unread(const json_t *json, const char *path);

/* Adds label and value; an unknown one is said to be unknown, with the reason the object gives. */
void value_field(struct page *page, const json_t *json, const char *path, const char *label);

/* The same of a value that is a word of ours: in the language of the reader. */
void value_word(struct page *page, const json_t *json, const char *path, const char *label);

/* The object's array of findings with cause, source and remedy; nothing when there is none. */
void value_findings(struct page *page, const json_t *findings);

/* The first characters of an id or version, enough to tell two apart. */
enum { VALUE_SHORT = 9 };
char *value_short(const char *id, char out[VALUE_SHORT + 3]);

/* The name of a plan's or an operation's state as people read it; to be translated. */
const char *value_state(const char *name);

/* How long it took: "1.2 s", "300 ms", "" for no time. */
void value_took(double seconds, char *out, size_t room);

/* The role of how an operation stands. */
enum role value_operation(enum operation_state state);

/* The role of a finding's severity, by its name. */
enum role value_severity(const char *severity);

#endif
