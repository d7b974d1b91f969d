/* Requests and replies own their strings, and a body may hold a client secret or a token: what is
 * given back is zeroed first. */
#include "backend/net/request.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"

const char *
http_method_name(enum http_method method)
{
	static const char *const names[] = {
		[HTTP_GET] = "GET",
		[HTTP_HEAD] = "HEAD",
		[HTTP_PUT] = "PUT",
		[HTTP_POST] = "POST",
		[HTTP_PATCH] = "PATCH",
		[HTTP_DELETE] = "DELETE",
	};

	return names[method];
}

void
request_copy(struct request *to, const struct request *from)
{
	*to = *from;
	to->url = from->url ? mem_strdup(from->url) : NULL;
	to->body = from->body ? mem_strdup(from->body) : NULL;
	to->header = from->header ? mem_strdup(from->header) : NULL;
}

void
request_free(struct request *request)
{
	mem_zeroing_free(request->url);
	mem_zeroing_free(request->body);
	mem_zeroing_free(request->header);
	*request = (struct request){0};
}

void
reply_free(struct reply *reply)
{
	buf_free(&reply->body);
	mem_zeroing_free(reply->location);
	mem_zeroing_free(reply->operation);
	mem_zeroing_free(reply->challenge);
	*reply = (struct reply){0};
}

bool
http_form_add(struct buf *form, const char *name, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";
	bool ok = (form->len == 0 || buf_adds(form, "&")) && buf_adds(form, name) &&
		  buf_adds(form, "=");

	for (; ok && *value; value++)
		ok = strchr(plain, *value) ? buf_add(form, value, 1)
					   : buf_addf(form, "%%%02X", (unsigned char)*value);
	return ok;
}
