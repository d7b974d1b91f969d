/* What a code means. The same table feeds the list of all of them, for which nothing is looked up.
 */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/codes/code.h"
#include "views/cli/cli.h"
#include "views/near.h"

static json_t *
code_json(const struct code *code)
{
	return json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s}", "code", code->name, "from", code->from,
		"means", code->means, "why", code->why, "remedy", code->todo, "source",
		code->source);
}

static void
print_code(const struct code *code, bool first)
{
	char source[300];

	printf("%s%s (%s)\n", first ? "" : "\n", code->name, code->from);
	cli_paragraph(code->means, strlen(code->means));
	if (code->why)
		cli_paragraph(code->why, strlen(code->why));
	printf("\n  what to do:\n");
	cli_paragraph(code->todo, strlen(code->todo));
	snprintf(source, sizeof source, "[%s]", code->source);
	putchar('\n');
	cli_paragraph(source, strlen(source));
}

static int
unknown(const char *word)
{
	char shown[64], list[160];
	struct code code;
	struct near near;
	struct err err;

	near_start(&near, word);
	for (size_t i = 0; code_at(i, &code); i++)
		near_offer(&near, code.name);
	text_cleans(shown, sizeof shown, word);
	near_print(&near, list, sizeof list);
	err_set(&err, ERR_NOT_FOUND, "", "explain: no code '%s' is known%s", shown,
		*list ? list : "; claviger explain lists them all");
	return cli_fail(&err);
}

/* Every code in a line of its own. */
static int
list_all(struct cli *cli)
{
	static const char *const headers[] = {"code", "from", "means"};
	struct sheet sheet = {.headers = headers, .columns = ARRAY_LEN(headers), .wrapped = 4};
	json_t *array = json_array();
	struct code code;
	int end;

	for (size_t i = 0; code_at(i, &code); i++) {
		json_array_append_new(array, code_json(&code));
		sheet_add(&sheet, code.name);
		sheet_add(&sheet, code.from);
		sheet_add(&sheet, code.means);
	}
	end = cli_print(cli, array, &sheet, 0);
	sheet_free(&sheet);
	return end;
}

static int
explain(struct cli *cli)
{
	bool text = cli->print.format == PRINT_TABLE && cli->print.query == NULL;
	json_t *array;
	struct code code;
	size_t found = 0;

	if (cli->words_len == 0)
		return list_all(cli);
	array = json_array();
	for (size_t i = 0; code_at(i, &code); i++) {
		if (!code_is(&code, cli->words[0]))
			continue;
		if (text)
			print_code(&code, found == 0);
		else
			json_array_append_new(array, code_json(&code));
		found++;
	}
	if (found && !text)
		return cli_print(cli, array, NULL, 0);
	json_decref(array);
	return found ? 0 : unknown(cli->words[0]);
}

const struct command command_explain = {
	.name = "explain",
	.args = "[CODE]",
	.summary =
		"Tell what an error code, a finding's rule or an exit code means and what to do.",
	.options = OPTIONS_COMMON | OPTIONS_DATA,
	.words_max = 1,
	.run = explain,
};
