/* Where a header comes twice the first one counts: what an attacker appends changes nothing. */
#include "backend/net/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { RETRY_AFTER_MAX_S = 3600 };

void
header_reset(struct reply *reply)
{
	mem_zeroing_free(reply->location);
	mem_zeroing_free(reply->operation);
	mem_zeroing_free(reply->challenge);
	reply->location = reply->operation = reply->challenge = NULL;
	reply->request_id[0] = '\0';
	reply->retry_after_s = -1;
	reply->remaining = -1;
	reply->date = 0;
}

time_t
header_date(const char *value)
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
		time_t then = header_date(value);

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

static void
take_named(struct reply *reply, const char *name, const char *value, size_t len)
{
	static const char remaining[] = "x-ms-ratelimit-remaining-subscription-";

	if (text_casecmp(name, "x-ms-request-id") == 0 || text_casecmp(name, "request-id") == 0)
		text_clean(reply->request_id, sizeof reply->request_id, value, len);
	else if (text_casecmp(name, "location") == 0)
		keep(&reply->location, value, len);
	else if (text_casecmp(name, "azure-asyncoperation") == 0)
		keep(&reply->operation, value, len);
	else if (text_casecmp(name, "retry-after") == 0)
		reply->retry_after_s = seconds_until(value, reply->date);
	else if (text_casecmp(name, "date") == 0)
		reply->date = header_date(value);
	else if (text_casecmp(name, "www-authenticate") == 0 && text_case_starts(value, "Bearer"))
		keep(&reply->challenge, value, len);
	else if (text_case_starts(name, remaining))
		reply->remaining = strtol(value, NULL, 10);
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
