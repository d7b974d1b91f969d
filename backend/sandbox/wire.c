/* Broken bodies say a length in their head and then do something else. */
#include "backend/sandbox/wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/sandbox/json_write.h"

enum { BLOCK = 4096, FOR_EVER_MS = 86400000 };

/* A body that comes in two parts with a fault between. */
struct broken {
	struct faults *faults;
	enum fault_action fault;
	long number;
	bool waited;
	size_t len;
	char text[];
};

/* Half of it, then the connection breaks, or a long wait comes first. */
static ssize_t
half_body(void *cls, uint64_t at, char *out, size_t room)
{
	struct broken *body = cls;
	size_t end = body->waited ? body->len : body->len / 2;

	if (at >= end && body->fault == FAULT_STALL_BODY && !body->waited) {
		body->waited = true;
		if (faults_wait(body->faults, body->number < 0 ? FOR_EVER_MS : body->number) ||
			body->number < 0)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		end = body->len;
	}
	if (at >= end)
		return at >= body->len ? MHD_CONTENT_READER_END_OF_STREAM
				       : MHD_CONTENT_READER_END_WITH_ERROR;
	if (room > end - at)
		room = end - at;
	memcpy(out, body->text + at, room);
	return (ssize_t)room;
}

/* The text, then blanks: JSON as before, only very long. */
static ssize_t
long_body(void *cls, uint64_t at, char *out, size_t room)
{
	const struct broken *body = cls;

	if (at >= body->len) {
		memset(out, ' ', room);
		return (ssize_t)room;
	}
	if (room > body->len - at)
		room = body->len - (size_t)at;
	memcpy(out, body->text + at, room);
	return (ssize_t)room;
}

static struct MHD_Response *
break_body(struct faults *faults, enum fault_action fault, long number, char *text, size_t len)
{
	struct broken *body = mem_alloc(sizeof *body + len);

	*body = (struct broken){.faults = faults, .fault = fault, .number = number, .len = len};
	memcpy(body->text, text, len);
	free(text);
	if (fault == FAULT_OVERSIZE)
		return MHD_create_response_from_callback(
			len + ((uint64_t)number << 20), 4 * BLOCK, long_body, body, free);
	return MHD_create_response_from_callback(len, BLOCK, half_body, body, free);
}

/* The bytes of the reply, new, and its content type. */
static char *
take_bytes(struct reply *reply, size_t *len)
{
	char *text;

	if (reply->json) {
		if (!reply->type)
			reply->type = "application/json; charset=utf-8";
		if (!reply->sorted)
			return json_write(reply->json, len);
		text = json_dumps(reply->json, JSON_COMPACT | JSON_SORT_KEYS);
	} else if (reply->len) {
		*len = reply->len;
		text = mem_alloc(reply->len + 1);
		memcpy(text, reply->text, reply->len);
		return text;
	} else {
		text = mem_strdup(reply->text ? reply->text : "");
	}
	*len = text ? strlen(text) : 0;
	return text;
}

/* A close that the other side sees as a reset. */
static void
make_reset(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct linger hard = {.l_onoff = 1};

	if (info)
		setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

struct MHD_Response *
wire_response(
	struct call *call, struct MHD_Connection *connection, enum fault_action fault, long number)
{
	struct reply *reply = &call->reply;
	struct MHD_Response *response;
	size_t len;
	char *text;

	if (fault == FAULT_STALL)
		faults_wait(call->world->faults, number < 0 ? FOR_EVER_MS : number);
	if (fault == FAULT_RESET)
		make_reset(connection);
	if (fault == FAULT_STALL || fault == FAULT_RESET || fault == FAULT_DROP)
		return NULL;
	text = take_bytes(reply, &len);
	if (!text)
		return NULL;
	if (fault == FAULT_TRUNCATE || fault == FAULT_STALL_BODY || fault == FAULT_OVERSIZE)
		response = break_body(call->world->faults, fault, number, text, len);
	else
		response = MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		return NULL;
	if (reply->type)
		MHD_add_response_header(response, "Content-Type", reply->type);
	for (size_t i = 0; i < reply->headers_len; i++)
		MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
	return response;
}
