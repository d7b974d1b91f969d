/* Findings: what is wrong, with whom, and what mends it. The worst first. */
#include <stdio.h>

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

static const struct kind_column columns[] = {
	[COLUMN_WHAT] = {.name = "what", .title = "WHAT", .width = 18},
	[COLUMN_RULE] = {.name = "rule", .title = "RULE", .width = 20},
	[COLUMN_SEVERITY] = {.name = "severity", .title = "SEVERITY", .width = 10, .words = true},
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

/* An account, else a key, else a vault; what is wrong with none of them is wrong with the estate.
 */
static enum cell_state
what_cell(const struct findings *findings, const struct finding_row *row, char *out, size_t room)
{
	uint32_t name = row->account ? row->account : row->key ? row->key : row->vault;

	return name ? cell_text(out, room, findings_text(findings, name))
		    : cell_text(out, room, "(estate)");
}

/* The vault and key that an account is on, the vault that a key is in. */
static enum cell_state
where_cell(const struct findings *findings, const struct finding_row *row, char *out, size_t room)
{
	const char *vault = findings_text(findings, row->vault);
	char text[300];

	if (row->account == 0 && row->key == 0)
		vault = "";
	snprintf(text, sizeof text, "%s%s%s", vault, row->account && row->key ? "/" : "",
		row->account ? findings_text(findings, row->key) : "");
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
	const struct finding_row *row = &findings->rows[at];
	char said[FINDING_TEXT];

	switch (column) {
	case COLUMN_WHAT:
		return what_cell(findings, row, out, room);
	case COLUMN_RULE:
		return cell_text(out, room, row->rule);
	case COLUMN_SEVERITY:
		return severity_cell(row->severity, out, room);
	case COLUMN_WHERE:
		return where_cell(findings, row, out, room);
	case COLUMN_CAUSE:
		return cell_text(out, room, findings_say(findings, row, row->cause, said));
	case COLUMN_REMEDY:
		return cell_text(out, room, findings_say(findings, row, row->remedy, said));
	default:
		return cell_text(out, room, findings_text(findings, row->source));
	}
}

static int
compare(const struct estate *estate, size_t a, size_t b, size_t column)
{
	const struct finding_row *rows = estate->findings->rows;

	if (column == COLUMN_SEVERITY)
		return cell_order(rows[b].severity, rows[a].severity);
	return cell_compare(&kind_finding, estate, a, b, column);
}

static json_t *
json(const struct estate *estate, size_t at)
{
	return findings_json(estate->findings, at);
}

const struct kind kind_finding = {
	.name = "finding",
	.title = "Findings",
	.empty = "Nothing is found wrong.",
	.part = ESTATE_ACCOUNTS,
	.also = POSTURE_PARTS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = cell,
	.compare = compare,
	.json = json,
};
