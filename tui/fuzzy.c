/* A name is gone through once for each word typed, without memory of its own: it is asked of every
 * row there is at each key. */
#include "tui/fuzzy.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool
is_part(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80);
}

static bool
begins(const char *name, const char *word, size_t len)
{
	size_t i = 0;

	while (i < len && name[i] && lower(name[i]) == lower(word[i]))
		i++;
	return i == len;
}

static enum fuzzy
match_word(const char *word, size_t len, const char *name)
{
	size_t letters = 0, initials = 0;
	enum fuzzy best = FUZZY_NOT;

	if (begins(name, word, len))
		return name[len] == '\0' ? FUZZY_WHOLE : FUZZY_PREFIX;
	for (const char *at = name; *at; at++) {
		bool start = is_part(*at) && (at == name || !is_part(at[-1]));

		if (best > FUZZY_WORD && begins(at, word, len))
			best = start ? FUZZY_WORD : FUZZY_WITHIN;
		initials += start && initials < len && lower(*at) == lower(word[initials]);
		letters += letters < len && lower(*at) == lower(word[letters]);
	}
	if (best > FUZZY_INITIALS && initials == len)
		return FUZZY_INITIALS;
	return best == FUZZY_NOT && letters == len ? FUZZY_LETTERS : best;
}

enum fuzzy
fuzzy_match(const char *query, const char *name)
{
	enum fuzzy worst = FUZZY_WHOLE, one;
	size_t words = 0;

	for (; *(query += strspn(query, " ")); words++) {
		size_t len = strcspn(query, " ");

		one = match_word(query, len, name);
		if (one == FUZZY_NOT)
			return FUZZY_NOT;
		worst = one > worst ? one : worst;
		query += len;
	}
	return words ? worst : FUZZY_PREFIX;
}
