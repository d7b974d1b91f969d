/* A thread for each connection: handlers may block (key generation, faults that wait) without
 * holding up the others. libmicrohttpd hands over names undecoded: the router decodes them once. */
#include "backend/sandbox/serve.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/sandbox/fault.h"
#include "backend/sandbox/gatekeeper.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/wire.h"

enum {
	BODY_MAX = 1 << 20,
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

/* One exchange from its first byte; the body comes in pieces. */
struct exchange {
	struct arena *arena;
	struct call call;
	bool too_long;
};

static size_t
leave_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

static bool
take_verb(struct call *call, const char *method)
{
	static const struct {
		const char *name;
		enum verb verb;
	} verbs[] = {
		{"GET", VERB_GET},
		{"HEAD", VERB_HEAD},
		{"PUT", VERB_PUT},
		{"POST", VERB_POST},
		{"PATCH", VERB_PATCH},
		{"DELETE", VERB_DELETE},
	};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, method) == 0) {
			call->verb = verbs[i].verb;
			call->method = verbs[i].name;
			return true;
		}
	call->verb = VERB_GET;
	call->method = "GET";
	return false;
}

static enum MHD_Result
take_query(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct call *call = cls;

	(void)kind;
	if (call->query_len < CALL_QUERY)
		call->query[call->query_len++] = (struct pair){arena_strdup(call->arena, name),
			arena_strdup(call->arena, value ? value : "")};
	return MHD_YES;
}

static enum MHD_Result
take_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct call *call = cls;

	(void)kind;
	if (call->headers_len < CALL_HEADERS && text_casecmp(name, "Authorization") != 0)
		call->headers[call->headers_len++] = (struct pair){arena_strdup(call->arena, name),
			arena_strdup(call->arena, value ? value : "")};
	return MHD_YES;
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static struct exchange *
begin(struct server *server, struct MHD_Connection *connection, const char *url)
{
	struct arena *arena = arena_new();
	struct exchange *x = arena_alloc(arena, sizeof *x);
	struct call *call = &x->call;
	const char *text;

	x->arena = arena;
	call->world = server->world;
	call->arena = arena;
	call->path = arena_strdup(arena, url);
	buf_init(&call->body, BODY_MAX);
	text = header(connection, "Host");
	call->host = arena_strdup(arena, text ? text : "");
	names_read(&call->naming, call->host);
	text = header(connection, "Authorization");
	call->authorization = text ? arena_strdup(arena, text) : NULL;
	text = header(connection, "x-ms-correlation-request-id");
	ident_guid(call->request_id);
	if (!text || !text_copy(call->correlation, sizeof call->correlation, text))
		memcpy(call->correlation, call->request_id, sizeof call->correlation);
	for (char *c = call->correlation; *c; c++)
		if (!strchr("0123456789abcdefABCDEF-", *c))
			*c = '0';
	MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_query, call);
	MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, call);
	call->now = vclock_now(&server->world->clock);
	call->quota = -1;
	return x;
}

static void
end(void *cls, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;

	(void)cls;
	(void)connection;
	(void)code;
	if (!x)
		return;
	buf_free(&x->call.body);
	json_decref(x->call.json);
	json_decref(x->call.reply.json);
	if (x->call.authorization)
		explicit_bzero((char *)x->call.authorization, strlen(x->call.authorization));
	arena_free(x->arena);
	*state = NULL;
}

static void
answer(struct exchange *x)
{
	struct call *call = &x->call;

	if (x->too_long)
		reply_error(call, 413, "RequestEntityTooLarge",
			"The request body is larger than %d bytes.", (int)BODY_MAX);
	else if (!fault_before(call))
		route_call(call);
}

static enum MHD_Result
finish(struct exchange *x, struct MHD_Connection *connection)
{
	struct call *call = &x->call;
	struct MHD_Response *response;
	enum fault_action fault;
	enum MHD_Result sent;
	long number = 0;

	answer(x);
	fault = fault_after(call, &number);
	reply_common_headers(call);
	log_line(
		"sandbox: %s %s%s -> %u", call->method, call->host, call->path, call->reply.status);
	if (call->world->observe)
		call->world->observe(call->world->observer, call);
	response = wire_response(call, connection, fault, number);
	if (!response)
		return MHD_NO;
	sent = MHD_queue_response(connection, call->reply.status, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result
refuse_method(struct exchange *x, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum MHD_Result sent;

	reply_error(&x->call, 405, "HttpMethodNotAllowed",
		"The HTTP method of the request is not supported.");
	reply_common_headers(&x->call);
	response = wire_response(&x->call, connection, FAULT_NONE, 0);
	if (!response)
		return MHD_NO;
	sent = MHD_queue_response(connection, 405, response);
	MHD_destroy_response(response);
	return sent;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct exchange *x = *state;

	(void)version;
	if (!x) {
		*state = x = begin(cls, connection, url);
		if (!take_verb(&x->call, method))
			return refuse_method(x, connection);
		return MHD_YES;
	}
	if (*upload_size) {
		if (!buf_add(&x->call.body, upload, *upload_size))
			x->too_long = true;
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
