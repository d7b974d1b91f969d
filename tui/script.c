/* Golden screens are played by keys: the same words work on a live terminal and without one. */
#include "tui/script.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"

static struct {
	key_code *keys;
	size_t len, room, next;
} queue;

static void
push(key_code key)
{
	if (queue.len == queue.room) {
		queue.room = queue.room ? queue.room * 2 : 32;
		queue.keys = mem_resize(queue.keys, queue.room * sizeof *queue.keys);
	}
	queue.keys[queue.len++] = key;
}

/* Types the letters of a word; false where one is no character. */
static bool
type(const char *word, size_t len)
{
	for (size_t i = 0; i < len;) {
		char one[5] = "";
		size_t n = 1;
		key_code key;

		while (i + n < len && n < 4 && ((unsigned char)word[i + n] >> 6) == 2)
			n++;
		memcpy(one, word + i, n);
		key = key_parse(one);
		if (key == KEY_NOTHING)
			return false;
		push(key);
		i += n;
	}
	return true;
}

static bool
play_word(const char *word, size_t len)
{
	char name[64] = "";
	key_code key;

	if (word[0] == '=')
		return type(word + 1, len - 1);
	if (len >= sizeof name)
		return false;
	memcpy(name, word, len);
	key = key_parse(name);
	if (key == KEY_NOTHING)
		return false;
	push(key);
	return true;
}

bool
script_play(const char *text, struct err *err)
{
	static const char blanks[] = " \t\r\n";
	size_t before = queue.len;

	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t len = strcspn(text, blanks);

		if (!play_word(text, len)) {
			queue.len = before;
			return err_set(err, ERR_USAGE, "",
				"key script: \"%.*s\" is no key; write Down, PgDn, Enter, Esc, "
				"Space, F1, ^R, a single letter, =text or Wait",
				len > 60 ? 60 : (int)len, text);
		}
		text += len;
	}
	return true;
}

key_code
script_next(void)
{
	if (queue.next < queue.len)
		return queue.keys[queue.next++];
	if (queue.keys) {
		free(queue.keys);
		memset(&queue, 0, sizeof queue);
	}
	return KEY_NOTHING;
}
