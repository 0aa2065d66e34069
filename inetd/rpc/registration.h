/* registration: what is to be registered with rpcbind, and what is: each version of a program for
 * each network. */
#ifndef RPC_REGISTRATION_H
#define RPC_REGISTRATION_H

#include <stdbool.h>

/* Takes the list of a file (message.h), which is consumed: what is not in it any more is to go.
 * Returns 0, or -1 with errno; then what was wanted before still is. */
int registration_read_list(int fd);

/* True if anything is wanted, or still registered. */
bool registration_any(void);

/* Makes what rpcbind has what is wanted, over the connection there is, and keeps what came of it.
 * Only what stands at an address of ours, or where nobody answers, is taken away. Returns 0; or -1:
 * the connection is lost. */
int registration_settle(void);

/* Everything wanted cannot be registered, for that reason. */
void registration_fail(const char *why);

/* Takes away all that stands at an address of ours. */
void registration_clear(void);

/* True if something wanted is not registered. */
bool registration_has_problem(void);

/* Calls `tell` for each service of which something else is to be said than before: what is wrong,
 * or "". */
void registration_report(void (*tell)(unsigned number, const char *problem));

#endif
