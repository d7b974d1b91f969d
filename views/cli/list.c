/* list and show, generated from the kinds: no column and no field is named here. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/show.h"
#include "backend/plans/plan.h"
#include "views/cli/cli.h"
#include "views/near.h"

static bool
in_vault(const struct cli *cli, size_t row, const char *vault)
{
	struct keyid key;
	struct armid id;
	char principal[37];

	if (cli->command.kind == &kind_key) {
		kind_key_id(cli->estate, row, &key);
		return text_casecmp(key.vault, vault) == 0;
	}
	kind_policy_id(cli->estate, row, &id, principal);
	return text_casecmp(id.name, vault) == 0;
}

static bool
in_group(const struct cli *cli, size_t row, const char *group)
{
	const struct service *service;
	struct armid id;

	if (cli->command.kind == &kind_account)
		kind_account_id(cli->estate, row, &id, &service);
	else if (cli->command.kind == &kind_identity)
		kind_identity_id(cli->estate, row, &id);
	else
		kind_vault_id(cli->estate, row, &id);
	return text_casecmp(id.group, group) == 0;
}

/* Whether the options leave this row in. vault is a name that was looked up, NULL: any. */
static bool
wanted(const struct cli *cli, size_t row, const char *vault)
{
	const char *group = cli_option(cli, "resource-group");

	return (vault == NULL || in_vault(cli, row, vault)) &&
	       (group == NULL || in_group(cli, row, group));
}

/* What print_rows asks for the rows of a list. Replies come in any order; what is printed is in the
 * order of its names, so that two runs over one estate print the same. */
struct rows {
	const struct cli *cli;
	const char *vault;
	uint32_t *order; /* row of each place */
};

static int
compare_rows(const void *a, const void *b, void *user)
{
	const struct cli *cli = user;
	const struct kind *kind = cli->command.kind;
	size_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int way = 0;

	for (size_t c = 0; kind->compare && way == 0 && c < kind->columns_len; c++)
		way = kind->compare(cli->estate, x, y, c);
	return way ? way : (x > y) - (x < y);
}

static uint32_t *
order_rows(const struct cli *cli, size_t len)
{
	uint32_t *order = mem_alloc((len + 1) * sizeof *order);

	for (size_t i = 0; i < len; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, len, sizeof *order, compare_rows, (void *)cli);
	return order;
}

static bool
row_wanted(void *user, size_t row)
{
	const struct rows *rows = user;

	return wanted(rows->cli, rows->order[row], rows->vault);
}

static json_t *
row_json(void *user, size_t row)
{
	const struct rows *rows = user;

	return rows->cli->command.kind->json(rows->cli->estate, rows->order[row]);
}

static void
row_cell(void *user, size_t row, size_t column, char *out, size_t room)
{
	const struct rows *rows = user;
	const struct cli *cli = rows->cli;
	enum cell_state state =
		cli->command.kind->cell(cli->estate, rows->order[row], column, out, room);

	if (state == CELL_NONE && cli->print.format == PRINT_TSV)
		out[0] = '\0';
}

static bool
has_rows(const struct cli *cli, const char *vault)
{
	for (size_t row = 0; row < cli->command.kind->count(cli->estate); row++)
		if (wanted(cli, row, vault))
			return true;
	return false;
}

static int
list_rows(const struct cli *cli, const char *vault)
{
	const struct kind *kind = cli->command.kind;
	const char **headers = mem_alloc(kind->columns_len * sizeof *headers);
	uint32_t *order = order_rows(cli, kind->count(cli->estate));
	struct print_rows rows = {.headers = headers,
		.columns = kind->columns_len,
		.count = kind->count(cli->estate),
		.wanted = row_wanted,
		.json = row_json,
		.cell = row_cell,
		.user = &(struct rows){cli, vault, order}};
	struct err err = {0};
	bool ok;

	for (size_t c = 0; c < kind->columns_len; c++)
		headers[c] = kind->columns[c].name;
	if (cli->print.format == PRINT_TABLE && !cli->print.query && !has_rows(cli, vault))
		fprintf(stderr, "claviger: %s\n",
			rows.count ? "nothing matches"
			: estate_notes(cli->estate)
				? "unknown: what was asked for could not be read"
				: kind->empty);
	ok = print_rows(&cli->print, &rows, &err);
	free(headers);
	free(order);
	return ok ? 0 : cli_fail(&err);
}

int
cli_list(struct cli *cli)
{
	const char *vault = cli_option(cli, "vault");
	const struct kind *kind = cli->command.kind;
	struct err err = {0};
	struct armid id;
	int code;

	if (!cli_open(cli, &err) || !estate_load_with(cli->estate, kind->part, kind->also, &err))
		return cli_fail(&err);
	if (vault && !estate_find_vault(cli->estate, vault, &id, &err))
		return cli_fail(&err);
	if (vault)
		vault = id.name;
	cli_notes(cli);
	/* That nobody is listed is not to look like nobody. */
	if (vault && kind == &kind_policy && text_casecmp(id.type, vault_type(true)) == 0)
		fprintf(stderr,
			"claviger: %s: a managed HSM keeps its role assignments itself, and they are "
			"not read\n",
			vault);
	code = list_rows(cli, vault);
	/* The notes have told: what is on stdout is not all there is. */
	return code == 0 && estate_lacks(cli->estate, kind->part, &err) ? err_exit(err.kind) : code;
}

static int
show_one_account(struct cli *cli, struct err *err)
{
	const struct service *service;
	struct armid id;
	struct facts facts = {0};
	json_t *object;

	if (!estate_find_account(cli->estate, cli->words[0], cli_option(cli, "resource-group"), &id,
		    &service, err) ||
		!estate_read_facts(cli->estate, &id, &facts, err))
		return cli_fail(err);
	object = show_account(&facts);
	facts_free(&facts);
	return cli_print(cli, object, NULL, 0);
}

/* The names of the keys of one vault, borrowed from ids that keep them. */
static json_t *
show_with_keys(const struct cli *cli, const struct vault *vault)
{
	size_t count = kind_key.count(cli->estate), len = 0;
	struct keyid *ids = count ? mem_alloc(count * sizeof *ids) : NULL;
	const char **names = count ? mem_alloc(count * sizeof *names) : NULL;
	json_t *object;

	for (size_t row = 0; row < count; row++) {
		kind_key_id(cli->estate, row, &ids[len]);
		if (text_casecmp(ids[len].vault, vault->id.name) != 0)
			continue;
		names[len] = ids[len].key;
		len++;
	}
	object = show_vault(vault, names, len);
	free(names);
	free(ids);
	return object;
}

static int
show_one_vault(struct cli *cli, struct err *err)
{
	struct vault vault = {0};
	struct armid id;
	json_t *object;

	if (!estate_load(cli->estate, ESTATE_NAMES, err) ||
		!estate_find_vault(cli->estate, cli->words[0], &id, err) ||
		!estate_read_vault(cli->estate, &id, &vault, err))
		return cli_fail(err);
	object = show_with_keys(cli, &vault);
	vault_free(&vault);
	return cli_print(cli, object, NULL, 0);
}

/* The vault says that there is no such key; the lists know which may have been meant. */
static void
no_such_key(const struct cli *cli, const struct keyid *id, struct err *err)
{
	size_t count = kind_key.count(cli->estate), used = strlen(err->msg);
	struct near near;
	char list[160];

	near_start(&near, id->key);
	for (size_t row = 0; row < count; row++) {
		struct keyid other;

		kind_key_id(cli->estate, row, &other);
		if (text_casecmp(other.host, id->host) == 0)
			near_offer(&near, other.key);
	}
	snprintf(err->msg + used, sizeof err->msg - used, "%s",
		near_print(&near, list, sizeof list));
}

/* What is known of the key that the call names, and which it is; NULL with the reason. */
static json_t *
key_json(const struct cli *cli, struct keyid *id, struct err *err)
{
	struct key key = {0};
	json_t *object = NULL;

	if (!estate_load_with(cli->estate, ESTATE_NAMES, ESTATE_ACCOUNTS, err) ||
		!estate_find_key(cli->estate, cli->words[0], cli_option(cli, "vault"), id, err))
		return NULL;
	if (estate_read_key(cli->estate, id, &key, err))
		object = show_key(&key, cli->estate);
	else if (err->kind == ERR_NOT_FOUND)
		no_such_key(cli, id, err);
	key_free(&key);
	return object;
}

/* It takes a right of its own to read it: without it the rest is shown all the same. */
static void
add_rotation(const struct cli *cli, const struct keyid *id, json_t *key)
{
	struct subject subject = {.kind = SUBJECT_KEY, .key = *id};
	struct err err = {0};
	json_t *policy = plan_rotation_policy.show(cli->estate, &subject, &err);

	if (policy == NULL) {
		show_reason(key, "rotationPolicy", err.msg);
		return;
	}
	json_object_del(policy, "key");
	json_object_set_new(key, "rotationPolicy", policy);
	json_object_del(json_object_get(key, "unknown"), "rotationPolicy");
}

static int
show_one_key(struct cli *cli, struct err *err)
{
	struct keyid id;
	json_t *object = key_json(cli, &id, err);

	if (object)
		add_rotation(cli, &id, object);
	return object ? cli_print(cli, object, NULL, 0) : cli_fail(err);
}

static int
list_versions(struct cli *cli)
{
	struct err err = {0};
	struct keyid id;
	json_t *object = cli_open(cli, &err) ? key_json(cli, &id, &err) : NULL;
	json_t *versions = json_incref(json_object_get(object, "versions"));

	if (object && !json_is_array(versions))
		err_set(&err, ERR_FAILED, "",
			"key versions: the list of versions of %s could not be read; claviger key "
			"show tells what is known of it",
			json_string_value(json_object_get(object, "name")));
	json_decref(object);
	return err.kind == ERR_NONE ? cli_print(cli, versions, NULL, 0) : cli_fail(&err);
}

const struct command command_key_versions = {
	.name = "key versions",
	.args = "KEY",
	.summary = "List the versions of a key, the newest first, and who uses each.",
	.options = OPTIONS_COMMON | OPTIONS_DATA | OPTIONS_ESTATE | OPTIONS_VAULT,
	.words_min = 1,
	.words_max = 1,
	.run = list_versions,
};

static const struct {
	const struct kind *kind;
	int (*show)(struct cli *cli, struct err *err);
} shows[] = {
	{&kind_account, show_one_account},
	{&kind_vault, show_one_vault},
	{&kind_key, show_one_key},
};

bool
cli_shows(const struct kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(shows); i++)
		if (shows[i].kind == kind)
			return true;
	return false;
}

int
cli_show(struct cli *cli)
{
	struct err err = {0};

	if (!cli_open(cli, &err))
		return cli_fail(&err);
	for (size_t i = 0; i < ARRAY_LEN(shows); i++)
		if (shows[i].kind == cli->command.kind)
			return shows[i].show(cli, &err);
	return err_exit(ERR_FAILED);
}
