/* The findings of the estate. Exit 11 tells a script that something of severity high is among them;
 * the rest is for people to weigh. */
#include <stdio.h>
#include <string.h>

#include "backend/estate/posture_estate.h"
#include "views/cli/cli.h"

enum { REMEDY = 4 };

/* What a finding is of, as commands name it. */
static void
subject(const json_t *finding, char *out, size_t room)
{
	const char *account = json_string_value(json_object_get(finding, "account"));
	const char *vault = json_string_value(json_object_get(finding, "vault"));
	const char *key = json_string_value(json_object_get(finding, "key"));

	if (account)
		snprintf(out, room, "%s", account);
	else if (vault)
		snprintf(out, room, "%s%s%s", vault, key ? "/" : "", key ? key : "");
	else
		snprintf(out, room, "-");
}

static void
fill(struct sheet *sheet, const json_t *array)
{
	static const char *const fields[] = {"rule", "severity", "cause", "remedy"};
	char whom[300];
	json_t *one;
	size_t i;

	json_array_foreach(array, i, one)
	{
		subject(one, whom, sizeof whom);
		sheet_add(sheet, whom);
		for (size_t k = 0; k < ARRAY_LEN(fields); k++)
			sheet_add(sheet, json_string_value(json_object_get(one, fields[k])));
	}
}

static int
posture(struct cli *cli)
{
	static const char *const headers[] = {"subject", "rule", "severity", "cause", "remedy"};
	struct sheet sheet = {.headers = headers,
		.columns = ARRAY_LEN(headers),
		.wrapped = 1u << (REMEDY - 1) | 1u << REMEDY};
	struct err err = {0};
	const char *worst;
	json_t *array;
	int code;

	if (!cli_open(cli, &err) ||
		!estate_load_with(cli->estate, ESTATE_ACCOUNTS, POSTURE_PARTS, &err) ||
		(array = posture_estate(cli->estate, cli->words, cli->words_len, &err)) == NULL)
		return cli_fail(&err);
	cli_notes(cli);
	worst = json_string_value(json_object_get(json_array_get(array, 0), "severity"));
	fill(&sheet, array);
	code = worst && strcmp(worst, severity_name(SEVERITY_HIGH)) == 0 ? EXIT_FINDINGS : 0;
	if (worst == NULL && cli->print.format == PRINT_TABLE)
		fprintf(stderr, "claviger: nothing is found wrong\n");
	code = cli_print(cli, array, &sheet, code);
	sheet_free(&sheet);
	return code;
}

const struct command command_posture = {
	.name = "posture",
	.args = "[NAME...]",
	.summary = "What is wrong with accounts, vaults and keys, and the command that mends it.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.words_min = 0,
	.words_max = SIZE_MAX,
	.run = posture,
};
