/* The hash covers the bytes as they are stored, so that verifying needs no canonical JSON: whoever
 * changes one byte of a line changes its hash, and with it every line after it. */
#include "backend/journal/line.h"

#include <string.h>

#include "backend/json/json.h"
#include "crypto/digest.h"

static const char hash_open[] = ",\"hash\":\"", hash_close[] = "\"}";
const char line_origin[LINE_HASH] =
	"0000000000000000000000000000000000000000000000000000000000000000";

static int
collect(const char *bytes, size_t len, void *user)
{
	return buf_add(user, bytes, len) ? 0 : -1;
}

bool
line_write(const json_t *record, struct buf *out, char hash[LINE_HASH], struct err *err)
{
	struct buf text;
	bool ok;

	buf_init(&text, LINE_MAX_BYTES - sizeof hash_open - sizeof hash_close - LINE_HASH);
	ok = json_dump_callback(record, collect, &text, JSON_COMPACT) == 0 && text.len > 2;
	if (ok) {
		digest_sha256_hex(text.data, text.len - 1, hash);
		ok = buf_add(out, text.data, text.len - 1) && buf_adds(out, hash_open) &&
		     buf_adds(out, hash) && buf_adds(out, hash_close) && buf_adds(out, "\n");
	}
	buf_free(&text);
	return ok || err_set(err, ERR_JOURNAL, "", "a record is larger than %d bytes",
			     (int)LINE_MAX_BYTES);
}

json_t *
line_read(const char *line, size_t len, int64_t *seq, char prev[LINE_HASH], char hash[LINE_HASH],
	struct err *err)
{
	const size_t tail = sizeof hash_open - 1 + LINE_HASH - 1 + sizeof hash_close - 1;
	const char *found = len > tail ? line + len - tail : NULL;
	char real[LINE_HASH];
	json_t *record;

	if (found == NULL || memcmp(found, hash_open, sizeof hash_open - 1) != 0 ||
		memcmp(line + len - 2, hash_close, 2) != 0) {
		err_set(err, ERR_FAILED, "JournalForm", "is not a record of this journal");
		return NULL;
	}
	digest_sha256_hex(line, len - tail, real);
	if (memcmp(found + sizeof hash_open - 1, real, LINE_HASH - 1) != 0) {
		err_set(err, ERR_FAILED, "JournalHash", "was changed: its hash does not match it");
		return NULL;
	}
	memcpy(hash, real, LINE_HASH);
	record = json_read(line, len, "the record", err);
	if (record == NULL)
		return NULL;
	*seq = 0;
	if (json_number(record, "seq", seq, err) &&
		json_need_text(record, "prev", prev, LINE_HASH, err))
		return record;
	json_decref(record);
	return NULL;
}
