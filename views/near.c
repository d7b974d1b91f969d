/* Edit distance, with a bonus for a common beginning: people cut words short more often than they
 * twist them. */
#include "views/near.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/err.h"
#include "backend/base/text.h"

enum { WORD_MAX = 47 };

void
near_start(struct near *near, const char *word)
{
	*near = (struct near){.word = word};
}

/* Levenshtein's distance of two words of at most WORD_MAX letters, one row at a time. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], alen = strlen(a), blen = strlen(b);

	for (size_t j = 0; j <= blen; j++)
		row[j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			size_t above = row[j], best = corner + (a[i - 1] != b[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = above;
			row[j] = best;
		}
	}
	return row[blen];
}

void
near_offer(struct near *near, const char *candidate)
{
	size_t len = strlen(near->word), d, at;

	if (len > WORD_MAX || strlen(candidate) > WORD_MAX || len == 0)
		return;
	d = distance(near->word, candidate);
	if (text_case_starts(candidate, near->word))
		d = 1;
	if (d > 1 + len / 3)
		return;
	for (size_t i = 0; i < near->len; i++)
		if (strcmp(near->best[i], candidate) == 0)
			return;
	for (at = near->len; at > 0 && near->distance[at - 1] > d; at--)
		;
	if (at == ARRAY_LEN(near->best))
		return;
	if (near->len < ARRAY_LEN(near->best))
		near->len++;
	for (size_t i = near->len - 1; i > at; i--) {
		memcpy(near->best[i], near->best[i - 1], sizeof near->best[i]);
		near->distance[i] = near->distance[i - 1];
	}
	snprintf(near->best[at], sizeof near->best[at], "%s", candidate);
	near->distance[at] = d;
}

char *
near_print(const struct near *near, char *out, size_t room)
{
	int used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < near->len && (size_t)used < room; i++)
		used += snprintf(out + used, room - (size_t)used, "%s%s",
			i ? ", " : "; nearest: ", near->best[i]);
	return out;
}
