/* memory: whether the machine is short of memory, so that nothing is started ahead. */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

#include <stdbool.h>

/* True if less than a sixteenth of the memory can be had (proc(5), meminfo), as of a second ago at
 * most. Where that cannot be told it is not short. */
bool memory_is_short(void);
void memory_close(void);

#endif
