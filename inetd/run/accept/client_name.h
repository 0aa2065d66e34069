/* client_name: the names of clients' hosts: what an address leads to, believed only if the name
 * leads back to the address (RFC 1912, 2.1), as anybody can claim any name for an address of his
 * own. They are looked up by helper processes and kept for a while: at most 1024, for 5 minutes,
 * those that could not be found for half a minute, and those that could not be looked up, as this
 * machine had no memory or process for it, for a second. At most 32 helpers run, for 10 s at most,
 * and at most 256 addresses wait for an answer, 16 of one source. */
#ifndef RUN_CLIENT_NAME_H
#define RUN_CLIENT_NAME_H

#include "base/sockaddr.h"

/* The name of the host at an address of inet, its port aside; "" if there is none that is to be
 * believed; NULL while it is not known, or for other addresses. Valid until the loop goes on. */
const char *client_name_known(const struct sockaddr_len *addr);

/* Has an address looked up whose name is not known; client_name_found() follows. Returns 0, or -1
 * if too many wait already, or without memory. */
int client_name_ask(const struct sockaddr_len *addr);

/* Called when client_name_known() knows an address, without its port, that was asked for. */
extern void (*client_name_found)(const struct sockaddr_len *addr);

/* Forgets what is known: names are looked up again. */
void client_name_forget(void);

#endif
