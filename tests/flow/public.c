/* The server is detached, as an operator's would be, and ended by its number. */
#include "tests/flow/public.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/tls_server.h"

static void
pass_on(const char *block, const char *from, const char *to)
{
	char value[4096];

	env_value(block, from, value, sizeof value);
	setenv(to, value, 1);
}

void
public_start(struct public_sandbox *sandbox)
{
	char pid[16], path[PATH_MAX + 64];
	struct ran ran;

	place_seed(&sandbox->place);
	snprintf(path, sizeof path, "%s/claviger", sandbox->place.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	run(&ran, "sandbox", "--state", sandbox->place.dir, "--names", "public", "--print-env",
		"--detach", NULL);
	ran_expect(&ran, 0);
	setenv("XDG_CONFIG_HOME", sandbox->place.dir, 1);
	setenv("XDG_STATE_HOME", sandbox->place.dir, 1);
	pass_on(ran.out, "CLAVIGER_TENANT", "AZURE_TENANT_ID");
	pass_on(ran.out, "CLAVIGER_CLIENT_ID", "AZURE_CLIENT_ID");
	pass_on(ran.out, "CLAVIGER_CLIENT_SECRET", "AZURE_CLIENT_SECRET");
	env_value(ran.out, "CLAVIGER_PROXY", sandbox->proxy, sizeof sandbox->proxy);
	env_value(ran.out, "CLAVIGER_CA", sandbox->ca, sizeof sandbox->ca);
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", pid, sizeof pid);
	sandbox->server = (pid_t)strtol(pid, NULL, 10);
	ran_free(&ran);
}

void
public_stop(struct public_sandbox *sandbox)
{
	assert_int_equal(kill(sandbox->server, SIGTERM), 0);
	for (int i = 0; i < 100 && kill(sandbox->server, 0) == 0; i++)
		usleep(50000);
	place_remove(&sandbox->place);
}

void
public_profile(const struct public_sandbox *sandbox, const char *proxy)
{
	char path[PATH_MAX + 64];
	FILE *file;

	snprintf(path, sizeof path, "%s/claviger/config", sandbox->place.dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "[profile hostile]\ncloud = AzureCloud\nca-file = %s\nproxy = %s\n",
		tls_ca_file(), proxy);
	assert_int_equal(fclose(file), 0);
}
