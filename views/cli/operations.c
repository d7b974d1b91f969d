/* What was begun: the operations of the journal, and going on with one or taking it back; and plans
 * that wait in a file. All are carried out as any plan is. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/journal/operation.h"
#include "backend/plans/past.h"
#include "backend/plans/plan_file.h"
#include "views/cli/campaign.h"
#include "views/cli/plan.h"

struct listing {
	json_t *rows;
	struct sheet sheet;
	const struct cli *cli;
};

static void
add_row(void *user, const struct operation *operation)
{
	struct listing *listing = user;
	struct sheet *sheet = &listing->sheet;
	const char *standing;
	char done[48] = "";

	/* A member is told of with its campaign. */
	if (operation->of[0])
		return;
	standing = operation_standing(cli_journal_dir(listing->cli), operation);
	json_array_append_new(listing->rows,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o}", "operation", operation->id,
			"plan", operation->plan, "subject", operation->subject, "state", standing,
			"started", operation->started, "last", operation->last, "done",
			(json_int_t)operation->done, "steps",
			operation->all ? json_integer((json_int_t)operation->all) : json_null()));
	if (operation->all)
		snprintf(done, sizeof done, "%zu of %zu", operation->done, operation->all);
	sheet_add(sheet, operation->id);
	sheet_add(sheet, operation->plan);
	sheet_add(sheet, operation->subject);
	sheet_add(sheet, standing);
	sheet_add(sheet, operation->started);
	sheet_add(sheet, operation->last);
	sheet_add(sheet, done);
}

static int
list(struct cli *cli)
{
	static const char *const headers[] = {
		"operation", "plan", "subject", "state", "started", "last", "done"};
	struct listing listing = {.rows = json_array(),
		.sheet = {.headers = headers, .columns = ARRAY_LEN(headers)},
		.cli = cli};
	struct err err = {0};
	int code;

	if (!cli_find_journal(cli, &err) ||
		!operation_each(cli_journal_dir(cli), add_row, &listing, &err)) {
		json_decref(listing.rows);
		sheet_free(&listing.sheet);
		return cli_fail(&err);
	}
	if (listing.sheet.cells_len == 0 && cli->print.format == PRINT_TABLE)
		fputs("claviger: nothing was changed yet\n", stderr);
	code = cli_print(cli, listing.rows, &listing.sheet, 0);
	sheet_free(&listing.sheet);
	return code;
}

/* As it stands by now: another process may have gone on with it meanwhile. */
static struct run *
start_again(const struct cli_source *source, struct cli *cli, void (*changed)(void *user),
	void *user, struct err *err)
{
	const struct operation *was = source->from;
	struct operation now;
	struct run *run;

	if (!operation_take(cli->journal, cli_journal_dir(cli), was->id, &now, err))
		return NULL;
	run = (source->back ? plan_rollback : plan_resume)(
		cli->estate, cli->journal, &now, changed, user, err);
	if (run == NULL && cli->journal)
		journal_release(cli->journal, now.id);
	operation_free(&now);
	return run;
}

static int
carry_out(struct cli *cli, bool back)
{
	struct operation operation;
	struct cli_source source = {.back = back,
		.agreed = !back,
		.start = start_again,
		.from = &operation,
		.name = cli->words[0]};
	struct err err = {0};
	int code;

	if (!cli_find_journal(cli, &err) ||
		!operation_find(cli_journal_dir(cli), cli->words[0], &operation, &err))
		return cli_fail(&err);
	cli->command.plan = plan_find(operation.plan);
	if (cli->command.plan && cli_is_campaign(&operation)) {
		code = cli_campaign_again(cli, &operation, back);
	} else if (cli->command.plan) {
		source.name = operation.subject;
		code = cli_plan_from(cli, &source);
	} else {
		err_set(&err, ERR_REFUSED, "NewerPlan",
			"operation %s: this version has no plan '%s'", operation.id,
			operation.plan);
		code = cli_fail(&err);
	}
	operation_free(&operation);
	return code;
}

static int
resume(struct cli *cli)
{
	return carry_out(cli, false);
}

static int
rollback(struct cli *cli)
{
	return carry_out(cli, true);
}

struct kept {
	json_t *file;
	const char *approval; /* NULL: none was typed */
};

static struct run *
start_kept(const struct cli_source *source, struct cli *cli, void (*changed)(void *user),
	void *user, struct err *err)
{
	const struct kept *kept = source->from;

	return plan_again(
		cli->estate, cli->journal, kept->file, kept->approval, changed, user, err);
}

static bool
check_kept(const struct cli_source *source, const struct run *run, struct err *err)
{
	const struct kept *kept = source->from;

	return plan_file_holds(kept->file, run, err);
}

/* What cuts off is approved by somebody who has looked at the file and types its digest. */
static bool
approve(const struct cli *cli, const struct plan_def *plan, const char *digest, struct kept *kept,
	struct err *err)
{
	const char *typed = cli_option(cli, "approve");

	if (typed && text_casecmp(typed, digest) != 0)
		return err_set(err, ERR_REFUSED, "NotApproved",
			"--approve: that is not the digest of %.200s; a changed plan has to be "
			"looked at again",
			cli->words[0]);
	if (typed == NULL && plan->danger == PLAN_CUTS)
		return err_set(err, ERR_REFUSED, "NotApproved",
			"%s cuts off what depends on the key: a second operator looks at %.200s and "
			"gives its digest (sha256sum): --approve=DIGEST",
			plan->name, cli->words[0]);
	kept->approval = typed ? digest : NULL;
	return true;
}

static int
apply(struct cli *cli)
{
	struct kept kept = {0};
	struct cli_source source = {.agreed = true,
		.start = start_kept,
		.check = check_kept,
		.from = &kept,
		.name = cli->words[0]};
	char digest[65];
	struct err err = {0};
	const char *name;
	int code;

	kept.file = plan_file_read(cli->words[0], digest, &err);
	if (kept.file == NULL)
		return cli_fail(&err);
	name = json_string_value(json_object_get(kept.file, "plan"));
	cli->command.plan = plan_find(name ? name : "");
	if (cli->command.plan == NULL)
		err_set(&err, ERR_REFUSED, "NewerPlan", "%.200s: this version has no such plan",
			cli->words[0]);
	if (cli->command.plan == NULL || !approve(cli, cli->command.plan, digest, &kept, &err))
		code = cli_fail(&err);
	else if (cli->command.plan->stages)
		code = cli_campaign_apply(cli, kept.file, kept.approval);
	else
		code = cli_plan_from(cli, &source);
	json_decref(kept.file);
	return code;
}

const struct command command_operations = {
	.name = "operations",
	.args = "",
	.summary = "List what was carried out, how far it came and how it stands.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE,
	.run = list,
};

const struct command command_resume = {
	.name = "resume",
	.args = "OPERATION",
	.summary = "Go on with an operation that was parked or cut off; reads first.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_CARRY,
	.words_min = 1,
	.words_max = 1,
	.run = resume,
};

const struct command command_rollback = {
	.name = "rollback",
	.args = "OPERATION",
	.summary = "Undo the recorded changes of an operation, last first.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_CARRY,
	.words_min = 1,
	.words_max = 1,
	.run = rollback,
};

const struct command command_apply = {
	.name = "apply",
	.args = "FILE",
	.summary = "Carry out a plan that --plan-out wrote, on the ground on which it was made.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_CARRY | OPTIONS_APPROVE,
	.words_min = 1,
	.words_max = 1,
	.run = apply,
};
