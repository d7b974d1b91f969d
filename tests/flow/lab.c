/* The server runs until the test ends it, so one lab serves all tests of a file. */
#include "tests/flow/lab.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "backend/auth/user_keyring.h"

void
lab_write(const struct lab *lab, const char *name, mode_t mode, const char *fmt, ...)
{
	char path[PATH_MAX + 64];
	FILE *file;
	va_list ap;

	snprintf(path, sizeof path, "%s/%s", lab->place.dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	va_start(ap, fmt);
	vfprintf(file, fmt, ap);
	va_end(ap);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

void
lab_make_dir(const struct lab *lab, const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/%s", lab->place.dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

void
lab_profiles(const struct lab *lab, const char *profiles)
{
	lab_write(lab, "claviger/config", 0600,
		"[cloud Lab]\narm = %s\nauthority = %s\nvault-suffix = %s\n"
		"hsm-suffix = .managedhsm%s\n%s",
		lab->arm, lab->arm, lab->vault_suffix, strstr(lab->vault_suffix, ".localhost"),
		profiles);
}

/* What the caller of the test has set must not reach the program. */
static void
clean_environment(const char *home)
{
	static const char *const unwanted[] = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID",
		"AZURE_CLIENT_SECRET", "AZURE_CONFIG_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY",
		"no_proxy", "REQUESTS_CA_BUNDLE"};

	for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
		unsetenv(unwanted[i]);
	setenv("HOME", home, 1);
	setenv("XDG_CONFIG_HOME", home, 1);
	setenv("XDG_STATE_HOME", home, 1);
}

void
lab_start(struct lab *lab)
{
	char pid[16], state[PATH_MAX + 16];
	struct ran ran;

	*lab = (struct lab){0};
	place_make(&lab->place);
	clean_environment(lab->place.dir);
	lab_make_dir(lab, "state");
	lab_make_dir(lab, "claviger");
	snprintf(state, sizeof state, "%s/state", lab->place.dir);
	place_fill(state);
	run(&ran, "sandbox", "--state", state, "--listen", "127.0.0.1:0", "--print-env", "--detach",
		NULL);
	ran_expect(&ran, 0);
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", pid, sizeof pid);
	env_value(ran.out, "CLAVIGER_ARM", lab->arm, sizeof lab->arm);
	env_value(ran.out, "CLAVIGER_TENANT", lab->tenant, sizeof lab->tenant);
	env_value(ran.out, "CLAVIGER_CA", lab->ca, sizeof lab->ca);
	env_value(ran.out, "CLAVIGER_CLIENT_ID", lab->client, sizeof lab->client);
	env_value(ran.out, "CLAVIGER_CLIENT_SECRET", lab->secret, sizeof lab->secret);
	env_value(ran.out, "CLAVIGER_VAULT_SUFFIX", lab->vault_suffix, sizeof lab->vault_suffix);
	lab->server = (pid_t)strtol(pid, NULL, 10);
	ran_free(&ran);
}

void
lab_stop(struct lab *lab)
{
	if (lab->server > 0)
		kill(lab->server, SIGTERM);
	place_remove(&lab->place);
}

void
lab_ctl(const struct lab *lab, const char *word, const char *value)
{
	char state[PATH_MAX + 16];
	struct ran ran;

	snprintf(state, sizeof state, "%s/state", lab->place.dir);
	run(&ran, "sandbox", "ctl", "--state", state, word, value, NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

bool
lab_has_keyring(void)
{
	struct err err;

	return user_keyring_usable(&err);
}
