/* tell_peer: tells a daemon behind a relay who calls. */
#ifndef SERVICES_COMMON_TELL_PEER_H
#define SERVICES_COMMON_TELL_PEER_H

#include <stddef.h>

/* Writes the header for a connected socket as HAProxy's proxy-protocol.txt has it, version 1, with
 * a NUL. Returns its length, 107 at most. */
size_t tell_peer(int fd, char *line, size_t size);

#endif
