/* A lock is held by the descriptor, so it ends with the process however that ends; the file itself
 * stays. Sockets lie in the directory where their path fits a socket address, else in the runtime
 * directory under a name made from the directory's. */
#include "backend/sandbox/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/names.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum {
	FILE_MAX = 65536,
	YEARS_20 = 20 * 365 * 86400,
	SECRET_BYTES = 32,
	ADDRESS_MAX = 107,              /* bytes of a socket's path */
	BESIDE_MAX = ADDRESS_MAX - 2,   /* of the directory before /s */
	RUNTIME_MAX = ADDRESS_MAX - 19, /* of the runtime directory before /, 16 digits and .s */
};

static bool
make_temporary(struct state *state, struct err *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	if (!base || base[0] != '/' || strlen(base) > 60 || access(base, W_OK) != 0)
		base = "/tmp";
	snprintf(state->dir, sizeof state->dir, "%s/claviger-sandbox-XXXXXX", base);
	if (!mkdtemp(state->dir))
		return err_set(err, ERR_FAILED, "", "%s: cannot make a temporary folder: %s", base,
			strerror(errno));
	state->temporary = true;
	return true;
}

static bool
make_given(struct state *state, const char *dir, struct err *err)
{
	char *real;

	if (!file_private_dir(dir, err))
		return false;
	real = realpath(dir, NULL);
	if (!real || strchr(real, '\n') || !text_copy(state->dir, sizeof state->dir - 32, real)) {
		free(real);
		return err_set(err, ERR_FAILED, "", "%s: not a usable path", dir);
	}
	free(real);
	return true;
}

/* Both socket paths, of the same directory. */
static bool
place_sockets(struct state *state, struct err *err)
{
	char runtime[PATH_MAX], hex[65];

	if (strlen(state->dir) <= BESIDE_MAX) {
		snprintf(state->socket, sizeof state->socket, "%.*s/s", BESIDE_MAX, state->dir);
		snprintf(state->ctl, sizeof state->ctl, "%.*s/c", BESIDE_MAX, state->dir);
		return true;
	}
	digest_sha256_hex(state->dir, strlen(state->dir), hex);
	if (!file_place(FILE_RUNTIME, runtime, err) || !file_private_dir(runtime, err))
		return false;
	if (strlen(runtime) > RUNTIME_MAX)
		return err_set(err, ERR_USAGE, "",
			"%s: too long for a socket, and so is the runtime directory; choose a shorter path",
			state->dir);
	snprintf(state->socket, sizeof state->socket, "%.*s/%.16s.s", RUNTIME_MAX, runtime, hex);
	snprintf(state->ctl, sizeof state->ctl, "%.*s/%.16s.c", RUNTIME_MAX, runtime, hex);
	return true;
}

bool
state_lock(struct state *state)
{
	char path[PATH_MAX];
	int fd = open(
		state_path(state, "lock", path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int why = errno;

		close(fd);
		errno = why;
		return false;
	}
	state->lock = fd;
	return true;
}

void
state_unlock(struct state *state)
{
	if (state->lock >= 0)
		close(state->lock);
	state->lock = -1;
}

bool
state_open(struct state *state, const char *dir, struct err *err)
{
	*state = (struct state){.lock = -1};
	if (!(dir ? make_given(state, dir, err) : make_temporary(state, err)) ||
		!place_sockets(state, err))
		return false;
	(void)state_lock(state);
	return true;
}

void
state_close(struct state *state)
{
	if (state->lock >= 0 && state->temporary)
		file_remove_tree(state->dir);
	state_unlock(state);
}

char *
state_path(const struct state *state, const char *name, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%.*s/%s", PATH_MAX - 34, state->dir, name);
	return out;
}

bool
state_secret(const struct state *state, const char *name, char out[64], struct err *err)
{
	unsigned char bytes[SECRET_BYTES];
	char path[PATH_MAX], line[64];
	struct buf file;
	bool ok;

	buf_init(&file, 63);
	if (file_read(state_path(state, name, path), true, &file, err)) {
		ok = text_copy(out, 64, buf_text(&file));
		out[strcspn(out, "\n")] = '\0';
		buf_free(&file);
		return ok && out[0] ? true
				    : err_set(err, ERR_FAILED, "", "%s: holds no secret; remove it",
					      path);
	}
	buf_free(&file);
	if (err->kind != ERR_NOT_FOUND)
		return false;
	ident_random(bytes, sizeof bytes);
	b64_encode(out, bytes, sizeof bytes);
	snprintf(line, sizeof line, "%s\n", out);
	ok = file_write(path, line, strlen(line), err);
	secret_wipe(bytes, sizeof bytes);
	secret_wipe(line, sizeof line);
	return ok;
}

static bool
make_certificates(const struct state *state, struct err *err)
{
	struct buf ca, ca_key, leaf, leaf_key;
	char path[PATH_MAX];
	time_t now = clock_wall() - clock_shifted();
	size_t names = 0;
	bool ok;

	while (names_certified[names])
		names++;
	buf_init(&ca, FILE_MAX);
	buf_init(&ca_key, FILE_MAX);
	buf_init(&leaf, FILE_MAX);
	buf_init(&leaf_key, FILE_MAX);
	ok = cert_make_ca("claviger sandbox CA", names_certified, names, now, &ca, &ca_key, err) &&
	     cert_make_leaf(buf_text(&ca), buf_text(&ca_key), names_certified, names, now - 86400,
		     now + YEARS_20 - 2 * 86400, &leaf, &leaf_key, err) &&
	     file_write(state_path(state, "ca.key", path), ca_key.data, ca_key.len, err) &&
	     file_write(state_path(state, "leaf.pem", path), leaf.data, leaf.len, err) &&
	     file_write(state_path(state, "leaf.key", path), leaf_key.data, leaf_key.len, err) &&
	     file_write(state_path(state, "ca.pem", path), ca.data, ca.len, err);
	buf_free(&ca);
	buf_free(&ca_key);
	buf_free(&leaf);
	buf_free(&leaf_key);
	return ok;
}

/* ca.pem is written last: where it is, all four are. */
bool
state_certificates(const struct state *state, struct buf *cert, struct buf *key, struct err *err)
{
	char path[PATH_MAX];

	if (access(state_path(state, "ca.pem", path), F_OK) != 0 && !make_certificates(state, err))
		return false;
	return file_read(state_path(state, "leaf.pem", path), true, cert, err) &&
	       file_read(state_path(state, "ca.pem", path), true, cert, err) &&
	       file_read(state_path(state, "leaf.key", path), true, key, err);
}

/* Where the leaf's own CA must not be known, a second one is made and forgotten. */
static bool
read_ca(const struct state *state, bool foreign, struct buf *cert, struct buf *key, struct err *err)
{
	static const char *const all[] = {"localhost"};
	char path[PATH_MAX];

	if (foreign)
		return cert_make_ca("another authority", all, 1, clock_wall() - clock_shifted(),
			cert, key, err);
	return file_read(state_path(state, "ca.pem", path), true, cert, err) &&
	       file_read(state_path(state, "ca.key", path), true, key, err);
}

bool
state_bad_certificate(const struct state *state, enum fault_cert which, struct buf *cert,
	struct buf *key, struct err *err)
{
	static const char *const other[] = {"other.localhost"};
	const char *const *names = which == FAULT_CERT_NAME ? other : names_certified;
	time_t now = clock_wall() - clock_shifted(), from = now - 86400, to = now + 86400;
	struct buf ca, ca_key;
	size_t len = 0;
	bool ok;

	while (which != FAULT_CERT_NAME && names_certified[len])
		len++;
	if (which == FAULT_CERT_EXPIRED)
		to = now - 3600;
	if (which == FAULT_CERT_EARLY)
		from = now + 3600;
	buf_init(&ca, FILE_MAX);
	buf_init(&ca_key, FILE_MAX);
	ok = read_ca(state, which == FAULT_CERT_UNTRUSTED, &ca, &ca_key, err) &&
	     cert_make_leaf(buf_text(&ca), buf_text(&ca_key), names, len ? len : 1, from, to, cert,
		     key, err);
	buf_free(&ca);
	buf_free(&ca_key);
	return ok;
}

bool
state_write_endpoint(
	const struct state *state, const struct state_endpoint *endpoint, struct err *err)
{
	char path[PATH_MAX];
	struct buf text;
	bool ok;

	buf_init(&text, 1024);
	ok = buf_addf(&text, "socket %s\nctl %s\nport %u\npid %u\nseed %s\n", endpoint->socket,
		endpoint->ctl, endpoint->port, endpoint->pid, endpoint->seed);
	ok = ok && file_write(state_path(state, "endpoint", path), text.data, text.len, err);
	buf_free(&text);
	return ok;
}

bool
state_read_endpoint(const struct state *state, struct state_endpoint *out, struct err *err)
{
	char path[PATH_MAX];
	struct buf text;
	bool ok;

	*out = (struct state_endpoint){0};
	buf_init(&text, 1024);
	ok = file_read(state_path(state, "endpoint", path), true, &text, err);
	if (ok && sscanf(buf_text(&text),
			  "socket %107[^\n]\nctl %107[^\n]\nport %u\npid %u\nseed %31s",
			  out->socket, out->ctl, &out->port, &out->pid, out->seed) != 5)
		ok = err_set(
			err, ERR_FAILED, "", "%s: not readable as the sandbox writes it", path);
	buf_free(&text);
	return ok;
}

void
state_remove_endpoint(const struct state *state)
{
	char path[PATH_MAX];

	unlink(state_path(state, "endpoint", path));
	unlink(state->socket);
	unlink(state->ctl);
}

static bool
address(struct sockaddr_un *out, const char *path)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	return text_copy(out->sun_path, sizeof out->sun_path, path);
}

int
state_listen(const char *path, struct err *err)
{
	struct sockaddr_un name;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	unlink(path);
	if (fd >= 0 && address(&name, path) &&
		bind(fd, (struct sockaddr *)&name, sizeof name) == 0 && chmod(path, 0600) == 0 &&
		listen(fd, 128) == 0)
		return fd;
	err_set(err, ERR_FAILED, "", "%s: cannot listen there: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int
state_connect(const char *path)
{
	struct sockaddr_un name;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && address(&name, path) &&
		connect(fd, (struct sockaddr *)&name, sizeof name) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}
