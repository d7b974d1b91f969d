/* The folder in /tmp is named after the journal that it stands in for, so that drills in a sandbox
 * and the real thing never mix. */
#include "backend/journal/places.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/text.h"
#include "crypto/digest.h"

bool
places_find(const char *dir, struct places *out, struct err *err)
{
	char digest[65];

	*out = (struct places){0};
	if (dir && !text_copy(out->dir[PLACE_USUAL], PATH_MAX, dir))
		return err_set(err, ERR_JOURNAL, "", "%s: the path is too long", dir);
	if (dir == NULL && !file_place(FILE_STATE, out->dir[PLACE_USUAL], err)) {
		if (err)
			err->kind = ERR_JOURNAL;
		return false;
	}
	if (dir == NULL && !file_place(FILE_RUNTIME, out->dir[PLACE_RUNTIME], NULL))
		out->dir[PLACE_RUNTIME][0] = '\0';
	digest_sha256_hex(out->dir[PLACE_USUAL], strlen(out->dir[PLACE_USUAL]), digest);
	snprintf(out->dir[PLACE_GLASS], PATH_MAX, "/tmp/claviger-%u-%.12s", (unsigned)geteuid(),
		digest);
	return true;
}

bool
places_file(const struct places *places, enum place place, char out[PATH_MAX])
{
	const char *dir = places->dir[place];

	/* Anybody can make a folder of that name in /tmp, and write into it what never was. */
	if (place == PLACE_GLASS && !file_is_private_dir(dir))
		return false;
	return *dir && snprintf(out, PATH_MAX, "%s/journal.jsonl", dir) < PATH_MAX;
}
