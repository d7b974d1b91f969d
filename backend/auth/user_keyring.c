/* A key is made in the thread's own keyring, where it is ours beyond doubt, so that its permissions
 * can be set; only then is it linked where later processes find it. The user's keyring need not be
 * linked to the session's (it is not after su or in a container), therefore the user may do what
 * the possessor may; group and others nothing. No libkeyutils: four calls. */
#include "backend/auth/user_keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	VALUE_MAX = 32767, /* of the type "user" */
	PROBE_SECONDS = 5,
	/* view, read, write, search, link, setattr for the possessor and the user
	 * [keyctl_setperm(3)] */
	PERMISSIONS = 0x3f3f0000,
};

static const char type[] = "user";

static bool
failed(const char *doing, struct err *err)
{
	const char *why = strerror(errno);

	if (errno == ENOSYS || errno == EPERM)
		why = "it is closed to this process, as in many containers";
	else if (errno == EDQUOT)
		why = "this user's share is used up (see /proc/key-users)";
	return err_set(err, ERR_FAILED, "NoKeyring",
		"the kernel's keyring cannot %s: %s; sign in with az login, a client secret or "
		"certificate (AZURE_*), or in the console, where it lasts as long as the console",
		doing, why);
}

static long
search(const char *name)
{
	return syscall(SYS_keyctl, KEYCTL_SEARCH, (long)KEY_SPEC_USER_KEYRING, type, name, 0L);
}

bool
user_keyring_put(const char *name, const struct secret *secret, unsigned seconds, struct err *err)
{
	long key = syscall(
		SYS_add_key, type, name, secret->bytes, secret->len, (long)KEY_SPEC_THREAD_KEYRING);
	bool ok;

	if (key < 0)
		return failed("take the sign-in", err);
	ok = syscall(SYS_keyctl, KEYCTL_SETPERM, key, (long)PERMISSIONS) == 0 &&
	     syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, (long)seconds) == 0 &&
	     syscall(SYS_keyctl, KEYCTL_LINK, key, (long)KEY_SPEC_USER_KEYRING) == 0;
	if (!ok)
		failed("keep the sign-in", err);
	syscall(SYS_keyctl, KEYCTL_UNLINK, key, (long)KEY_SPEC_THREAD_KEYRING);
	return ok;
}

bool
user_keyring_get(const char *name, struct secret *out, struct err *err)
{
	unsigned char value[VALUE_MAX];
	long key = search(name), len;

	*out = (struct secret){0};
	if (key < 0 && (errno == ENOKEY || errno == EKEYEXPIRED || errno == EKEYREVOKED))
		return err_set(err, ERR_NOT_FOUND, "", "nothing is kept there");
	if (key < 0)
		return failed("be searched", err);
	len = syscall(SYS_keyctl, KEYCTL_READ, key, value, sizeof value);
	if (len < 0 || len > (long)sizeof value)
		return failed("be read", err);
	secret_set(out, value, (size_t)len);
	secret_wipe(value, (size_t)len);
	return true;
}

bool
user_keyring_drop(const char *name)
{
	long key = search(name);

	return key >= 0 &&
	       syscall(SYS_keyctl, KEYCTL_UNLINK, key, (long)KEY_SPEC_USER_KEYRING) == 0;
}

bool
user_keyring_usable(struct err *err)
{
	struct secret probe = {(unsigned char *)"probe", 5}, got = {0};
	char name[40];
	bool ok;

	snprintf(name, sizeof name, "claviger:probe:%ld", (long)getpid());
	ok = user_keyring_put(name, &probe, PROBE_SECONDS, err) &&
	     user_keyring_get(name, &got, err);
	secret_free(&got);
	user_keyring_drop(name);
	return ok;
}
