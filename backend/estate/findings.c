/* Of a hundred thousand accounts each may be a finding: what is said of them is kept once, and so
 * that it is the same for each, a mark stands in it for the name of the account, which is kept with
 * the account. The same is said of many in a row. */
#include "backend/estate/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/show.h"

static const char mark[] = "\1"; /* no clean text has it */

struct findings *
findings_new(struct row_names *names)
{
	struct findings *findings = mem_alloc(sizeof *findings);

	findings->pool = pool_new();
	findings->names = row_names_share(names);
	findings->rules.size = sizeof(struct finding_rule);
	findings->shapes.size = sizeof(struct finding_shape);
	return findings;
}

void
findings_free(struct findings *findings)
{
	if (findings == NULL)
		return;
	pool_free(findings->pool);
	row_names_free(findings->names);
	shapes_free(&findings->rules);
	shapes_free(&findings->shapes);
	for (size_t i = 0; i < findings->groups_len; i++) {
		free(findings->groups[i].accounts);
		free(findings->groups[i].runs);
	}
	free(findings->groups);
	free(findings);
}

/* With `to` wherever text has `from`. */
static void
replace(char out[FINDING_TEXT], const char *text, const char *from, const char *to)
{
	const char *found;
	size_t used = 0;

	for (; from[0] && (found = strstr(text, from)); text = found + strlen(from)) {
		int len = snprintf(
			out + used, FINDING_TEXT - used, "%.*s%s", (int)(found - text), text, to);

		if (len < 0 || used + (size_t)len >= FINDING_TEXT)
			return;
		used += (size_t)len;
	}
	snprintf(out + used, FINDING_TEXT - used, "%s", text);
}

static uint32_t
keep(struct pool *pool, const char *text, const char *account)
{
	char marked[FINDING_TEXT];

	replace(marked, text, account, mark);
	return pool_intern(pool, marked);
}

const struct finding_shape *
findings_shape(const struct findings *findings, const struct finding_row *row)
{
	return shapes_at(&findings->shapes, row->shape);
}

const struct finding_rule *
findings_rule(const struct findings *findings, const struct finding_row *row)
{
	return shapes_at(&findings->rules, findings_shape(findings, row)->rule);
}

const char *
findings_text(const struct findings *findings, uint32_t at)
{
	return pool_text(findings->pool, at);
}

static const char *
name_of(const struct findings *findings, uint32_t account, char out[ROW_NAME])
{
	out[0] = '\0';
	return account ? row_names_text(findings->names, account - 1, out) : out;
}

const char *
findings_account(const struct findings *findings, const struct finding_row *row, char out[ROW_NAME])
{
	return name_of(findings, row->account, out);
}

const char *
findings_say(const struct findings *findings, const struct finding_row *row, uint32_t at,
	char out[FINDING_TEXT])
{
	char account[ROW_NAME];

	replace(out, findings_text(findings, at), mark, findings_account(findings, row, account));
	return out;
}

static uint32_t
place_of(const struct rule *rule)
{
	uint32_t i = 0;

	while (i < rules_len && &rules[i] != rule)
		i++;
	return i;
}

/* The group for such findings, made where it has its place. */
static struct finding_group *
group_of(struct findings *findings, uint32_t severity, uint32_t place)
{
	struct finding_group *group;
	size_t at = 0;

	for (; at < findings->groups_len; at++) {
		group = &findings->groups[at];
		if (group->severity == severity && group->place == place)
			return group;
		if (group->severity < severity ||
			(group->severity == severity && group->place > place))
			break;
	}
	findings->groups = rows_grow(findings->groups, findings->groups_len, &findings->groups_room,
		sizeof *findings->groups);
	group = &findings->groups[at];
	memmove(group + 1, group, (findings->groups_len++ - at) * sizeof *group);
	*group = (struct finding_group){.severity = severity, .place = place};
	return group;
}

static void
add_row(struct finding_group *group, uint32_t account, uint32_t shape)
{
	if (group->len == 0 || group->runs[group->runs_len - 1].shape != shape) {
		group->runs = rows_grow(
			group->runs, group->runs_len, &group->runs_room, sizeof *group->runs);
		group->runs[group->runs_len++] =
			(struct finding_run){.from = (uint32_t)group->len, .shape = shape};
	}
	group->accounts =
		rows_grow(group->accounts, group->len, &group->room, sizeof *group->accounts);
	group->accounts[group->len++] = account;
}

void
findings_add(struct findings *findings, const struct whom *whom, const struct finding *finding)
{
	struct pool *pool = findings->pool;
	char source[200], room[ROW_NAME];
	const char *account = name_of(findings, whom->account, room);
	const struct finding_rule rule = {
		.rule = pool_intern(pool, finding->rule->id),
		.place = place_of(finding->rule),
		.severity = finding->rule->severity,
		.source = pool_intern(pool, finding_source(finding, source, sizeof source)),
	};
	const struct finding_shape shape = {
		.rule = shapes_number(&findings->rules, &rule),
		.vault = pool_intern(pool, whom->vault),
		.key = pool_intern(pool, whom->key),
		.cause = keep(pool, finding->cause, account),
		.remedy = keep(pool, finding_remedy(finding), account),
	};
	add_row(group_of(findings, rule.severity, rule.place), whom->account,
		shapes_number(&findings->shapes, &shape));
	findings->len++;
}

void
findings_trim(struct findings *findings)
{
	shapes_trim(&findings->rules);
	shapes_trim(&findings->shapes);
}

/* The last run that begins at the row or before it. */
static const struct finding_run *
run_of(const struct finding_group *group, size_t row)
{
	size_t low = 0, high = group->runs_len;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (group->runs[middle].from <= row)
			low = middle;
		else
			high = middle;
	}
	return &group->runs[low];
}

struct finding_row
findings_at(const struct findings *findings, size_t row)
{
	const struct finding_group *group = findings->groups;

	while (row >= group->len)
		row -= group++->len;
	return (struct finding_row){group->accounts[row], run_of(group, row)->shape};
}

json_t *
findings_json(const struct findings *findings, size_t at)
{
	const struct finding_row row = findings_at(findings, at);
	const struct finding_shape *shape = findings_shape(findings, &row);
	const struct finding_rule *rule = findings_rule(findings, &row);
	char account[ROW_NAME], cause[FINDING_TEXT], remedy[FINDING_TEXT];

	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:s}", "account",
		show_text(findings_account(findings, &row, account)), "vault",
		show_text(findings_text(findings, shape->vault)), "key",
		show_text(findings_text(findings, shape->key)), "rule",
		findings_text(findings, rule->rule), "severity", severity_name(rule->severity),
		"cause", findings_say(findings, &row, shape->cause, cause), "source",
		findings_text(findings, rule->source), "remedy",
		findings_say(findings, &row, shape->remedy, remedy));
}
