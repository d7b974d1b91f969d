/* A request as a command of the Azure CLI, for those who have to do it without claviger. */
#ifndef CLAVIGER_PLANS_AZ_H
#define CLAVIGER_PLANS_AZ_H

/* `az rest` with the request's own method, URL and body, quoted for a POSIX shell. body may be
 * NULL. The caller frees it. */
char *az_command(const char *method, const char *url, const char *body);

#endif
