/* Modes are checked on the open descriptor, never on a name that may have changed since. */
#include "backend/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail(struct err *err, const char *path, const char *doing)
{
	return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_FAILED, "", "%s: cannot %s: %s",
		path, doing, strerror(errno));
}

static bool
check_private(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(err, path, "look at it");
	if (st.st_uid != geteuid())
		return err_set(
			err, ERR_FAILED, "", "%s: belongs to another user; move it away", path);
	if ((st.st_mode & 077) && S_ISDIR(st.st_mode)) /* the system's own must not be closed */
		return err_set(err, ERR_FAILED, "",
			"%s: others may use it (mode %03o); name another folder, or where this one "
			"holds nothing of theirs, run: chmod go= '%s'",
			path, (unsigned)st.st_mode & 0777, path);
	if (st.st_mode & 077)
		return err_set(err, ERR_FAILED, "",
			"%s: others may use it (mode %03o); run: chmod go= '%s'", path,
			(unsigned)st.st_mode & 0777, path);
	return true;
}

static bool
read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	char piece[16384];
	ssize_t n;

	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, path, "read it");
		if (!buf_add(out, piece, (size_t)n))
			return err_set(
				err, ERR_FAILED, "", "%s: larger than %zu bytes", path, out->max);
	}
	return true;
}

bool
file_read(const char *path, bool private, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | (private ? O_NOFOLLOW : 0));
	bool ok;

	if (fd < 0)
		return fail(err, path, "open it");
	ok = (!private || check_private(fd, path, err)) && read_all(fd, path, out, err);
	close(fd);
	return ok;
}

bool
file_is(int fd, const char *path)
{
	struct stat own, there;

	return fstat(fd, &own) == 0 && lstat(path, &there) == 0 && own.st_dev == there.st_dev &&
	       own.st_ino == there.st_ino;
}

bool
file_put(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
sync_parent(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd;
	bool ok;

	snprintf(dir, sizeof dir, "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = fsync(fd) == 0;
	close(fd);
	return ok;
}

bool
file_write(const char *path, const void *bytes, size_t len, struct err *err)
{
	char temporary[PATH_MAX];
	struct stat there;
	bool ok;
	int fd;

	if (lstat(path, &there) == 0 && !S_ISREG(there.st_mode))
		return err_set(err, ERR_REFUSED, "",
			"%s: is there already and no regular file; name another", path);
	if (snprintf(temporary, sizeof temporary, "%s.new.%d", path, (int)getpid()) >=
		(int)sizeof temporary)
		return err_set(err, ERR_FAILED, "", "%s: the path is too long", path);
	unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(err, path, "make it");
	ok = file_put(fd, bytes, len) && fdatasync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (ok && rename(temporary, path) == 0 && sync_parent(path))
		return true;
	fail(err, path, "write it");
	unlink(temporary);
	return false;
}

bool
file_write_new(const char *path, const void *bytes, size_t len, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok;

	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_REFUSED, "",
			"%s: is there already and is left as it is; name another file", path);
	if (fd < 0)
		return err_set(
			err, ERR_FAILED, "", "%s: cannot make it: %s", path, strerror(errno));
	ok = file_put(fd, bytes, len) && fdatasync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (ok)
		return true;
	err_set(err, ERR_FAILED, "", "%s: cannot write it: %s", path, strerror(errno));
	unlink(path);
	return false;
}

bool
file_private_dir(const char *path, struct err *err)
{
	char part[PATH_MAX];
	bool ok;
	int fd;

	if (!*path || snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
		return err_set(err, ERR_FAILED, "", "%s: not a usable path", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return fail(err, part, "make the folder");
		*p = '/';
	}
	if (mkdir(part, 0700) != 0 && errno != EEXIST)
		return fail(err, part, "make the folder");
	fd = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(err, part, "open the folder");
	ok = check_private(fd, part, err);
	close(fd);
	return ok;
}

bool
file_is_private_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	       (st.st_mode & 077) == 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void
file_remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* The runtime folder that a sign-in has made is there for what cron or su has started as well,
 * which is told no variable: processes that are to meet there must not go by the variable alone. */
static bool
runtime_is_made(char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "/run/user/%u", (unsigned)geteuid());
	return file_is_private_dir(out);
}

bool
file_place(enum file_place place, char out[PATH_MAX], struct err *err)
{
	static const struct {
		const char *variable, *fallback;
	} where[] = {
		[FILE_STATE] = {"XDG_STATE_HOME", ".local/state"},
		[FILE_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
		[FILE_RUNTIME] = {"XDG_RUNTIME_DIR", ".local/state"},
		[FILE_CACHE] = {"XDG_CACHE_HOME", ".cache"},
	};
	const char *dir = getenv(where[place].variable), *home = getenv("HOME");
	char made[PATH_MAX];
	int n;

	if (dir == NULL && place == FILE_RUNTIME && runtime_is_made(made))
		dir = made;

	if (dir && dir[0] == '/')
		n = snprintf(out, PATH_MAX, "%s/claviger", dir);
	else if (home && home[0] == '/')
		n = snprintf(out, PATH_MAX, "%s/%s/claviger", home, where[place].fallback);
	else
		return err_set(err, ERR_FAILED, "", "neither %s nor HOME is set to a folder",
			where[place].variable);
	if (n >= PATH_MAX)
		return err_set(
			err, ERR_FAILED, "", "%s: the path is too long", where[place].variable);
	return true;
}
