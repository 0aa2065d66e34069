/* diff: what a configuration would change of what is served, as text for people. */
#ifndef CONTROL_DIFF_H
#define CONTROL_DIFF_H

#include <stdio.h>

#include "config/conf.h"

/* Compares a generation that is not applied with what is. For each difference one line ("added",
 * "removed", "changed", "kept", "enabled again"), below it the lines of its section
 * (show_service()) that differ, with "-" or "+" in front; and at the end the sum. Returns 0, or -1
 * with errno ENOMEM. */
int diff_config(const struct config *config, FILE *out);

#endif
