/* container_of: the object that a member is embedded in. */
#ifndef BASE_CONTAINER_OF_H
#define BASE_CONTAINER_OF_H

#include <sys/cdefs.h>

/* The struct `type` whose `member` is at `pointer`. */
#define container_of(pointer, type, member) __containerof(pointer, type, member)

#endif
