/* The order matters: nothing of ours is in memory before the process is closed to readers, and
 * OpenSSL and jansson have their zeroing allocators before their first other call. */
#include <fcntl.h>
#include <locale.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "crypto/secret.h"
#include "views/cli/cli.h"
#include "views/signals.h"

/* A standard descriptor that is closed would be given to the next file that is opened, and our
 * output would then end up in it. Wrong way round on purpose: its use must fail. */
static bool
hold_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

/* Memory holds tokens: no core file, no other process of this user may read it. */
static bool
harden(void)
{
	const struct rlimit none = {0, 0};

	umask(077);
	return prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
}

int
main(int argc, char **argv)
{
	if (!hold_descriptors())
		return 1;
	if (!harden()) {
		fputs("claviger: cannot close this process to other readers (prctl, setrlimit)\n",
			stderr);
		return 1;
	}
	signals_start();
	secret_init();
	mem_give_back();
	json_init();
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
	return cli_main(argc, argv);
}
