/* Start, join and stop. Order of a start: lock, database, seed, secrets, certificates, sockets,
 * server, endpoint file; a stop goes backwards, the lock last. */
#include "backend/sandbox/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/graph_run.h"
#include "backend/sandbox/call.h"
#include "backend/sandbox/ctl.h"
#include "backend/sandbox/env.h"
#include "backend/sandbox/fault.h"
#include "backend/sandbox/heir.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/peer.h"
#include "backend/sandbox/proxy.h"
#include "backend/sandbox/rows/keymaker.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/seed/directory.h"
#include "backend/sandbox/seed/seed.h"
#include "backend/sandbox/serve.h"
#include "backend/sandbox/state.h"
#include "backend/sandbox/throttle.h"
#include "backend/sandbox/entra/token.h"
#include "crypto/b64.h"

enum { JOIN_MS = 30000, PEM_MAX = 65536 };

struct sandbox {
	struct state state;
	struct sandbox_access access;
	struct world world;
	struct server *server;
	struct ctl *ctl;
	struct proxy *proxy;
	const struct cloud *names; /* NULL: local names */
	const struct rsa_key *signing;
	char seed[32];
	unsigned port;
	bool six; /* the port is [::1]'s */
	_Atomic bool serves;
	struct heir *heir; /* of one that has joined */
};

static bool
fill_access(struct sandbox *sandbox, const char *socket, struct err *err)
{
	struct sandbox_access *access = &sandbox->access;

	state_path(&sandbox->state, "ca.pem", access->ca_file);
	snprintf(access->tenant, sizeof access->tenant, "%s", seed_tenant);
	snprintf(access->subscription, sizeof access->subscription, "%s", seed_subscription);
	snprintf(access->client_id, sizeof access->client_id, "%s", seed_operator);
	return text_copy(access->socket, sizeof access->socket, socket) &&
	       state_secret(&sandbox->state, "secret", access->client_secret, err);
}

/* 127.0.0.1:PORT, [::1]:PORT or localhost:PORT; nothing that others could reach. */
static bool
parse_listen(const char *text, bool *six, unsigned *port, struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t host = colon ? (size_t)(colon - text) : 0;
	char shown[80], *end;
	unsigned long number;

	text_cleans(shown, sizeof shown, text);
	*six = (host == 5 && memcmp(text, "[::1]", 5) == 0) ||
	       (host == 3 && memcmp(text, "::1", 3) == 0);
	if (!*six && !(host == 9 && (memcmp(text, "127.0.0.1", 9) == 0 ||
					    strncasecmp(text, "localhost", 9) == 0)))
		return err_set(err, ERR_USAGE, "",
			"--listen '%s': only loopback is allowed; write 127.0.0.1:PORT, PORT 0 for any",
			shown);
	number = colon[1] >= '0' && colon[1] <= '9' ? strtoul(colon + 1, &end, 10) : 65536;
	if (number > 65535 || *end)
		return err_set(err, ERR_USAGE, "",
			"--listen '%s': the port must be a number from 0 to 65535", shown);
	*port = (unsigned)number;
	return true;
}

/* The port of our own, and the proxy's. What cannot tell who calls does not listen. */
static int
listen_tcp(struct sandbox *sandbox, const char *text, struct err *err)
{
	int fd;

	if (!parse_listen(text, &sandbox->six, &sandbox->port, err) || !peer_works(err))
		return -1;
	fd = peer_listen(sandbox->six, &sandbox->port);
	if (fd < 0)
		err_set(err, ERR_FAILED, "", "--listen %s: cannot listen there: %s", text,
			strerror(errno));
	else if (sandbox->names &&
		 !(sandbox->proxy = proxy_start(sandbox->six, sandbox->port, err)))
		close(fd), fd = -1;
	return fd;
}

/* The estate that is there, or the one that is asked for in an empty directory. */
static bool
open_estate(struct sandbox *sandbox, const char *seed, struct err *err)
{
	struct world *world = &sandbox->world;
	char operator_secret[64], reader_secret[64];
	bool ok;

	db_lock(world->db);
	db_meta(world->db, "seed", sandbox->seed, sizeof sandbox->seed);
	db_unlock(world->db);
	if (sandbox->seed[0] && seed && strcmp(seed, sandbox->seed) != 0)
		return err_set(err, ERR_USAGE, "",
			"%s: holds the estate '%s', not '%s'; use another folder or leave --seed out",
			sandbox->state.dir, sandbox->seed, seed);
	if (!state_secret(&sandbox->state, "secret", operator_secret, err) ||
		!state_secret(&sandbox->state, "secret.reader", reader_secret, err))
		return false;
	if (sandbox->seed[0])
		return true;
	snprintf(sandbox->seed, sizeof sandbox->seed, "%s", seed ? seed : "demo");
	ok = seed_run(world, sandbox->seed, operator_secret, reader_secret, err);
	secret_wipe(operator_secret, sizeof operator_secret);
	secret_wipe(reader_secret, sizeof reader_secret);
	return ok;
}

/* What the estate remembers: its id, clock, platform key and signing key. */
static bool
load_world(struct sandbox *sandbox, struct err *err)
{
	struct world *world = &sandbox->world;
	unsigned char platform[64];
	char clock[32], signing[32], text[128];
	size_t len;

	db_begin(world->db);
	db_meta(world->db, "id", world->id, sizeof world->id);
	if (!world->id[0])
		db_set_meta(world->db, "id", ident_guid(world->id));
	db_meta(world->db, "clock", clock, sizeof clock);
	db_meta(world->db, "signing_key", signing, sizeof signing);
	db_meta(world->db, "platform_key", text, sizeof text);
	if (!db_commit(world->db) || !b64_decode(platform, sizeof platform, &len, text))
		return err_set(
			err, ERR_FAILED, "", "%s: the state cannot be read", sandbox->state.dir);
	secret_free(&world->platform);
	secret_set(&world->platform, platform, len);
	secret_wipe(platform, sizeof platform);
	atomic_store(&world->clock.ahead, strtoll(clock, NULL, 10));
	sandbox->signing = keyring_hold(world->keyring, strtoll(signing, NULL, 10), err);
	if (!sandbox->signing)
		return false;
	world->tokens = tokens_new(sandbox->signing, world->id);
	world->maker = keymaker_start(world->db);
	keyring_set_maker(world->keyring, world->maker);
	return true;
}

static bool
open_world(struct sandbox *sandbox, const struct sandbox_options *options, struct err *err)
{
	struct world *world = &sandbox->world;
	struct directory *directory;
	char path[PATH_MAX];
	bool ok;

	world->observe = options->observe;
	world->observer = options->observer;
	world->faults = faults_new();
	world->lro = options->lro;
	if (options->throttle)
		world->throttle = throttle_new();
	for (size_t i = 0; i < options->fault_len; i++)
		if (!fault_add(world->faults, options->fault[i], err))
			return false;
	world->db = db_open(state_path(&sandbox->state, "state.db", path), err);
	if (!world->db)
		return false;
	world->keyring = keyring_new(world->db);
	directory = directory_begin(&sandbox->state);
	ok = open_estate(sandbox, options->seed, err) && load_world(sandbox, err);
	return directory_end(directory, ok ? world : NULL, &sandbox->state, err) && ok;
}

static bool
start_servers(struct sandbox *sandbox, const char *listen, struct err *err)
{
	struct buf cert, key;
	int tcp = -1, fd = -1, ctl = -1;
	bool ok;

	buf_init(&cert, PEM_MAX);
	buf_init(&key, PEM_MAX);
	ok = state_certificates(&sandbox->state, &cert, &key, err);
	if (ok && (listen || sandbox->names))
		ok = (tcp = listen_tcp(sandbox, listen ? listen : "127.0.0.1:0", err)) >= 0;
	if (ok)
		ok = (fd = state_listen(sandbox->state.socket, err)) >= 0;
	if (ok)
		sandbox->server = server_start(&sandbox->world, &sandbox->state, fd, tcp,
			buf_text(&cert), buf_text(&key), err);
	else if (tcp >= 0)
		close(tcp);
	buf_free(&cert);
	buf_free(&key);
	if (sandbox->server)
		ctl = state_listen(sandbox->state.ctl, err);
	if (ctl >= 0)
		sandbox->ctl = ctl_start(&sandbox->world, ctl, err);
	return sandbox->ctl != NULL;
}

/* Threads of the sandbox take no signals: those are for the program that it is embedded in. */
static bool
start_threads(struct sandbox *sandbox, const struct sandbox_options *options, struct err *err)
{
	sigset_t all, before;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = open_world(sandbox, options, err) && start_servers(sandbox, options->listen, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static bool
serve(struct sandbox *sandbox, const struct sandbox_options *options, struct err *err)
{
	struct state_endpoint endpoint = {.pid = (unsigned)getpid()};

	if (!start_threads(sandbox, options, err))
		return false;
	memcpy(endpoint.socket, sandbox->state.socket, sizeof endpoint.socket);
	memcpy(endpoint.ctl, sandbox->state.ctl, sizeof endpoint.ctl);
	memcpy(endpoint.seed, sandbox->seed, sizeof endpoint.seed);
	endpoint.port = sandbox->port;
	if (!state_write_endpoint(&sandbox->state, &endpoint, err))
		return false;
	atomic_store(&sandbox->serves, true);
	return true;
}

static bool
answers(const struct state_endpoint *endpoint)
{
	int fd = state_connect(endpoint->socket);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Undoes what serve began, as far as it came; the lock stays. */
static void
stop_serving(struct sandbox *sandbox)
{
	struct world *world = &sandbox->world;

	if (sandbox->server)
		state_remove_endpoint(&sandbox->state);
	if (world->faults)
		faults_stop(world->faults);
	ctl_stop(sandbox->ctl);
	proxy_stop(sandbox->proxy);
	server_stop(sandbox->server);
	keymaker_stop(world->maker);
	tokens_free(world->tokens);
	if (sandbox->signing)
		keyring_drop(world->keyring, sandbox->signing);
	keyring_free(world->keyring);
	db_close(world->db);
	faults_free(world->faults);
	graph_order_free(world->order);
	throttle_free(world->throttle);
	secret_free(&world->platform);
	sandbox->ctl = NULL;
	sandbox->proxy = NULL;
	sandbox->server = NULL;
	sandbox->signing = NULL;
	*world = (struct world){0};
}

/* On the socket that the clients of this process already know. */
static bool
take_over(void *user, struct err *err)
{
	static const struct sandbox_options nothing = {0};
	struct sandbox *sandbox = user;

	if (serve(sandbox, &nothing, err))
		return true;
	stop_serving(sandbox);
	return false;
}

/* Waits for the process that has the lock: it may still be seeding. *mine is set when it has gone
 * and the lock is ours. */
static bool
join(struct sandbox *sandbox, const struct sandbox_options *options, bool *mine, struct err *err)
{
	int64_t deadline = clock_mono_ms() + JOIN_MS;
	struct timespec pause = {.tv_nsec = 20000000};
	struct state_endpoint endpoint;
	struct err ignored;

	for (int tries = 0;; tries++) {
		if (state_read_endpoint(&sandbox->state, &endpoint, &ignored) && answers(&endpoint))
			break;
		*mine = state_lock(&sandbox->state);
		if (*mine)
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_FAILED, "", "%s/lock: cannot lock it: %s",
				sandbox->state.dir, strerror(errno));
		if (clock_mono_ms() > deadline || tries > JOIN_MS / 20)
			return err_set(err, ERR_UNAVAILABLE, "",
				"%s: another process holds the sandbox there but does not answer; end it",
				sandbox->state.dir);
		nanosleep(&pause, NULL);
	}
	if (options->seed && strcmp(options->seed, endpoint.seed) != 0)
		return err_set(err, ERR_USAGE, "",
			"%s: holds the estate '%s', not '%s'; use another folder or leave --seed out",
			sandbox->state.dir, endpoint.seed, options->seed);
	if (options->listen || options->names || options->fault_len || options->lro ||
		options->throttle)
		return err_set(err, ERR_REFUSED, "",
			"%s: a sandbox already serves it (process %u); end it first, or use: claviger sandbox ctl",
			sandbox->state.dir, endpoint.pid);
	memcpy(sandbox->state.socket, endpoint.socket, sizeof endpoint.socket);
	memcpy(sandbox->state.ctl, endpoint.ctl, sizeof endpoint.ctl);
	return fill_access(sandbox, endpoint.socket, err) &&
	       (sandbox->heir = heir_start(&sandbox->state, take_over, sandbox, err)) != NULL;
}

static bool
names_known(const char *names, const struct cloud **out, struct err *err)
{
	static const struct {
		const char *word, *cloud;
	} words[] = {
		{"local", ""},
		{"public", "AzureCloud"},
		{"china", "AzureChinaCloud"},
		{"usgov", "AzureUSGovernment"},
	};
	char shown[80];

	*out = NULL;
	for (size_t i = 0; names && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, names) == 0) {
			*out = cloud_find(words[i].cloud);
			return true;
		}
	text_cleans(shown, sizeof shown, names ? names : "");
	return !names || err_set(err, ERR_USAGE, "",
				 "--names '%s': must be local, public, china or usgov", shown);
}

static bool
check_options(const struct sandbox_options *options, struct err *err)
{
	const struct cloud *cloud;
	unsigned port;
	bool six;

	if (options->seed && !seed_check(options->seed, err))
		return false;
	for (size_t i = 0; i < options->fault_len; i++)
		if (!sandbox_fault_check(options->fault[i], err))
			return false;
	return names_known(options->names, &cloud, err) &&
	       (!options->listen || parse_listen(options->listen, &six, &port, err));
}

struct sandbox *
sandbox_open(const struct sandbox_options *options, struct err *err)
{
	struct sandbox *sandbox = mem_alloc(sizeof *sandbox);
	struct err local;
	bool ok, mine;

	if (!err)
		err = &local;
	sandbox->state.lock = -1;
	ok = check_options(options, err) && names_known(options->names, &sandbox->names, err) &&
	     state_open(&sandbox->state, options->state, err);
	mine = sandbox->state.lock >= 0;
	if (ok && !mine)
		ok = join(sandbox, options, &mine, err);
	if (ok && mine)
		ok = serve(sandbox, options, err) &&
		     fill_access(sandbox, sandbox->state.socket, err);
	if (ok)
		return sandbox;
	sandbox_close(sandbox);
	return NULL;
}

void
sandbox_close(struct sandbox *sandbox)
{
	if (!sandbox)
		return;
	heir_stop(sandbox->heir);
	stop_serving(sandbox);
	state_close(&sandbox->state);
	secret_wipe(&sandbox->access, sizeof sandbox->access);
	free(sandbox);
}

const struct sandbox_access *
sandbox_access(const struct sandbox *sandbox)
{
	return &sandbox->access;
}

bool
sandbox_serves(const struct sandbox *sandbox)
{
	return atomic_load(&sandbox->serves);
}

unsigned
sandbox_port(const struct sandbox *sandbox)
{
	return sandbox->port;
}

bool
sandbox_ctl(const char *state, const char *const *words, size_t words_len, struct buf *out,
	struct err *err)
{
	struct state_endpoint endpoint;
	struct state at = {.lock = -1};
	struct err why;

	if (!text_copy(at.dir, sizeof at.dir - 32, state))
		return err_set(err, ERR_USAGE, "", "the state directory's path is too long");
	if (!state_read_endpoint(&at, &endpoint, &why))
		return why.kind == ERR_NOT_FOUND
			       ? err_set(err, ERR_NOT_FOUND, "",
					 "%s: no sandbox serves this folder; start one with: claviger sandbox --state %s",
					 state, state)
			       : err_set(err, why.kind, why.code, "%s", why.msg);
	return ctl_ask(endpoint.ctl, words, words_len, out, err);
}

bool
sandbox_print_env(const struct sandbox *sandbox, struct buf *out, struct err *err)
{
	struct state_endpoint endpoint;
	struct env env = {.access = &sandbox->access,
		.port = sandbox->port,
		.six = sandbox->six,
		.names = sandbox->names};

	if (!sandbox->port)
		return err_set(err, ERR_USAGE, "",
			"--print-env: other clients need a port; add --listen 127.0.0.1:0");
	if (!state_read_endpoint(&sandbox->state, &endpoint, err))
		return false;
	env.pid = endpoint.pid;
	env.proxy = sandbox->proxy ? proxy_port(sandbox->proxy) : 0;
	return env_print(&env, out) ||
	       err_set(err, ERR_FAILED, "", "--print-env: no room for the block");
}
