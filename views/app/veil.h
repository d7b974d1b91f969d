/* Words that stand for names and ids while a screen is shared: the same thing has the same word as
 * long as the console runs, and a word has a # in it, which no name of Azure's has. */
#ifndef CLAVIGER_VIEWS_VEIL_H
#define CLAVIGER_VIEWS_VEIL_H

struct veil;

enum veil_noun {
	VEIL_ACCOUNT,
	VEIL_VAULT,
	VEIL_KEY,
	VEIL_GROUP,
	VEIL_SUBSCRIPTION,
	VEIL_TENANT,
	VEIL_IDENTITY,
	VEIL_PRINCIPAL,
	VEIL_NAME, /* of anything else */
	VEIL_ID,   /* GUIDs and versions of keys, told by their shape */
	VEIL_USER, /* name@domain, told by its shape */
	VEIL_NOUNS,
};

struct veil *veil_new(void);
void veil_free(struct veil *veil);

/* From now on name is hidden wherever it stands between blanks or marks, in whatever case; of
 * several with / between each. */
void veil_learn(struct veil *veil, enum veil_noun noun, const char *name);

/* How often a name was learned that is hidden wherever it stands: until the next one the same text
 * becomes the same. */
unsigned veil_learned(const struct veil *veil);

/* The text as others may see it, new; NULL: as it is. Besides what was learned it hides what stands
 * in the place of a name in ids, addresses and JSON, and learns it. */
char *veil_text(struct veil *veil, const char *text);

#endif
