/* One byte of a file stands for an operation, at an offset that is the beginning of its id: the
 * lock on it goes with the process, however that ends, and leaves nothing to clean up. */
#include "backend/journal/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/file.h"

/* 60 bits, so that it stays a valid offset. */
enum { OFFSET_DIGITS = 15 };

static off_t
offset_of(const char *operation)
{
	char digits[OFFSET_DIGITS + 1] = "";
	size_t len = 0;

	for (; *operation && len < OFFSET_DIGITS; operation++)
		if (*operation != '-')
			digits[len++] = *operation;
	return (off_t)strtoll(digits, NULL, 16);
}

static struct flock
lock_of(short type, const char *operation)
{
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = offset_of(operation), .l_len = 1};
}

static bool
put(int fd, short type, const char *operation)
{
	struct flock lock = lock_of(type, operation);

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static void
unlock(const struct hold *hold, const char *operation)
{
	for (size_t i = 0; i < HOLD_PLACES; i++)
		if (hold->fds[i] >= 0)
			(void)put(hold->fds[i], F_UNLCK, operation);
}

/* Both places, not the first that takes it: what another process can reach of them may differ. */
static void
open_files(struct hold *hold, const struct places *places, int flags)
{
	static const enum place locked[HOLD_PLACES] = {PLACE_USUAL, PLACE_RUNTIME};
	char path[PATH_MAX + 32];

	for (size_t i = 0; i < HOLD_PLACES; i++) {
		const char *dir = places->dir[locked[i]];

		if (hold->fds[i] >= 0 || !*dir || !file_private_dir(dir, NULL))
			continue;
		snprintf(path, sizeof path, "%s/operations.lock", dir);
		hold->fds[i] =
			open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	}
}

void
hold_init(struct hold *hold)
{
	*hold = (struct hold){.fds = {-1, -1}};
}

void
hold_free(struct hold *hold)
{
	for (size_t i = 0; i < HOLD_PLACES; i++)
		if (hold->fds[i] >= 0)
			close(hold->fds[i]);
	json_decref(hold->mine);
}

static bool
lock_all(const struct hold *hold, const char *operation)
{
	for (size_t i = 0; i < HOLD_PLACES; i++)
		if (hold->fds[i] >= 0 && !put(hold->fds[i], F_WRLCK, operation) &&
			(errno == EAGAIN || errno == EACCES))
			return false;
	return true;
}

bool
hold_take(struct hold *hold, const struct places *places, const char *operation, struct err *err)
{
	if (json_object_get(hold->mine, operation))
		return err_set(err, ERR_REFUSED, "InHand",
			"operation %.8s is in hand on another page of this console; let that end, "
			"or park or leave it there",
			operation);
	open_files(hold, places, O_CREAT);
	if (!lock_all(hold, operation)) {
		unlock(hold, operation);
		return err_set(err, ERR_REFUSED, "InHand",
			"operation %.8s is being carried out by another process; let that end, or "
			"close it there",
			operation);
	}
	if (hold->mine == NULL)
		hold->mine = json_object();
	json_object_set_new(hold->mine, operation, json_true());
	return true;
}

void
hold_drop(struct hold *hold, const char *operation)
{
	json_object_del(hold->mine, operation);
	unlock(hold, operation);
}

bool
hold_is_taken(const struct places *places, const char *operation)
{
	struct hold hold;
	bool taken = false;

	hold_init(&hold);
	open_files(&hold, places, 0);
	for (size_t i = 0; i < HOLD_PLACES; i++) {
		struct flock lock = lock_of(F_WRLCK, operation);

		if (hold.fds[i] >= 0 && fcntl(hold.fds[i], F_OFD_GETLK, &lock) == 0 &&
			lock.l_type != F_UNLCK)
			taken = true;
	}
	hold_free(&hold);
	return taken;
}
