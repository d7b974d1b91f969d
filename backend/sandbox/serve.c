/* A thread for each connection: handlers may block (key generation, faults that wait) without
 * holding up the others. libmicrohttpd hands over names undecoded: the router decodes them once. */
#include "backend/sandbox/serve.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/log.h"
#include "backend/sandbox/exchange.h"
#include "backend/sandbox/gatekeeper.h"
#include "backend/sandbox/wire.h"

enum {
	CONNECTIONS = 512,
	IDLE_SECONDS = 120,
	CONNECTION_MEMORY = 32 * 1024,
	PEM_MAX = 65536,
};

struct server {
	struct world *world;
	const struct state *state;
	struct MHD_Daemon *daemons[FAULT_CERT_KINDS]; /* by what is wrong with the certificate */
	struct gatekeeper *keeper;
};

static size_t
leave_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

static enum MHD_Result
take_query(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	exchange_query(cls, name, value);
	return MHD_YES;
}

static enum MHD_Result
take_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	exchange_header(cls, name, value);
	return MHD_YES;
}

static void
end(void *cls, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode code)
{
	(void)cls;
	(void)connection;
	(void)code;
	if (*state)
		exchange_end(*state);
	*state = NULL;
}

static enum MHD_Result
finish(struct exchange *x, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum fault_action fault;
	enum MHD_Result sent;
	long number = 0;

	fault = exchange_answer(x, &number);
	response = wire_response(&x->call, connection, fault, number);
	if (!response)
		return MHD_NO;
	sent = MHD_queue_response(connection, x->call.reply.status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **state)
{
	const struct server *server = cls;
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		*state = x = exchange_begin(server->world, method, url);
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_query, x);
		MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, x);
		return x->unknown_method ? finish(x, connection) : MHD_YES;
	}
	if (*upload_size) {
		exchange_body(x, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	return finish(x, connection);
}

/* A server for one certificate; connections are brought to it. */
static struct MHD_Daemon *
start_daemon(struct server *server, const char *cert, const char *key)
{
	return MHD_start_daemon(MHD_USE_TLS | MHD_USE_THREAD_PER_CONNECTION |
					MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
					MHD_USE_SUPPRESS_DATE_NO_CLOCK | MHD_USE_ITC |
					MHD_USE_NO_LISTEN_SOCKET,
		0, NULL, NULL, handle, server, MHD_OPTION_HTTPS_MEM_CERT, cert,
		MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_HTTPS_PRIORITIES,
		"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE",
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, end, NULL, MHD_OPTION_END);
}

/* The server of a certificate that is wrong in this way, made when it is first needed. */
static struct MHD_Daemon *
daemon_for(struct server *server, enum fault_cert which)
{
	struct buf cert, key;
	struct err err;

	if (server->daemons[which])
		return server->daemons[which];
	buf_init(&cert, PEM_MAX);
	buf_init(&key, PEM_MAX);
	if (state_bad_certificate(server->state, which, &cert, &key, &err))
		server->daemons[which] = start_daemon(server, buf_text(&cert), buf_text(&key));
	else
		log_line("sandbox: %s", err.msg);
	buf_free(&cert);
	buf_free(&key);
	return server->daemons[which];
}

static void
take_connection(void *user, int fd, const struct sockaddr *from, socklen_t len, const char *name)
{
	struct server *server = user;
	enum fault_cert which =
		name[0] ? fault_certificate(server->world->faults, name) : FAULT_CERT_NONE;
	struct MHD_Daemon *daemon = daemon_for(server, which);

	if (!daemon)
		close(fd);
	else if (MHD_add_connection(daemon, fd, from, len) != MHD_YES)
		log_line("sandbox: a connection more than can be served was closed");
}

static bool
names_matter(void *user)
{
	const struct server *server = user;

	return faults_certify(server->world->faults);
}

struct server *
server_start(struct world *world, const struct state *state, int unix_fd, int tcp_fd,
	const char *cert, const char *key, struct err *err)
{
	struct server *server = mem_alloc(sizeof *server);
	const struct gate_ops ops = {take_connection, names_matter, server};

	server->world = world;
	server->state = state;
	server->daemons[FAULT_CERT_NONE] = start_daemon(server, cert, key);
	if (server->daemons[FAULT_CERT_NONE]) {
		server->keeper = gatekeeper_start(unix_fd, tcp_fd, &ops, err);
		if (server->keeper)
			return server;
	} else {
		err_set(err, ERR_FAILED, "", "the sandbox's HTTPS server cannot start");
		close(unix_fd);
		if (tcp_fd >= 0)
			close(tcp_fd);
	}
	server_stop(server);
	return NULL;
}

void
server_stop(struct server *server)
{
	if (!server)
		return;
	gatekeeper_stop(server->keeper);
	for (size_t i = 0; i < ARRAY_LEN(server->daemons); i++)
		if (server->daemons[i])
			MHD_stop_daemon(server->daemons[i]);
	free(server);
}
