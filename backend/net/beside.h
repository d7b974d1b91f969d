/* Work that waits, beside a loop that goes on meanwhile. It has a thread of its own, but only one
 * of the two runs at any time, each until it hands over to the other: nothing they touch needs a
 * lock, and a function that waits is written as if it were alone. */
#ifndef CLAVIGER_NET_BESIDE_H
#define CLAVIGER_NET_BESIDE_H

#include <stdbool.h>

struct beside;

/* It begins with the first beside_go. NULL: the system gives no thread. */
struct beside *beside_new(void (*work)(void *user), void *user);

/* Lets it run until it pauses or ends; true once it has ended. */
bool beside_go(struct beside *beside);

/* For the work: hands over, until it is let go on. */
void beside_pause(struct beside *beside);

/* Of one that has ended. */
void beside_free(struct beside *beside);

#endif
