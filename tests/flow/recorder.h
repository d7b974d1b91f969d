/* A CONNECT proxy that writes down what is asked of it. Names on its list it leads to one port of
 * this machine, every other name to another: so a client that can be lured away arrives there. */
#ifndef CLAVIGER_FLOW_RECORDER_H
#define CLAVIGER_FLOW_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

struct recorder;

/* names: NAME or *.SUFFIX of port 443, NULL-ended, borrowed. */
struct recorder *recorder_start(const char *const *names, int home_port, int foreign_port);
void recorder_stop(struct recorder *recorder);

/* http://127.0.0.1:PORT */
const char *recorder_at(const struct recorder *recorder);

/* How many asked for a name that is not on the list, or for anything but CONNECT. */
int recorder_strangers(struct recorder *recorder);

/* Whether any head that came holds this text. */
bool recorder_saw(struct recorder *recorder, const char *text);

#endif
