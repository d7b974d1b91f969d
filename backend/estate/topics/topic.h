/* What an operator should know before a change and no rule can see: the statements of the articles
 * by topic, each with where it stands, in our own words. Where two articles differ both are named.
 */
#ifndef CLAVIGER_ESTATE_TOPIC_H
#define CLAVIGER_ESTATE_TOPIC_H

#include "backend/base/buf.h"

struct statement {
	const char *text;   /* a paragraph without line breaks */
	const char *source; /* article, section */
};

struct topic {
	const char *name;  /* cut: the word of `claviger help cut` */
	const char *title; /* Making data unreadable, and readable again */
	const struct statement *statements;
	size_t statements_len;
	/* Adds whole lines that are made of the tables which drive the program; NULL: none. */
	bool (*lines)(struct buf *out);
};

extern const struct topic topic_customer_key, topic_words, topic_cut, topic_storage_after,
	topic_rotation, topic_roles, topic_cross_tenant, topic_firewall, topic_audit,
	topic_automation, topic_batch, topic_storage, topic_az;

extern const struct topic *const topics[];
extern const size_t topics_len;

/* NULL: none of that name. */
const struct topic *topic_find(const char *name);

/* An operation on the data of a storage account that is refused with 403, to everybody, while its
 * key is cut. What is not in the table may proceed. */
struct stopped_operation {
	enum { STOPPED_BLOB, STOPPED_FILE } of;
	const char *name; /* as the REST reference calls it */
	const char *only; /* the form of it that is refused; NULL: every form */
};

extern const struct stopped_operation stopped_operations[];
extern const size_t stopped_operations_len;

#endif
