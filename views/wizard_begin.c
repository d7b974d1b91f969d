/* Which wizard a plan gets, and what no plan can begin without: said here once, for every list. */
#include "backend/plans/past.h"
#include "tui/words.h"
#include "views/view.h"
#include "views/wizard.h"

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

bool
wizard_again(struct app *app, const struct operation *operation, bool back)
{
	struct wizard_argument argument = {
		.plan = plan_find(operation->plan), .operation = operation, .back = back};
	struct err err = {0};

	if (argument.plan == NULL || operation->begin == NULL) {
		app_say(app, ROLE_ERROR,
			_("This version has no plan '%s': it cannot be gone on with"),
			operation->plan);
		return false;
	}
	if (!past_subject(session_cloud(app_options(app)->session), operation->begin,
		    &argument.subject, &err)) {
		app_say_err(app, &err);
		return false;
	}
	if (argument.subject.kind == SUBJECT_ACCOUNT)
		argument.service = service_find(argument.subject.id.type);
	return wizard_begin(app, &argument);
}
