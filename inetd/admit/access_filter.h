/* access_filter: only_from and no_access as a program for the kernel (classic BPF, socket(7),
 * SO_ATTACH_FILTER), for sockets that are handed to programs: what admit_access() would refuse by
 * its address never reaches them. Pure. */
#ifndef ADMIT_ACCESS_FILTER_H
#define ADMIT_ACCESS_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

#include "config/service.h"

/* Writes the filter into `code`, which has room for `room` instructions (the kernel takes
 * BPF_MAXINSNS). It works on packets of udp and tcp sockets of either family, and of both at once;
 * it passes what networks_let_in() lets in, whole, and drops the rest. Returns the number of
 * instructions; 0 where the lists are empty, so that no filter is needed; -1 with errno E2BIG where
 * there are too many networks. */
int access_filter(const struct access *access, struct sock_filter *code, size_t room);

#endif
