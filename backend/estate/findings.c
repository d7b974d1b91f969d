/* Of a hundred thousand accounts each may be a finding: what is said of them is kept once a text,
 * and so that it is the same text for each, a mark stands in it for the name of the account. */
#include "backend/estate/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/show.h"

static const char mark[] = "\1"; /* no clean text has it */

struct findings *
findings_new(void)
{
	struct findings *findings = mem_alloc(sizeof *findings);

	findings->pool = pool_new();
	return findings;
}

void
findings_free(struct findings *findings)
{
	if (findings == NULL)
		return;
	pool_free(findings->pool);
	free(findings->rows);
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

const char *
findings_say(const struct findings *findings, const struct finding_row *row, uint32_t at,
	char out[FINDING_TEXT])
{
	replace(out, findings_text(findings, at), mark, findings_text(findings, row->account));
	return out;
}

/* One account's findings come one after the other. */
static uint32_t
keep_account(const struct findings *findings, const char *account)
{
	uint32_t last = findings->len ? findings->rows[findings->len - 1].account : 0;

	return strcmp(findings_text(findings, last), account) == 0
		       ? last
		       : pool_add(findings->pool, account);
}

void
findings_add(struct findings *findings, const struct whom *whom, const struct finding *finding)
{
	struct pool *pool = findings->pool;
	uint32_t account = keep_account(findings, whom->account);
	char source[200];

	findings->rows =
		rows_grow(findings->rows, findings->len, &findings->room, sizeof *findings->rows);
	findings->rows[findings->len++] = (struct finding_row){
		.rule = finding->rule->id,
		.severity = finding->rule->severity,
		.account = account,
		.vault = pool_intern(pool, whom->vault),
		.key = pool_intern(pool, whom->key),
		.cause = keep(pool, finding->cause, whom->account),
		.source = pool_intern(pool, finding_source(finding, source, sizeof source)),
		.remedy = keep(pool, finding_remedy(finding), whom->account),
	};
}

void
findings_sort(struct findings *findings)
{
	struct finding_row *sorted = mem_alloc((findings->len + 1) * sizeof *findings->rows);
	size_t to = 0;

	for (int severity = SEVERITY_HIGH; severity >= SEVERITY_INFO; severity--)
		for (size_t i = 0; i < findings->len; i++)
			if ((int)findings->rows[i].severity == severity)
				sorted[to++] = findings->rows[i];
	free(findings->rows);
	findings->rows = sorted;
	findings->room = findings->len + 1;
}

const char *
findings_text(const struct findings *findings, uint32_t at)
{
	return pool_text(findings->pool, at);
}

json_t *
findings_json(const struct findings *findings, size_t at)
{
	const struct finding_row *row = &findings->rows[at];
	char cause[FINDING_TEXT], remedy[FINDING_TEXT];

	return json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:s}", "account",
		show_text(findings_text(findings, row->account)), "vault",
		show_text(findings_text(findings, row->vault)), "key",
		show_text(findings_text(findings, row->key)), "rule", row->rule, "severity",
		severity_name(row->severity), "cause",
		findings_say(findings, row, row->cause, cause), "source",
		findings_text(findings, row->source), "remedy",
		findings_say(findings, row, row->remedy, remedy));
}
