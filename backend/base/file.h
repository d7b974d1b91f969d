/* Files and folders of our own: private modes, no symlinks, whole or not at all. */
#ifndef CLAVIGER_BASE_FILE_H
#define CLAVIGER_BASE_FILE_H

#include <limits.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

/* Reads a whole file up to out->max. ERR_NOT_FOUND when there is none; other failures name path
 * and reason. With private set, refuses a file that others may read or that is not ours. */
bool file_read(const char *path, bool private, struct buf *out, struct err *err) MUST_CHECK;

/* Replaces path atomically with mode 0600: temporary file, fdatasync, rename, fsync of the folder.
 * ERR_REFUSED for a device, a pipe or a symlink: they stay as they are. */
bool file_write(const char *path, const void *bytes, size_t len, struct err *err) MUST_CHECK;

/* Makes a new file of mode 0600. ERR_REFUSED where anything has that name: it stays as it is. */
bool file_write_new(const char *path, const void *bytes, size_t len, struct err *err) MUST_CHECK;

/* Whether the file of that name is still the one that is open as fd. */
bool file_is(int fd, const char *path);

/* Writes all of it to fd, whatever interrupts; false with errno set otherwise. */
bool file_put(int fd, const void *bytes, size_t len) MUST_CHECK;

/* Makes path and its missing parents, 0700; refuses one that others may enter or that is not ours.
 */
bool file_private_dir(const char *path, struct err *err) MUST_CHECK;

/* Whether such a folder is there already. */
bool file_is_private_dir(const char *path);

/* Removes a folder and everything in it; for temporary folders of our own. */
void file_remove_tree(const char *path);

/* $XDG_STATE_HOME/claviger, or the same of XDG_CONFIG_HOME, XDG_RUNTIME_DIR, XDG_CACHE_HOME, with
 * their defaults: that of XDG_RUNTIME_DIR is /run/user/UID where that is ours alone. False when
 * neither the variable nor HOME is usable. */
enum file_place { FILE_STATE, FILE_CONFIG, FILE_RUNTIME, FILE_CACHE };
bool file_place(enum file_place place, char out[PATH_MAX], struct err *err) MUST_CHECK;

#endif
