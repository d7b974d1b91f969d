/* Whom a verb is about: NAMEs of the call and of --ids, what they name, and the values of the
 * verb's own options. */
#include "views/cli/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/request.h"

enum { NAMES_BYTES_MAX = 4 << 20 };

static void
add_name(struct names *names, const char *name, size_t len)
{
	names->rows = mem_resize(names->rows, (names->len + 1) * sizeof *names->rows);
	names->rows[names->len] = mem_alloc(ARMID_MAX);
	text_clean(names->rows[names->len++], ARMID_MAX, name, len);
}

static bool
read_stdin(struct buf *out, struct err *err)
{
	char piece[4096];
	size_t n;

	while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
		if (!buf_add(out, piece, n))
			return err_set(
				err, ERR_USAGE, "", "--ids @-: more than %zu bytes", out->max);
	return !ferror(stdin) ||
	       err_set(err, ERR_FAILED, "", "--ids @-: standard input cannot be read");
}

/* The names of --ids: one a line from a file or standard input; blank lines do not count. */
static bool
add_ids(struct names *names, const char *ids, struct err *err)
{
	struct buf text;
	bool ok = true;

	if (ids[0] != '@') {
		add_name(names, ids, strlen(ids));
		return true;
	}
	buf_init(&text, NAMES_BYTES_MAX);
	ok = strcmp(ids, "@-") == 0 ? read_stdin(&text, err)
				    : file_read(ids + 1, false, &text, err);
	for (const char *at = buf_text(&text); ok && *at;) {
		size_t skip = strspn(at, " \t\r\n"), len = strcspn(at + skip, " \t\r\n");

		if (len)
			add_name(names, at + skip, len);
		at += skip + len;
	}
	buf_free(&text);
	return ok;
}

bool
names_collect(const struct cli *cli, struct names *names, struct err *err)
{
	const char *ids = cli_option(cli, "ids");

	for (size_t i = 0; i < cli->words_len; i++)
		add_name(names, cli->words[i], strlen(cli->words[i]));
	for (size_t i = 0; cli_option_at(cli, "ids", i); i++)
		if (!add_ids(names, cli_option_at(cli, "ids", i), err))
			return false;
	names->several = names->len > 1 || ids;
	return names->len ||
	       err_set(err, ERR_USAGE, "", "%s: NAME is missing; see: claviger %s --help",
		       cli->command.name, cli->command.name);
}

static bool
check_choice(const struct plan_field *field, const char *value, struct err *err)
{
	char shown[80], list[160] = "";
	size_t used = 0;

	if (field->choices == NULL)
		return true;
	for (size_t i = 0; field->choices[i]; i++) {
		if (strcmp(value, field->choices[i]) == 0)
			return true;
		if (used < sizeof list)
			used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
				i ? ", " : "", field->choices[i]);
	}
	text_cleans(shown, sizeof shown, value);
	return err_set(
		err, ERR_USAGE, "", "--%s '%s': must be one of %s", field->name, shown, list);
}

/* All values of an option, with commas between; NULL: it was not given. */
static const char *
join(const struct cli *cli, const char *option, char **joined)
{
	const char *one;

	for (size_t i = 0; (one = cli_option_at(cli, option, i)) != NULL; i++) {
		char *more = mem_printf("%s%s%s", *joined ? *joined : "", *joined ? "," : "", one);

		free(*joined);
		*joined = more;
	}
	return *joined;
}

bool
names_values(const struct cli *cli, struct names *names, const char *out[PLAN_FIELDS_MAX],
	struct err *err)
{
	const struct plan_def *plan = cli->command.plan;

	for (size_t i = 0; i < plan->fields_len; i++) {
		const struct plan_field *field = &plan->fields[i];
		const char *value = field->several ? join(cli, field->name, &names->joined[i])
						   : cli_option(cli, field->name);

		if (value == NULL && field->required)
			return err_set(err, ERR_USAGE, "",
				"%s: --%s %s is missing; see: claviger %s --help", plan->name,
				field->name, field->arg ? field->arg : "", plan->name);
		if (value && strstr(value, REQUEST_UNKNOWN_OPEN))
			return err_set(err, ERR_USAGE, "",
				"--%s: that is the mark of a value that a preview does not know "
				"yet; give the value",
				field->name);
		if (value && field->arg && !check_choice(field, value, err))
			return false;
		out[i] = value && field->arg == NULL ? "yes" : value;
	}
	return true;
}

/* A key that is not in any list has to be named together with its vault. */
static bool
find_key(struct cli *cli, const char *name, struct subject *out, struct err *err)
{
	const struct plan_def *plan = cli->command.plan;
	/* Where the plan asks for a vault of its own, KEY is not in that one. */
	const char *vault = plan_asks(plan, "vault") ? NULL : cli_option(cli, "vault");

	if (plan_names_absent(plan) && vault == NULL && strchr(name, '/') == NULL)
		return err_set(err, ERR_USAGE, "", "%s: say in which vault: VAULT/%.127s",
			plan->name, name);
	return estate_find_key(cli->estate, name, vault, &out->key, err) &&
	       estate_find_vault(cli->estate, out->key.vault, &out->id, err);
}

static bool
find_vault(struct cli *cli, const char *name, struct subject *out, struct err *err)
{
	struct err why = {0}, absent;

	if (!cli->command.plan->recovers)
		return estate_find_vault(cli->estate, name, &out->id, err);
	/* One that has come back already is what was asked for. */
	if (estate_find_deleted(cli->estate, name, &out->id, out->location, &why) ||
		(why.kind == ERR_NOT_FOUND &&
			estate_find_vault(cli->estate, name, &out->id, &absent)))
		return true;
	*err = why;
	return false;
}

bool
names_subject(struct cli *cli, const char *name, struct subject *out, struct err *err)
{
	const struct plan_def *plan = cli->command.plan;
	const char *group = cli_option(cli, "resource-group");
	const struct service *service;

	*out = (struct subject){.kind = plan->subject};
	if (plan->find)
		return plan->find(cli->estate, cli_journal_dir(cli), name, cli_option(cli, "vault"),
			out, err);
	if (plan->makes && out->kind != SUBJECT_KEY)
		return estate_new_id(cli->estate, name, group, plan->makes, &out->id, err);
	switch (out->kind) {
	case SUBJECT_ACCOUNT:
		return estate_find_account(cli->estate, name, group, &out->id, &service, err);
	case SUBJECT_VAULT:
		return find_vault(cli, name, out, err);
	case SUBJECT_KEY:
		return find_key(cli, name, out, err);
	case SUBJECT_IDENTITY:
		break;
	}
	return err_set(err, ERR_USAGE, "", "%s: %s is not there", plan->name, name);
}

void
names_free(struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->rows[i]);
	for (size_t i = 0; i < PLAN_FIELDS_MAX; i++)
		free(names->joined[i]);
	free(names->rows);
}
