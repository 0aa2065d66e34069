/* heap: what the C library keeps of freed memory. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#ifdef __GLIBC__
#include <malloc.h>
#endif

/* Gives freed memory back to the kernel (malloc_trim(3)). Only glibc has to be asked for it. */
static inline void heap_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

#endif
