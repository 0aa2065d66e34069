/* valgrind: whether this process runs under it: it knows one stack a process, and of processes that
 * share memory vfork(2) only. */
#ifndef BASE_VALGRIND_H
#define BASE_VALGRIND_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* True if valgrind(1) has started it, by the library that it loads. */
static inline bool valgrind_is_here(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

#endif
