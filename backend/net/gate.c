/* A host that throttles counts every refused request against its caller: a client that goes on
 * asking once a second stays throttled. So the gate belongs to the host, not to the request, and
 * while it is closed nobody passes. */
#include "backend/net/gate.h"

#include <limits.h>
#include <stdlib.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

struct host {
	char *name;
	int under_way;
	int64_t closed_until;
};

struct gate {
	struct host *hosts;
	size_t len, room;
};

struct gate *
gate_new(void)
{
	return mem_alloc(sizeof(struct gate));
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	for (size_t i = 0; i < gate->len; i++)
		free(gate->hosts[i].name);
	free(gate->hosts);
	free(gate);
}

static struct host *
find(struct gate *gate, const char *name)
{
	for (size_t i = 0; i < gate->len; i++)
		if (text_casecmp(gate->hosts[i].name, name) == 0)
			return &gate->hosts[i];
	if (gate->len == gate->room) {
		gate->room = gate->room ? gate->room * 2 : 8;
		gate->hosts = mem_resize(gate->hosts, gate->room * sizeof *gate->hosts);
	}
	gate->hosts[gate->len] = (struct host){.name = mem_strdup(name)};
	return &gate->hosts[gate->len++];
}

int
gate_enter(struct gate *gate, const char *name, int64_t now_ms)
{
	struct host *host = find(gate, name);
	int64_t wait = host->closed_until - now_ms;

	if (wait > 0)
		return wait > INT_MAX ? INT_MAX : (int)wait;
	if (host->under_way >= GATE_WIDTH)
		return -1;
	host->under_way++;
	return 0;
}

void
gate_leave(struct gate *gate, const char *name)
{
	struct host *host = find(gate, name);

	if (host->under_way > 0)
		host->under_way--;
}

void
gate_close(struct gate *gate, const char *name, int64_t now_ms, int wait_ms)
{
	struct host *host = find(gate, name);

	if (now_ms + wait_ms > host->closed_until)
		host->closed_until = now_ms + wait_ms;
}
