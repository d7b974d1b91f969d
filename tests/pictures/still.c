/* Numbers are those of splitmix64: one counter for all threads, so that no two are the same. */
#include "tests/pictures/still.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <uuid/uuid.h>

#include "backend/estate/estate.h"
#include "backend/plans/run.h"

enum {
	BEGIN_S = 1772444460, /* 2026-03-02T09:41:00Z */
	KEY_S = 2,
	REQUEST_US = 32000,
	WAIT_S = 1
};

static _Atomic uint64_t keys, requests, waits; /* since the beginning */
static _Atomic uint64_t drawn;                 /* since the last key */

int __real_clock_gettime(clockid_t id, struct timespec *out);
int __wrap_clock_gettime(clockid_t id, struct timespec *out);
int64_t __wrap_clock_mono_us(void);
bool __real_run_wait(struct run *run, const struct step *step);
bool __wrap_run_wait(struct run *run, const struct step *step);
int __real_estate_age(const struct estate *estate);
int __wrap_estate_age(const struct estate *estate);
ssize_t __wrap_getrandom(void *out, size_t len, unsigned flags);
void __wrap_uuid_generate_random(uuid_t out);

void
still_begin(void)
{
	atomic_store(&keys, 0);
	atomic_store(&requests, 0);
	atomic_store(&waits, 0);
	atomic_store(&drawn, 0);
}

void
still_key(void)
{
	atomic_fetch_add(&keys, 1);
	atomic_store(&drawn, 0);
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *out)
{
	if (id != CLOCK_REALTIME)
		return __real_clock_gettime(id, out);
	*out = (struct timespec){.tv_sec = (time_t)(BEGIN_S + KEY_S * atomic_load(&keys) +
						    WAIT_S * atomic_load(&waits))};
	return 0;
}

int64_t
__wrap_clock_mono_us(void)
{
	return (int64_t)(REQUEST_US * atomic_load(&requests) +
			 WAIT_S * 1000000 * atomic_load(&waits));
}

int
__wrap_estate_age(const struct estate *estate)
{
	return __real_estate_age(estate) < 0 ? -1 : 0;
}

bool
__wrap_run_wait(struct run *run, const struct step *step)
{
	atomic_fetch_add(&waits, 1);
	return __real_run_wait(run, step);
}

static uint64_t
draw(void)
{
	uint64_t z = (atomic_load(&keys) << 32 | atomic_fetch_add(&drawn, 1)) * 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

ssize_t
__wrap_getrandom(void *out, size_t len, unsigned flags)
{
	unsigned char *at = out;

	(void)flags;
	for (size_t done = 0; done < len; done += sizeof(uint64_t)) {
		uint64_t number = draw();

		memcpy(at + done, &number, len - done < sizeof number ? len - done : sizeof number);
	}
	return (ssize_t)len;
}

/* Each request of the client has an id from here. */
void
__wrap_uuid_generate_random(uuid_t out)
{
	atomic_fetch_add(&requests, 1);
	__wrap_getrandom(out, sizeof(uuid_t), 0);
	out[6] = (unsigned char)((out[6] & 0x0f) | 0x40);
	out[8] = (unsigned char)((out[8] & 0x3f) | 0x80);
}
