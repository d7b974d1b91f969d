/* A sandbox that listens like any cloud, and a configuration file whose cloud "Lab" it is: nothing
 * AZURE_* is set, HOME and the XDG folders are the lab's own. */
#ifndef CLAVIGER_FLOW_LAB_H
#define CLAVIGER_FLOW_LAB_H

#include <stdbool.h>

#include "tests/flow/run.h"

struct lab {
	struct place place;
	pid_t server;
	char arm[128]; /* its authority as well */
	char tenant[64], ca[PATH_MAX], client[64], secret[128], vault_suffix[96];
};

void lab_start(struct lab *lab);
void lab_stop(struct lab *lab);

/* Writes a file (printf) into the lab's folder. */
void lab_write(const struct lab *lab, const char *name, mode_t mode, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void lab_make_dir(const struct lab *lab, const char *name);

/* The configuration file: the cloud, then these profiles, which name cloud and ca-file each by
 * themselves. */
void lab_profiles(const struct lab *lab, const char *profiles);

/* claviger sandbox ctl WORD VALUE. */
void lab_ctl(const struct lab *lab, const char *word, const char *value);

/* Whether this machine lets a process keep a sign-in. */
bool lab_has_keyring(void);

#endif
