/* handover: what the daemon leaves for the program that takes its place (inetctl upgrade): records
 * (base/record.h) in a file that is memory, and descriptors that stay open over execve(2).
 *
 * The first record is `inetd-state version#1 release=...`. A reader passes over records and fields
 * that it does not know, and has a default for each that is missing: so a release reads what the
 * next one writes, and what the one before wrote. Only what cannot be understood in this way raises
 * the version, and a version that is not known is refused. Times are those of the monotonic clock.
 * One is written, and one is read, at a time. */
#ifndef BASE_HANDOVER_H
#define BASE_HANDOVER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/record.h"
#include "base/sockaddr.h"

#define HANDOVER_VERSION 1

/* Begins one, with its first record. NULL with errno (memfd_create(2)). */
FILE *handover_begin(void);

/* Fields of the record that is being written: a descriptor, which will stay open (-1 is left out);
 * bytes, as hexadecimal digits; an address (one of length 0 is left out). */
void handover_put_fd(FILE *out, const char *name, int fd);
void handover_put_bytes(FILE *out, const char *name, const void *bytes, size_t len);
void handover_put_address(FILE *out, const char *name, const struct sockaddr_len *addr);

/* Ends it and consumes `out`. Returns its descriptor (close-on-exec, the caller's), or -1 with
 * errno. */
int handover_end(FILE *out);

/* Whether what was put stays open when another program is executed; and the file `state`. Forgets
 * the list with `pass` off. Returns 0, or -1 with errno: not all of them do. */
int handover_pass(int state, bool pass);

/* Reads one (fd stays the caller's): into memory. Returns NULL, or why not, as a text (static, or
 * until the next call). */
const char *handover_read(int fd);

/* Whether every line is a record: NULL, or why not. */
const char *handover_check(void);

/* Calls `each` for every record of a type, in the order of writing; the record is valid during the
 * call, in which no other may be asked for. */
void handover_each(const char *type, void (*each)(const struct record *record));

/* The fields again. handover_take_fd(): a descriptor of 3 or above that is open and was not taken
 * yet, close-on-exec from now on, the caller's; -1: none. handover_get_bytes(): the number of bytes
 * if it is at most `size`, else 0. */
int handover_take_fd(const struct record *record, const char *name);
size_t handover_get_bytes(const struct record *record, const char *name, void *bytes, size_t size);
bool handover_get_address(const struct record *record, const char *name, struct sockaddr_len *addr);

/* Forgets what was read. */
void handover_forget(void);

#endif
