/* The requests in it are for people: carrying it out builds them anew, and refuses when they, or
 * what they rest on, have become others. */
#include "backend/plans/plan_file.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "backend/plans/campaign_inside.h"
#include "backend/plans/ground.h"
#include "backend/plans/past.h"
#include "backend/plans/run.h"
#include "crypto/digest.h"

enum { FORMAT = 1, FILE_BYTES_MAX = 64 << 20 };

/* Takes file and ground. */
static bool
write(json_t *file, const char *plan, json_t *ground, const char *path, char digest[65],
	struct err *err)
{
	char preconditions[65], *text;
	bool ok;

	ground_digest(ground, preconditions);
	json_object_set_new(file, "format", json_integer(FORMAT));
	json_object_set_new(file, "plan", json_string(plan));
	json_object_set_new(file, "ground", ground);
	json_object_set_new(file, "preconditions", json_string(preconditions));
	text = json_dumps(file, JSON_INDENT(2));
	ok = text && file_write(path, text, strlen(text), err);
	digest_sha256_hex(text ? text : "", text ? strlen(text) : 0, digest);
	free(text);
	json_decref(file);
	return ok;
}

bool
plan_file_write(const struct run *run, const char *path, char digest[65], struct err *err)
{
	return write(past_about(run->plan, &run->facts.subject, run->values, run->private->forced),
		run->plan->name, json_incref(run->private->ground), path, digest, err);
}

bool
plan_file_write_campaign(
	const struct campaign *campaign, const char *path, char digest[65], struct err *err)
{
	return write(past_about(campaign->plan, &campaign->subject, campaign->values,
			     campaign->private->forced),
		campaign->plan->name, campaign_ground(campaign), path, digest, err);
}

json_t *
plan_file_read(const char *path, char digest[65], struct err *err)
{
	json_t *file = NULL;
	int64_t format = 0;
	struct buf text;

	buf_init(&text, FILE_BYTES_MAX);
	if (file_read(path, true, &text, err))
		file = json_read(buf_text(&text), text.len, "the plan", err);
	digest_sha256_hex(buf_text(&text), text.len, digest);
	buf_free(&text);
	if (file == NULL)
		return NULL;
	if (json_number(file, "format", &format, err) && format == FORMAT &&
		json_is_object(json_object_get(file, "ground")))
		return file;
	err_set(err, ERR_USAGE, "", "%.200s: is no plan that --plan-out wrote", path);
	json_decref(file);
	return NULL;
}

bool
plan_file_holds(const json_t *file, const struct run *run, struct err *err)
{
	return ground_same(json_object_get(file, "ground"), run->private->ground, err);
}

bool
plan_file_holds_campaign(const json_t *file, const struct campaign *campaign, struct err *err)
{
	json_t *ground = campaign_ground(campaign);
	bool same = ground_same(json_object_get(file, "ground"), ground, err);

	json_decref(ground);
	return same;
}
