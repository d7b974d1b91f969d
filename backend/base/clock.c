/* One place asks the kernel for the time, so that tests can stop it. */
#include "backend/base/clock.h"

#include <stdatomic.h>

static _Atomic int64_t frozen_wall;  /* 0: not frozen */
static _Atomic int64_t shift, leapt; /* seconds; microseconds */

static struct timespec
now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t;
}

int64_t
clock_mono_us(void)
{
	struct timespec t;
	int64_t frozen = atomic_load(&frozen_wall);

	if (frozen)
		return frozen * 1000000;
	t = now(CLOCK_MONOTONIC);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + atomic_load(&leapt);
}

void
clock_leap(int64_t ms)
{
	atomic_fetch_add(&leapt, ms * 1000);
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

int64_t
clock_wall_ms(void)
{
	struct timespec t = now(CLOCK_REALTIME);
	int64_t frozen = atomic_load(&frozen_wall);
	int64_t ms = frozen ? frozen * 1000 : (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;

	return ms + atomic_load(&shift) * 1000;
}

time_t
clock_wall(void)
{
	return (time_t)(clock_wall_ms() / 1000);
}

void
clock_shift(time_t seconds)
{
	atomic_store(&shift, seconds);
}

time_t
clock_shifted(void)
{
	return (time_t)atomic_load(&shift);
}

void
clock_freeze(time_t wall)
{
	atomic_store(&frozen_wall, wall);
}

void
clock_thaw(void)
{
	atomic_store(&frozen_wall, 0);
}

char *
clock_iso(time_t t, char out[32])
{
	struct tm tm;

	out[0] = '\0';
	if (t > 0 && gmtime_r(&t, &tm))
		strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}
