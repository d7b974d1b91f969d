/* Parts come in the order of ISO 8601 and once each. */
#include "backend/sandbox/kv/duration.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400, HOUR = 3600, MINUTE = 60 };

static void
add(struct duration *out, char unit, bool time, int n)
{
	switch (unit) {
	case 'Y':
		out->months += 12 * n;
		break;
	case 'W':
		out->days += 7 * n;
		break;
	case 'D':
		out->days += n;
		break;
	case 'H':
		out->seconds += (int64_t)n * HOUR;
		break;
	case 'S':
		out->seconds += n;
		break;
	default:
		if (time)
			out->seconds += (int64_t)n * MINUTE;
		else
			out->months += n;
	}
}

bool
duration_parse(const char *text, struct duration *out)
{
	const char *units = "YMWD";
	bool time = false, any = false;

	*out = (struct duration){0};
	if (*text++ != 'P')
		return false;
	while (*text) {
		size_t digits;
		const char *unit;

		if (*text == 'T' && !time) {
			time = true;
			units = "HMS";
			text++;
			any = false;
			continue;
		}
		digits = strspn(text, "0123456789");
		unit = digits && digits <= 4 && text[digits] ? strchr(units, text[digits]) : NULL;
		if (!unit)
			return false;
		add(out, *unit, time, (int)strtol(text, NULL, 10));
		units = unit + 1;
		text += digits + 1;
		any = true;
	}
	return any;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month] + (month == 1 && leap);
}

static int64_t
shift(int64_t t, const struct duration *d, int sign)
{
	time_t at = (time_t)t;
	struct tm tm;
	int month, last;

	gmtime_r(&at, &tm);
	month = (tm.tm_year + 1900) * 12 + tm.tm_mon + sign * d->months;
	if (month < 0)
		return 0;
	last = days_of_month(month / 12, month % 12);
	tm.tm_year = month / 12 - 1900;
	tm.tm_mon = month % 12;
	if (tm.tm_mday > last)
		tm.tm_mday = last;
	return (int64_t)timegm(&tm) + sign * ((int64_t)d->days * DAY + d->seconds);
}

int64_t
duration_after(int64_t t, const struct duration *d)
{
	return shift(t, d, 1);
}

int64_t
duration_before(int64_t t, const struct duration *d)
{
	return shift(t, d, -1);
}
