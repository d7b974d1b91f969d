/* Where values come from: the tables, the configuration, the journal and the console's cache, never
 * a request. The name that confirms a cut is not offered: it is to be typed. */
#include "views/cli/completion_offers.h"

#include <limits.h>
#include <string.h>

#include "backend/codes/code.h"
#include "backend/estate/cache.h"
#include "backend/estate/topics/topic.h"
#include "backend/journal/operation.h"
#include "tui/theme.h"

/* Only what every shell takes as it is: a name with other letters is not offered. */
void
offer(struct offers *offers, const char *word, const char *what)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./=+@";
	const char *current = offers->typed->current;

	if (*word == '\0' || word[strspn(word, plain)] || strncmp(word, current, strlen(current)))
		return;
	offers->ok = offers->ok && buf_add(offers->out, offers->before, offers->before_len) &&
		     buf_addf(offers->out, "%s%s%s\n", word, what ? "\t" : "", what ? what : "");
}

static void
offer_name(void *user, const char *name)
{
	offer(user, name, NULL);
}

static void
offer_profile(void *user, const struct profile *profile, bool is_default)
{
	(void)is_default;
	offer(user, profile->name, profile->cloud.name);
}

static void
offer_operation(void *user, const struct operation *operation)
{
	offer(user, operation->id, operation->plan);
}

void
offer_kept(struct offers *offers, const char *kind)
{
	const struct typed *typed = offers->typed;
	struct profile profile;
	char path[PATH_MAX];
	struct err err;

	if (typed->sandbox ? *typed->sandbox == '\0'
			   : !config_read(NULL, typed->profile, &profile, &err))
		return;
	if (typed->sandbox)
		profile_default(&profile);
	if (!cache_path(&profile, typed->sandbox, path, &err) ||
		!cache_names(path, kind, offer_name, offers, &err))
		return;
}

static void
offer_profiles(struct offers *offers)
{
	struct err err;

	if (!config_list(NULL, offer_profile, offers, &err))
		return;
}

static void
offer_operations(struct offers *offers)
{
	const char *sandbox = offers->typed->sandbox;
	struct err err;

	if ((sandbox && *sandbox == '\0') ||
		!operation_each(sandbox, offer_operation, offers, &err))
		return;
}

static void
offer_codes(struct offers *offers)
{
	struct code code;

	for (size_t i = 0; code_at(i, &code); i++)
		offer(offers, code.name, code.from);
}

/* The rules that may stop the plan at hand. */
static void
offer_rules(struct offers *offers)
{
	const struct plan_def *plan = offers->typed->command.plan;

	for (size_t i = 0; plan && plan->blocking && plan->blocking[i]; i++)
		offer(offers, plan->blocking[i], NULL);
}

static void
offer_topics(struct offers *offers)
{
	struct command command;
	char room[CLI_SUMMARY];

	for (size_t i = 0; i < topics_len; i++)
		offer(offers, topics[i]->name, topics[i]->title);
	offer_choices(offers, cli_help_topics);
	for (size_t i = 0; i < kinds_len; i++)
		offer(offers, kinds[i]->name, kinds[i]->title);
	for (size_t i = 0; cli_command_at(i, &command); i++)
		offer(offers, command.name, cli_summary(&command, room));
}

static void
offer_themes(struct offers *offers)
{
	char names[400], *rest = names, *name;

	theme_names(names, sizeof names);
	while ((name = strsep(&rest, " ")))
		offer(offers, name, NULL);
}

static const char *const seeds[] = {"demo", "empty", NULL};
static const char *const client_names[] = {"local", "public", "china", "usgov", NULL};
static const char *const formats[] = {"table", "json", "jsonc", "tsv", "none", NULL};
static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static const char *const languages[] = {"en", "zh_CN", NULL};

/* What values there are, by the name of an option, else by the word that help has for the value. */
static const struct source {
	const char *word;
	const char *kept;           /* names of this kind */
	const char *const *choices; /* NULL-ended */
	void (*offer)(struct offers *);
} sources[] = {
	{"confirm", NULL, NULL, NULL},
	{"profile", NULL, NULL, offer_profiles},
	{"subscription", "subscription", NULL, NULL},
	{"operation", NULL, NULL, offer_operations},
	{"seed", NULL, seeds, NULL},
	{"names", NULL, client_names, NULL},
	{"theme", NULL, NULL, offer_themes},
	{"lang", NULL, languages, NULL},
	{"user-identity", "identity", NULL, NULL},
	{"account", "account", NULL, NULL},
	{"KEY", "key", NULL, NULL},
	{"VAULT", "vault", NULL, NULL},
	{"GROUP", "group", NULL, NULL},
	{"[NAME...]", "account", NULL, NULL},
	{"OPERATION", NULL, NULL, offer_operations},
	{"RULE", NULL, NULL, offer_rules},
	{"[CODE]", NULL, NULL, offer_codes},
	{"[TOPIC]", NULL, NULL, offer_topics},
	{"FORMAT", NULL, formats, NULL},
	{"bash|zsh|fish", NULL, shells, NULL},
};

void
offer_choices(struct offers *offers, const char *const *choices)
{
	for (size_t i = 0; choices && choices[i]; i++)
		offer(offers, choices[i], NULL);
}

bool
offer_values(struct offers *offers, const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (strcmp(sources[i].word, word) != 0)
			continue;
		offer_choices(offers, sources[i].choices);
		if (sources[i].kept)
			offer_kept(offers, sources[i].kept);
		if (sources[i].offer)
			sources[i].offer(offers);
		return true;
	}
	return false;
}
