/* A text is gone through from word to word. What begins there is hidden by what is known of it: its
 * shape (GUIDs, versions, user names), its place (in an id, an address, JSON), or its name, of
 * which the longest counts. Names are found by a hash of the whole of them, as those of an estate
 * begin alike. Ids are told apart by their first digits, as they are shown shortened too. */
#include "views/app/veil.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/azure/armid.h"
#include "backend/base/buf.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

static const uint32_t hash_none = 2166136261u; /* FNV-1a */

enum { GUID = 36, VERSION = 32, TELLING = 6, SHORTEST = 3, TEXT_MOST = 1 << 20, NAME_MOST = 260 };

struct word {
	char *name;
	size_t len;
	enum veil_noun noun;
	unsigned number;
	bool hidden;   /* wherever it stands; else only in its place */
	uint32_t next; /* of the same hash, from 1; 0: none */
};

struct veil {
	struct word *words;
	size_t len, room;
	uint32_t *slots; /* numbers of words from 1; a power of two of them */
	size_t slots_len;
	size_t longest; /* bytes of the longest that is hidden wherever it stands */
	unsigned counts[VEIL_NOUNS], learned;
};

static const char *const nouns[] = {
	[VEIL_ACCOUNT] = "account",
	[VEIL_VAULT] = "vault",
	[VEIL_KEY] = "key",
	[VEIL_GROUP] = "group",
	[VEIL_SUBSCRIPTION] = "subscription",
	[VEIL_TENANT] = "tenant",
	[VEIL_IDENTITY] = "identity",
	[VEIL_PRINCIPAL] = "principal",
	[VEIL_NAME] = "name",
	[VEIL_ID] = "id",
	[VEIL_USER] = "user",
};

/* What a name follows in ids and addresses. */
static const struct {
	const char *type;
	enum veil_noun noun;
} types[] = {
	{"subscriptions", VEIL_SUBSCRIPTION},
	{"resourceGroups", VEIL_GROUP},
	{"automationAccounts", VEIL_ACCOUNT},
	{"batchAccounts", VEIL_ACCOUNT},
	{"storageAccounts", VEIL_ACCOUNT},
	{"vaults", VEIL_VAULT},
	{"managedHSMs", VEIL_VAULT},
	{"deletedVaults", VEIL_VAULT},
	{"deletedManagedHSMs", VEIL_VAULT},
	{"keys", VEIL_KEY},
	{"deletedkeys", VEIL_KEY},
	{"userAssignedIdentities", VEIL_IDENTITY},
	{"managementGroups", VEIL_GROUP},
	{"variables", VEIL_NAME},
	{"pools", VEIL_NAME},
	{"containers", VEIL_NAME},
	{"tenants", VEIL_TENANT},
};

/* What follows a name in the address of a host. */
static const struct {
	const char *label;
	enum veil_noun noun;
} hosts[] = {{".vault.", VEIL_VAULT}, {".managedhsm.", VEIL_VAULT}, {".blob.", VEIL_ACCOUNT},
	{".onmicrosoft.", VEIL_TENANT}};

/* Members of JSON whose texts are names, whoever's they are. */
static const char *const members[] = {"name", "displayName", "userPrincipalName", "description",
	"domain", "login", "principalName", "subject", "defaultDomain"};

struct veil *
veil_new(void)
{
	struct veil *veil = mem_alloc(sizeof *veil);

	veil->slots_len = 256;
	veil->slots = mem_alloc(veil->slots_len * sizeof *veil->slots);
	return veil;
}

void
veil_free(struct veil *veil)
{
	if (veil == NULL)
		return;
	for (size_t i = 0; i < veil->len; i++)
		free(veil->words[i].name);
	free(veil->words);
	free(veil->slots);
	free(veil);
}

static char
lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Letters beyond ASCII need no blank between words: a name may begin and end beside any of them. */
static bool
is_part(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Bytes of the word that begins here: of one character where that is not ASCII. */
static size_t
part_len(const char *at)
{
	size_t len = 0;

	while (is_part(at[len]))
		len++;
	if (len == 0 && (*at & 0x80))
		for (len = 1; (at[len] & 0xc0) == 0x80; len++)
			;
	return len;
}

/* Of a name up to that letter, from what the letters before it come to. */
static uint32_t
hash_on(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)lower(c)) * 16777619u;
}

static size_t
slot_of(const struct veil *veil, const char *name, size_t len)
{
	uint32_t hash = hash_none;

	for (size_t i = 0; i < len; i++)
		hash = hash_on(hash, name[i]);
	return hash & (veil->slots_len - 1);
}

static void
grow(struct veil *veil)
{
	veil->slots_len *= 2;
	veil->slots = mem_resize(veil->slots, veil->slots_len * sizeof *veil->slots);
	memset(veil->slots, 0, veil->slots_len * sizeof *veil->slots);
	for (size_t i = 0; i < veil->len; i++) {
		size_t slot = slot_of(veil, veil->words[i].name, veil->words[i].len);

		veil->words[i].next = veil->slots[slot];
		veil->slots[slot] = (uint32_t)(i + 1);
	}
}

static struct word *
find(const struct veil *veil, const char *name, size_t len)
{
	for (uint32_t i = veil->slots[slot_of(veil, name, len)]; i; i = veil->words[i - 1].next) {
		struct word *word = &veil->words[i - 1];

		if (word->len == len && strncasecmp(word->name, name, len) == 0)
			return word;
	}
	return NULL;
}

/* The word for a name that begins with a letter or a digit. */
static struct word *
learn(struct veil *veil, enum veil_noun noun, const char *name, size_t len, bool hidden)
{
	struct word *word = find(veil, name, len);
	size_t slot;

	veil->learned += hidden && !(word && word->hidden);
	if (hidden && len > veil->longest)
		veil->longest = len;
	if (word) {
		word->hidden |= hidden;
		return word;
	}
	if (veil->len == veil->slots_len)
		grow(veil);
	if (veil->len == veil->room) {
		veil->room = veil->room ? veil->room * 2 : 64;
		veil->words = mem_resize(veil->words, veil->room * sizeof *veil->words);
	}
	word = &veil->words[veil->len++];
	slot = slot_of(veil, name, len);
	*word = (struct word){.name = mem_printf("%.*s", (int)len, name),
		.len = len,
		.noun = noun,
		.number = ++veil->counts[noun],
		.hidden = hidden,
		.next = veil->slots[slot]};
	veil->slots[slot] = (uint32_t)veil->len;
	return word;
}

static struct word *
learn_id(struct veil *veil, const char *id)
{
	char telling[TELLING + 1];

	memcpy(telling, id, TELLING);
	telling[TELLING] = '\0';
	return learn(veil, VEIL_ID, telling, TELLING, false);
}

static size_t
guid_len(const char *at)
{
	char guid[GUID + 1];

	if (strnlen(at, GUID) < GUID || is_part(at[GUID]))
		return 0;
	memcpy(guid, at, GUID);
	guid[GUID] = '\0';
	return armid_is_guid(guid) ? GUID : 0;
}

void
veil_learn(struct veil *veil, enum veil_noun noun, const char *name)
{
	while (*name) {
		size_t len = strcspn(name, "/");

		while (len && part_len(name) == 0) {
			name++;
			len--;
		}
		if (len && guid_len(name) == 0)
			learn(veil, noun, name, len, true);
		name += len + (name[len] == '/');
	}
}

/* Bytes of a word of ours; it is left as it is. */
static size_t
veiled_len(const char *at)
{
	size_t len = part_len(at), digits;

	if (at[len] != '#')
		return 0;
	digits = strspn(at + len + 1, "0123456789");
	for (size_t i = 0; digits && i < VEIL_NOUNS; i++)
		if (strlen(nouns[i]) == len && strncmp(nouns[i], at, len) == 0)
			return len + 1 + digits;
	return 0;
}

/* A GUID, the version of a key, or the beginning of one as it is shown where room is short. */
static size_t
id_len(const char *at)
{
	size_t len = guid_len(at), digits;

	if (len)
		return len;
	len = strspn(at, "0123456789abcdefABCDEF");
	digits = strspn(at, "0123456789");
	if (len < TELLING || is_part(at[len]))
		return 0;
	if (text_case_starts(at + len, "\xe2\x80\xa6"))
		return len + strlen("\xe2\x80\xa6");
	if (at[len] == '~')
		return len + 1;
	return len >= VERSION || (len >= 8 && digits < len && strcspn(at, "0123456789") < len) ? len
											       : 0;
}

static size_t
user_len(const char *at)
{
	static const char domain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	size_t local = 0, after;

	while (is_part(at[local]) || (at[local] && strchr("._%+-#", at[local])))
		local++;
	if (at[local] != '@')
		return 0;
	after = strspn(at + local + 1, domain);
	return after && memchr(at + local + 1, '.', after) ? local + 1 + after : 0;
}

/* What stands behind a name in an id, an address or a sentence. */
static size_t
segment_len(const char *at)
{
	return strcspn(at, "/?&\"' ,;()\n{}[]<>");
}

/* In an id: the noun of the segment that begins at at, VEIL_NOUNS if it is none of ours. */
static enum veil_noun
noun_in_path(const char *text, const char *at)
{
	const char *end = at - 1, *start;

	if (at == text || *end != '/')
		return VEIL_NOUNS;
	for (start = end; start > text && is_part(start[-1]); start--)
		;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strlen(types[i].type) == (size_t)(end - start) &&
			text_case_starts(start, types[i].type))
			return types[i].noun;
	return VEIL_NOUNS;
}

/* The first label of a host; a Batch account has its region in between. */
static enum veil_noun
noun_of_host(const char *text, const char *at, size_t *len)
{
	static const char outside[] = "/?&\"' ,;()\n{}[]<>.:";
	const char *rest;

	*len = strcspn(at, outside);
	if (at > text && at[-1] == '.')
		return VEIL_NOUNS;
	rest = at + *len;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (text_case_starts(rest, hosts[i].label))
			return hosts[i].noun;
	rest += *rest == '.' ? 1 + strcspn(rest + 1, outside) : 0;
	return text_case_starts(rest, ".batch.") ? VEIL_ACCOUNT : VEIL_NOUNS;
}

/* Goes back over blanks and one given character; NULL when another stands there. */
static const char *
back_over(const char *text, const char *at, char c)
{
	while (at > text && at[-1] == ' ')
		at--;
	return at > text && at[-1] == c ? at - 1 : NULL;
}

/* Whether the string of JSON that begins at at is the text of a member that is a name. */
static bool
is_name_member(const char *text, const char *at)
{
	const char *end, *start;

	if (at == text || at[-1] != '"' || (end = back_over(text, at - 1, ':')) == NULL ||
		(end = back_over(text, end, '"')) == NULL)
		return false;
	for (start = end; start > text && start[-1] != '"'; start--)
		;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (strlen(members[i]) == (size_t)(end - start) &&
			strncmp(members[i], start, (size_t)(end - start)) == 0)
			return true;
	return false;
}

/* Whether at stands in a string among the tags of something. */
static bool
is_tag(const char *text, const char *at)
{
	const char *open;

	if (at == text || at[-1] != '"')
		return false;
	for (open = at; open > text && open[-1] != '{' && open[-1] != '}'; open--)
		;
	if (open == text || open[-1] != '{' || (open = back_over(text, open - 1, ':')) == NULL ||
		(open = back_over(text, open, '"')) == NULL)
		return false;
	return open - text >= 4 && strncmp(open - 4, "tags", 4) == 0;
}

/* A name of one or two letters is like many a word: it is hidden where it is written just so, one
 * of digits only where nothing else stands. */
static bool
is_meant(const struct word *word, const char *text, const char *at)
{
	if (word->len >= SHORTEST || (at == text && at[word->len] == '\0'))
		return true;
	return strncmp(word->name, at, word->len) == 0 &&
	       strspn(word->name, "0123456789") < word->len;
}

/* The longest name that was learned and begins here. */
static const struct word *
known(const struct veil *veil, const char *text, const char *at)
{
	const struct word *best = NULL;
	uint32_t hash = hash_none;

	for (size_t len = 1; at[len - 1] && len <= veil->longest; len++) {
		hash = hash_on(hash, at[len - 1]);
		if (is_part(at[len - 1]) && is_part(at[len]))
			continue;
		for (uint32_t i = veil->slots[hash & (veil->slots_len - 1)]; i;
			i = veil->words[i - 1].next) {
			const struct word *word = &veil->words[i - 1];

			if (word->hidden && word->len == len &&
				strncasecmp(word->name, at, len) == 0 && is_meant(word, text, at))
				best = word;
		}
	}
	return best;
}

/* What hides the thing that begins at at, and how many bytes it hides; NULL: nothing does. */
static const struct word *
hide(struct veil *veil, const char *text, const char *at, size_t *len)
{
	enum veil_noun noun;
	const struct word *word;
	bool tag;

	if ((*len = id_len(at)) > 0)
		return learn_id(veil, at);
	if ((*len = user_len(at)) > 0)
		return learn(veil, VEIL_USER, at, *len, true);
	noun = noun_in_path(text, at);
	*len = segment_len(at);
	if (noun == VEIL_NOUNS)
		noun = noun_of_host(text, at, len);
	if (noun != VEIL_NOUNS && *len && *len < NAME_MOST)
		return learn(veil, noun, at, *len, true);
	tag = is_tag(text, at);
	if (tag || is_name_member(text, at)) {
		*len = strcspn(at, "\"\n");
		return learn(veil, VEIL_NAME, at, *len, tag);
	}
	word = known(veil, text, at);
	*len = word ? word->len : 0;
	return word;
}

unsigned
veil_learned(const struct veil *veil)
{
	return veil->learned;
}

char *
veil_text(struct veil *veil, const char *text)
{
	const char *at = text, *from = text;
	bool ok = true;
	char *out = NULL;
	struct buf buf;

	buf_init(&buf, TEXT_MOST);
	while (*at && ok) {
		const struct word *word;
		size_t part = part_len(at), len = part ? veiled_len(at) : 1;

		word = len ? NULL : hide(veil, text, at, &len);
		if (word == NULL) {
			at += len ? len : part;
			continue;
		}
		ok = buf_add(&buf, from, (size_t)(at - from)) &&
		     buf_addf(&buf, "%s#%u", nouns[word->noun], word->number);
		at += len;
		from = at;
	}
	if (from > text || !ok)
		out = ok && buf_adds(&buf, from) ? mem_strdup(buf_text(&buf))
						 : mem_strdup("(too long to be redacted)");
	buf_free(&buf);
	return out;
}
