/* A plan that was made, written down to be looked at, and carried out later. */
#ifndef CLAVIGER_PLAN_FILE_H
#define CLAVIGER_PLAN_FILE_H

#include "backend/plans/campaign.h"

/* Writes the plan of a run that stands at PLANNED: 0600, JSON, whole or not at all. digest gets the
 * SHA-256 of the file, as sha256sum prints it: what a second operator types. */
bool plan_file_write(
	const struct run *run, const char *path, char digest[65], struct err *err) MUST_CHECK;

/* The same of a campaign that was previewed. */
bool plan_file_write_campaign(const struct campaign *campaign, const char *path, char digest[65],
	struct err *err) MUST_CHECK;

/* The object of a file of ours, and its digest; a new reference, NULL on failure. */
json_t *plan_file_read(const char *path, char digest[65], struct err *err) MUST_CHECK;

/* Whether what run has read is what the file was made on; ERR_REFUSED with the difference. */
bool plan_file_holds(const json_t *file, const struct run *run, struct err *err) MUST_CHECK;
bool plan_file_holds_campaign(
	const json_t *file, const struct campaign *campaign, struct err *err) MUST_CHECK;

#endif
