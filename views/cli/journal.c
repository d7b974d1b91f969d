/* The journal as a table or as its records, and its check. Neither needs Azure: with
 * --sandbox=DIR it is the journal in DIR, and no sandbox is started for it. */
#include <stdio.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/journal/export.h"
#include "backend/journal/operation.h"
#include "views/cli/cli.h"
#include "views/journal/timeline.h"

enum { CHECKPOINT_BYTES_MAX = 4096, EXPORT_BYTES_MAX = 256 << 20 };

static const char *const columns[] = {
	"seq", "time", "operation", "plan", "step", "phase", "http", "target"};

bool
cli_find_journal(struct cli *cli, struct err *err)
{
	const char *dir = cli_option(cli, "sandbox");

	if (dir == NULL)
		return true;
	if (*dir == '\0')
		return err_set(err, ERR_USAGE, "",
			"a temporary sandbox takes its journal with it; name the folder of one that "
			"stays: --sandbox=DIR");
	return text_copy(cli->journal_dir, sizeof cli->journal_dir, dir) ||
	       err_set(err, ERR_USAGE, "", "--sandbox: the path is too long");
}

static void
fill(struct sheet *sheet, const json_t *records)
{
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
			const json_t *value = json_object_get(record, columns[c]);
			char number[32];

			snprintf(number, sizeof number, "%lld",
				(long long)json_integer_value(value));
			sheet_add(sheet, json_is_string(value)    ? json_string_value(value)
					 : json_is_integer(value) ? number
								  : "");
		}
	}
}

static int
list(struct cli *cli)
{
	struct sheet sheet = {.headers = columns, .columns = ARRAY_LEN(columns)};
	json_t *records = NULL;
	struct err err = {0};
	int code;

	if (cli_find_journal(cli, &err))
		records = timeline_records(cli_journal_dir(cli), NULL, NULL, &err);
	if (records == NULL)
		return cli_fail(&err);
	fill(&sheet, records);
	if (sheet.cells_len == 0 && cli->print.format == PRINT_TABLE)
		fputs("claviger: the journal is empty: nothing was changed yet\n", stderr);
	code = cli_print(cli, records, &sheet, 0);
	sheet_free(&sheet);
	return code;
}

/* --checkpoint LINE or @FILE. */
static bool
read_checkpoint(const char *given, struct checkpoint *out, struct err *err)
{
	struct buf text;
	bool ok;

	if (given[0] != '@')
		return journal_checkpoint_read(given, out, err);
	buf_init(&text, CHECKPOINT_BYTES_MAX);
	ok = file_read(given + 1, false, &text, err) &&
	     journal_checkpoint_read(buf_text(&text), out, err);
	buf_free(&text);
	return ok;
}

static int
verify(struct cli *cli)
{
	const char *given = cli_option(cli, "checkpoint");
	struct checkpoint saved;
	char tail[65] = "";
	size_t records = 0;
	struct err err = {0};
	bool ok;

	if (!cli_find_journal(cli, &err) || (given && !read_checkpoint(given, &saved, &err)))
		return cli_fail(&err);
	ok = given ? journal_verify_since(cli_journal_dir(cli), &saved, &records, tail, &err)
		   : journal_verify(cli_journal_dir(cli), &records, tail, &err);
	if (!ok)
		return cli_fail(&err);
	return cli_print(cli,
		json_pack("{s:b, s:I, s:s}", "ok", 1, "records", (json_int_t)records, "tail", tail),
		NULL, 0);
}

static int
checkpoint(struct cli *cli)
{
	struct checkpoint now;
	struct err err = {0};
	char line[160];

	if (!cli_find_journal(cli, &err) || !journal_checkpoint(cli_journal_dir(cli), &now, &err))
		return cli_fail(&err);
	snprintf(line, sizeof line, "%s %zu %s\n", now.origin, now.size, now.hash);
	return print_text(line, &err) ? 0 : cli_fail(&err);
}

/* The records of one operation with its members, or all of them. */
static json_t *
chosen(struct cli *cli, struct err *err)
{
	const char *wanted = cli_option(cli, "operation");
	struct operation operation = {0};
	json_t *out = NULL;

	if (cli_find_journal(cli, err) &&
		(wanted == NULL || operation_find(cli_journal_dir(cli), wanted, &operation, err)))
		out = timeline_records(
			cli_journal_dir(cli), wanted ? operation.id : NULL, NULL, err);
	operation_free(&operation);
	return out;
}

static int export(struct cli *cli)
{
	const char *format = cli_option(cli, "output");
	bool csv = format && strcmp(format, "csv") == 0, ok;
	struct err err = {0};
	json_t *records;
	struct buf text;
	int code = 0;

	if (format && !csv && strcmp(format, "md") != 0 && strcmp(format, "json") != 0) {
		err_set(&err, ERR_USAGE, "", "-o: must be md, json or csv");
		return cli_fail(&err);
	}
	records = chosen(cli, &err);
	if (records == NULL)
		return cli_fail(&err);
	if (format && strcmp(format, "json") == 0) {
		cli->print.format = PRINT_JSON;
		return cli_print(cli, records, NULL, 0);
	}
	buf_init(&text, EXPORT_BYTES_MAX);
	ok = (csv ? export_csv : export_markdown)(records, &text) ||
	     err_set(&err, ERR_FAILED, "", "the journal is too long to be exported at once");
	if (!ok || !print_text(buf_text(&text), &err))
		code = cli_fail(&err);
	buf_free(&text);
	json_decref(records);
	return code;
}

const struct command command_journal_list = {
	.name = "journal list",
	.args = "",
	.summary = "List what was about to be done and what came of it.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.run = list,
};

const struct command command_journal_verify = {
	.name = "journal verify",
	.args = "",
	.summary = "Check that no record of the journal was changed, taken out or put in.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_VERIFY,
	.run = verify,
};

const struct command command_journal_export = {
	.name = "journal export",
	.args = "",
	.summary = "Print the journal as a timeline for people, or for another program.",
	.options = OPTIONS_COMMON | OPTIONS_ESTATE | OPTIONS_EXPORT,
	.run = export,
};

const struct command command_journal_checkpoint = {
	.name = "journal checkpoint",
	.args = "",
	.summary = "Print a line that says how the journal stands, to be kept elsewhere.",
	.options = OPTIONS_COMMON | OPTIONS_ESTATE,
	.run = checkpoint,
};
