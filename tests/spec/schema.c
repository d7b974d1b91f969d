/* allOf is read as one object with the members of all its parts, as the documents' own generators
 * do: a part alone would call the others' members unknown. */
#include "tests/spec/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tests/spec/format.h"

void
check_report(struct check *check, const char *rule, const char *fmt, ...)
{
	char what[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	check->found++;
	if (check->report)
		check->report(check->user, check->where, rule, what);
}

size_t
check_enter(struct check *check, const char *step)
{
	size_t mark = strlen(check->where);

	snprintf(check->where + mark, sizeof check->where - mark, "%s%s", mark ? "." : "", step);
	return mark;
}

void
check_leave(struct check *check, size_t mark)
{
	check->where[mark] = '\0';
}

static struct node
part(struct check *check, struct node list, size_t i)
{
	return openapi_resolve(check->api, (struct node){list.doc, json_array_get(list.json, i)});
}

/* The property of that name in the schema or a part of it; *spelled gets another case of it. */
static struct node
find_property(struct check *check, struct node schema, const char *name, const char **spelled)
{
	struct node properties = node_get(schema, "properties"), found = node_get(properties, name);
	struct node parts = node_get(schema, "allOf");
	const char *other;
	json_t *json;

	if (found.json)
		return found;
	json_object_foreach((json_t *)properties.json, other, json)
	{
		if (text_casecmp(other, name) == 0)
			*spelled = other;
	}
	for (size_t i = 0; i < json_array_size(parts.json) && !found.json; i++)
		found = find_property(check, part(check, parts, i), name, spelled);
	return found;
}

/* A member of the schema itself or of the first part that has it. */
static struct node
find_member(struct check *check, struct node schema, const char *name)
{
	struct node found = node_get(schema, name), parts = node_get(schema, "allOf");

	for (size_t i = 0; i < json_array_size(parts.json) && !found.json; i++)
		found = find_member(check, part(check, parts, i), name);
	return found;
}

static bool
is_required(struct check *check, struct node schema, const char *name)
{
	struct node required = node_get(schema, "required"), parts = node_get(schema, "allOf");

	for (size_t i = 0; i < json_array_size(required.json); i++)
		if (strcmp(json_string_value(json_array_get(required.json, i)), name) == 0)
			return true;
	for (size_t i = 0; i < json_array_size(parts.json); i++)
		if (is_required(check, part(check, parts, i), name))
			return true;
	return false;
}

static void
check_required(struct check *check, struct node schema, const json_t *value)
{
	struct node required = node_get(schema, "required"), parts = node_get(schema, "allOf");

	for (size_t i = 0; i < json_array_size(required.json); i++) {
		const char *name = json_string_value(json_array_get(required.json, i)), *other;
		struct node property = find_property(check, schema, name, &other);

		if (check->direction == REQUEST && node_true(property, "readOnly"))
			continue;
		if (!json_object_get(value, name))
			check_report(check, "required", "'%s' is missing", name);
	}
	for (size_t i = 0; i < json_array_size(parts.json); i++)
		check_required(check, part(check, parts, i), value);
}

/* Whether a request may hold the property. */
static void
check_writable(struct check *check, struct node use, struct node property)
{
	struct node mutability = node_get(use, "x-ms-mutability");
	bool create = false, update = false;

	if (check->direction != REQUEST)
		return;
	if (node_true(use, "readOnly") || node_true(property, "readOnly")) {
		check_report(check, "readOnly", "a request may not set it");
		return;
	}
	if (!mutability.json)
		mutability = node_get(property, "x-ms-mutability");
	if (!mutability.json)
		return;
	for (size_t i = 0; i < json_array_size(mutability.json); i++) {
		const char *word = json_string_value(json_array_get(mutability.json, i));

		create |= strcmp(word, "create") == 0;
		update |= strcmp(word, "update") == 0;
	}
	if (text_casecmp(check->method, "patch") == 0 ? !update : !update && !create)
		check_report(check, "readOnly", "a %s may not set it", check->method);
}

static bool
may_be_null(struct check *check, struct node schema, struct node use, struct node property,
	const char *name)
{
	return node_true(use, "x-nullable") || node_true(property, "x-nullable") ||
	       (check->direction == REPLY && !is_required(check, schema, name));
}

static void
check_property(
	struct check *check, struct node schema, struct node use, const char *name, json_t *value)
{
	struct node property = openapi_resolve(check->api, use);
	size_t mark = check_enter(check, name);

	check_writable(check, use, property);
	if (!json_is_null(value))
		schema_check(check, use, value);
	else if (!may_be_null(check, schema, use, property, name))
		check_report(check, "null", "null where a value belongs");
	check_leave(check, mark);
}

/* Everything goes where a schema names no member at all. */
static bool
is_open(struct check *check, struct node schema)
{
	struct node parts = node_get(schema, "allOf");

	if (json_object_size(node_get(schema, "properties").json))
		return false;
	for (size_t i = 0; i < json_array_size(parts.json); i++)
		if (!is_open(check, part(check, parts, i)))
			return false;
	return true;
}

static void
check_additional(struct check *check, struct node schema, const char *name, const char *spelled,
	json_t *value)
{
	struct node more = find_member(check, schema, "additionalProperties");
	size_t mark;

	if (json_is_object(more.json)) {
		mark = check_enter(check, "*");
		schema_check(check, more, value);
		check_leave(check, mark);
	} else if (json_is_false(more.json) || (!more.json && !is_open(check, schema))) {
		mark = check_enter(check, name);
		if (spelled)
			check_report(check, "case", "it is spelled '%s'", spelled);
		else
			check_report(check, "unknown", "the schema has no such member");
		check_leave(check, mark);
	}
}

static void
check_object(struct check *check, struct node schema, const json_t *value)
{
	const char *name;
	json_t *member;

	check_required(check, schema, value);
	json_object_foreach((json_t *)value, name, member)
	{
		const char *spelled = NULL;
		struct node use = find_property(check, schema, name, &spelled);

		if (use.json)
			check_property(check, schema, use, name, member);
		else
			check_additional(check, schema, name, spelled, member);
	}
}

static bool
descends(struct check *check, struct node schema, const json_t *base)
{
	struct node parts = node_get(schema, "allOf");

	if (schema.json == base)
		return true;
	for (size_t i = 0; i < json_array_size(parts.json); i++)
		if (descends(check, part(check, parts, i), base))
			return true;
	return false;
}

/* The schema that the discriminator's value names; the same one where there is none. */
static struct node
discriminated(struct check *check, struct node schema, const json_t *value)
{
	const char *by = json_string_value(find_member(check, schema, "discriminator").json);
	struct node definitions = document_definitions(schema.doc);
	const char *word, *name;
	json_t *json;

	word = by ? json_string_value(json_object_get(value, by)) : NULL;
	if (!word)
		return schema;
	json_object_foreach((json_t *)definitions.json, name, json)
	{
		struct node one = {schema.doc, json};
		const char *named = node_text(one, "x-ms-discriminator-value");

		if (strcmp(named ? named : name, word) == 0 && descends(check, one, schema.json))
			return one;
	}
	check_report(check, "discriminator", "'%s' is no kind of it", word);
	return schema;
}

static void
check_array(struct check *check, struct node schema, const json_t *value)
{
	json_t *least = json_object_get(schema.json, "minItems");
	json_t *most = json_object_get(schema.json, "maxItems");
	struct node items = node_get(schema, "items");
	json_int_t len = (json_int_t)json_array_size(value);
	size_t mark;

	if ((least && len < json_integer_value(least)) || (most && len > json_integer_value(most)))
		check_report(check, "length", "%lld elements", (long long)len);
	if (!items.json)
		return;
	mark = check_enter(check, "#");
	for (size_t i = 0; i < json_array_size(value); i++)
		schema_check(check, items, json_array_get(value, i));
	check_leave(check, mark);
}

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void
check_enum(struct check *check, struct node schema, const char *text)
{
	struct node words = node_get(schema, "enum");

	if (!words.json || node_true(node_get(schema, "x-ms-enum"), "modelAsString"))
		return;
	for (size_t i = 0; i < json_array_size(words.json); i++) {
		const char *word = json_string_value(json_array_get(words.json, i));

		if (word && strcmp(word, text) == 0)
			return;
	}
	check_report(check, "enum", "'%s' is none of its words", text);
}

static void
check_string(struct check *check, struct node schema, const json_t *value)
{
	const char *text = json_string_value(value), *format = node_text(schema, "format");
	const char *pattern = node_text(schema, "pattern");
	json_t *least = json_object_get(schema.json, "minLength");
	json_t *most = json_object_get(schema.json, "maxLength");
	json_int_t len = (json_int_t)characters(text);

	if ((least && len < json_integer_value(least)) || (most && len > json_integer_value(most)))
		check_report(check, "length", "%lld characters: '%.80s'", (long long)len, text);
	if (format && !format_holds(format, text))
		check_report(check, "format", "'%.80s' is no %s", text, format);
	if (pattern && !pattern_matches(pattern, text))
		check_report(check, "pattern", "'%.80s' does not match %s", text, pattern);
	check_enum(check, schema, text);
}

static void
check_number(struct check *check, struct node schema, const json_t *value)
{
	const char *format = node_text(schema, "format");
	json_t *least = json_object_get(schema.json, "minimum");
	json_t *most = json_object_get(schema.json, "maximum");
	json_t *of = json_object_get(schema.json, "multipleOf");
	double number = json_number_value(value);
	bool small = least && (number < json_number_value(least) ||
				      (node_true(schema, "exclusiveMinimum") &&
					      number == json_number_value(least)));
	bool large = most && (number > json_number_value(most) ||
				     (node_true(schema, "exclusiveMaximum") &&
					     number == json_number_value(most)));

	if (small || large)
		check_report(check, "range", "%g", number);
	if (json_is_integer(of) && json_is_integer(value) &&
		json_integer_value(value) % json_integer_value(of) != 0)
		check_report(
			check, "range", "%g is no multiple of %g", number, json_number_value(of));
	if (format && strcmp(format, "int32") == 0 &&
		(number > 2147483647.0 || number < -2147483648.0))
		check_report(check, "format", "%g is no int32", number);
}

static const char *
type_of(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
		return "integer";
	case JSON_REAL:
		return "number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "boolean";
	case JSON_NULL:
		break;
	}
	return "null";
}

/* An object of which nothing more is said is any value: so do the documents write Automation's
 * userAssignedIdentity and Resource Graph's data, texts and arrays in their own examples. */
static const char *
type_asked(struct check *check, struct node schema)
{
	const char *type = json_string_value(find_member(check, schema, "type").json);

	if (type && strcmp(type, "object") == 0 && is_open(check, schema) &&
		!find_member(check, schema, "additionalProperties").json)
		return NULL;
	if (type)
		return type;
	return find_member(check, schema, "properties").json ||
			       find_member(check, schema, "additionalProperties").json
		       ? "object"
		       : NULL;
}

void
schema_check(struct check *check, struct node schema, const json_t *value)
{
	struct node at = openapi_resolve(check->api, schema);
	const char *asked = type_asked(check, at), *is = type_of(value);

	if (!asked || strcmp(asked, "file") == 0)
		return;
	if (strcmp(asked, is) != 0 && !(strcmp(asked, "number") == 0 && json_is_number(value))) {
		check_report(check, "type", "%s, not %s", is, asked);
		return;
	}
	if (json_is_object(value))
		check_object(check, discriminated(check, at, value), value);
	else if (json_is_array(value))
		check_array(check, at, value);
	else if (json_is_string(value))
		check_string(check, at, value);
	else if (json_is_number(value))
		check_number(check, at, value);
}
