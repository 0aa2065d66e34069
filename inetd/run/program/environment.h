/* environment: the variables that a program of a service finds. Built into a spawn room: strings of
 * the configuration and of the daemon are pointed to, what is of this connection is written into
 * the room; nothing is allocated. */
#ifndef RUN_ENVIRONMENT_H
#define RUN_ENVIRONMENT_H

#include "config/service.h"
#include "run/process/spawn.h"
#include "run/program/plan.h"

/* Remembers the daemon's own environment (borrowed for ever; NULL, as clearenv(3) leaves it: an
 * empty one). */
void environment_init(char *const *environment);

/* Fills room->envp. Where two say the same name, the first of these wins: the connection (and
 * LISTEN_... of a lent socket), env, passenv, then what every program has, or without clean_env the
 * daemon's. Sets room->plan.pid_text where LISTEN_PID has to be written. What does not fit sets
 * room->overflow. */
void environment_build(
	const struct service *service, const struct conn *conn, struct spawn_room *room);

/* Adds one more; what does not fit sets room->overflow. */
void environment_add(struct spawn_room *room, const char *name, const char *value);

#endif
