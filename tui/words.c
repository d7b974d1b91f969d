/* Which language: as gettext itself chooses it, but for one thing. It takes no LANGUAGE in the
 * locale "C", and a locale that is not installed becomes that one; C.UTF-8 is always there, and the
 * language is then told by LANGUAGE alone. */
#include "tui/words.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/folder.h"
#include "tui/said.h"

static const char domain[] = "claviger";

/* Without one gettext looks for it at every word anew, a hundred times a frame. */
static bool catalogue;

const char *
_(const char *msgid)
{
	return catalogue && *msgid ? gettext(msgid) : msgid;
}

const char *
_n(const char *one, const char *many, size_t count)
{
	return catalogue ? ngettext(one, many, count) : count == 1 ? one : many;
}

/* What the catalogue says of itself: zh_CN. False when there is none for the language chosen. */
static bool
language_found(char out[32])
{
	static const char field[] = "\nLanguage: ";
	const char *at = strstr(gettext(""), field);

	if (at)
		snprintf(out, 32, "%.*s", (int)strcspn(at + strlen(field), "\n"),
			at + strlen(field));
	return at != NULL;
}

static void
choose(const char *language)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	if (language) {
		setlocale(LC_MESSAGES, "C.UTF-8");
		setenv("LANGUAGE", language, 1);
		return;
	}
	if (setlocale(LC_MESSAGES, ""))
		return;
	setlocale(LC_MESSAGES, "C.UTF-8");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value) {
			setenv("LANGUAGE", value, 0);
			return;
		}
	}
}

bool
words_start(const char *language, struct err *err)
{
	char folder[PATH_MAX], found[32], clean[32];

	choose(language);
	folder_find("locale/.", CLAVIGER_DATADIR "/../locale", folder);
	bindtextdomain(domain, folder);
	bind_textdomain_codeset(domain, "UTF-8");
	textdomain(domain);
	catalogue = language_found(found);
	if (catalogue) {
		said_load(folder, found, domain);
		return true;
	}
	if (language == NULL || strncmp(language, "en", 2) == 0 || strcmp(language, "C") == 0)
		return true;
	text_cleans(clean, sizeof clean, language);
	return err_set(err, ERR_USAGE, "",
		"no translation of the console into \"%s\" is found here: it speaks en, and zh_CN "
		"where that is installed",
		clean);
}

void
words_stop(void)
{
	catalogue = false;
	said_forget();
}
