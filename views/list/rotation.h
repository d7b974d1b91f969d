/* The rotation policy of the key under the cursor: one request, once the cursor rests. */
#ifndef CLAVIGER_VIEWS_ROTATION_H
#define CLAVIGER_VIEWS_ROTATION_H

#include "views/list/list.h"

/* Zeroed but for the list: nothing is known and nothing asked for. */
struct rotation_look {
	struct list *list;
	struct keyid key; /* that it is about */
	unsigned as_of;   /* estate_changes when it was asked for */
	struct job *rest;
	struct call *call;
	bool known;
	struct err failure;
	char text[300]; /* in words */
};

/* Another row came under the cursor, or the view goes. */
void rotation_forget(struct rotation_look *look);

/* The estate has changed: what was known may be so no more. */
void rotation_changed(struct rotation_look *look);

/* Writes what is known of it, and begins to read it if nothing is. */
void rotation_describe(struct rotation_look *look, size_t row, struct page *page);

#endif
