/* Rotation policies, rotation by hand and by the clock, and the durations they are written in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/sandbox/kv/duration.h"
#include "tests/fixtures/sandbox_client.h"

enum { DAY = 86400 };

static void
durations_follow_the_calendar(void **state)
{
	static const char *const wrong[] = {"", "P", "PT", "90D", "P90", "P-1D", "P1D2Y", "P1.5D",
		"P90D ", "P1H", "PT1D", "P12345D", "p90d", "P1DT"};
	struct duration d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(duration_parse(wrong[i], &d));
	assert_true(duration_parse("P1Y10D", &d));
	assert_int_equal(d.months, 12);
	assert_int_equal(d.days, 10);
	assert_true(duration_parse("PT48H", &d));
	assert_int_equal(duration_after(0, &d), 48 * 3600);
	assert_true(duration_parse("P2W1DT1M2S", &d));
	assert_int_equal(duration_after(0, &d), 15 * DAY + 62);
	assert_true(duration_parse("P1M", &d));
	/* 31 January 2027 becomes 28 February; 31 March back too */
	assert_int_equal(duration_after(1801353600, &d), 1801353600 + 28 * DAY);
	assert_true(duration_parse("P9999Y", &d));
	assert_int_equal(duration_before(1806451200, &d), 0);
	assert_true(duration_parse("P1M", &d));
	assert_int_equal(duration_before(1806451200, &d), 1806451200 - 31 * DAY);
}

static void
make(const char *name, const char *body)
{
	char url[256];

	snprintf(url, sizeof url, KEYS "/%s/create" V, name);
	assert_int_equal(demo_kv("POST", url, body), 200);
}

static void
policies_have_defaults(void **state)
{
	(void)state;
	make("rot-plain", "{\"kty\":\"EC\"}");
	assert_int_equal(demo_kv("GET", KEYS "/rot-plain/rotationpolicy" V, NULL), 200);
	assert_string_equal(client_text(&demo, "id"), KEYS "/rot-plain/rotationpolicy");
	assert_int_equal(json_array_size(client_at(&demo, "lifetimeActions")), 1);
	assert_string_equal(
		client_text(&demo, "lifetimeActions.0.trigger.timeBeforeExpiry"), "P30D");
	assert_string_equal(client_text(&demo, "lifetimeActions.0.action.type"), "Notify");
	assert_true(json_is_null(client_at(&demo, "attributes")));
	assert_int_equal(demo_kv("GET", KEYS "/nobody/rotationpolicy" V, NULL), 404);
	assert_string_equal(client_text(&demo, "error.code"), "KeyNotFound");
}

static void
policies_are_kept(void **state)
{
	json_int_t created;

	(void)state;
	make("rot-kept", "{\"kty\":\"EC\"}");
	assert_int_equal(
		demo_kv("PUT", KEYS "/rot-kept/rotationpolicy" V,
			"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\",\"timeBeforeExpiry\":null},\"action\":{\"type\":\"rotate\"}}],\"attributes\":{\"expiryTime\":\"P90D\"}}"),
		200);
	assert_string_equal(
		client_text(&demo, "lifetimeActions.0.trigger.timeAfterCreate"), "P30D");
	assert_null(client_at(&demo, "lifetimeActions.0.trigger.timeBeforeExpiry"));
	assert_string_equal(client_text(&demo, "lifetimeActions.0.action.type"), "Rotate");
	assert_string_equal(client_text(&demo, "lifetimeActions.1.action.type"), "Notify");
	assert_string_equal(client_text(&demo, "attributes.expiryTime"), "P90D");
	created = client_number(&demo, "attributes.created");
	assert_int_equal(client_number(&demo, "attributes.updated"), created);
	demo_clock("+60s");
	assert_int_equal(
		demo_kv("PUT", KEYS "/rot-kept/rotationpolicy" V,
			"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P15D\"},\"action\":{\"type\":\"Rotate\"}},{\"trigger\":{\"timeBeforeExpiry\":\"P7D\"},\"action\":{\"type\":\"Notify\"}}],\"attributes\":{\"expiryTime\":\"P30D\"}}"),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "lifetimeActions")), 2);
	assert_int_equal(demo_kv("GET", KEYS "/rot-kept/rotationpolicy" V, NULL), 200);
	assert_string_equal(
		client_text(&demo, "lifetimeActions.1.trigger.timeBeforeExpiry"), "P7D");
	assert_int_equal(client_number(&demo, "attributes.created"), created);
	assert_true(client_number(&demo, "attributes.updated") >= created + 60);
}

static void
policies_are_refused(void **state)
{
	static const char *const bodies[] = {
		"{\"attributes\":{\"expiryTime\":\"P27D\"}}",
		"{\"attributes\":{\"expiryTime\":\"soon\"}}",
		"{\"attributes\":[]}",
		"{\"lifetimeActions\":{}}",
		"{\"lifetimeActions\":[7]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P6D\"},\"action\":{\"type\":\"Rotate\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},\"action\":{\"type\":\"Dance\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{},\"action\":{\"type\":\"Rotate\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\",\"timeBeforeExpiry\":\"P30D\"},\"action\":{\"type\":\"Rotate\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeBeforeExpiry\":\"P30D\"},\"action\":{\"type\":\"Rotate\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},\"action\":{\"type\":\"Notify\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},\"action\":{\"type\":\"Rotate\"}},{\"trigger\":{\"timeAfterCreate\":\"P40D\"},\"action\":{\"type\":\"Rotate\"}}]}",
		"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P85D\"},\"action\":{\"type\":\"Rotate\"}}],\"attributes\":{\"expiryTime\":\"P90D\"}}",
	};

	(void)state;
	make("rot-strict", "{\"kty\":\"EC\"}");
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		assert_int_equal(
			demo_kv("PUT", KEYS "/rot-strict/rotationpolicy" V, bodies[i]), 400);
		assert_string_equal(client_text(&demo, "error.code"), "BadParameter");
	}
	assert_int_equal(demo_kv("GET", KEYS "/rot-strict/rotationpolicy" V, NULL), 200);
	assert_true(json_is_null(client_at(&demo, "attributes")));
}

static void
rotation_by_hand_keeps_the_shape(void **state)
{
	char first[200];

	(void)state;
	make("rot-hand",
		"{\"kty\":\"RSA\",\"key_size\":3072,\"key_ops\":[\"wrapKey\",\"unwrapKey\"],\"tags\":{\"a\":\"b\"},\"attributes\":{\"enabled\":true}}");
	snprintf(first, sizeof first, "%s", client_text(&demo, "key.kid"));
	assert_int_equal(demo_kv("PUT", KEYS "/rot-hand/rotationpolicy" V,
				 "{\"attributes\":{\"expiryTime\":\"P2Y\"}}"),
		200);
	assert_int_equal(demo_kv("POST", KEYS "/rot-hand/rotate" V, NULL), 200);
	assert_string_not_equal(client_text(&demo, "key.kid"), first);
	assert_int_equal(strlen(client_text(&demo, "key.n")), 512);
	assert_int_equal(json_array_size(client_at(&demo, "key.key_ops")), 2);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	assert_true(client_number(&demo, "attributes.exp") >=
		    client_number(&demo, "attributes.created") + 730 * DAY);
	snprintf(first, sizeof first, "%s", client_text(&demo, "key.kid"));
	assert_int_equal(demo_kv("GET", KEYS "/rot-hand" V, NULL), 200);
	assert_string_equal(client_text(&demo, "key.kid"), first);
	assert_int_equal(demo_kv("POST", KEYS "/nobody/rotate" V, NULL), 404);
	assert_int_equal(demo_kv("POST", KEYS "/no%5B/rotate" V, NULL), 400);
}

static size_t
versions_of(const char *name)
{
	char url[256];

	snprintf(url, sizeof url, KEYS "/%s/versions" V, name);
	assert_int_equal(demo_kv("GET", url, NULL), 200);
	return json_array_size(client_at(&demo, "value"));
}

static void
policies_rotate_when_due(void **state)
{
	json_int_t made;

	(void)state;
	make("rot-due", "{\"kty\":\"EC\"}");
	made = client_number(&demo, "attributes.created");
	assert_int_equal(
		demo_kv("PUT", KEYS "/rot-due/rotationpolicy" V,
			"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},\"action\":{\"type\":\"Rotate\"}}],\"attributes\":{\"expiryTime\":\"P90D\"}}"),
		200);
	demo_clock("+29d");
	assert_int_equal(versions_of("rot-due"), 1);
	demo_clock("+2d");
	assert_int_equal(versions_of("rot-due"), 2);
	assert_int_equal(demo_kv("GET", KEYS "/rot-due" V, NULL), 200);
	assert_int_equal(client_number(&demo, "attributes.created"), made + 30 * DAY);
	assert_int_equal(client_number(&demo, "attributes.exp"), made + 120 * DAY);
	demo_clock("+60d");
	assert_int_equal(versions_of("rot-due"), 4);
	demo_clock("+2000d");
	assert_in_range(versions_of("rot-due"), 5, 8);
}

static void
expiry_and_state_decide_too(void **state)
{
	char body[128];

	(void)state;
	make("rot-expiry", "{\"kty\":\"EC\"}");
	snprintf(body, sizeof body, "{\"attributes\":{\"exp\":%lld}}",
		(long long)client_number(&demo, "attributes.created") + 20 * DAY);
	assert_int_equal(demo_kv("PATCH", KEYS "/rot-expiry/" V, body), 200);
	assert_int_equal(
		demo_kv("PUT", KEYS "/rot-expiry/rotationpolicy" V,
			"{\"lifetimeActions\":[{\"trigger\":{\"timeBeforeExpiry\":\"P10D\"},\"action\":{\"type\":\"Rotate\"}}]}"),
		200);
	assert_int_equal(
		demo_kv("PATCH", KEYS "/rot-expiry/" V, "{\"attributes\":{\"enabled\":false}}"),
		200);
	demo_clock("+11d");
	assert_int_equal(versions_of("rot-expiry"), 1);
	assert_int_equal(
		demo_kv("PATCH", KEYS "/rot-expiry/" V, "{\"attributes\":{\"enabled\":true}}"),
		200);
	demo_clock("+1s");
	assert_int_equal(versions_of("rot-expiry"), 2);
	demo_clock("+60d");
	assert_int_equal(versions_of("rot-expiry"), 2);
	assert_int_equal(demo_kv("DELETE", KEYS "/rot-expiry" V, NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_follow_the_calendar),
		cmocka_unit_test(policies_have_defaults),
		cmocka_unit_test(policies_are_kept),
		cmocka_unit_test(policies_are_refused),
		cmocka_unit_test(rotation_by_hand_keeps_the_shape),
		cmocka_unit_test(expiry_and_state_decide_too),
		cmocka_unit_test(policies_rotate_when_due),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
