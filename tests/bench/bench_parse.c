/* Replies of Resource Graph, a thousand accounts each, into rows: by the reader of the estate, and
 * by the least that can be done with the same JSON library: a tree of each page, its texts found by
 * name, packed into rows of 40 bytes. Both take turns on the same pages. The first word is how many
 * accounts (100,000). One line each: name value unit. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/estate/kind.h"
#include "backend/estate/list.h"

enum { PAGE = 1000, VAULTS_OF = 50, ROUNDS = 3, SLOTS = 1 << 13, PAGE_MAX = 1 << 20 };

static void
add_row(struct buf *out, size_t i, const char *comma)
{
	bool ok = buf_addf(out,
		"%s{\"id\":\"/subscriptions/%08zx-0000-4000-8000-000000000000/resourceGroups/rg-%zu/"
		"providers/Microsoft.Automation/automationAccounts/aa-%zu\",\"type\":"
		"\"microsoft.automation/automationaccounts\",\"location\":\"westeurope\",\"tags\":"
		"{\"env\":\"prod\",\"owner\":\"team-%zu\"},\"identity\":{\"type\":"
		"\"SystemAssigned\",\"principalId\":\"%08zx-1111-4000-8000-000000000000\","
		"\"tenantId\":\"7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01\"},\"encryption\":{",
		comma, i / 10000, i / 100 % 100, i, i % 40, i);

	ok = ok &&
	     buf_addf(out,
		     "\"keySource\":\"Microsoft.Keyvault\",\"identity\":null,"
		     "\"keyVaultProperties\":{\"keyvaultUri\":\"https://kv-%zu.vault.azure.net\","
		     "\"keyName\":\"cmk\",\"keyVersion\":\"%032zx\"}}}",
		     i / VAULTS_OF, i / VAULTS_OF + 1);
	if (!ok)
		exit(1);
}

static void
make_page(struct buf *out, size_t first)
{
	buf_clear(out);
	if (!buf_adds(out,
		    "{\"totalRecords\":1,\"count\":1,\"resultTruncated\":\"false\",\"data\":["))
		exit(1);
	for (size_t i = 0; i < PAGE; i++)
		add_row(out, first + i, i ? "," : "");
	if (!buf_adds(out, "]}"))
		exit(1);
}

/* The least: texts that repeat are numbers, names stand one behind the other. */
struct row {
	uint32_t name, tags;
	uint16_t group, subscription, vault, key, location, source;
	uint8_t version[16], principal[4];
};

struct least {
	struct row *rows;
	size_t len;
	struct buf names;
	const char *texts[SLOTS];
};

static uint16_t
number_of(struct least *least, const char *text, size_t len)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	for (hash %= SLOTS; least->texts[hash]; hash = (hash + 1) % SLOTS)
		if (strncmp(least->texts[hash], text, len) == 0 && !least->texts[hash][len])
			return (uint16_t)hash;
	least->texts[hash] = strndup(text, len);
	return (uint16_t)hash;
}

static const char *
text_at(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text ? text : "";
}

static void
pack_hex(uint8_t *out, size_t len, const char *text)
{
	for (size_t i = 0; i < len && text[2 * i]; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static void
pack(struct least *least, const json_t *json)
{
	struct row *row = &least->rows[least->len++];
	const json_t *encryption = json_object_get(json, "encryption");
	const json_t *key = json_object_get(encryption, "keyVaultProperties");
	const char *id = text_at(json, "id"), *group = strstr(id, "/resourceGroups/") + 16;
	const char *location = text_at(json, "location"), *vault = text_at(key, "keyvaultUri");
	const char *name = text_at(key, "keyName"), *source = text_at(encryption, "keySource");

	*row = (struct row){.name = (uint32_t)least->names.len};
	if (!buf_add(&least->names, strrchr(id, '/') + 1, strlen(strrchr(id, '/'))))
		exit(1);
	row->subscription = number_of(least, id, (size_t)(group - id));
	row->group = number_of(least, group, strcspn(group, "/"));
	row->location = number_of(least, location, strlen(location));
	row->vault = number_of(least, vault, strlen(vault));
	row->key = number_of(least, name, strlen(name));
	row->source = number_of(least, source, strlen(source));
	pack_hex(row->version, sizeof row->version, text_at(key, "keyVersion"));
	pack_hex(row->principal, sizeof row->principal,
		text_at(json_object_get(json, "identity"), "principalId"));
}

static void
read_least(struct least *least, const struct buf *page)
{
	json_t *root = json_loadb(buf_text(page), page->len, 0, NULL), *row;
	size_t i;

	json_array_foreach(json_object_get(root, "data"), i, row) pack(least, row);
	json_decref(root);
}

static void
free_least(struct least *least)
{
	for (size_t i = 0; i < SLOTS; i++)
		free((char *)least->texts[i]);
	free(least->rows);
	buf_free(&least->names);
	*least = (struct least){0};
}

static void
read_ours(struct estate *estate, const struct buf *page)
{
	struct task task = {
		.kind = &task_graph, .parts = ESTATE_ACCOUNTS, .lister = estate->lister};
	struct json_reader reader;
	struct err err = {0};
	size_t rows = 0;
	json_t *row;
	bool ok;

	json_reader_open(&reader, buf_text(page), page->len, "the reply", task_graph.list);
	while ((ok = json_reader_next(&reader, &row, &err)) && row) {
		task_graph.row(&task, rows++, row);
		json_decref(row);
	}
	ok = ok && task_graph.rest(&task, reader.rest, &err);
	json_reader_close(&reader);
	if (ok && estate_notes(estate) == 0)
		return;
	fprintf(stderr, "bench_parse: %s\n", err.msg[0] ? err.msg : estate_note(estate, 0)->msg);
	exit(1);
}

/* Megabytes a second of one round. */
struct speed {
	double ours, least, bytes_a_row;
};

static size_t
heap(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void
measure(struct session *session, size_t accounts, struct buf *page, struct speed *best)
{
	struct estate *estate = estate_new(session);
	struct least least = {.rows = calloc(accounts, sizeof *least.rows)};
	int64_t ours = 0, bare = 0, start;
	double bytes = 0;
	size_t full;

	buf_init(&least.names, 64 * accounts);
	for (size_t i = 0; i < accounts; i += PAGE) {
		make_page(page, i);
		bytes += (double)page->len;
		start = clock_mono_us();
		read_ours(estate, page);
		ours += clock_mono_us() - start;
		start = clock_mono_us();
		read_least(&least, page);
		bare += clock_mono_us() - start;
	}
	full = heap();
	if (kind_account.count(estate) != least.len)
		exit(1);
	estate_free(estate);
	best->bytes_a_row = (double)(full - heap()) / (double)accounts;
	free_least(&least);
	best->ours = bytes / (double)ours > best->ours ? bytes / (double)ours : best->ours;
	best->least = bytes / (double)bare > best->least ? bytes / (double)bare : best->least;
}

int
main(int argc, char **argv)
{
	size_t accounts = (argc > 1 ? strtoul(argv[1], NULL, 10) : 100000) / PAGE * PAGE;
	struct credential credential;
	struct speed best = {0};
	struct session *session;
	struct profile profile;
	struct err err = {0};
	struct buf page;

	json_init();
	profile_default(&profile);
	credential_secret(&credential, "contoso.example", "none", "none");
	session = session_open(&profile, &credential, &err);
	if (session == NULL || accounts == 0) {
		fprintf(stderr, "bench_parse: %s\n", err.msg);
		return 1;
	}
	buf_init(&page, PAGE_MAX);
	for (int i = 0; i < ROUNDS; i++)
		measure(session, accounts, &page, &best);
	make_page(&page, 0);
	printf("parse.rate %.1f MB/s\n", best.ours);
	printf("parse.rows_per_s %.0f rows/s\n", best.ours * 1e6 * PAGE / (double)page.len);
	printf("parse.least_rate %.1f MB/s\n", best.least);
	printf("parse.of_least %.2f times\n", best.ours / best.least);
	printf("parse.memory %.1f bytes/row\n", best.bytes_a_row);
	buf_free(&page);
	session_close(session);
	return 0;
}
