/* verbs: what a running daemon answers to inetctl. */
#ifndef CONTROL_VERBS_H
#define CONTROL_VERBS_H

#include "control/control.h"

/* For control_open(). */
extern control_fn *const control_verbs[VERBS];

#endif
