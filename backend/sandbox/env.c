/* Values stand in single quotes, so that a shell takes them as they are. */
#include "backend/sandbox/env.h"

#include <stdio.h>

static bool
quoted(struct buf *out, const char *name, const char *value)
{
	if (!buf_addf(out, "export %s='", name))
		return false;
	for (; *value; value++)
		if (!(*value == '\'' ? buf_adds(out, "'\\''") : buf_add(out, value, 1)))
			return false;
	return buf_adds(out, "'\n");
}

/* The names of a cloud as cloud.h has them, local ones made up in the same shape. */
static struct cloud
names_of(const struct env *env)
{
	struct cloud local = {0};

	if (env->names)
		return *env->names;
	snprintf(local.arm, sizeof local.arm, "https://localhost:%u", env->port);
	snprintf(local.authority, sizeof local.authority, "https://localhost:%u", env->port);
	snprintf(local.graph, sizeof local.graph, "https://localhost:%u", env->port);
	snprintf(local.vault_suffix, sizeof local.vault_suffix, ".vault.localhost:%u", env->port);
	snprintf(local.hsm_suffix, sizeof local.hsm_suffix, ".managedhsm.localhost:%u", env->port);
	snprintf(local.blob_suffix, sizeof local.blob_suffix, ".blob.localhost:%u", env->port);
	return local;
}

bool
env_print(const struct env *env, struct buf *out)
{
	const char *host = env->six ? "[::1]" : "127.0.0.1";
	const struct sandbox_access *access = env->access;
	const struct cloud names = names_of(env);
	char listen[32], proxy[40], pid[16];

	snprintf(listen, sizeof listen, "%s:%u", host, env->port);
	snprintf(proxy, sizeof proxy, "http://%s:%u", host, env->proxy);
	snprintf(pid, sizeof pid, "%u", env->pid);
	return quoted(out, "CLAVIGER_LISTEN", listen) && quoted(out, "CLAVIGER_ARM", names.arm) &&
	       quoted(out, "CLAVIGER_AUTHORITY", names.authority) &&
	       quoted(out, "CLAVIGER_GRAPH", names.graph) &&
	       quoted(out, "CLAVIGER_VAULT_SUFFIX", names.vault_suffix) &&
	       quoted(out, "CLAVIGER_HSM_SUFFIX", names.hsm_suffix) &&
	       quoted(out, "CLAVIGER_BLOB_SUFFIX", names.blob_suffix) &&
	       (!env->proxy || quoted(out, "CLAVIGER_PROXY", proxy)) &&
	       quoted(out, "CLAVIGER_CA", access->ca_file) &&
	       quoted(out, "CLAVIGER_SUBSCRIPTION", access->subscription) &&
	       quoted(out, "CLAVIGER_TENANT", access->tenant) &&
	       quoted(out, "CLAVIGER_CLIENT_ID", access->client_id) &&
	       quoted(out, "CLAVIGER_SANDBOX_PID", pid) &&
	       quoted(out, "CLAVIGER_CLIENT_SECRET", access->client_secret);
}
