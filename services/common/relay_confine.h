/* relay_confine: takes from a process that passes on connections (common/relay.h) what it does not
 * need any more: files, by landlock(7), and every system call but a few, by seccomp(2). */
#ifndef SERVICES_COMMON_RELAY_CONFINE_H
#define SERVICES_COMMON_RELAY_CONFINE_H

#include <sys/types.h>

/* From now on it may accept, connect, move bytes, send signals to `daemon`, wait for it and remove
 * files; anything else kills it. Of its user only root can look into it (ptrace(2)). Where the
 * kernel has no Landlock the filter is what there is. Returns NULL, or what failed with errno. */
const char *relay_confine(pid_t daemon);

#endif
