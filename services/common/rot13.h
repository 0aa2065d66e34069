/* rot13: the handler of the service of that name, which `prefork` has built in as well. */
#ifndef SERVICES_COMMON_ROT13_H
#define SERVICES_COMMON_ROT13_H

/* Sends what comes from `in` to `out`, its letters turned by 13, until the end of input. Returns 0,
 * also when the peer has gone or does nothing for io_limit_ms (io.h); -1 with errno. */
int rot13_serve(int in, int out);

#endif
