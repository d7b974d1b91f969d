/* ARM resource ids: /subscriptions/S/resourceGroups/G/providers/NS/TYPE/NAME. They compare without
 * regard to case: Azure itself writes resourcegroups and resourceGroups. */
#ifndef CLAVIGER_AZURE_ARMID_H
#define CLAVIGER_AZURE_ARMID_H

#include "backend/base/err.h"

enum { ARMID_MAX = 704, ARMID_GROUP = 4 * 90 + 1 };

struct armid {
	char subscription[37];   /* GUID */
	char group[ARMID_GROUP]; /* at most 90 letters of any script [ARM naming rules] */
	char type[96];           /* namespace/type, e.g. Microsoft.Automation/automationAccounts */
	char name[128];
};

/* Takes a whole id with exactly one type and name. The error says which part is wrong. */
bool armid_parse(struct armid *out, const char *id, struct err *err) MUST_CHECK;

/* The same for an id out of a reply: whatever stands for the subscription is taken as it is, since
 * recordings and documents put words in its place. */
bool armid_take(struct armid *out, const char *id, struct err *err) MUST_CHECK;

/* Writes the id; out has ARMID_MAX bytes. Returns out. */
char *armid_print(const struct armid *id, char out[ARMID_MAX]);

bool armid_same(const struct armid *a, const struct armid *b);

/* Whether s is a GUID of 36 characters. */
bool armid_is_guid(const char *s);

/* Whether an id may have s as its resource group, as its name. */
bool armid_is_group(const char *s);
bool armid_is_name(const char *s);

#endif
