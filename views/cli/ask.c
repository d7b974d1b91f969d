/* Nothing is ever begun without --yes or an answer typed at a terminal, and nobody is cut off
 * without the name of what is cut. */
#include "views/cli/ask.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/text.h"
#include "views/cli/accessible.h"
#include "views/command.h"
#include "views/signals.h"

enum { ANSWER_MAX = 16, CONFIRM_MAX = 5 * SUBJECT_NAME /* each letter may be quoted */ };

static bool
has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static bool
read_answer(const struct cli *cli, char *answer, size_t room)
{
	fflush(stderr);
	if (!signals_line(answer, (int)room))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	wrap_answered(cli->wrap);
	return true;
}

/* Anything but y or yes is a no. */
static bool
agreed(const struct cli *cli, const char *text)
{
	char answer[ANSWER_MAX] = "";

	fprintf(stderr, "%s [y/N] ", text);
	return read_answer(cli, answer, sizeof answer) &&
	       (text_casecmp(answer, "y") == 0 || text_casecmp(answer, "yes") == 0);
}

/* The profile's banner, before anything is asked or changed. */
static void
show_banner(const struct cli *cli)
{
	const struct profile *profile = &cli->profile;

	if (profile->banner[0])
		fprintf(stderr, "claviger: %s: profile %s, %s\n", profile->banner, profile->name,
			profile->cloud.name);
}

/* Whether the call names what it cuts off. */
static bool
confirmed(const struct cli *cli, const char *name)
{
	const char *given;

	for (size_t i = 0; (given = cli_option_at(cli, "confirm", i)) != NULL; i++)
		if (plan_confirmed(given, name))
			return true;
	return false;
}

static bool
refused(const struct question *question, struct err *err)
{
	if (signals_pending())
		return cli_stopped("nothing was changed", err);
	fprintf(stderr, "claviger: %s %s: nothing was changed\n", question->plan->name,
		question->name);
	return false;
}

static bool
typed(const struct cli *cli, const char *why, const char *name)
{
	char answer[SUBJECT_NAME] = "";

	fprintf(stderr, "%s. Type %s to go on: ", why, name);
	return read_answer(cli, answer, sizeof answer) && plan_confirmed(answer, name);
}

/* The name comes from Azure, and what is said here will be copied into a shell. */
static bool
say_confirm(const struct question *question, struct err *err)
{
	struct buf confirm;
	bool ok;

	buf_init(&confirm, CONFIRM_MAX);
	ok = command_confirm(&confirm, question->cuts);
	err_set(err, ERR_USAGE, "",
		"%s %s: this cuts off what depends on it; look at it with --dry-run, do it with%s",
		question->plan->name, question->name, ok ? buf_text(&confirm) : " --confirm");
	buf_free(&confirm);
	return false;
}

/* What cuts off is agreed to by its name alone, typed here or with the call. */
static bool
may_cut(const struct cli *cli, const struct question *question, struct err *err)
{
	if (!has_terminal())
		return say_confirm(question, err);
	question->show(question->what);
	return typed(cli, "This cuts off what depends on it", question->cuts) ||
	       refused(question, err);
}

bool
ask_is_answered(const struct cli *cli, const struct question *question)
{
	if (question->cuts && confirmed(cli, question->cuts))
		return true;
	return (question->cuts == NULL || question->agreed) && cli_option(cli, "yes");
}

bool
ask_may(struct cli *cli, const struct question *question, struct err *err)
{
	if (cli->profile.read_only)
		return err_set(err, ERR_DENIED, "ReadOnly",
			"%s %s: there are changes to make, and this call is read-only; leave out "
			"--read-only, or set read-only = no in the profile",
			question->plan->name, question->name);
	if (!question->told)
		show_banner(cli);
	if (ask_is_answered(cli, question))
		return true;
	if (question->cuts && !question->agreed)
		return may_cut(cli, question, err);
	if (!has_terminal())
		return err_set(err, ERR_USAGE, "",
			"%s %s: there are changes to make; look at them with --dry-run, make them "
			"with --yes",
			question->plan->name, question->name);
	question->show(question->what);
	if (question->types)
		return typed(cli, "Not all of this can be undone", question->types) ||
		       refused(question, err);
	return agreed(cli, "Make these changes?") || refused(question, err);
}

bool
ask_may_break(const struct cli *cli, struct err *err)
{
	const char *reason = cli_option(cli, "break-glass");

	if (reason && cli->command.plan->danger != PLAN_CUTS)
		return err_set(err, ERR_USAGE, "",
			"--break-glass is for what cuts off; %s waits until the journal can be "
			"written",
			cli->command.plan->name);
	return reason == NULL || *reason ||
	       err_set(err, ERR_USAGE, "", "--break-glass: say why; it is recorded");
}

static bool
stops_plans(const char *rule)
{
	for (size_t i = 0; i < plans_len; i++)
		for (const char *const *id = plans[i]->blocking; id && *id; id++)
			if (strcmp(*id, rule) == 0)
				return true;
	return false;
}

bool
ask_forced(const struct cli *cli, const char *out[FORCED_MAX + 1], struct err *err)
{
	const char *rule;
	char shown[80];
	size_t i = 0;

	for (; (rule = cli_option_at(cli, "force", i)) != NULL; i++) {
		text_cleans(shown, sizeof shown, rule);
		if (!stops_plans(rule))
			return err_set(err, ERR_USAGE, "",
				"--force %s: no rule of that name stops a plan; findings name "
				"theirs: --dry-run",
				shown);
		if (i == FORCED_MAX)
			return err_set(err, ERR_USAGE, "", "--force: at most %d rules at once",
				FORCED_MAX);
		out[i] = rule;
	}
	out[i] = NULL;
	return true;
}
