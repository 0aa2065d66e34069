/* program_limit: the time that a program has (max_time), and the time that one that is told to end
 * has for that (kill_after). */
#ifndef RUN_PROGRAM_LIMIT_H
#define RUN_PROGRAM_LIMIT_H

#include "run/program/program.h"

/* max_time begins. */
void program_limit_start(struct program *program);

/* Tells its process group to end, now; KILL after kill_after. */
void program_limit_stop(struct program *program);

/* Goes on with a timer that another daemon had started; `kills`: it was told to end already. And
 * that. */
void program_limit_resume(struct program *program, uint64_t at_ms, bool kills);
bool program_limit_kills(const struct program *program);

#endif
