/* Names for whoever completes a word on a command line: read without a session, so never asked
 * for, and without a wish to be right: a name of last time is better than none. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/cache.h"
#include "backend/estate/cache_rows.h"

enum { NAME_ROOM = 256 };

/* By the words of a kind's name. A key's host begins with its vault's name. */
static const struct {
	const char *kind, *sql;
} names[] = {
	{"account", "SELECT DISTINCT name FROM accounts ORDER BY 1"},
	{"vault", "SELECT DISTINCT name FROM vaults ORDER BY 1"},
	{"identity", "SELECT DISTINCT name FROM identities ORDER BY 1"},
	{"subscription", "SELECT DISTINCT name FROM subscriptions ORDER BY 1"},
	{"group", "SELECT DISTINCT grp FROM accounts UNION SELECT grp FROM vaults ORDER BY 1"},
	{"key", "SELECT DISTINCT substr(host, 1, instr(host, '.') - 1) || '/' || name FROM keys "
		"WHERE instr(host, '.') > 1 ORDER BY 1"},
};

bool
cache_names(const char *path, const char *kind, void (*each)(void *user, const char *name),
	void *user, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *db;
	size_t i = 0, steps;
	bool ok;

	while (i < ARRAY_LEN(names) && strcmp(names[i].kind, kind) != 0)
		i++;
	if (i == ARRAY_LEN(names))
		return err_set(err, ERR_NOT_FOUND, "", "no names of kind %s are kept", kind);
	ok = cache_open_old(path, &steps, &db, err) &&
	     (sqlite3_prepare_v2(db, names[i].sql, -1, &stmt, NULL) == SQLITE_OK ||
		     err_set(err, ERR_FAILED, "", "%s: %s", path, sqlite3_errmsg(db)));
	while (ok && sqlite3_step(stmt) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(stmt, 0);
		char clean[NAME_ROOM];

		if (text == NULL)
			continue;
		text_cleans(clean, sizeof clean, text);
		each(user, clean);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return ok;
}
