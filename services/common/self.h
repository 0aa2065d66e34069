/* self: what a process can find out of itself about signals and open files, one `key=value` a line.
 */
#ifndef SERVICES_COMMON_SELF_H
#define SERVICES_COMMON_SELF_H

#include <stdio.h>

/* Prints "signals.blocked=" and "signals.ignored=" with their numbers, comma-separated. signal(7)
 */
void self_tell_signals(FILE *out);

/* Prints "descriptor.N=" with what is open there, for each; nothing where /proc is not there.
 * proc(5) */
void self_tell_descriptors(FILE *out);

#endif
