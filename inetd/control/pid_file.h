/* pid_file: the file with our process number, locked (flock(2)) as long as we run, so that there is
 * one daemon of it. The lock goes over to another program that takes our place (inetctl upgrade):
 * no other daemon can come between. */
#ifndef CONTROL_PID_FILE_H
#define CONTROL_PID_FILE_H

#include <stdio.h>
#include <sys/types.h>

#include "base/record.h"

/* Opens and locks it and writes our number; waits so long for another daemon to end that has it, as
 * after `kill PID; inetd`. Returns 0; -1 with errno: EEXIST and *other when it still has it then;
 * ENOTUNIQ for a file that holds something else than a number, which is left as it is; EXDEV for
 * one that another can replace, or make us wait for, or that is no regular file of ours. */
int pid_file_open(const char *path, unsigned wait_ms, pid_t *other);

/* Whose number it held, though that one had it locked no more: it has not stopped in order. 0: it
 * was not there, or empty. */
pid_t pid_file_stale(void);

/* Removes it, if it is still the one that was opened. */
void pid_file_remove(void);

/* The fields of a record: the lock; and from them in place of pid_file_open(). -1: there is none of
 * that path. */
void pid_file_put(FILE *out);
int pid_file_resume(const struct record *record, const char *path);

#endif
