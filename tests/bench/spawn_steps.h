/* spawn_steps: what a child can do before it executes a program, as a table, so that each step can
 * be timed by itself and by what the whole start costs with it and without it. */
#ifndef BENCH_SPAWN_STEPS_H
#define BENCH_SPAWN_STEPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds of the monotonic clock. */
uint64_t steps_now_ns(void);

/* How many steps there are, and what each is called. */
unsigned steps_count(void);
const char *steps_name(unsigned step);

/* Starts argv[0] the SPAWN_SHARE way with fd on 0, 1 and 2, after the steps whose bit is set in
 * `mask`, and stores the nanoseconds that each of them took in took_ns[step]. A step that needs
 * root fails without it, and costs what it costs. Returns the process id, or -1 with errno. */
pid_t steps_spawn(int fd, char *const argv[], uint32_t mask, uint64_t took_ns[]);

/* Times the system calls of the parent's side, `rounds` of each, and prints a row for each. */
void parent_calls_print(unsigned rounds, char *const argv[]);

/* The value that a part (0 to 1) of the numbers do not exceed. Sorts them. */
uint64_t steps_percentile(uint64_t values[], unsigned count, double fraction);

#endif
