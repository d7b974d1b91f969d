/* Polls go through the session as every other request does, so its retries cover a line that drops
 * for a moment; one that stays down only makes the polls rarer until the code has expired. */
#include "views/device_flow.h"

#include <string.h>

#include "backend/base/clock.h"
#include "tui/words.h"

enum { ANSWER_MS = 30000, SLOWER_S = 5 };

const char device_flow_warning[] = N_(
	"Enter a code only if you started this sign-in yourself just now. Nobody asks for one by "
	"mail, chat or telephone: who gets you to enter theirs is signed in as you.");

static void poll_later(struct device_flow *flow);

static void
change(struct device_flow *flow, enum device_flow_state state)
{
	flow->state = state;
	flow->changed(flow->user);
}

/* What cannot be understood may be of whoever stands between here and the authority. */
static void
fail(struct device_flow *flow, const struct err *err)
{
	flow->err = *err;
	if (err->code[0] == '\0' || strcmp(err->code, "BadReply") == 0)
		err_prefix(&flow->err, "%s", session_cloud(flow->session)->authority);
	change(flow, FLOW_FAILED);
}

static void
send_now(struct device_flow *flow, struct request *request, call_done *done)
{
	request->deadline_ms = ANSWER_MS;
	flow->call = session_send(flow->session, request, done, flow);
	request_free(request);
}

static void
on_poll(void *user, struct reply *reply, const struct err *failed)
{
	struct device_flow *flow = user;
	struct err err = *failed;

	flow->call = NULL;
	if (err.kind == ERR_UNAVAILABLE) {
		flow->code.interval_s += SLOWER_S;
		poll_later(flow);
		return;
	}
	if (reply == NULL) {
		fail(flow, &err);
		return;
	}
	switch (device_poll_accept(reply, &flow->code, &flow->person, &err)) {
	case DEVICE_PENDING:
		poll_later(flow);
		break;
	case DEVICE_DONE:
		change(flow, FLOW_DONE);
		break;
	case DEVICE_FAILED:
		fail(flow, &err);
		break;
	}
}

static void
poll_now(void *user)
{
	struct device_flow *flow = user;
	struct request request;
	struct err err;

	flow->timer = NULL;
	if (clock_mono_ms() >= flow->until_ms) {
		device_code_expired(&err);
		fail(flow, &err);
		return;
	}
	device_poll_build(session_cloud(flow->session), &flow->code, &request);
	send_now(flow, &request, on_poll);
}

static void
poll_later(struct device_flow *flow)
{
	flow->timer = job_after(
		session_loop(flow->session), flow->code.interval_s * 1000, poll_now, flow);
}

static void
on_code(void *user, struct reply *reply, const struct err *failed)
{
	struct device_flow *flow = user;
	struct err err = *failed;

	flow->call = NULL;
	if (reply == NULL ||
		!device_code_accept(reply, session_cloud(flow->session), &flow->code, &err)) {
		fail(flow, &err);
		return;
	}
	flow->until = clock_wall() + flow->code.expires_in_s;
	flow->until_ms = clock_mono_ms() + (int64_t)flow->code.expires_in_s * 1000;
	poll_later(flow);
	change(flow, FLOW_WAITING);
}

bool
device_flow_start(struct device_flow *flow, struct session *session, void (*changed)(void *user),
	void *user, struct err *err)
{
	const struct credential_wish wish = session_wish(session_profile(session));
	char reason[CREDENTIAL_REASON];
	struct request request;

	*flow = (struct device_flow){.session = session, .changed = changed, .user = user};
	if (!login_place(&wish, &flow->place, reason))
		return err_set(err, ERR_USAGE, "", "%s", reason);
	if (!device_code_build(session_cloud(session), flow->place.tenant, flow->place.client_id,
		    &flow->code, &request, err))
		return false;
	send_now(flow, &request, on_code);
	return true;
}

void
device_flow_stop(struct device_flow *flow)
{
	if (flow->call)
		call_cancel(flow->call);
	if (flow->timer)
		job_cancel(flow->timer);
	device_code_free(&flow->code);
	token_reply_free(&flow->person.token);
	*flow = (struct device_flow){0};
}
