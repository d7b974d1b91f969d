/* Two clocks: monotonic for deadlines and ages, wall for what is shown and recorded. */
#ifndef CLAVIGER_BASE_CLOCK_H
#define CLAVIGER_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_mono_ms(void);

/* Microseconds of CLOCK_MONOTONIC, for durations that are shown. */
int64_t clock_mono_us(void);

/* Seconds, and milliseconds, since the epoch, plus the shift set by clock_shift. */
time_t clock_wall(void);
int64_t clock_wall_ms(void);

/* Shifts wall time, so that a sandbox profile lives in its server's time (its Date header). */
void clock_shift(time_t seconds);
time_t clock_shifted(void);

/* Tests freeze both clocks (monotonic then stands at wall * 1000); clock_thaw lets them go on. */
void clock_freeze(time_t wall);
void clock_thaw(void);

/* Tests let time pass at once: monotonic goes on from there. */
void clock_leap(int64_t ms);

/* UTC as 2026-11-21T19:02:03Z; "" for 0 or less. Returns out. */
char *clock_iso(time_t t, char out[32]);

#endif
