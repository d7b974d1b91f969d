/* Where a header comes twice the first one counts: what an attacker appends changes nothing. Of the
 * limits the tightest counts, and no more than the gate's clamp. */
#include "backend/net/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { RETRY_AFTER_MAX_S = 3600, REMAINING_MAX = 1000000 };

void
header_reset(struct reply *reply)
{
	mem_zeroing_free(reply->location);
	mem_zeroing_free(reply->operation);
	mem_zeroing_free(reply->challenge);
	reply->location = reply->operation = reply->challenge = NULL;
	reply->request_id[0] = '\0';
	reply->correlation_id[0] = '\0';
	reply->error_code[0] = '\0';
	reply->retry_after_s = -1;
	reply->remaining = -1;
	reply->resets_after_s = -1;
	reply->date = 0;
}

/* An HTTP date (Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110 5.6.7); 0 when it is none. */
static time_t
date_of(const char *value)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = {0};
	char month[4];
	const char *at;
	time_t t;

	if (sscanf(value, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT", &tm.tm_mday, month,
		    &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return 0;
	at = strstr(months, month);
	if (at == NULL || strlen(month) != 3)
		return 0;
	tm.tm_mon = (int)(at - months) / 3;
	tm.tm_year -= 1900;
	t = timegm(&tm);
	return t < 0 ? 0 : t;
}

/* Seconds, or a date that counts from the reply's own; -1 when it is neither. */
static int
seconds_until(const char *value, time_t date)
{
	long long s;

	if (value[0] >= '0' && value[0] <= '9') {
		s = strtoll(value, NULL, 10);
	} else {
		time_t then = date_of(value);

		if (then == 0 || date == 0)
			return -1;
		s = (long long)(then - date);
	}
	return s < 0 ? 0 : s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)s;
}

static void
keep(char **slot, const char *value, size_t len)
{
	if (*slot)
		return;
	*slot = mem_alloc(len + 1);
	memcpy(*slot, value, len);
}

/* What is left by one more limit: the tightest counts. Negative or no number: nothing is said. */
static void
take_remaining(struct reply *reply, const char *value)
{
	char *end;
	long left = strtol(value, &end, 10);

	if (end == value || left < 0)
		return;
	if (left > REMAINING_MAX)
		left = REMAINING_MAX;
	if (reply->remaining < 0 || left < reply->remaining)
		reply->remaining = left;
}

/* Microsoft.Compute/HighCostGet;133,Microsoft.Compute/LowCostGet;2598 */
static void
take_remaining_list(struct reply *reply, const char *value)
{
	while ((value = strchr(value, ';')))
		take_remaining(reply, ++value);
}

/* hh:mm:ss; -1 when it is something else. */
static int
seconds_of(const char *value)
{
	unsigned h, m, s;

	if (sscanf(value, "%4u:%2u:%2u", &h, &m, &s) != 3)
		return -1;
	s += 60 * m + 3600 * h;
	return s > RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int)s;
}

static void
take_named(struct reply *reply, const char *name, const char *value, size_t len)
{
	if (text_casecmp(name, "x-ms-request-id") == 0 || text_casecmp(name, "request-id") == 0)
		text_clean(reply->request_id, sizeof reply->request_id, value, len);
	else if (text_casecmp(name, "x-ms-correlation-request-id") == 0)
		text_clean(reply->correlation_id, sizeof reply->correlation_id, value, len);
	else if (text_casecmp(name, "x-ms-error-code") == 0)
		text_clean(reply->error_code, sizeof reply->error_code, value, len);
	else if (text_casecmp(name, "location") == 0)
		keep(&reply->location, value, len);
	else if (text_casecmp(name, "azure-asyncoperation") == 0)
		keep(&reply->operation, value, len);
	else if (text_casecmp(name, "retry-after") == 0)
		reply->retry_after_s = seconds_until(value, reply->date);
	else if (text_casecmp(name, "date") == 0)
		reply->date = date_of(value);
	else if (text_casecmp(name, "www-authenticate") == 0 && text_case_starts(value, "Bearer"))
		keep(&reply->challenge, value, len);
	else if (text_casecmp(name, "x-ms-ratelimit-remaining-resource") == 0)
		take_remaining_list(reply, value);
	else if (text_case_starts(name, "x-ms-ratelimit-remaining-") ||
		 text_casecmp(name, "x-ms-user-quota-remaining") == 0)
		take_remaining(reply, value);
	else if (text_casecmp(name, "x-ms-user-quota-resets-after") == 0)
		reply->resets_after_s = seconds_of(value);
}

void
header_take(struct reply *reply, const char *line)
{
	char name[80];
	const char *value;
	size_t len = strcspn(line, ":");

	if (strncmp(line, "HTTP/", 5) == 0) {
		header_reset(reply);
		return;
	}
	if (line[len] != ':' || len >= sizeof name)
		return;
	memcpy(name, line, len);
	name[len] = '\0';
	value = line + len + 1;
	value += strspn(value, " \t");
	len = strlen(value);
	while (len && strchr("\r\n \t", value[len - 1]))
		len--;
	take_named(reply, name, value, len);
}
