/* Requests and replies own their strings, and a body may hold a client secret or a token: what is
 * given back is zeroed first. */
#include "backend/net/request.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/origin.h"

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

/* A value that is not known yet may be there as it is, percent-encoded or as a JSON escape. */
static bool
has_unknown(const char *s)
{
	return s && (strstr(s, REQUEST_UNKNOWN_OPEN) || text_case_has(s, "%e2%80%b9") ||
			    text_case_has(s, "\\u2039"));
}

/* Whether all letters are ASCII from `least` on. */
static bool
is_ascii(const char *s, char least)
{
	for (; *s; s++)
		if (*s < least || *s > 0x7e)
			return false;
	return true;
}

bool
request_fit(
	const struct request *request, const char *bearer, char host[REQUEST_HOST], struct err *err)
{
	const char *method = http_method_name(request->method), *url = request->url;
	char shown[120];

	text_cleans(shown, sizeof shown, url ? url : "");
	if (has_unknown(url) || has_unknown(request->body))
		return err_set(err, ERR_FAILED, "UnknownValue",
			"%s %s: holds a value that is not known yet and is not sent; this is a "
			"defect of the plan",
			method, shown);
	if (url == NULL || !is_ascii(url, 0x21) || !origin_request(request, host, REQUEST_HOST) ||
		(request->local && bearer))
		return err_set(err, ERR_FAILED, "BadUrl",
			"%s %s: not an https URL that can be trusted; nothing was sent", method,
			shown);
	if (bearer && (!is_ascii(bearer, 0x21) || !*bearer))
		return err_set(err, ERR_FAILED, "BadToken",
			"the token for %s holds characters that no token has; nothing was sent",
			host);
	if (request->header && !is_ascii(request->header, 0x20))
		return err_set(err, ERR_FAILED, "BadHeader",
			"%s: a header holds characters that no header has; nothing was sent", host);
	return true;
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
