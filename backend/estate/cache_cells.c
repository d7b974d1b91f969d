/* The file lies where other programs of the same user can write: nothing that is read from it is
 * taken as it is. Texts are made safe as if they came from the network, numbers must lie in their
 * range; one value that does not fit makes the whole of it worth nothing. */
#include "backend/estate/cache_cells.h"

#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/reply.h"

void
cells_put_number(struct cells *cells, int64_t number)
{
	cells->bad |= sqlite3_bind_int64(cells->stmt, ++cells->column, number) != SQLITE_OK;
}

void
cells_put_text(struct cells *cells, const char *text)
{
	cells->bad |= sqlite3_bind_text(cells->stmt, ++cells->column, text, -1, SQLITE_STATIC) !=
		      SQLITE_OK;
}

void
cells_put_bytes(struct cells *cells, const uint8_t bytes[16])
{
	cells->bad |= sqlite3_bind_blob(cells->stmt, ++cells->column, bytes, 16, SQLITE_STATIC) !=
		      SQLITE_OK;
}

int64_t
cells_take_number(struct cells *cells, int64_t most)
{
	int64_t number = sqlite3_column_int64(cells->stmt, cells->column);

	cells->bad |= sqlite3_column_type(cells->stmt, cells->column++) != SQLITE_INTEGER ||
		      number < 0 || number > most;
	return cells->bad ? 0 : number;
}

const char *
cells_take_raw(struct cells *cells, size_t *len)
{
	const char *text = (const char *)sqlite3_column_text(cells->stmt, cells->column);

	*len = (size_t)sqlite3_column_bytes(cells->stmt, cells->column++);
	cells->bad |= text == NULL || *len > CACHE_TEXT;
	if (cells->bad)
		*len = 0;
	return *len ? text : "";
}

const char *
cells_take_clean(struct cells *cells)
{
	size_t len;
	const char *text = cells_take_raw(cells, &len);

	text_clean(cells->clean, CACHE_TEXT + 1, text, len);
	return cells->clean;
}

uint32_t
cells_take_text(struct cells *cells, struct pool *pool)
{
	return pool_intern(pool, cells_take_clean(cells));
}

uint32_t
cells_take_name(struct cells *cells, struct pool *pool)
{
	return pool_add(pool, cells_take_clean(cells));
}

/* Several lines, each made safe by itself. */
uint32_t
cells_take_lines(struct cells *cells, struct pool *pool)
{
	size_t len, used = 0;
	const char *text = cells_take_raw(cells, &len);
	char *clean = cells->clean;

	clean[0] = '\0';
	for (size_t n; len && used < CACHE_TEXT; text += n, len -= n) {
		const char *end = memchr(text, '\n', len);

		n = end ? (size_t)(end - text) : len;
		used += text_clean(clean + used, CACHE_TEXT - used, text, n);
		if (end) {
			clean[used++] = '\n';
			n++;
		}
		clean[used] = '\0';
	}
	return pool_intern(pool, clean);
}

/* JSON can write a control character in clean letters: it is read and written again. */
uint32_t
cells_take_tags(struct cells *cells, struct pool *pool)
{
	size_t len;
	const char *text = cells_take_raw(cells, &len);
	json_t *json, *tags = NULL;
	uint32_t at = 0;
	char *clean;

	if (len == 0)
		return 0;
	json = json_pack("{s:o}", "tags", json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL));
	cells->bad |= json == NULL || !reply_tags(json, &tags, NULL);
	clean = tags && !cells->bad ? json_dumps(tags, JSON_COMPACT) : NULL;
	if (clean)
		at = pool_intern(pool, clean);
	mem_zeroing_free(clean);
	json_decref(tags);
	json_decref(json);
	return at;
}

void
cells_take_bytes(struct cells *cells, uint8_t out[16])
{
	const void *bytes = sqlite3_column_blob(cells->stmt, cells->column);

	cells->bad |= bytes == NULL || sqlite3_column_bytes(cells->stmt, cells->column) != 16;
	cells->column++;
	if (!cells->bad)
		memcpy(out, bytes, 16);
}
