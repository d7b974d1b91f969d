/* The client of this process shifts its wall clock to the sandbox's (its Date header), so the shift
 * is taken off again here; else each side would run ahead of the other. */
#include "backend/sandbox/vclock.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"

int64_t
vclock_ms(struct vclock *clock)
{
	int64_t wall;
	time_t shift;

	do {
		shift = clock_shifted();
		wall = clock_wall_ms();
	} while (shift != clock_shifted());
	return wall + (atomic_load(&clock->ahead) - (int64_t)shift) * 1000;
}

time_t
vclock_now(struct vclock *clock)
{
	return (time_t)(vclock_ms(clock) / 1000);
}

bool
vclock_parse(const char *word, int64_t *seconds, struct err *err)
{
	char *end;
	long n, unit = 0;

	n = word[0] == '+' ? strtol(word + 1, &end, 10) : 0;
	if (n > 0 && n <= 100000 && end[0] && !end[1])
		unit = end[0] == 's'   ? 1
		       : end[0] == 'm' ? 60
		       : end[0] == 'h' ? 3600
		       : end[0] == 'd' ? 86400
				       : 0;
	if (unit == 0)
		return err_set(err, ERR_USAGE, "",
			"clock '%.40s': must be + and a number from 1 to 100000 with s, m, h or d, such as +24h",
			word);
	*seconds = n * unit;
	return true;
}

char *
vclock_http(time_t t, char out[32])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm;

	gmtime_r(&t, &tm);
	snprintf(out, 32, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
		tm.tm_mday, months + 3 * tm.tm_mon, (tm.tm_year + 1900) % 10000, tm.tm_hour,
		tm.tm_min, tm.tm_sec);
	return out;
}
