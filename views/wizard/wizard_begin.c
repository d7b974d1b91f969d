/* Which wizard a plan gets, and what no plan can begin without: said here once, for every list. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/plans/past.h"
#include "tui/words.h"
#include "views/app/view.h"
#include "views/journal/past.h"
#include "views/wizard/wizard.h"

const char *
wizard_why_not(const struct app *app)
{
	const struct app_options *options = app_options(app);

	if (options->session && session_profile(options->session)->read_only)
		return N_(
			"Read-only: leave, and start without --read-only and with a profile that is "
			"not read-only");
	if (options->session && options->journal == NULL)
		return N_(
			"No change without a journal, and it could not be opened: claviger doctor "
			"tells why");
	return NULL;
}

bool
wizard_begin(struct app *app, const struct wizard_argument *argument)
{
	const struct operation *past = argument->operation;
	const char *why_not = wizard_why_not(app);
	bool several = argument->plan->stages || argument->fleet_len ||
		       (past && json_object_get(past->begin, "fleet"));

	if (why_not)
		app_say(app, ROLE_ERROR, "%s", _(why_not));
	return !why_not && app_push(app, several ? &view_campaign : &view_wizard, argument);
}

struct reading {
	struct past past;
	char id[OPERATION_ID];
	bool back;
	struct operation operation;
};

static void
read_operation(struct past *past)
{
	struct reading *reading = (struct reading *)past;

	(void)!operation_find_until(
		past->dir, reading->id, &reading->operation, &past->stop, &past->err);
}

static void
reading_free(struct past *past)
{
	operation_free(&((struct reading *)past)->operation);
	free(past);
}

static void
begin_again(struct app *app, const struct operation *operation, bool back)
{
	struct wizard_argument argument = {
		.plan = plan_find(operation->plan), .operation = operation, .back = back};
	struct err err = {0};

	if (argument.plan == NULL || operation->begin == NULL) {
		app_say(app, ROLE_ERROR,
			_("This version has no plan '%s': it cannot be gone on with"),
			operation->plan);
		return;
	}
	if (!past_subject(session_cloud(app_options(app)->session), operation->begin,
		    &argument.subject, &err)) {
		app_say_err(app, &err);
		return;
	}
	if (argument.subject.kind == SUBJECT_ACCOUNT)
		argument.service = service_find(argument.subject.id.type);
	(void)wizard_begin(app, &argument);
}

static void
operation_read(void *user, struct past *past)
{
	const struct reading *reading = (struct reading *)past;

	if (past->err.kind != ERR_NONE)
		app_say_err(user, &past->err);
	else
		begin_again(user, &reading->operation, reading->back);
}

void
wizard_again(struct app *app, const char *id, bool back)
{
	struct reading *reading = mem_alloc(sizeof *reading);

	reading->past =
		(struct past){.read = read_operation, .done = operation_read, .free = reading_free};
	snprintf(reading->id, sizeof reading->id, "%s", id);
	reading->back = back;
	past_ask(app, &reading->past);
}
