/* daemon_state: everything that one daemon leaves for the next (base/handover.h), in order. */
#ifndef CONTROL_DAEMON_STATE_H
#define CONTROL_DAEMON_STATE_H

#include <stdbool.h>
#include <sys/resource.h>

#include "config/conf.h"

/* Writes it. Returns its descriptor, the caller's; -1 with errno. */
int daemon_state_write(void);

/* Reads it from a descriptor (consumed); with _check each of its lines is looked at. Returns NULL,
 * or why that cannot be. */
const char *daemon_state_read(int fd);
const char *daemon_state_check(int fd);

/* What the daemon takes from it when it starts: its limit of descriptors before it was raised, for
 * programs; the pid file's lock (-1: there is none of that path); the control socket is
 * control_resume()'s. */
void daemon_state_nofile(struct rlimit *nofile);
int daemon_state_pid_file(const char *path);

/* Before and after `config` is applied. Without `serves_all` (upgrade.h) the sockets that it has no
 * service for are kept until one comes back, or a reload finds no error. */
void daemon_state_begin(void);
void daemon_state_finish(const struct config *config, bool serves_all);

/* True if it names a service of that label; for the trial. */
bool daemon_state_each_label(bool (*each)(const char *label, void *arg), void *arg);

#endif
