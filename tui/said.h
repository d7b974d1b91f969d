/* The sentences of the catalogue, for texts that were made of one with names and numbers in it. */
#ifndef CLAVIGER_TUI_SAID_H
#define CLAVIGER_TUI_SAID_H

#include <stddef.h>

/* Reads FOLDER/LANGUAGE/LC_MESSAGES/DOMAIN.mo, as gettext does; without it nothing is known. */
void said_load(const char *folder, const char *language, const char *domain);
void said_forget(void);

/* An English text of the backend, such as "behind by 2", in the language of the reader: in room, or
 * the text itself. What the catalogue does not have stays as it is. */
enum { SAID = 1024 };
const char *said(const char *text, char room[SAID]);

#endif
