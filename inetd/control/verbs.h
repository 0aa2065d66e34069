/* verbs: what inetctl can ask of a running daemon. */
#ifndef CONTROL_VERBS_H
#define CONTROL_VERBS_H

#include "control/control.h"

/* For control_open(); ended by a NULL name. */
extern const struct control_verb control_verbs[];

#endif
