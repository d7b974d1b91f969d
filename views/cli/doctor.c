/* What an operator would check first when something does not work. Each check adds rows of its own;
 * a finding names its fix. Nothing is changed, and all that is asked for is a list of
 * subscriptions of each tenant. */
#include "views/cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>

#include "backend/base/text.h"

static const char *const health_names[] = {"ok", "skipped", "warn", "bad"};
static const char *const columns[] = {"check", "state", "text", "fix"};

/* In a table the fix stands below what it mends, where a terminal has room for it. */
void
doctor_say(struct doctor *doctor, const char *check, enum health health, const char *fix,
	const char *fmt, ...)
{
	char raw[700], text[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	text_cleans(text, sizeof text, raw);
	json_array_append_new(doctor->array,
		json_pack("{s:s, s:s, s:s, s:s}", "check", check, "state", health_names[health],
			"text", text, "fix", health <= HEALTH_SKIPPED ? "" : fix));
	sheet_add(&doctor->sheet, check);
	sheet_add(&doctor->sheet, health_names[health]);
	sheet_add(&doctor->sheet, text);
	if (doctor->cli->print.format != PRINT_TABLE) {
		sheet_add(&doctor->sheet, health <= HEALTH_SKIPPED ? "" : fix);
	} else if (health > HEALTH_SKIPPED) {
		sheet_add(&doctor->sheet, "");
		sheet_add(&doctor->sheet, "fix");
		sheet_add(&doctor->sheet, fix);
	}
	doctor->findings = doctor->findings || health > HEALTH_SKIPPED;
}

static void
examine(struct doctor *doctor, bool ask)
{
	doctor->array = json_array();
	doctor->sheet = (struct sheet){.headers = columns,
		.columns = ARRAY_LEN(columns) - (doctor->cli->print.format == PRINT_TABLE),
		.wrapped = 1 << 2};
	doctor_process(doctor);
	if (!doctor_config(doctor))
		return;
	doctor->seen = json_array();
	if (ask)
		doctor_ask(doctor);
	doctor_credentials(doctor);
	doctor_files(doctor);
	if (ask)
		doctor_service(doctor);
	json_decref(doctor->seen);
}

json_t *
cli_checks(struct cli *cli, bool ask)
{
	struct doctor doctor = {.cli = cli};

	examine(&doctor, ask);
	sheet_free(&doctor.sheet);
	return doctor.array;
}

static int
doctor_run(struct cli *cli)
{
	struct doctor doctor = {.cli = cli};
	int code;

	examine(&doctor, true);
	code = cli_print(cli, doctor.array, &doctor.sheet, doctor.findings ? EXIT_FINDINGS : 0);
	sheet_free(&doctor.sheet);
	return code;
}

const struct command command_doctor = {
	.name = "doctor",
	.args = "",
	.summary =
		"Look for what stands in the way here: terminal, sign-in, clock, files; exit 11 if any.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.run = doctor_run,
};
