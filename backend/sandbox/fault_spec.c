/* A specification is read from left to right; what is wrong is named with its column. */
#include "backend/sandbox/fault_spec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/sandbox.h"

enum { DELAY_MAX = 600000, SKEW_MAX = 10 * 365 * 86400, OVERSIZE_MAX = 1024 };

static const char elsewhere[] = "elsewhere.example";

const char sandbox_help[] =
	"FAULTS   PATTERN=ACTION[*COUNT]\n"
	"  PATTERN is [METHOD ]GLOB. A GLOB without / matches every path that holds it: unwrapkey.\n"
	"  A GLOB that begins with / is matched against the whole path, any other one against\n"
	"  host/path; * and ? are wild, case does not matter, the query is left aside.\n"
	"  COUNT is how often it happens; without it, always.\n"
	"  ACTION is one of\n"
	"   instead of doing what was asked\n"
	"    status:CODE[:RETRY]    that HTTP status, 400 to 599, with Azure's error body. RETRY says\n"
	"                           when to come again: SECONDS (Retry-After), date:SECONDS (the same\n"
	"                           as a date), ms:MS (retry-after-ms), x-ms:MS (x-ms-retry-after-ms)\n"
	"    html                   a page of HTML with status 200\n"
	"    challenge[:HOST]       401 that sends the client to HOST for a token\n"
	"    claims                 401 that wants a newer token, with the claims to ask for it\n"
	"   before it is done\n"
	"    delay:MS               the call waits MS milliseconds\n"
	"    skew:SECONDS           the clock is off, -90 or 3600: Date, token times, their check\n"
	"   after it has been done, in the reply\n"
	"    after:CODE[:RETRY]     as status, but the change has been made: after:504\n"
	"    type:PATH              the value at PATH becomes one of another JSON type\n"
	"    flip:PATH              one bit of the base64url value at PATH is flipped\n"
	"    mime:TYPE              the content type is TYPE, such as mime:text/plain\n"
	"    nextlink[:HOST]        nextLink points to HOST\n"
	"    lro:fails, lro:canceled, lro:never, lro:elsewhere[:HOST]\n"
	"                           a poll says so of its long-running operation (see --lro), or\n"
	"                           Location and Azure-AsyncOperation point to HOST\n"
	"   after it has been done, on the wire\n"
	"    drop                   the connection is closed without a reply\n"
	"    reset                  the same as a reset (over TCP)\n"
	"    stall[:MS]             no reply for MS milliseconds, or ever; then as drop\n"
	"    truncate               the body ends in the middle\n"
	"    stall-body[:MS]        the body stops in the middle for MS milliseconds, or for ever\n"
	"    oversize[:MIB]         the body goes on for MIB mebibytes of blanks (64)\n"
	"   when a connection is made; PATTERN is then a host alone, such as *.vault.azure.net\n"
	"    cert:expired, cert:early, cert:name, cert:untrusted\n"
	"                           the certificate has run out, is not valid yet, is another\n"
	"                           name's, or comes from a foreign authority\n"
	"  PATH is names and indexes with dots between: value, attributes.enabled, value.0.kid.\n"
	"  HOST is elsewhere.example unless it is given.\n"
	"  Examples: 'unwrapkey=flip:value'  'PATCH *automationAccounts*=status:503*2'\n"
	"            'GET */vaults=status:429:date:5*1'  'PUT *storageAccounts/*=after:504*1'\n"
	"SEEDS\n"
	"  demo      the estate of the lessons: always the same names and states\n"
	"  empty     tenants and subscriptions, nothing in them\n"
	"  fleet:N   N accounts of the three services (1 to 100000), a vault for every 50\n";

static bool
fail(struct err *err, const char *spec, const char *at, const char *what)
{
	char shown[160];

	text_cleans(shown, sizeof shown, spec);
	return err_set(err, ERR_USAGE, "",
		"fault '%s', column %d: %s; write PATTERN=ACTION[*COUNT], such as unwrapkey=flip:value or 'PATCH *=status:503*2'",
		shown, (int)(at - spec) + 1, what);
}

static bool
parse_number(const char **at, long least, long most, long *out)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	*out = strtol(*at, &end, 10);
	*at = end;
	return *out >= least && *out <= most;
}

static bool
parse_pattern(struct fault *fault, const char *spec, size_t len, struct err *err)
{
	static const char *const methods[] = {"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"};
	const char *glob = spec;
	size_t word = strcspn(spec, " =");

	if (word < len && spec[word] == ' ') {
		for (size_t i = 0; i < ARRAY_LEN(methods); i++)
			if (strlen(methods[i]) == word && strncasecmp(methods[i], spec, word) == 0)
				snprintf(fault->method, sizeof fault->method, "%s", methods[i]);
		if (!fault->method[0])
			return fail(err, spec, spec, "the word before the blank is no HTTP method");
		glob += word + strspn(spec + word, " ");
	}
	len -= (size_t)(glob - spec);
	if (len == 0)
		return fail(err, spec, glob, "the pattern is empty");
	if (len + 3 > sizeof fault->glob)
		return fail(err, spec, glob, "the pattern is longer than 250 characters");
	if (memchr(glob, '/', len))
		snprintf(fault->glob, sizeof fault->glob, "%.*s", (int)len, glob);
	else
		snprintf(fault->glob, sizeof fault->glob, "*%.*s*", (int)len, glob);
	return true;
}

/* A text up to the count; optional ones follow a colon. */
static bool
parse_text(struct fault *fault, const char **at)
{
	const char *star = strrchr(*at, '*');
	size_t len = star ? (size_t)(star - *at) : strlen(*at);

	if (len == 0 || len >= sizeof fault->text)
		return false;
	memcpy(fault->text, *at, len);
	fault->text[len] = '\0';
	*at += len;
	return true;
}

static bool
parse_host(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	size_t len;

	snprintf(fault->text, sizeof fault->text, "%s", elsewhere);
	if (**at != ':')
		return true;
	++*at;
	if (!parse_text(fault, at))
		return fail(err, spec, *at, "a host must follow");
	len = strspn(
		fault->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:");
	return fault->text[len] == '\0' || fail(err, spec, *at, "this is no host");
}

static bool
parse_retry(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	static const struct {
		const char *word;
		enum fault_retry form;
	} forms[] = {{"date:", RETRY_DATE}, {"ms:", RETRY_MS}, {"x-ms:", RETRY_X_MS}};

	if (**at != ':')
		return true;
	++*at;
	fault->retry = RETRY_SECONDS;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (text_case_starts(*at, forms[i].word)) {
			fault->retry = forms[i].form;
			*at += strlen(forms[i].word);
			break;
		}
	return parse_number(at, 0, 86400000, &fault->number) ||
	       fail(err, spec, *at,
		       "when to come again is SECONDS, date:SECONDS, ms:MS or x-ms:MS");
}

static bool
parse_status(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	long status;

	if (!parse_number(at, 400, 599, &status))
		return fail(err, spec, *at, "a status from 400 to 599 must follow");
	fault->status = (unsigned)status;
	return parse_retry(fault, spec, at, err);
}

/* One of a NULL-ended list of words. */
static bool
parse_word(struct fault *fault, const char **at, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (text_case_starts(*at, words[i])) {
			fault->word = i;
			*at += strlen(words[i]);
			return true;
		}
	return false;
}

static bool
parse_cert(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	static const char *const words[] = {"-", "expired", "early", "name", "untrusted", NULL};

	if (strchr(fault->glob, '/') || fault->method[0])
		return fail(err, spec, spec,
			"a certificate belongs to a host: write no method and no /");
	return parse_word(fault, at, words) ||
	       fail(err, spec, *at, "expired, early, name or untrusted must follow");
}

static bool
parse_lro(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	static const char *const words[] = {"fails", "canceled", "never", "elsewhere", NULL};

	return parse_word(fault, at, words)
		       ? fault->word != LRO_ELSEWHERE || parse_host(fault, spec, at, err)
		       : fail(err, spec, *at, "fails, canceled, never or elsewhere must follow");
}

static bool
parse_skew(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	bool back = **at == '-';

	*at += back || **at == '+';
	if (!parse_number(at, 1, SKEW_MAX, &fault->number))
		return fail(err, spec, *at, "seconds must follow, such as -90 or 3600");
	if (back)
		fault->number = -fault->number;
	return true;
}

/* :NUMBER, or nothing. */
static bool
parse_optional(struct fault *fault, const char *spec, const char **at, long fallback, long most,
	struct err *err)
{
	fault->number = fallback;
	if (**at != ':')
		return true;
	++*at;
	return parse_number(at, 1, most, &fault->number) ||
	       fail(err, spec, *at,
		       "this number must be from 1 and not larger than it makes sense");
}

/* What follows the word of an action. */
static bool
parse_rest(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	switch (fault->action) {
	case FAULT_STATUS:
	case FAULT_AFTER:
		return parse_status(fault, spec, at, err);
	case FAULT_TYPE:
	case FAULT_FLIP:
		return parse_text(fault, at) ||
		       fail(err, spec, *at, "a path into the reply must follow, such as value");
	case FAULT_MIME:
		return parse_text(fault, at) || fail(err, spec, *at, "a content type must follow");
	case FAULT_CHALLENGE:
	case FAULT_NEXTLINK:
		return parse_host(fault, spec, at, err);
	case FAULT_DELAY:
		return parse_number(at, 0, DELAY_MAX, &fault->number) ||
		       fail(err, spec, *at, "milliseconds from 0 to 600000 must follow");
	case FAULT_SKEW:
		return parse_skew(fault, spec, at, err);
	case FAULT_STALL:
	case FAULT_STALL_BODY:
		return parse_optional(fault, spec, at, -1, DELAY_MAX, err);
	case FAULT_OVERSIZE:
		return parse_optional(fault, spec, at, 64, OVERSIZE_MAX, err);
	case FAULT_LRO:
		return parse_lro(fault, spec, at, err);
	case FAULT_CERT:
		return parse_cert(fault, spec, at, err);
	default:
		return true;
	}
}

static bool
parse_action(struct fault *fault, const char *spec, const char **at, struct err *err)
{
	static const struct {
		const char *word;
		enum fault_action action;
	} actions[] = {
		{"status:", FAULT_STATUS},
		{"after:", FAULT_AFTER},
		{"type:", FAULT_TYPE},
		{"flip:", FAULT_FLIP},
		{"mime:", FAULT_MIME},
		{"delay:", FAULT_DELAY},
		{"skew:", FAULT_SKEW},
		{"lro:", FAULT_LRO},
		{"cert:", FAULT_CERT},
		{"challenge", FAULT_CHALLENGE},
		{"claims", FAULT_CLAIMS},
		{"nextlink", FAULT_NEXTLINK},
		{"drop", FAULT_DROP},
		{"reset", FAULT_RESET},
		{"html", FAULT_HTML},
		{"truncate", FAULT_TRUNCATE},
		{"oversize", FAULT_OVERSIZE},
		{"stall-body", FAULT_STALL_BODY},
		{"stall", FAULT_STALL},
	};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (text_case_starts(*at, actions[i].word)) {
			*at += strlen(actions[i].word);
			fault->action = actions[i].action;
			return parse_rest(fault, spec, at, err);
		}
	return fail(
		err, spec, *at, "the action is none of those that `claviger help sandbox` lists");
}

bool
fault_parse(struct fault *fault, const char *spec, struct err *err)
{
	size_t pattern = strcspn(spec, "=");
	const char *at = spec + pattern;

	*fault = (struct fault){.left = -1};
	if (*at != '=')
		return fail(err, spec, at, "an = must follow the pattern");
	if (!parse_pattern(fault, spec, pattern, err))
		return false;
	at++;
	if (!parse_action(fault, spec, &at, err))
		return false;
	if (*at == '*') {
		at++;
		if (!parse_number(&at, 1, 1000000, &fault->left))
			return fail(err, spec, at, "the count is a number from 1");
	}
	if (*at)
		return fail(err, spec, at, "nothing more may follow");
	if (!text_copy(fault->spec, sizeof fault->spec, spec))
		return fail(err, spec, at, "it is too long");
	return true;
}

bool
sandbox_fault_check(const char *spec, struct err *err)
{
	struct fault fault;

	return fault_parse(&fault, spec, err);
}
