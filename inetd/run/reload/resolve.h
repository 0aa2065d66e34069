/* resolve: the addresses of host names, and of interfaces (%NAME), in bind lists. Looked up in
 * helper processes, so that slow DNS never stops the daemon; what is known is kept over reloads and
 * failed look-ups are tried again, 1 s doubling to 60 s. */
#ifndef RUN_RESOLVE_H
#define RUN_RESOLVE_H

#include <stddef.h>
#include <stdio.h>

#include "base/sockaddr.h"
#include "config/service.h"

/* `changed` is called when the known addresses of a name have changed. */
void resolve_init(void (*changed)(void));

/* The known addresses of a name (port 0), owned by the table until the next call of any function
 * here. Returns how many; 0 when nothing is known (yet). */
size_t resolve_known(const char *host, const struct sockaddr_len **addrs);

/* The first name of a service of which no address is known; NULL when there is none. */
const char *resolve_missing(const struct service *service);

/* Says which names matter: between begin and end, want() names each (copied). At the end a look-up
 * starts for each, and the others are forgotten. */
void resolve_begin(void);
void resolve_want(const char *host);
void resolve_end(void);

/* From one daemon to the next (inetctl upgrade): records `name` with what is known. */
void resolve_put_all(FILE *out);
void resolve_get_all(void);

/* The machine has got or lost an address: tries failed names again at once, and looks at all
 * interfaces. */
void resolve_retry(void);

#endif
