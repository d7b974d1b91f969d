/* The form of a plan, made from its fields; of a plan that makes something first what that is to be
 * called, and where. What is typed is judged at once, by the plan's own tables. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/hint.h"
#include "tui/words.h"
#include "views/wizard/field_words.h"
#include "views/wizard/wizard_state.h"

static const struct plan_field name_field = {.name = "name",
	.title = N_("Name"),
	.arg = "NAME",
	.help = N_("What it is called."),
	.required = true};

static const struct plan_field gone_field = {.name = "name",
	.title = N_("Name"),
	.arg = "NAME",
	.help = N_("What it was called when it was deleted."),
	.required = true};

static const struct plan_field group_field = {.name = "resource-group",
	.title = N_("Resource group"),
	.arg = "GROUP",
	.help = N_("The group to make it in: GROUP, or SUBSCRIPTION/GROUP where several "
		   "subscriptions have one of that name."),
	.required = true,
	.offer = offer_groups,
	.parts = ESTATE_IDENTITIES};

static const struct plan_field vault_field = {.name = "vault",
	.title = N_("Vault"),
	.arg = "VAULT",
	.help = N_("The key vault or managed HSM of the key."),
	.required = true,
	.hint = hint_vault,
	.parts = ESTATE_VAULTS};

void
wizard_filling(const struct wizard *wizard, size_t field, const char *values[WIZARD_FIELDS],
	struct filling *out)
{
	for (size_t i = 0; i < wizard->asks_len; i++) {
		const struct field *from = &wizard->fields[i];

		values[i] = NULL;
		if (from->hidden)
			continue;
		if (from->kind == FIELD_TEXT && wizard->own[i].text[0])
			values[i] = wizard->own[i].text;
		else if (from->kind == FIELD_CHOICE && from->chosen)
			values[i] = from->choices[from->chosen];
		else if (from->kind == FIELD_CHECK && from->chosen)
			values[i] = "yes";
	}
	*out = (struct filling){.estate = wizard->estate,
		.plan = wizard->plan,
		.subject = &wizard->subject,
		.service = wizard->service       ? wizard->service
			   : wizard->plan->makes ? service_find(wizard->plan->makes)
						 : NULL,
		.facts = wizard->known ? &wizard->facts : NULL,
		.used = wizard->used.key[0] ? &wizard->used : NULL,
		.fields = wizard->asks,
		.values = values,
		.fields_len = wizard->asks_len,
		.field = field};
}

/* Help, then what leaving it empty means, or why it is filled in. */
static void
explain(struct wizard *wizard, size_t i, const char *reason)
{
	const struct plan_field *field = wizard->asks[i];
	struct wizard_field *own = &wizard->own[i];
	bool empty = own->text[0] == '\0' && wizard->fields[i].chosen == 0;

	if (reason[0] == '\0' && empty && field->empty)
		reason = _(field->empty);
	snprintf(own->help, sizeof own->help, "%s%s%s%s",
		field_words(wizard->plan, field->help, (char[SAID]){0}),
		field->required ? _(" Required.") : "",
		reason[0] == '\0' ? ""
		: empty           ? _(" Empty: ")
				  : _(" Filled in: "),
		field_words(wizard->plan, reason, (char[SAID]){0}));
}

/* Says again of every field what is to be said of its value: one may speak of another's. */
static void
judge(struct wizard *wizard)
{
	static const enum role roles[] = {[HINT_TELLS] = ROLE_TEXT,
		[HINT_GOOD] = ROLE_OK,
		[HINT_WARNS] = ROLE_WARN,
		[HINT_BAD] = ROLE_BAD};
	const char *values[WIZARD_FIELDS];
	struct filling filling;

	for (size_t i = 0; i < wizard->asks_len; i++) {
		struct wizard_field *own = &wizard->own[i];
		enum hint hint = HINT_NONE;
		char text[sizeof own->hint] = "";

		wizard_filling(wizard, i, values, &filling);
		if (wizard->asks[i]->hint)
			hint = wizard->asks[i]->hint(&filling, text, sizeof text);
		snprintf(own->hint, sizeof own->hint, "%s",
			field_words(wizard->plan, text, (char[SAID]){0}));
		wizard->fields[i].hint = own->hint;
		wizard->fields[i].hint_role = roles[hint];
	}
}

/* Two values that exclude each other: the one that was given last stays. */
static void
exclude(struct wizard *wizard, size_t given)
{
	const char *name = wizard->asks[given]->name, *other = wizard->asks[given]->excludes;

	for (size_t i = 0; i < wizard->asks_len; i++) {
		bool out =
			(other && strcmp(wizard->asks[i]->name, other) == 0) ||
			(wizard->asks[i]->excludes && strcmp(wizard->asks[i]->excludes, name) == 0);

		if (!out)
			continue;
		wizard->own[i].touched = true;
		if (wizard->own[i].text[0] == '\0' && wizard->fields[i].chosen == 0)
			continue;
		wizard->own[i].text[0] = '\0';
		wizard->fields[i].chosen = 0;
		explain(wizard, i, "");
		app_say(app_of(wizard->view), ROLE_MESSAGE,
			_("%s is left out now: the two exclude each other"),
			_(wizard->asks[i]->title));
	}
}

void
wizard_form_set(struct wizard *wizard, size_t i)
{
	struct wizard_field *own = &wizard->own[i];

	own->touched = true;
	wizard->form.caret = strlen(own->text);
	explain(wizard, i, "");
	if (own->text[0] || wizard->fields[i].chosen)
		exclude(wizard, i);
	judge(wizard);
}

/* A suggestion that does not hold any more goes as it came. */
static void
suggest(struct wizard *wizard)
{
	const char *values[WIZARD_FIELDS];
	struct filling filling;

	for (size_t i = 0; i < wizard->asks_len; i++) {
		const struct plan_field *field = wizard->asks[i];
		struct wizard_field *own = &wizard->own[i];
		char value[WIZARD_TEXT] = "", reason[400] = "";

		wizard_filling(wizard, i, values, &filling);
		if (own->touched || field->suggest == NULL)
			continue;
		if (!field->suggest(&filling, value, sizeof value, reason, sizeof reason))
			value[0] = reason[0] = '\0';
		wizard->fields[i].chosen =
			wizard->fields[i].kind == FIELD_CHECK && strcmp(value, "yes") == 0;
		for (size_t c = 1; c < wizard->fields[i].choices_len; c++)
			if (strcmp(own->choices[c], value) == 0)
				wizard->fields[i].chosen = c;
		if (wizard->fields[i].kind == FIELD_TEXT && strcmp(own->text, value) != 0) {
			snprintf(own->text, sizeof own->text, "%s", value);
			if (i == wizard->form.current)
				wizard->form.caret = strlen(own->text);
		}
		explain(wizard, i, reason);
	}
}

/* A list in which something is being chosen stays under the cursor. */
static void
follow_estate(struct wizard *wizard)
{
	wizard->as_of = estate_changes(wizard->estate);
	if (wizard->service && wizard->run == NULL && wizard->starting == NULL)
		suggest(wizard);
	wizard_picker_update(wizard);
	if (!wizard->picker.focus && wizard->asks_len && wizard->own[wizard->form.current].touched)
		wizard_picker_narrow(wizard);
	judge(wizard);
}

static void
account_read(void *user, struct facts *facts, const struct err *err)
{
	struct wizard *wizard = user;

	wizard->reading = NULL;
	if (err && err->kind != ERR_NONE) {
		app_say_err(app_of(wizard->view), err);
	} else {
		wizard->facts = *facts;
		*facts = (struct facts){0};
		wizard->known = true;
		follow_estate(wizard);
	}
	app_dirty(app_of(wizard->view));
}

static void
add_field(struct wizard *wizard, const struct plan_field *from)
{
	size_t at = wizard->asks_len++;
	struct wizard_field *own = &wizard->own[at];
	struct field *field = &wizard->fields[at];

	wizard->asks[at] = from;
	*field = (struct field){.label = _(from->title),
		.help = own->help,
		.hidden = from->applies && wizard->service && !from->applies(wizard->service)};
	if (from->choices) {
		field->kind = FIELD_CHOICE;
		field->choices = own->choices;
		own->choices[field->choices_len++] = draw_glyph(GLYPH_NONE);
		for (size_t c = 0; from->choices[c] && c + 1 < WIZARD_CHOICES; c++)
			own->choices[field->choices_len++] = from->choices[c];
	} else if (from->arg == NULL) {
		field->kind = FIELD_CHECK;
	} else {
		field->text = own->text;
		field->size = sizeof own->text;
	}
	explain(wizard, at, "");
}

static void
fill_in(struct wizard *wizard, size_t i, const char *value)
{
	if (*value == '\0')
		return;
	snprintf(wizard->own[i].text, WIZARD_TEXT, "%s", value);
	explain(wizard, i, _("as of the row that you came from"));
}

/* What is to be made, or to be brought back, is named first. */
static void
add_subject(struct wizard *wizard)
{
	const struct plan_def *plan = wizard->plan;
	const struct armid *near = &wizard->subject.id;
	char group[WIZARD_TEXT] = "";

	if (!plan->makes && !plan->recovers)
		return;
	if (plan->subject == SUBJECT_KEY) {
		add_field(wizard, &vault_field);
		fill_in(wizard, 0,
			wizard->subject.key.vault[0] ? wizard->subject.key.vault : near->name);
	}
	add_field(wizard, plan->makes ? &name_field : &gone_field);
	if (plan->makes && plan->subject != SUBJECT_KEY) {
		add_field(wizard, &group_field);
		if (near->group[0])
			offer_group(wizard->estate, near, group, sizeof group);
		fill_in(wizard, 1, group);
	} else if (plan->recovers) {
		fill_in(wizard, wizard->asks_len - 1,
			plan->subject == SUBJECT_KEY ? wizard->subject.key.key : near->name);
	}
	wizard->named = wizard->asks_len;
}

/* What whoever opened the form knows already. */
static void
take_values(struct wizard *wizard, const char *const *values)
{
	for (size_t f = 0; f < wizard->plan->fields_len; f++) {
		size_t i = wizard->named + f;
		struct field *field = &wizard->fields[i];

		if (values[f] == NULL || field->hidden)
			continue;
		if (field->kind == FIELD_TEXT)
			snprintf(wizard->own[i].text, WIZARD_TEXT, "%s", values[f]);
		else if (field->kind == FIELD_CHECK)
			field->chosen = 1;
		for (size_t c = 1; c < field->choices_len; c++)
			if (strcmp(wizard->own[i].choices[c], values[f]) == 0)
				field->chosen = c;
		wizard_form_set(wizard, i);
		explain(wizard, i, _("as what mends the finding"));
	}
}

/* What the hints and lists of the form look at is read now, if it never was. */
static void
read_along(struct wizard *wizard)
{
	unsigned parts = 0;

	for (size_t i = 0; i < wizard->asks_len; i++)
		if (!wizard->fields[i].hidden)
			parts |= wizard->asks[i]->parts;
	parts &= ~(estate_read(wizard->estate) | estate_busy(wizard->estate));
	if (parts)
		estate_refresh(wizard->estate, parts);
}

void
wizard_form_open(struct wizard *wizard, const char *const *values)
{
	add_subject(wizard);
	for (size_t i = 0; i < wizard->plan->fields_len && i < PLAN_FIELDS_MAX; i++)
		add_field(wizard, &wizard->plan->fields[i]);
	wizard->form.fields = wizard->fields;
	wizard->form.fields_len = wizard->asks_len;
	take_values(wizard, values);
	while (wizard->form.current + 1 < wizard->named &&
		wizard->own[wizard->form.current].text[0])
		wizard->form.current++;
	if (wizard->asks_len)
		wizard->form.caret = strlen(wizard->own[wizard->form.current].text);
	read_along(wizard);
	suggest(wizard);
	follow_estate(wizard);
	if (wizard->service && wizard->subject.id.name[0])
		wizard->reading = estate_read_start(
			wizard->estate, &wizard->subject.id, account_read, wizard);
}

void
wizard_form_close(struct wizard *wizard)
{
	if (wizard->reading)
		reading_cancel(wizard->reading);
	wizard->reading = NULL;
	wizard_picker_close(wizard);
	facts_free(&wizard->facts);
}

/* Replies come by the hundred: what they tell is taken up when it is to be seen. */
void
wizard_form_look(struct wizard *wizard)
{
	if (wizard->as_of != estate_changes(wizard->estate))
		follow_estate(wizard);
}

/* What was filled in gives way to what is typed. */
static void
give_way(struct wizard *wizard, key_code key)
{
	struct wizard_field *own = &wizard->own[wizard->form.current];
	char letter[4];

	if (own->touched || own->text[0] == '\0' || wizard->form.caret != strlen(own->text) ||
		(key != TK_PASTE && key_utf8(key, letter) == 0))
		return;
	own->text[0] = '\0';
	wizard->form.caret = 0;
}

bool
wizard_form_key(struct wizard *wizard, key_code key)
{
	size_t current = wizard->form.current;
	struct wizard_field *own = &wizard->own[current];
	char before[WIZARD_TEXT];
	size_t chosen = wizard->fields[current].chosen, caret;
	bool eaten;

	wizard_form_look(wizard);
	if (wizard->picker.focus)
		return table_key(&wizard->picker.table, key, wizard->picker.page);
	if (wizard->asks_len == 0)
		return false;
	memcpy(before, own->text, sizeof before);
	give_way(wizard, key);
	eaten = form_key(&wizard->form, key);
	if (strcmp(before, own->text) != 0 || chosen != wizard->fields[current].chosen) {
		caret = wizard->form.caret;
		wizard_form_set(wizard, current);
		wizard->form.caret = caret;
		wizard_picker_narrow(wizard);
	}
	if (wizard->form.current != current)
		wizard_picker_follow(wizard);
	return eaten;
}

/* What has the keys is drawn last: the cursor rests there. */
void
wizard_form_draw(struct wizard *wizard, struct area area)
{
	const struct picker *picker = &wizard->picker;
	struct area top = area, list = area;

	wizard_form_look(wizard);
	top.h = form_rows(&wizard->form, area.w);
	if (picker->open && top.h > area.h - 4)
		top.h = area.h - 4;
	list.y += top.h;
	list.h -= top.h;
	if (picker->open && !picker->focus)
		wizard_picker_draw(wizard, list);
	form_draw(&wizard->form, top);
	if (picker->open && picker->focus)
		wizard_picker_draw(wizard, list);
}

void
wizard_say_refusal(const struct wizard *wizard, const struct err *err)
{
	struct err said = field_words_err(wizard->plan, err);

	app_say_err(app_of(wizard->view), &said);
}

bool
wizard_form_ready(struct wizard *wizard)
{
	for (size_t i = 0; i < wizard->asks_len; i++) {
		const struct plan_field *field = wizard->asks[i];

		if (!field->required || wizard->own[i].text[0] || wizard->fields[i].chosen)
			continue;
		wizard->form.current = i;
		wizard->form.caret = 0;
		wizard_picker_follow(wizard);
		wizard_picker_focus(wizard, true);
		app_say(app_of(wizard->view), ROLE_MESSAGE, _("%s is needed: %s"), _(field->title),
			wizard->picker.open ? _("choose one from the list, or Esc and type it")
					    : _(field->help));
		return false;
	}
	return true;
}

void
wizard_form_values(const struct wizard *wizard, const char *out[PLAN_FIELDS_MAX])
{
	const char *values[WIZARD_FIELDS];
	struct filling filling;

	wizard_filling(wizard, 0, values, &filling);
	for (size_t i = 0; i < PLAN_FIELDS_MAX; i++)
		out[i] = i < wizard->plan->fields_len ? values[wizard->named + i] : NULL;
}

/* What chooses another value is a hint only where there are values to choose from. */
const char *
wizard_field_hint(const struct wizard *wizard, const struct binding *binding)
{
	const struct form *form = &wizard->form;

	return binding->action == WIZARD_FIELD && binding->key == TK_RIGHT &&
			       form->fields[form->current].kind == FIELD_TEXT
		       ? NULL
		       : binding->hint;
}
