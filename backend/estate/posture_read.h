/* What posture asks for beside the lists. Internal to posture. */
#ifndef CLAVIGER_ESTATE_POSTURE_READ_H
#define CLAVIGER_ESTATE_POSTURE_READ_H

#include "backend/estate/inside.h"

struct posture_extras {
	struct asked *asks; /* rotation policies and versions */
	size_t asks_len, asks_room;
	struct index urls; /* to places in asks */
	struct round *round;
};

/* Asks for what is wanted; done(user) in a later turn of the loop. */
void posture_extras_start(
	struct estate *estate, struct posture_extras *out, void (*done)(void *user), void *user);
/* Also while the answers have not come. */
void posture_extras_free(struct posture_extras *extras);

/* The rotation policy of the key of these facts. */
void posture_add_rotation(
	const struct estate *estate, const struct posture_extras *extras, struct facts *facts);

/* Type, size and operations of the version in use, which is not the current one; false: they could
 * not be read, and err tells. */
bool posture_add_version(const struct estate *estate, const struct posture_extras *extras,
	struct facts *facts, struct err *err) MUST_CHECK;

/* Whether a vault of that name is among the deleted. */
bool posture_is_deleted(const struct estate *estate, const char *name);

#endif
