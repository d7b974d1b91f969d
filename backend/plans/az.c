/* The articles' own samples do not run: continued lines without their mark, flags that az does not
 * have. `az rest` sends what it is given, so a command made of the request needs no table of flags,
 * and says nothing else than the request does. */
#include "backend/plans/az.h"

#include <ctype.h>
#include <string.h>

#include "backend/base/buf.h"
#include "backend/base/mem.h"

enum { COMMAND_MAX = 1 << 20 };

/* In single quotes nothing but the quote itself means anything to a shell. */
static bool
add_quoted(struct buf *out, const char *text)
{
	bool ok = buf_adds(out, "'");

	while (ok && *text) {
		size_t plain = strcspn(text, "'");

		ok = buf_add(out, text, plain) && (text[plain] == '\0' || buf_adds(out, "'\\''"));
		text += plain + (text[plain] != '\0');
	}
	return ok && buf_adds(out, "'");
}

/* az knows by itself whom a token for the resource manager is for. Of keys it is the vault's host
 * without the vault's name, in every cloud. */
static bool
add_resource(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://"), *of = host ? strchr(host, '.') : NULL;

	if (of == NULL || (strncmp(of, ".vault.", strlen(".vault.")) != 0 &&
				  strncmp(of, ".managedhsm.", strlen(".managedhsm.")) != 0))
		return true;
	return buf_addf(out, " --resource 'https://%.*s'", (int)strcspn(of + 1, "/"), of + 1);
}

char *
az_command(const char *method, const char *url, const char *body)
{
	struct buf out;
	char *text = NULL;
	bool ok;

	buf_init(&out, COMMAND_MAX);
	ok = buf_adds(&out, "az rest --method ");
	for (; ok && *method; method++)
		ok = buf_addf(&out, "%c", tolower((unsigned char)*method));
	ok = ok && buf_adds(&out, " --url ") && add_quoted(&out, url) && add_resource(&out, url);
	if (ok && body)
		ok = buf_adds(&out, " --body ") && add_quoted(&out, body);
	if (ok)
		text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}
