/* The forms of long-running operations that were recorded, and their failures. */
#include "backend/net/lro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/json/json.h"

#define URL "https://management.azure.com/subscriptions/s/resourceGroups/g/x/n?api-version=1"

static struct reply
reply_of(int status, const char *location, const char *operation, int after_s, const char *body)
{
	struct reply reply = {.status = status, .retry_after_s = after_s};

	reply.location = location ? mem_strdup(location) : NULL;
	reply.operation = operation ? mem_strdup(operation) : NULL;
	buf_init(&reply.body, 1 << 20);
	assert_true(buf_adds(&reply.body, body));
	return reply;
}

static void
start(struct lro *lro, enum http_method method, int status, const char *location,
	const char *operation, int after_s)
{
	struct request request = {.method = method, .url = (char *)URL};
	struct reply reply = reply_of(status, location, operation, after_s, "");

	lro_start(lro, &request, &reply);
	reply_free(&reply);
}

static void
next(struct lro *lro, int status, const char *location, const char *operation, int after_s,
	const char *body, struct err *err)
{
	struct reply reply = reply_of(status, location, operation, after_s, body);

	*err = (struct err){0};
	lro_next(lro, &reply, err);
	reply_free(&reply);
}

static void
test_no_operation(void **state)
{
	static const struct {
		enum http_method method;
		int status;
		const char *location;
	} cases[] = {
		{HTTP_PUT, 200, NULL},
		{HTTP_PUT, 200, "https://management.azure.com/elsewhere"},
		{HTTP_PUT, 201, NULL},
		{HTTP_PUT, 201, URL},
		{HTTP_PUT, 201,
			"https://management.azure.com/subscriptions/s/resourcegroups/g/x/N?api-version=2"},
		{HTTP_PUT, 201, "/subscriptions/s/resourcegroups/g/x/n/"},
		{HTTP_DELETE, 200, NULL},
		{HTTP_DELETE, 204, NULL},
		{HTTP_DELETE, 202, NULL},
		{HTTP_GET, 202, "https://management.azure.com/op"},
		{HTTP_POST, 200, NULL},
		{HTTP_PATCH, 400, "https://management.azure.com/op"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lro lro;

		start(&lro, cases[i].method, cases[i].status, cases[i].location, NULL, -1);
		assert_int_equal(lro.state, LRO_NONE);
		lro_free(&lro);
	}
}

static void
test_location(void **state)
{
	struct lro lro;
	struct err err;

	(void)state;
	start(&lro, HTTP_PUT, 202, "https://a/1", NULL, 17);
	assert_int_equal(lro.state, LRO_POLL);
	assert_string_equal(lro.url, "https://a/1");
	assert_int_equal(lro.wait_ms, 17000);
	next(&lro, 202, "https://a/2", NULL, 0, "", &err);
	assert_string_equal(lro.url, "https://a/2");
	assert_int_equal(lro.wait_ms, 1000);
	next(&lro, 202, NULL, NULL, -1, "{\"createdDateTime\":\"x\",\"status\":\"NotStarted\"}",
		&err);
	assert_string_equal(lro.url, "https://a/2");
	assert_int_equal(lro.wait_ms, 2000);
	next(&lro, 202, NULL, NULL, 3600, "", &err);
	assert_int_equal(lro.wait_ms, 120000);
	next(&lro, 200, NULL, NULL, -1, "{\"name\":\"n\",\"status\":{\"odd\":1}}", &err);
	assert_int_equal(lro.state, LRO_DONE);
	lro_free(&lro);

	start(&lro, HTTP_DELETE, 202, "https://a/1", NULL, -1);
	next(&lro, 204, NULL, NULL, -1, "", &err);
	assert_int_equal(lro.state, LRO_DONE);
	lro_free(&lro);

	start(&lro, HTTP_POST, 202, "https://a/1", NULL, 5);
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"Succeeded\"}", &err);
	assert_int_equal(lro.state, LRO_DONE);
	lro_free(&lro);

	start(&lro, HTTP_PUT, 201, "https://a/op", NULL, -1);
	assert_int_equal(lro.state, LRO_POLL);
	lro_free(&lro);
}

static void
test_status(void **state)
{
	struct lro lro;
	struct err err;

	(void)state;
	start(&lro, HTTP_PATCH, 200, "https://a/l", "https://a/op", -1);
	assert_int_equal(lro.state, LRO_POLL);
	assert_string_equal(lro.url, "https://a/op");
	next(&lro, 200, NULL, "https://a/op2", 1, "{\"status\":\"InProgress\"}", &err);
	assert_string_equal(lro.url, "https://a/op2");
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"succeeded\"}", &err);
	assert_int_equal(lro.state, LRO_FETCH);
	assert_string_equal(lro.url, URL);
	next(&lro, 200, NULL, NULL, -1, "{\"name\":\"n\"}", &err);
	assert_int_equal(lro.state, LRO_DONE);
	lro_free(&lro);

	start(&lro, HTTP_DELETE, 202, NULL, "https://a/op", -1);
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"Succeeded\"}", &err);
	assert_int_equal(lro.state, LRO_DONE);
	lro_free(&lro);

	start(&lro, HTTP_POST, 202, "https://a/result", "https://a/op", -1);
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"Succeeded\"}", &err);
	assert_int_equal(lro.state, LRO_FETCH);
	assert_string_equal(lro.url, "https://a/result");
	lro_free(&lro);

	start(&lro, HTTP_PUT, 202, NULL, NULL, -1);
	assert_int_equal(lro.state, LRO_FETCH);
	assert_string_equal(lro.url, URL);
	lro_free(&lro);
}

static void
test_failures(void **state)
{
	static const struct {
		bool by_status;
		int status;
		const char *body, *code;
		enum err_kind kind;
	} cases[] = {
		{true, 200, "{\"status\":\"Failed\",\"error\":{\"code\":\"C\",\"message\":\"m\"}}",
			"C", ERR_FAILED},
		{true, 200, "{\"status\":\"Canceled\"}", "OperationFailed", ERR_FAILED},
		{true, 200, "{}", "BadReply", ERR_FAILED},
		{true, 200, "", "BadReply", ERR_FAILED},
		{true, 200, "<html>", "BadReply", ERR_FAILED},
		{true, 200, "{\"status\":5}", "BadReply", ERR_FAILED},
		{true, 404, "{\"error\":{\"code\":\"Gone\",\"message\":\"m\"}}", "Gone",
			ERR_NOT_FOUND},
		{false, 404, "", "OperationFailed", ERR_NOT_FOUND},
		{false, 409, "{\"code\":\"C\",\"message\":\"m\"}", "C", ERR_REFUSED},
		{false, 200, "{\"status\":\"Failed\",\"error\":{\"code\":\"C\",\"message\":\"m\"}}",
			"C", ERR_FAILED},
		{false, 302, "", "OperationFailed", ERR_FAILED},
		{true, 200,
			"{\"status\":\"Failed\",\"properties\":{\"error\":{\"code\":\"C\","
			"\"message\":\"m\"}}}",
			"C", ERR_FAILED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct lro lro;
		struct err err;

		start(&lro, HTTP_PUT, 202, "https://a/l",
			cases[i].by_status ? "https://a/op" : NULL, -1);
		next(&lro, cases[i].status, NULL, NULL, -1, cases[i].body, &err);
		assert_int_equal(lro.state, LRO_FAILED);
		assert_string_equal(err.code, cases[i].code);
		assert_int_equal(err.kind, cases[i].kind);
		lro_free(&lro);
	}
}

static void
start_body(struct lro *lro, enum http_method method, int status, const char *body)
{
	struct request request = {.method = method, .url = (char *)URL};
	struct reply reply = reply_of(status, NULL, NULL, 0, body);

	lro_start(lro, &request, &reply);
	reply_free(&reply);
}

/* A resource that is not ready and names no operation is read until it is. */
static void
test_provisioning_state(void **state)
{
#define STATE(word) "{\"properties\":{\"provisioningState\":\"" word "\"}}"
	static const char *const final[] = {
		"", "{}", "[]", "<html>", STATE("Succeeded"), STATE("succeeded"), STATE("Failed")};
	struct lro lro;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(final); i++) {
		start_body(&lro, HTTP_PUT, 200, final[i]);
		assert_int_equal(lro.state, LRO_NONE);
		lro_free(&lro);
	}
	start_body(&lro, HTTP_POST, 200, STATE("Updating"));
	assert_int_equal(lro.state, LRO_NONE);
	lro_free(&lro);
	start_body(&lro, HTTP_PATCH, 200, STATE("ResolvingDns"));
	assert_int_equal(lro.state, LRO_FETCH);
	assert_string_equal(lro.url, URL);
	assert_string_equal(lro.status, "ResolvingDns");
	assert_int_equal(lro.percent, -1);
	next(&lro, 200, NULL, NULL, -1, STATE("Creating"), &err);
	assert_int_equal(lro.state, LRO_FETCH);
	assert_string_equal(lro.status, "Creating");
	next(&lro, 200, NULL, NULL, -1, STATE("Succeeded"), &err);
	assert_int_equal(lro.state, LRO_DONE);
	lro_free(&lro);

	start_body(&lro, HTTP_PUT, 201, STATE("Accepted"));
	next(&lro, 200, NULL, NULL, -1,
		"{\"properties\":{\"provisioningState\":\"Failed\",\"error\":{\"code\":\"C\","
		"\"message\":\"m\"}}}",
		&err);
	assert_int_equal(lro.state, LRO_FAILED);
	assert_string_equal(err.code, "C");
	assert_string_equal(err.msg, "m");
	lro_free(&lro);

	start(&lro, HTTP_PUT, 202, "https://a/1", NULL, -1);
	next(&lro, 200, NULL, NULL, -1, STATE("Updating"), &err);
	assert_int_equal(lro.state, LRO_FETCH);
	next(&lro, 200, NULL, NULL, -1, STATE("Canceled"), &err);
	assert_int_equal(lro.state, LRO_FAILED);
	assert_string_equal(err.code, "OperationFailed");
	lro_free(&lro);
	assert_true(lro_is_final("Ok"));
	assert_true(lro_is_final(""));
	assert_false(lro_is_final("SomethingNew"));
}

static void
test_progress_and_gone(void **state)
{
	struct lro lro;
	struct err err;

	(void)state;
	start(&lro, HTTP_DELETE, 202, NULL, "https://a/op", -1);
	assert_true(lro_is_gone(&lro));
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"Deleting\",\"percentComplete\":12}", &err);
	assert_string_equal(lro.status, "Deleting");
	assert_int_equal(lro.percent, 12);
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"x\",\"percentComplete\":-1e300}", &err);
	assert_int_equal(lro.percent, -1);
	next(&lro, 200, NULL, NULL, -1, "{\"status\":\"x\",\"percentComplete\":\"12\"}", &err);
	assert_int_equal(lro.percent, -1);
	next(&lro, 204, NULL, NULL, -1, "{\"status\":\"Succeeded\"}", &err);
	assert_int_equal(lro.state, LRO_DONE);
	assert_false(lro_is_gone(&lro));
	lro_free(&lro);
	start(&lro, HTTP_PUT, 202, "https://a/op", NULL, -1);
	assert_false(lro_is_gone(&lro));
	lro_free(&lro);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_operation),
		cmocka_unit_test(test_location),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_provisioning_state),
		cmocka_unit_test(test_progress_and_gone),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
