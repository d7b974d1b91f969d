#include "backend/journal/detail.h"

#include <string.h>

#include "backend/base/text.h"
#include "backend/json/json.h"

static void
add_step(json_t *steps, const char *name, const char *phase, const json_t *detail)
{
	bool undo = json_is_true(json_object_get(detail, "undo"));
	json_t *step = json_object_get(steps, name);

	if (strcmp(phase, "parked") == 0 || (undo && strcmp(phase, "done") != 0))
		return;
	if (step == NULL) {
		step = json_object();
		json_object_set_new(steps, name, step);
	}
	json_object_set_new(step, "phase", json_string(undo ? "undone" : phase));
	if (!undo && json_is_object(detail))
		json_object_set(step, "detail", (json_t *)detail);
}

static void
replace(json_t **kept, const json_t *value)
{
	json_decref(*kept);
	*kept = json_incref((json_t *)value);
}

void
detail_add(struct operation *out, const json_t *record)
{
	const json_t *detail = json_object_get(record, "detail");
	const json_t *kept = json_object_get(detail, "kept");
	char phase[16], step[OPERATION_WORD];

	text_cleans(phase, sizeof phase, json_str(record, "phase"));
	text_cleans(step, sizeof step, json_str(record, "step"));
	if (json_is_object(kept))
		replace(&out->kept, kept);
	if (strcmp(phase, "begin") == 0 && json_is_object(detail))
		replace(&out->begin, detail);
	else if (strcmp(phase, "end") != 0 && step[0])
		add_step(out->steps, step, phase, detail);
}
