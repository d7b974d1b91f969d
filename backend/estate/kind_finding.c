/* Findings: what is wrong, with whom, and what mends it. The worst first. */
#include <stdio.h>

#include "backend/base/text.h"
#include "backend/estate/cell.h"
#include "backend/estate/findings.h"
#include "backend/estate/posture_estate.h"

enum {
	COLUMN_WHAT,
	COLUMN_RULE,
	COLUMN_SEVERITY,
	COLUMN_WHERE,
	COLUMN_CAUSE,
	COLUMN_REMEDY,
	COLUMN_SOURCE,
};

/* As severity_name says them. */
static const char *const severities[] = {"info", "low", "medium", "high", NULL};

static const struct kind_column columns[] = {
	[COLUMN_WHAT] = {.name = "what", .title = "WHAT", .width = 18, .names = true, .own = true},
	[COLUMN_RULE] = {.name = "rule", .title = "RULE", .width = 20},
	[COLUMN_SEVERITY] = {.name = "severity",
		.title = "SEVERITY",
		.width = 10,
		.words = true,
		.texts = severities},
	[COLUMN_WHERE] = {.name = "where", .title = "WHERE", .width = 22, .rank = 1},
	[COLUMN_CAUSE] = {.name = "cause", .title = "CAUSE", .width = 60, .rank = 2, .words = true},
	[COLUMN_REMEDY] =
		{.name = "remedy", .title = "REMEDY", .width = 50, .rank = 3, .words = true},
	[COLUMN_SOURCE] = {.name = "source", .title = "SOURCE", .width = 50, .rank = 4},
};

static size_t
count(const struct estate *estate)
{
	return estate->findings ? estate->findings->len : 0;
}

/* An account, for which there is room, else a key, else a vault; what is wrong with none of them is
 * wrong with the estate. */
static const char *
what(const struct findings *findings, const struct finding_row *row, char room[ROW_NAME])
{
	const struct finding_shape *shape = findings_shape(findings, row);
	uint32_t name = shape->key ? shape->key : shape->vault;

	return row->account ? findings_account(findings, row, room)
	       : name       ? findings_text(findings, name)
			    : "(estate)";
}

/* The vault and key that an account is on, the vault that a key is in. */
static enum cell_state
where_cell(const struct findings *findings, const struct finding_row *row, char *out, size_t room)
{
	const struct finding_shape *shape = findings_shape(findings, row);
	const char *vault = findings_text(findings, shape->vault);
	char text[300];

	if (row->account == 0 && shape->key == 0)
		vault = "";
	snprintf(text, sizeof text, "%s%s%s", vault, row->account && shape->key ? "/" : "",
		row->account ? findings_text(findings, shape->key) : "");
	return cell_text(out, room, text);
}

static enum cell_state
severity_cell(enum severity severity, char *out, size_t room)
{
	static const enum cell_state state[] = {[SEVERITY_INFO] = CELL_KNOWN,
		[SEVERITY_LOW] = CELL_KNOWN,
		[SEVERITY_MEDIUM] = CELL_WARN,
		[SEVERITY_HIGH] = CELL_BAD};

	return cell_say(out, room, severity_name(severity), state[severity]);
}

static enum cell_state
cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct findings *findings = estate->findings;
	const struct finding_row row = findings_at(findings, at);
	const struct finding_shape *shape = findings_shape(findings, &row);
	const struct finding_rule *rule = findings_rule(findings, &row);
	char said[FINDING_TEXT], account[ROW_NAME];

	switch (column) {
	case COLUMN_WHAT:
		return cell_text(out, room, what(findings, &row, account));
	case COLUMN_RULE:
		return cell_text(out, room, findings_text(findings, rule->rule));
	case COLUMN_SEVERITY:
		return severity_cell(rule->severity, out, room);
	case COLUMN_WHERE:
		return where_cell(findings, &row, out, room);
	case COLUMN_CAUSE:
		return cell_text(out, room, findings_say(findings, &row, shape->cause, said));
	case COLUMN_REMEDY:
		return cell_text(out, room, findings_say(findings, &row, shape->remedy, said));
	default:
		return cell_text(out, room, findings_text(findings, rule->source));
	}
}

static const char *
stored(const struct estate *estate, size_t at, size_t column, char out[ROW_NAME])
{
	const struct finding_row row = findings_at(estate->findings, at);

	return column == COLUMN_WHAT ? what(estate->findings, &row, out) : NULL;
}

/* What of a row is the same for each account that it may be of. */
static uint32_t
alike(const struct estate *estate, size_t at)
{
	const struct finding_row row = findings_at(estate->findings, at);

	return 1 + 2 * row.shape + (row.account != 0);
}

/* None for what is of one row alone, or may name its account. */
static uint32_t
value(const struct estate *estate, size_t at, size_t column)
{
	const struct findings *findings = estate->findings;
	const struct finding_row row = findings_at(findings, at);

	switch (column) {
	case COLUMN_RULE:
		return 1 + findings_rule(findings, &row)->rule;
	case COLUMN_SOURCE:
		return 1 + findings_rule(findings, &row)->source;
	case COLUMN_WHERE:
		return alike(estate, at);
	default:
		return 0;
	}
}

/* Those of one severity, of which there may be a hundred thousand, go by what they are of. */
static int
compare(const struct estate *estate, size_t a, size_t b, size_t column)
{
	const struct findings *findings = estate->findings;
	const struct finding_row x = findings_at(findings, a), y = findings_at(findings, b);
	const struct finding_rule *one = findings_rule(findings, &x),
				  *other = findings_rule(findings, &y);
	char names[2][ROW_NAME];

	switch (column) {
	case COLUMN_WHAT:
		return text_casecmp(what(findings, &x, names[0]), what(findings, &y, names[1]));
	case COLUMN_SEVERITY:
		return one->severity == other->severity
			       ? cell_order(one->place, other->place)
			       : cell_order(other->severity, one->severity);
	default:
		return cell_compare(&kind_finding, estate, a, b, column);
	}
}

static json_t *
json(const struct estate *estate, size_t at)
{
	return findings_json(estate->findings, at);
}

const struct kind kind_finding = {
	.name = "finding",
	.title = "Findings",
	.one = "Finding",
	.empty = "Nothing is found wrong.",
	.part = ESTATE_ACCOUNTS,
	.also = POSTURE_PARTS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = cell,
	.compare = compare,
	.value = value,
	.text = stored,
	.alike = alike,
	.json = json,
};
