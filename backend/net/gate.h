/* One gate per host: how many requests may be under way, and until when nobody may pass because
 * the host said 429. */
#ifndef CLAVIGER_NET_GATE_H
#define CLAVIGER_NET_GATE_H

#include <stdint.h>

#include "backend/base/err.h"

enum { GATE_WIDTH = 8 };

struct gate;

struct gate *gate_new(void);
void gate_free(struct gate *gate);

/* Milliseconds until a request to host may go (0: now, and it counts as under way until gate_leave;
 * -1: all places are taken, try again when one left). */
int gate_enter(struct gate *gate, const char *host, int64_t now_ms);
void gate_leave(struct gate *gate, const char *host);

/* The host throttled: nobody passes before now_ms + wait_ms. */
void gate_close(struct gate *gate, const char *host, int64_t now_ms, int wait_ms);

#endif
