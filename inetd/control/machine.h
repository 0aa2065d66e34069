/* machine: what the kernel knows of this machine and of the daemon's process, read when it is asked
 * for. Changes nothing. */
#ifndef CONTROL_MACHINE_H
#define CONTROL_MACHINE_H

#include <stdint.h>
#include <stdio.h>

#include "base/record.h"

/* Connections to any program of this machine that were lost before accept(2), since machine_init().
 * proc_pid_net(5), TcpExt. */
struct machine_losses {
	uint64_t overflows; /* the queue was full */
	uint64_t drops;     /* for that or another reason */
};

/* Remembers what has been counted so far. Once, at the start. */
void machine_init(void);

/* What is remembered, as fields of a record; and from them, where they are there. */
void machine_put(FILE *out);
void machine_resume(const struct record *record);

struct machine_losses machine_losses(void);

/* The system's limit of accept queues. listen(2) */
uint64_t machine_somaxconn(void);

/* Of the daemon: seconds since machine_init(); open descriptors; kibibytes that no other process
 * shares. proc(5) */
uint64_t machine_uptime(void);
uint64_t machine_descriptors(void);
uint64_t machine_private_kib(void);

#endif
