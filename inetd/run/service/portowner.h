/* portowner: which process holds an address that we could not bind. Searching /proc takes long, so
 * that a helper process does it; what it finds is logged, and its end is waited for
 * (pidfd_open(2)). */
#ifndef RUN_PORTOWNER_H
#define RUN_PORTOWNER_H

#include "config/service.h"

struct portowner;

/* Logs "NAME: bind ADDRESS: address already in use", with the pid and the program of a holder where
 * they can be found, and calls gone(arg), once, when that process has ended. NULL (and nothing is
 * logged) without memory, or when enough helpers run already. */
struct portowner *portowner_new(
	const char *name, const struct endpoint *endpoint, void (*gone)(void *arg), void *arg);

/* Does not call gone(); may be called from there. NULL is nothing. */
void portowner_free(struct portowner *owner);

#endif
