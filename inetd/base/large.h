/* large: for static buffers that are mostly empty. They stand apart from what is used all the time,
 * so that their pages take no memory (the linker sorts sections by name). */
#ifndef BASE_LARGE_H
#define BASE_LARGE_H

#include "base/sanitized.h"

#ifdef SANITIZED /* it guards nothing in sections of our own */
#define LARGE
#else
#define LARGE __attribute__((section(".bss.large")))
#endif

#endif
