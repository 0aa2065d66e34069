/* socket_extras: options of sockets that few services set. Immutable once loaded, owned by the
 * arena of its configuration. A service that sets none has none. */
#ifndef CONFIG_SOCKET_EXTRAS_H
#define CONFIG_SOCKET_EXTRAS_H

#include <stdbool.h>
#include <stdint.h>

#define SOCKET_NO_NUMBER UINT32_MAX /* what no key has set, where 0 is a value */

/* Times are milliseconds; 0: not set. */
struct socket_extras {
	bool keepalive, nodelay, reuse_port, freebind, transparent, pass_credentials, timestamps;
	bool unlink_on_exit; /* a unix path goes with its socket */
	uint32_t keepalive_time_ms, keepalive_interval_ms, keepalive_probes;
	uint32_t linger_ms, user_timeout_ms;
	uint32_t tos, mark, priority;              /* or SOCKET_NO_NUMBER */
	uint32_t ttl, fastopen, max_seg, dir_mode; /* 0: not set */
	const char *bind_device, *congestion;      /* NULL: not set */
};

/* Those of a service that sets none. */
extern const struct socket_extras socket_extras_none;

#endif
