/* The world answers on threads of the server, under its lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/plans/step.h"
#include "tests/unit/paint.h"

struct world paint_world;
struct paint_faults paint_faults;

#define TENANT "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"

static int known_bits; /* what the plan knows of it */

static void
note(const char *what)
{
	size_t used = strlen(paint_world.log);

	snprintf(paint_world.log + used, sizeof paint_world.log - used, "%s ", what);
}

static bool
intent_is_last(void)
{
	FILE *file = fopen(paint_world.journal, "r");
	char line[8192], last[8192] = "";

	while (file && fgets(line, sizeof line, file))
		memcpy(last, line, sizeof line);
	if (file)
		fclose(file);
	return strstr(last, "\"phase\":\"intent\"") != NULL;
}

static void
answer_bits(struct tls_conn *conn, int bits)
{
	char body[96];

	snprintf(body, sizeof body, "{\"bits\":%d,\"state\":\"%s\"}", bits,
		paint_world.busy ? "Updating" : "Succeeded");
	tls_reply(conn, 200, "Content-Type: application/json\r\nx-ms-request-id: req-1\r\n", body);
}

static bool
change(struct tls_conn *conn, const struct tls_request *request)
{
	bool red = strstr(request->target, "/red") != NULL, on = request->method[0] == 'P';
	int bit = red ? RED : BLUE;
	char what[4] = {red ? 'R' : 'B', on ? '+' : '-', '\0'};

	note(what);
	paint_world.unjournaled += !intent_is_last();
	if (paint_world.times > 0) {
		paint_world.times--;
		tls_reply(conn, paint_world.status,
			paint_world.status == 202 ? "Retry-After: 1\r\nLocation: " WORLD "/gone\r\n"
						  : "x-ms-request-id: req-2\r\n",
			"{\"error\":{\"code\":\"Refused\",\"message\":\"not now\"}}");
		return true;
	}
	paint_world.shown = paint_world.bits;
	if (paint_world.drop != DROP_BEFORE)
		paint_world.bits = on ? paint_world.bits | bit : paint_world.bits & ~bit;
	if (paint_world.drop != ANSWER) {
		paint_world.drop = ANSWER;
		tls_reset(conn);
		return false;
	}
	if (paint_world.polls)
		tls_reply(conn, 202, "Retry-After: 1\r\nLocation: /world/op?sig=SECRET\r\n", "");
	else
		answer_bits(conn, paint_world.bits);
	return true;
}

/* An operation under way: as many polls find it so as the test said. */
static void
answer_poll(struct tls_conn *conn)
{
	note("O");
	if (paint_world.polls > 0 && --paint_world.polls > 0)
		tls_reply(conn, 202, "Retry-After: 1\r\nLocation: /world/op?sig=SECRET\r\n",
			"{\"status\":\"Updating\",\"percentComplete\":40}");
	else
		answer_bits(conn, paint_world.bits);
}

static bool
serve(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	bool keep = true;

	(void)user;
	pthread_mutex_lock(&paint_world.lock);
	if (strstr(request->target, "/oauth2/"))
		tls_reply(conn, 200, "", "{\"access_token\":\"t\",\"expires_in\":3600}");
	else if (strstr(request->target, "/gone"))
		tls_reply(
			conn, 404, "", "{\"error\":{\"code\":\"NotFound\",\"message\":\"gone\"}}");
	else if (strstr(request->target, "/op?"))
		answer_poll(conn);
	else if (strstr(request->target, "/check")) {
		note("C");
		answer_bits(conn, paint_world.bits);
	} else if (strcmp(request->method, "GET") == 0) {
		note("?");
		answer_bits(conn, paint_world.blind > 0 ? paint_world.shown : paint_world.bits);
		paint_world.blind -= paint_world.blind > 0;
		paint_world.busy -= paint_world.busy > 0;
	} else {
		keep = change(conn, request);
	}
	pthread_mutex_unlock(&paint_world.lock);
	return keep;
}

static enum outcome
take_bits(struct plan_facts *facts, const struct reply *reply, struct err *err)
{
	json_t *json = step_json(reply, "world", err);
	int64_t bits = -1;
	struct account *account = &facts->facts.account;
	bool ok =
		json && json_number(json, "bits", &bits, err) &&
		json_text(json, "state", account->provisioning, sizeof account->provisioning, err);

	json_decref(json);
	if (!ok)
		return OUTCOME_FAILED;
	known_bits = (int)bits;
	return OUTCOME_DONE;
}

static void
ask(struct request *out, enum http_method method, const char *path, const char *body)
{
	*out = (struct request){.method = method, .audience = AUDIENCE_ARM};
	out->url = mem_printf("%s%s?api-version=1", WORLD, path);
	out->body = body ? mem_strdup(body) : NULL;
	out->changes = method == HTTP_PUT || method == HTTP_DELETE;
	out->deadline_ms = 5000;
}

static bool
build_read(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)facts;
	(void)err;
	ask(out, HTTP_GET, "", NULL);
	return true;
}

static enum outcome
accept_read(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return reply ? take_bits(facts, reply, err) : step_failed(failure, err);
}

static const struct step read_world = {
	.name = "read", .title = "Read", .build = build_read, .accept = accept_read};

static bool
red_needed(const struct plan_facts *facts)
{
	(void)facts;
	return !(known_bits & RED);
}

static bool
blue_needed(const struct plan_facts *facts)
{
	(void)facts;
	return !(known_bits & BLUE);
}

static bool
build_red(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)facts;
	(void)err;
	ask(out, HTTP_PUT, "/red", "{\"on\":true}");
	return true;
}

static bool
unbuild_red(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)facts;
	(void)err;
	ask(out, HTTP_DELETE, "/red", NULL);
	return true;
}

/* Its body holds a mark as long as red is not there. */
static bool
build_blue(const struct plan_facts *facts, struct request *out, struct err *err)
{
	char mark[64];
	const char *value = "known";

	if (!(known_bits & RED) && !facts->previewing)
		return err_set(err, ERR_FAILED, "NoRed", "red is not there");
	if (!(known_bits & RED))
		value = step_mark(mark, sizeof mark, "shade", "red");
	ask(out, HTTP_PUT, "/blue", NULL);
	out->body = step_body(json_pack("{s:s}", "shade", value));
	return true;
}

static bool
unbuild_blue(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)facts;
	(void)err;
	ask(out, HTTP_DELETE, "/blue", NULL);
	return true;
}

static enum outcome
accept_change(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	(void)facts;
	if (reply) {
		err_set(err, ERR_FAILED, "NotInEffect", "it does not show");
		return OUTCOME_LOOK;
	}
	step_failed(failure, err);
	return failure->http == 409 ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static bool
build_check(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)facts;
	(void)err;
	ask(out, HTTP_GET, "/check", NULL);
	return true;
}

static enum outcome
accept_check(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL && failure->http == 403)
		return OUTCOME_SKIPPED;
	snprintf(facts->note, sizeof facts->note, "checked");
	return reply ? take_bits(facts, reply, err) : step_failed(failure, err);
}

static const struct step red = {
	.name = "red",
	.title = "Red",
	.changes = true,
	.again_ms = 5,
	.budget_ms = 200,
	.needed = red_needed,
	.build = build_red,
	.accept = accept_change,
	.reread = &read_world,
	.undo = unbuild_red,
};
static const struct step blue = {
	.name = "blue",
	.title = "Blue",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 5,
	.budget_ms = 200,
	.needed = blue_needed,
	.build = build_blue,
	.accept = accept_change,
	.reread = &read_world,
	.undo = unbuild_blue,
};
static const struct step check = {
	.name = "verify",
	.title = "Check",
	.build = build_check,
	.accept = accept_check,
};

static bool
work(struct err *err)
{
	return !paint_faults.work_fails || err_set(err, ERR_FAILED, "RSA", "the self-test failed");
}

static const struct step worker = {.name = "selftest", .title = "Self-test", .work = work};

static const struct rule rule_stop = {
	.id = "stop", .severity = SEVERITY_HIGH, .source = "test", .remedy = "Do not."};
static const struct rule rule_mend = {
	.id = "mend", .severity = SEVERITY_LOW, .source = "test", .remedy = "Run it."};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	size_t len = 0;

	(void)facts;
	assert_true(max >= 2);
	if (!(known_bits & RED) || paint_faults.must_mend)
		out[len++] = (struct finding){.rule = &rule_mend, .cause = "red is missing"};
	if (paint_faults.must_stop)
		out[len++] = (struct finding){.rule = &rule_stop, .cause = "it is forbidden"};
	return len;
}

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)subject;
	(void)facts;
	return values[0] == NULL || err_set(err, ERR_USAGE, "", "--word: unknown");
}

static const struct plan_field fields[] = {{.name = "word"}};
static const struct step *const reads[] = {&worker, &read_world, NULL};
static const struct step *const steps[] = {&red, &blue, &check, NULL};
static const char *const blocking[] = {"stop", "mend", NULL};
static const struct plan_mend mends[] = {{"mend", "red"}, {NULL, NULL}};
const struct plan_def paint = {
	.name = "paint",
	.title = "Paint",
	.fields = fields,
	.fields_len = 1,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = mends,
	.prepare = prepare,
	.judge = judge,
};

void
paint_session(struct fixture *f, bool read_only)
{
	struct credential credential;
	struct profile profile;

	profile_default(&profile);
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", tls_ca_file());
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", tls_server_at(f->server));
	profile.read_only = read_only;
	credential_secret(&credential, TENANT, "app", "secret");
	f->session = session_open(&profile, &credential, &f->err);
	assert_non_null(f->session);
	f->estate = estate_new(f->session);
}

int
paint_setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	struct tls_options options = {.handler = serve};

	json_init();
	paint_world = (struct world){.lock = PTHREAD_MUTEX_INITIALIZER};
	paint_faults = (struct paint_faults){0};
	known_bits = 0;
	snprintf(f->dir, sizeof f->dir, "/tmp/claviger-plan-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(paint_world.journal, sizeof paint_world.journal, "%s/journal.jsonl", f->dir);
	f->server = tls_server_start(&options);
	paint_session(f, false);
	f->journal = journal_open(f->dir, false, &f->err);
	assert_non_null(f->journal);
	*state = f;
	return 0;
}

int
paint_teardown(void **state)
{
	struct fixture *f = *state;

	plan_free(f->run);
	journal_close(f->journal);
	estate_free(f->estate);
	session_close(f->session);
	tls_server_stop(f->server);
	file_remove_tree(f->dir);
	free(f);
	return 0;
}

void
paint_changed(void *user)
{
	struct fixture *f = user;

	f->changes++;
}

void
paint_settle(struct fixture *f)
{
	for (int turns = 0; plan_busy(f->run) && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	assert_false(plan_busy(f->run));
}

void
paint_begin(struct fixture *f)
{
	struct armid account = {.subscription = "s", .group = "g", .type = "t", .name = "wall"};
	const char *values[] = {NULL};

	f->run = plan_start(f->estate, f->journal, &paint, &(struct subject){.id = account}, values,
		paint_changed, f, &f->err);
	if (f->run == NULL)
		fail_msg("%s", f->err.msg);
}

void
paint_plan(struct fixture *f)
{
	paint_begin(f);
	paint_settle(f);
}

void
paint_all(struct fixture *f)
{
	plan_all(f->run);
	paint_settle(f);
}

void
paint_expect_log(const char *log)
{
	pthread_mutex_lock(&paint_world.lock);
	if (strcmp(paint_world.log, log) != 0)
		fail_msg("asked: %s\nshould be: %s", paint_world.log, log);
	pthread_mutex_unlock(&paint_world.lock);
}

void
paint_expect_states(const struct fixture *f, const char *states)
{
	char is[128] = "";

	for (size_t i = 0; i < f->run->steps_len; i++) {
		size_t used = strlen(is);

		snprintf(is + used, sizeof is - used, "%s%s", i ? " " : "",
			step_state_name(f->run->steps[i].state));
	}
	if (strcmp(is, states) != 0)
		fail_msg("steps are: %s\nshould be: %s\n%s", is, states, f->run->err.msg);
}

struct phases {
	char text[512];
};

static void
add_phase(void *user, const json_t *record)
{
	struct phases *phases = user;
	size_t used = strlen(phases->text);

	if (json_object_get(record, "step") == NULL)
		return;
	snprintf(phases->text + used, sizeof phases->text - used, "%s%s:%s", used ? " " : "",
		json_string_value(json_object_get(record, "step")),
		json_string_value(json_object_get(record, "phase")));
}

void
paint_expect_journal(const struct fixture *f, const char *text)
{
	struct phases phases = {0};
	size_t records;
	char tail[65];
	struct err err;

	assert_true(journal_each(f->dir, add_phase, &phases, &err));
	assert_string_equal(phases.text, text);
	assert_true(journal_verify(f->dir, &records, tail, &err));
	assert_int_equal(paint_world.unjournaled, 0);
}
