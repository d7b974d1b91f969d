/* The console for those who hear it or feel it: numbered questions, one line an answer, nothing
 * that moves. It only finds out what to call; the call itself is the command line's own, with its
 * plan, its questions and its outcome, and is told as well, so that it can be given directly next
 * time. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli/accessible.h"
#include "views/command.h"
#include "views/signals.h"
#include "views/value.h"

enum { PLANS_MAX = 40, COMMAND_MAX = 16384 };

bool
dialogue_answer(struct dialogue *d, char out[LINE_BYTES])
{
	size_t len;
	int c;

	fflush(stdout);
	if (d->over || !signals_line(out, LINE_BYTES)) {
		d->over = true;
		return false;
	}
	len = strlen(out);
	if (len && out[len - 1] != '\n')
		while ((c = getchar()) != '\n' && c != EOF)
			;
	while (len && isspace((unsigned char)out[len - 1]))
		out[--len] = '\0';
	memmove(out, out + strspn(out, " \t"), strlen(out + strspn(out, " \t")) + 1);
	wrap_answered(d->cli->wrap);
	d->over = strcmp(out, "q") == 0;
	return !d->over;
}

size_t
dialogue_number(const char *text, size_t most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	return isdigit((unsigned char)text[0]) && *end == '\0' && n <= most ? n : 0;
}

size_t
dialogue_choose(struct dialogue *d, const char *what, size_t most)
{
	char line[LINE_BYTES];
	size_t n;

	for (;;) {
		printf("%s, 1 to %zu, Enter goes back, q leaves: ", what, most);
		if (!dialogue_answer(d, line) || line[0] == '\0')
			return 0;
		n = dialogue_number(line, most);
		if (n)
			return n;
		puts("That is no number of the list.");
	}
}

/* The cells of a row that say something, in one line. */
static void
row_line(const struct dialogue *d, const struct kind *kind, size_t row, char *out, size_t room)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < kind->columns_len && used < room; i++) {
		char cell[200];

		if (kind->columns[i].rank > 1 ||
			kind->cell(d->cli->estate, row, i, cell, sizeof cell) == CELL_NONE)
			continue;
		used += (size_t)snprintf(out + used, room - used, "%s%s", used ? ", " : "", cell);
	}
}

static bool
is_only_one(const struct dialogue *d, const struct kind *kind, const char *name)
{
	size_t same = 0;

	for (size_t row = 0; row < kind->count(d->cli->estate); row++) {
		char cell[200];

		kind->cell(d->cli->estate, row, 0, cell, sizeof cell);
		same += text_casecmp(cell, name) == 0;
	}
	return same == 1;
}

/* What a call takes for it: VAULT/NAME where it is in a vault, else its name, or its id where
 * others have that name too. */
void
dialogue_row_name(
	const struct dialogue *d, const struct kind *kind, size_t row, char *out, size_t room)
{
	json_t *json = kind->json(d->cli->estate, row);
	char vault[96], name[140], id[ARMID_MAX];

	value_text(json, "vault", vault, sizeof vault);
	value_text(json, "name", name, sizeof name);
	value_text(json, "id", id, sizeof id);
	if (vault[0])
		snprintf(out, room, "%s/%s", vault, name);
	else
		text_cleans(out, room, id[0] && !is_only_one(d, kind, name) ? id : name);
	json_decref(json);
}

/* Tells the rows that hold text, as many as are bearable; found gets their numbers. */
static size_t
tell_rows(const struct dialogue *d, const struct kind *kind, const char *text, size_t found[ROWS])
{
	size_t rows = kind->count(d->cli->estate), len = 0, more = 0;

	for (size_t row = 0; row < rows; row++) {
		char line[LINE_BYTES];

		row_line(d, kind, row, line, sizeof line);
		if (!text_case_has(line, text))
			continue;
		if (len == ROWS) {
			more++;
			continue;
		}
		found[len++] = row;
		printf("%zu. %s\n", len, line);
	}
	if (len == 0)
		printf("%s\n", text[0] ? "Nothing holds that text." : kind->empty);
	if (more)
		printf("And %zu more: type a part of a name.\n", more);
	return len;
}

bool
dialogue_load(struct dialogue *d, unsigned parts, unsigned also)
{
	struct err err = {0};

	puts("Reading.");
	fflush(stdout);
	signals_watch(session_loop(d->cli->session), cli_stop, d->cli);
	if (!estate_load_with(d->cli->estate, parts, also, &err)) {
		cli_fail(&err);
		return false;
	}
	cli_notes(d->cli);
	return true;
}

bool
dialogue_choose_row(struct dialogue *d, const struct kind *kind, bool others, size_t *row)
{
	char text[LINE_BYTES] = "", line[LINE_BYTES];
	size_t found[ROWS], len, n;

	for (;;) {
		printf("%s\n", kind->title);
		len = tell_rows(d, kind, text, found);
		printf("A number, a part of a name%s, Enter goes back, q leaves: ",
			others ? ", + for what is not in the list" : "");
		if (!dialogue_answer(d, line) || line[0] == '\0')
			return false;
		if (others && strcmp(line, "+") == 0) {
			*row = SIZE_MAX;
			return true;
		}
		n = dialogue_number(line, len);
		if (n) {
			*row = found[n - 1];
			return true;
		}
		snprintf(text, sizeof text, "%s", line);
	}
}

/* A value from the rows of a kind; the text stays as it was when none is chosen. */
static void
choose_value(struct dialogue *d, const struct kind *kind, char *out)
{
	size_t row;

	if (dialogue_load(d, kind->part, kind->also) && dialogue_choose_row(d, kind, false, &row))
		dialogue_row_name(d, kind, row, out, LINE_BYTES);
}

static void
tell_choices(const struct plan_field *field)
{
	for (size_t i = 0; field->choices && field->choices[i]; i++)
		printf("  %zu. %s\n", i + 1, field->choices[i]);
}

static size_t
choices_len(const struct plan_field *field)
{
	size_t len = 0;

	while (field->choices && field->choices[len])
		len++;
	return len;
}

/* What is said before the answer: what it is, what is suggested and why. */
static void
tell_field(const struct dialogue *d, const struct form *form, size_t i, char *suggested)
{
	const struct plan_field *field = &form->plan->fields[i];
	const struct filling filling = {.estate = d->cli->estate,
		.plan = form->plan,
		.subject = &form->subject,
		.facts = form->facts.account.service ? &form->facts : NULL,
		.service = form->facts.account.service};
	char reason[400] = "";

	printf("\n%s. %s%s\n", field->title, field->help, field->required ? " Required." : "");
	if (field->empty)
		printf("  If left empty: %s\n", field->empty);
	if (form->named[i][0]) {
		snprintf(suggested, LINE_BYTES, "%s", form->named[i]);
		printf("  Suggested: %s, as it was named\n", suggested);
	} else if (field->suggest &&
		   field->suggest(&filling, suggested, LINE_BYTES, reason, sizeof reason)) {
		printf("  %s%s%s%s\n", suggested[0] ? "Suggested: " : "If left empty: ", suggested,
			suggested[0] ? ", " : "", reason);
	}
	tell_choices(field);
	if (kind_find(field->name))
		puts("  ? lists what there is.");
}

/* Asks for one field until the answer can be one. False: the dialogue is over. */
static bool
ask_field(struct dialogue *d, struct form *form, size_t i)
{
	const struct plan_field *field = &form->plan->fields[i];
	const struct kind *kind = kind_find(field->name);
	char suggested[LINE_BYTES] = "", *own = form->own[i];
	size_t n;

	tell_field(d, form, i, suggested);
	for (;;) {
		printf("%s%s%s%s%s: ", field->title, field->arg ? "" : ", y or n",
			suggested[0] ? " (Enter: " : "", suggested, suggested[0] ? ")" : "");
		if (!dialogue_answer(d, own))
			return false;
		if (kind && strcmp(own, "?") == 0) {
			own[0] = '\0';
			choose_value(d, kind, own);
		}
		if (own[0] == '\0')
			snprintf(own, LINE_BYTES, "%s", suggested);
		n = dialogue_number(own, choices_len(field));
		if (n)
			snprintf(own, LINE_BYTES, "%s", field->choices[n - 1]);
		if (own[0] || !field->required)
			break;
		puts("This one is required.");
	}
	if (field->arg == NULL)
		form->values[i] = text_case_starts(own, "y") ? "yes" : NULL;
	else
		form->values[i] = own[0] ? own : NULL;
	return !d->over;
}

static bool
ask_fields(struct dialogue *d, struct form *form)
{
	for (size_t i = 0; i < form->plan->fields_len; i++) {
		const struct plan_field *field = &form->plan->fields[i];

		if (field->applies && form->service && !field->applies(form->service))
			continue;
		if (!ask_field(d, form, i))
			return false;
	}
	return true;
}

static void
tell_command(const struct form *form)
{
	const char *names[] = {form->name};
	struct buf command;

	buf_init(&command, COMMAND_MAX);
	if (command_claviger(&command, form->plan, names, 1, form->values, NULL))
		printf("\nThe same as a command: %s\n\n", buf_text(&command));
	buf_free(&command);
	fflush(stdout);
}

static void
give(struct cli *cli, const char *name, const char *value)
{
	cli->given = mem_resize(cli->given, (cli->given_len + 1) * sizeof *cli->given);
	cli->given[cli->given_len++] = (struct given){name, value};
}

/* The call is made as if it had been typed; what it changed is read again when looked at. */
static void
call(struct dialogue *d, const struct form *form)
{
	struct cli *cli = d->cli;
	size_t given = cli->given_len;

	for (size_t i = 0; cli_command_at(i, &cli->command); i++)
		if (cli->command.plan == form->plan)
			break;
	for (size_t i = 0; i < form->plan->fields_len; i++)
		if (form->values[i])
			give(cli, form->plan->fields[i].name, form->values[i]);
	if (form->group[0])
		give(cli, "resource-group", form->group);
	cli->words[0] = form->name;
	cli->words_len = 1;
	tell_command(form);
	cli->command.run(cli);
	cli->words_len = 0;
	cli->given_len = given;
	cli_close_journal(cli);
	signals_watch(session_loop(cli->session), cli_stop, cli);
	estate_refresh(cli->estate, estate_read(cli->estate));
}

/* What suggestions and hints know of it. */
static void
know_subject(struct dialogue *d, struct form *form)
{
	const char *slash = strchr(form->name, '/');
	struct subject *subject = &form->subject;
	struct err err = {0};

	subject->kind = form->plan->subject;
	if (subject->kind == SUBJECT_KEY && slash) {
		snprintf(subject->key.vault, sizeof subject->key.vault, "%.*s",
			(int)(slash - form->name), form->name);
		snprintf(subject->key.key, sizeof subject->key.key, "%s", slash + 1);
	}
	if (subject->kind == SUBJECT_ACCOUNT && !form->plan->makes &&
		estate_find_account(
			d->cli->estate, form->name, NULL, &subject->id, &form->service, &err) &&
		!estate_read_facts(d->cli->estate, &subject->id, &form->facts, &err))
		cli_fail(&err);
}

void
dialogue_carry_out(struct dialogue *d, struct form *form)
{
	know_subject(d, form);
	printf("%s. %s\n", form->plan->title, form->plan->summary);
	if (ask_fields(d, form))
		call(d, form);
	facts_free(&form->facts);
}

/* The plans about a kind: those for a row of it, or those for what is not in the list. */
static size_t
find_plans(const char *kind, bool new, const struct plan_def *found[PLANS_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < plans_len && len < PLANS_MAX; i++) {
		const struct plan_def *plan = plans[i];

		if (plan->member || plan_names_absent(plan) != new ||
			strcmp(subject_noun(plan->subject), kind) != 0)
			continue;
		found[len++] = plan;
	}
	return len;
}

/* One of them; NULL: none. */
static const struct plan_def *
choose_plan(struct dialogue *d, bool new)
{
	const struct plan_def *found[PLANS_MAX];
	size_t len = find_plans(d->kind->name, new, found), n;

	if (len == 0)
		puts("Nothing can be done with it.");
	for (size_t i = 0; i < len; i++)
		printf("%zu. %s: %s\n", i + 1, found[i]->title, found[i]->summary);
	n = len ? dialogue_choose(d, "An action; choosing one changes nothing yet", len) : 0;
	return n ? found[n - 1] : NULL;
}

static void
with_row(struct dialogue *d, size_t row)
{
	struct form form = {.plan = NULL};

	puts("");
	for (size_t i = 0; i < d->kind->columns_len; i++) {
		char cell[400];

		if (d->kind->cell(d->cli->estate, row, i, cell, sizeof cell) != CELL_NONE)
			printf("%s: %s\n", d->kind->columns[i].title, cell);
	}
	dialogue_row_name(d, d->kind, row, form.name, sizeof form.name);
	puts("\nWhat to do with it");
	form.plan = choose_plan(d, false);
	if (form.plan)
		dialogue_carry_out(d, &form);
}

static void
with_new(struct dialogue *d)
{
	struct form form = {.plan = choose_plan(d, true)};

	if (form.plan == NULL)
		return;
	printf("Name%s: ", form.plan->subject == SUBJECT_KEY ? ", as VAULT/NAME" : "");
	if (!dialogue_answer(d, form.name) || form.name[0] == '\0')
		return;
	if (form.plan->makes && form.plan->subject != SUBJECT_KEY) {
		printf("Resource group: ");
		if (!dialogue_answer(d, form.group))
			return;
	}
	dialogue_carry_out(d, &form);
}

static void
with_kind(struct dialogue *d)
{
	const struct plan_def *found[PLANS_MAX];
	size_t row;

	while (!d->over && dialogue_load(d, d->kind->part, d->kind->also) &&
		dialogue_choose_row(d, d->kind, find_plans(d->kind->name, true, found) > 0, &row))
		if (row == SIZE_MAX)
			with_new(d);
		else
			with_row(d, row);
}

int
cli_accessible(struct cli *cli)
{
	struct dialogue d = {.cli = cli};
	struct err err = {0};
	size_t n;

	if (!cli_open(cli, &err))
		return cli_fail(&err);
	signals_watch(session_loop(cli->session), cli_stop, cli);
	cli->print.format = PRINT_NONE;
	printf("claviger, %s%s.\n", session_cloud(cli->session)->name,
		cli->profile.sandbox ? ", SANDBOX: nothing here is real" : "");
	while (!d.over) {
		puts("\nWhere to");
		for (size_t i = 0; i < kinds_len; i++)
			printf("%zu. %s\n", i + 1, kinds[i]->title);
		printf("%zu. Findings: what is wrong, and what mends it\n", kinds_len + 1);
		printf("%zu. Incident: a key was stolen, or data must go dark now\n",
			kinds_len + 2);
		n = dialogue_choose(&d, "A place", kinds_len + 2);
		if (n == 0)
			break;
		d.kind = n <= kinds_len ? kinds[n - 1] : NULL;
		if (d.kind)
			with_kind(&d);
		else if (n == kinds_len + 1)
			dialogue_findings(&d);
		else
			dialogue_incident(&d);
	}
	return signals_pending() ? signals_exit(signals_pending()) : 0;
}
