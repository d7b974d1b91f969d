/* The journal as a table or as its records, and its check. Neither needs Azure: with
 * --sandbox=DIR it is the journal in DIR, and no sandbox is started for it. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "views/cli.h"

static const char *const columns[] = {
	"seq", "time", "operation", "plan", "step", "phase", "http", "target"};

static bool
find_dir(struct cli *cli, struct err *err)
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

/* The file may have been written by others: every text in it is made safe. */
static json_t *
clean(const json_t *value)
{
	char text[4096];
	const char *key;
	const json_t *item;
	json_t *out;
	size_t i;

	if (json_is_string(value)) {
		text_cleans(text, sizeof text, json_string_value(value));
		return json_string(text);
	}
	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, item)
		{
			json_array_append_new(out, clean(item));
		}
		return out;
	}
	if (!json_is_object(value))
		return json_deep_copy(value);
	out = json_object();
	json_object_foreach((json_t *)value, key, item)
	{
		text_cleans(text, sizeof text, key);
		json_object_set_new(out, text, clean(item));
	}
	return out;
}

static void
collect(void *user, const json_t *record)
{
	json_array_append_new(user, clean(record));
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
	json_t *records = json_array();
	struct err err = {0};
	int code;

	if (!find_dir(cli, &err) || !journal_each(cli_journal_dir(cli), collect, records, &err)) {
		json_decref(records);
		return cli_fail(&err);
	}
	fill(&sheet, records);
	if (sheet.cells_len == 0 && cli->print.format == PRINT_TABLE)
		fputs("claviger: the journal is empty: nothing was changed yet\n", stderr);
	code = cli_print(cli, records, &sheet, 0);
	sheet_free(&sheet);
	return code;
}

static int
verify(struct cli *cli)
{
	char tail[65] = "";
	size_t records = 0;
	struct err err = {0};

	if (!find_dir(cli, &err) || !journal_verify(cli_journal_dir(cli), &records, tail, &err))
		return cli_fail(&err);
	return cli_print(cli,
		json_pack("{s:b, s:I, s:s}", "ok", 1, "records", (json_int_t)records, "tail", tail),
		NULL, 0);
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
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.run = verify,
};
