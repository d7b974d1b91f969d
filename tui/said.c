/* What the backend makes of a sentence goes into the journal and into JSON, where it is English and
 * stays so. For the screen it is matched against the sentences of the catalogue, as gettext can
 * only look up whole ones: hence the file is read here too. The sentence with the most text of its
 * own wins; a name in it may be a sentence again, as in "kv1: no right to read it". */
#include "tui/said.h"

#include <ctype.h>
#include <libintl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"

enum { FILE_MAX = 4 << 20, HEAD_BYTES = 28, GAPS_MAX = 8, DEPTH_MAX = 3, TEXT_BYTES = 1024 };
/* Bytes of text that a sentence has beside its gaps; one in a gap must not be mistaken for a name.
 */
enum { OWN_LEAST = 3, OWN_INSIDE = 8 };

/* The file as msgfmt writes it: two tables of lengths and places. */
static struct {
	struct buf file;
	uint32_t count, ids, texts;
} catalogue;

struct span {
	const char *text;
	size_t len;
};

/* What stands in the gaps of a sentence; the ending of an English plural ("2 version%s") counts as
 * empty. Numbers are digits, and a name at the end is not followed by another sentence. */
struct fit {
	struct span gaps[GAPS_MAX];
	size_t len, own;
};

static uint32_t
word_at(size_t place)
{
	uint32_t word = 0;

	if (place + sizeof word <= catalogue.file.len)
		memcpy(&word, catalogue.file.data + place, sizeof word);
	return word;
}

/* Text i of a table; "" where the file is not what it should be. */
static const char *
text_at(uint32_t table, uint32_t i)
{
	size_t at = table + (size_t)i * 2 * sizeof(uint32_t);
	size_t len = word_at(at), place = word_at(at + sizeof(uint32_t));

	if (place >= catalogue.file.len || len >= catalogue.file.len - place ||
		catalogue.file.data[place + len] != '\0')
		return "";
	return catalogue.file.data + place;
}

void
said_forget(void)
{
	buf_free(&catalogue.file);
	catalogue.count = 0;
}

void
said_load(const char *folder, const char *language, const char *domain)
{
	static const uint32_t magic = 0x950412de;
	char path[PATH_MAX];
	struct err err;

	said_forget();
	buf_init(&catalogue.file, FILE_MAX);
	if (snprintf(path, sizeof path, "%s/%s/LC_MESSAGES/%s.mo", folder, language, domain) >=
			(int)sizeof path ||
		!file_read(path, false, &catalogue.file, &err) || catalogue.file.len < HEAD_BYTES ||
		word_at(0) != magic)
		return;
	catalogue.count = word_at(8);
	catalogue.ids = word_at(12);
	catalogue.texts = word_at(16);
	if (catalogue.count > catalogue.file.len / (4 * sizeof(uint32_t)))
		catalogue.count = 0;
}

/* Bytes of the conversion that format begins with; 0: it begins with none. *place gets the argument
 * that it names, from 0 on (%2$s: 1), else stays. */
static size_t
conversion(const char *format, size_t *place)
{
	size_t len = 1;

	if (format[0] != '%' || format[1] == '%')
		return 0;
	if (format[1] >= '1' && format[1] <= '9' && format[2] == '$')
		*place = (size_t)(format[1] - '1');
	len += strcspn(format + len, "sducoxfg");
	return format[len] ? len + 1 : 0;
}

/* Copies the text of a sentence up to its next gap; *format moves there. */
static size_t
own_text(const char **format, char out[TEXT_BYTES])
{
	size_t len = 0, place;

	while (**format && !conversion(*format, &place) && len + 1 < TEXT_BYTES) {
		out[len++] = **format;
		*format += 1 + (**format == '%');
	}
	out[len] = '\0';
	return len;
}

/* Where the text of a sentence goes on behind a gap: at its end if nothing of it follows. */
static const char *
find(const char *text, const char *own, size_t len, bool last)
{
	size_t all = strlen(text);

	if (!last)
		return strstr(text, own);
	return all >= len && strcmp(text + all - len, own) == 0 ? text + all - len : NULL;
}

static bool
fits(const char *format, const char *text, struct fit *fit)
{
	char own[TEXT_BYTES];
	size_t len = own_text(&format, own), place = 0, skip;
	const char *next;
	bool begins = len > 0;

	*fit = (struct fit){.own = len};
	if (strncmp(text, own, len) != 0)
		return false;
	for (text += len; *format; text = next + len) {
		bool word = len && isalpha((unsigned char)own[len - 1]), ending, number;
		bool colon = len > 1 && own[len - 2] == ':';

		skip = conversion(format, &place);
		if (skip == 0 || fit->len == GAPS_MAX)
			return false;
		format += skip;
		number = strchr("du", format[-1]) != NULL;
		len = own_text(&format, own);
		next = find(text, own, len, *format == '\0');
		if (next == NULL || (number && text + strspn(text, "0123456789") != next))
			return false;
		if (*next == '\0' && len == 0 && !colon && strstr(text, "; "))
			return false;
		ending = word && next - text == 1 && *text == 's';
		fit->gaps[fit->len++] = (struct span){text, ending ? 0 : (size_t)(next - text)};
		fit->own += len;
	}
	return *text == '\0' && fit->len && fit->own >= (begins ? OWN_LEAST : OWN_INSIDE);
}

static void say(const char *text, size_t len, struct buf *out, int depth);

/* A text too long for the screen ends early. */
static void
add(struct buf *out, const char *text)
{
	(void)!buf_adds(out, text);
}

/* The translation of a sentence, with what stood in its gaps. */
static void
fill(const char *format, const struct fit *fit, struct buf *out, int depth)
{
	char own[TEXT_BYTES];
	size_t next = 0;

	while (*format) {
		size_t place = next, skip;

		own_text(&format, own);
		add(out, own);
		skip = conversion(format, &place);
		format += skip;
		if (skip && place < fit->len)
			say(fit->gaps[place].text, fit->gaps[place].len, out, depth + 1);
		next += skip > 0;
	}
}

static const char *
find_sentence(const char *text, struct fit *best, int depth)
{
	const char *found = NULL;
	struct fit fit;

	best->own = 0;
	for (uint32_t i = 0; i < catalogue.count; i++) {
		const char *id = text_at(catalogue.ids, i);

		if (strchr(id, '%') && fits(id, text, &fit) && fit.own > best->own &&
			(depth == 0 || fit.own >= OWN_INSIDE)) {
			*best = fit;
			found = text_at(catalogue.texts, i);
		}
	}
	return found;
}

/* Bytes that a text begins with and that are a text of their own, such as "locked: "; 0: none. */
static size_t
prefix(const char *text)
{
	char own[TEXT_BYTES];
	const char *colon = strstr(text, ": ");
	size_t len = colon ? (size_t)(colon + 2 - text) : 0;

	snprintf(own, sizeof own, "%.*s", (int)len, text);
	return len && strcmp(gettext(own), own) != 0 ? len : 0;
}

static bool
is_known(const char *text)
{
	struct fit fit;

	return strcmp(gettext(text), text) != 0 ||
	       (strstr(text, ". ") == NULL && find_sentence(text, &fit, 1) != NULL);
}

/* Adds a text that is several in a row, such as "westeurope, the same region", with what the
 * catalogue puts between them; before a colon stands a name. */
static void
say_parts(const char *text, struct buf *out, int depth)
{
	static const char *const stops[] = {". ", "; ", ": ", ", "};
	const char *at = strstr(text, ": "), *stop = ": ", *comma = strstr(text, ", ");
	size_t before = out->len;

	if (at && !is_known(at + 2))
		at = NULL;
	for (size_t i = 0; at == NULL && i < sizeof stops / sizeof *stops; i++)
		at = strstr(text, stop = stops[i]);
	if (*stop == ':' && comma && comma < at) {
		at = comma;
		stop = ", ";
	}
	if (at == NULL) {
		add(out, text);
		return;
	}
	say(text, (size_t)(at - text), out, *stop == ':' ? DEPTH_MAX : depth ? depth : 1);
	if (at == text || strncmp(buf_text(out) + before, text, (size_t)(at - text)) != 0)
		stop = gettext(stop);
	add(out, stop);
	say(at + 2, strlen(at + 2), out, *stop == ':' ? depth + 1 : depth ? depth : 1);
}

/* Adds a text in the language of the reader, as far as the catalogue has it. What stands in a gap
 * is a name, of whatever meaning, unless it has several words. */
static void
say(const char *text, size_t len, struct buf *out, int depth)
{
	char whole[TEXT_BYTES];
	const char *sentence;
	size_t before;
	struct fit fit;

	snprintf(whole, sizeof whole, "%.*s", (int)len, text);
	if (*whole == '\0' || (depth && strchr(whole, ' ') == NULL) || depth == DEPTH_MAX) {
		add(out, whole);
	} else if (strcmp(gettext(whole), whole) != 0) {
		add(out, gettext(whole));
	} else if ((before = prefix(whole)) > 0) {
		say(whole, before, out, depth);
		say(whole + before, strlen(whole + before), out, depth);
	} else if ((sentence = find_sentence(whole, &fit, depth))) {
		fill(sentence, &fit, out, depth);
	} else {
		say_parts(whole, out, depth);
	}
}

const char *
said(const char *text, char room[SAID])
{
	struct buf out;

	if (catalogue.count == 0 || *text == '\0')
		return text;
	buf_init(&out, SAID - 1);
	say(text, strlen(text), &out, 0);
	snprintf(room, SAID, "%s", buf_text(&out));
	buf_free(&out);
	return room;
}
