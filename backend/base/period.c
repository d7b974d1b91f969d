/* Months are added on the calendar and days after that, as a vault does when it says how long a
 * version of a key is valid. */
#include "backend/base/period.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400, DIGITS_MAX = 4 };

static void
add(struct period *out, char unit, bool of_day, int n)
{
	if (unit == 'Y')
		out->months += 12 * n;
	else if (unit == 'M' && !of_day)
		out->months += n;
	else if (unit == 'W')
		out->days += 7 * n;
	else if (unit == 'D')
		out->days += n;
	else
		out->seconds += (int64_t)n * (unit == 'H' ? 3600 : unit == 'M' ? 60 : 1);
}

bool
period_parse(const char *text, struct period *out)
{
	const char *units = "YMWD";
	bool of_day = false;

	*out = (struct period){0};
	if (*text++ != 'P')
		return false;
	while (*text) {
		size_t digits;
		const char *unit;

		if (*text == 'T' && !of_day) {
			of_day = true;
			units = "HMS";
			text++;
		}
		digits = strspn(text, "0123456789");
		if (digits == 0 || digits > DIGITS_MAX || text[digits] == '\0')
			return false;
		unit = strchr(units, text[digits]);
		if (unit == NULL)
			return false;
		add(out, *unit, of_day, (int)strtol(text, NULL, 10));
		units = unit + 1;
		text += digits + 1;
	}
	return out->months || out->days || out->seconds;
}

static int
days_of_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month] + (month == 1 && leap);
}

int64_t
period_after(int64_t t, const struct period *period)
{
	time_t at = (time_t)t;
	struct tm tm;
	int month, last;

	gmtime_r(&at, &tm);
	month = tm.tm_mon + period->months;
	tm.tm_year += month / 12;
	tm.tm_mon = month % 12;
	last = days_of_month(tm.tm_year + 1900, tm.tm_mon);
	if (tm.tm_mday > last)
		tm.tm_mday = last;
	return (int64_t)timegm(&tm) + (int64_t)period->days * DAY + period->seconds;
}
