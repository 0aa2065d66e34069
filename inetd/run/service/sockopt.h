/* sockopt: options put on a socket, or noted only: what would be put on it becomes one number, by
 * which is seen later whether it would be anything else. Who puts options on sockets does both by
 * the same code, so that none is forgotten. */
#ifndef RUN_SOCKOPT_H
#define RUN_SOCKOPT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct sockopt {
	int fd;        /* borrowed; -1: only noted */
	uint32_t note; /* of everything until now */
};

static inline struct sockopt sockopt_on(int fd)
{
	return (struct sockopt){.fd = fd, .note = 2166136261u};
}

static inline bool sockopt_only_notes(const struct sockopt *to)
{
	return to->fd < 0;
}

/* Notes something that is no option of setsockopt(2): its name, any number, and its value. */
void sockopt_note(struct sockopt *to, int name, const void *value, size_t len);

/* setsockopt(2): 0, or -1 with errno. */
int sockopt_set(struct sockopt *to, int level, int name, const void *value, socklen_t len);
int sockopt_set_int(struct sockopt *to, int level, int name, int value);

#endif
