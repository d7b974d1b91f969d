/* One wizard for every plan. */
#ifndef CLAVIGER_VIEWS_WIZARD_H
#define CLAVIGER_VIEWS_WIZARD_H

#include "backend/azure/armid.h"

struct plan_def;
struct service;

/* Argument of view_wizard; borrowed while it opens. */
struct wizard_argument {
	const struct plan_def *plan;
	struct armid account;
	const struct service *service;
};

#endif
