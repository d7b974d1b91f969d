/* What does not begin at a row of a list: findings, and an incident. Both are told by the pages of
 * the console, and go on as the plans that mend them or that cut. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/estate/posture_estate.h"
#include "views/cli/accessible.h"
#include "views/incident/incident_page.h"
#include "views/list/posture.h"
#include "views/list/remedy.h"
#include "views/value.h"

static void
say_page(struct page *page)
{
	char *plain = page_plain(page);

	printf("\n%s\n", plain);
	free(plain);
	page_free(page);
}

/* Something in capitals stands for what is to be chosen. */
static bool
is_open(const char *word)
{
	const char *slash = strrchr(word, '/');

	word = slash ? slash + 1 : word;
	for (; *word; word++)
		if (!isupper((unsigned char)*word))
			return false;
	return true;
}

static void
mend(struct dialogue *d, const json_t *finding)
{
	struct form form = {.plan = NULL};
	struct remedy remedy;
	char text[LINE_BYTES];

	if (!remedy_read(value_text(finding, "remedy", text, sizeof text), &remedy))
		return;
	form.plan = remedy.plan;
	snprintf(form.name, sizeof form.name, "%s", remedy.subject);
	for (size_t i = 0; i < form.plan->fields_len; i++)
		snprintf(form.named[i], LINE_BYTES, "%s", remedy.values[i] ? remedy.values[i] : "");
	puts("1. Mend it; choosing this changes nothing yet");
	if (dialogue_choose(d, "An action", 1) == 0)
		return;
	if (is_open(form.name)) {
		printf("Name, in place of %s: ", form.name);
		if (!dialogue_answer(d, form.name) || form.name[0] == '\0')
			return;
	}
	dialogue_carry_out(d, &form);
}

static void
finding_line(const json_t *finding, char *out, size_t room)
{
	static const char *const fields[] = {"account", "vault", "key"};
	char text[400];
	size_t used = (size_t)snprintf(
		out, room, "%s", value_text(finding, "severity", text, sizeof text));

	for (size_t i = 0; i < ARRAY_LEN(fields) && used < room; i++)
		if (value_text(finding, fields[i], text, sizeof text)[0])
			used += (size_t)snprintf(out + used, room - used, ", %s", text);
	if (used < room)
		snprintf(out + used, room - used, ": %s",
			value_text(finding, "cause", text, sizeof text));
}

/* Tells those that hold text, as many as are bearable; found gets them. */
static size_t
tell_findings(const json_t *all, const char *text, const json_t *found[ROWS])
{
	size_t len = 0, more = 0;

	for (size_t i = 0; i < json_array_size(all); i++) {
		char line[LINE_BYTES];

		finding_line(json_array_get(all, i), line, sizeof line);
		if (!text_case_has(line, text))
			continue;
		if (len == ROWS) {
			more++;
			continue;
		}
		found[len++] = json_array_get(all, i);
		printf("%zu. %s\n", len, line);
	}
	if (len == 0)
		puts(text[0] ? "Nothing holds that text." : "Nothing is found wrong.");
	if (more)
		printf("And %zu more: type a part of a name.\n", more);
	return len;
}

/* NULL: back. */
static const json_t *
choose_finding(struct dialogue *d, const json_t *all)
{
	char text[LINE_BYTES] = "", line[LINE_BYTES];
	const json_t *found[ROWS];
	size_t len, n;

	for (;;) {
		puts("Findings, the worst first");
		len = tell_findings(all, text, found);
		printf("A number, a part of a name, Enter goes back, q leaves: ");
		if (!dialogue_answer(d, line) || line[0] == '\0')
			return NULL;
		n = dialogue_number(line, len);
		if (n)
			return found[n - 1];
		snprintf(text, sizeof text, "%s", line);
	}
}

void
dialogue_findings(struct dialogue *d)
{
	while (!d->over && dialogue_load(d, ESTATE_ACCOUNTS, POSTURE_PARTS)) {
		struct err err = {0};
		json_t *all = posture_estate(d->cli->estate, NULL, 0, &err);
		const json_t *finding = all ? choose_finding(d, all) : NULL;
		struct page page = {0};

		if (all == NULL)
			cli_fail(&err);
		if (finding) {
			finding_tell(&page, finding, NULL);
			say_page(&page);
			mend(d, finding);
		}
		json_decref(all);
		if (finding == NULL)
			return;
	}
}

/* Whom it hits is told before anything is asked for. */
static void
tell_impact(struct dialogue *d, const struct keyid *key, bool stolen)
{
	struct err err = {0};
	struct page page = {0};
	json_t *impact = NULL;

	if (!dialogue_load(d, ESTATE_ACCOUNTS, IMPACT_PARTS))
		return;
	impact = impact_of(d->cli->estate, key, &err);
	if (impact) {
		incident_tell(&page, impact, stolen);
		say_page(&page);
	} else {
		cli_fail(&err);
	}
	json_decref(impact);
}

void
dialogue_incident(struct dialogue *d)
{
	struct form form = {.plan = NULL};
	struct keyid key;
	size_t row, n;

	puts("\nWhat has happened");
	printf("1. Key material was stolen, or may have been copied. %s\n", plan_evacuate.summary);
	printf("2. Data must go dark now. %s\n", plan_revoke.summary);
	n = dialogue_choose(d, "An answer; nothing is cut before the key's name is typed", 2);
	if (n == 0 || !dialogue_load(d, kind_key.part, kind_key.also) ||
		!dialogue_choose_row(d, &kind_key, false, &row))
		return;
	form.plan = n == 1 ? &plan_evacuate : &plan_revoke;
	kind_key_id(d->cli->estate, row, &key);
	dialogue_row_name(d, &kind_key, row, form.name, sizeof form.name);
	tell_impact(d, &key, n == 1);
	if (!d->over)
		dialogue_carry_out(d, &form);
}
