/* filter_program: the program of the kernel's filter language (seccomp(2)) that answers system
 * calls. Each start of a program compiles it anew, so it is as short as can be: numbers with the
 * same answer are one range, and ranges are searched by halves. It has only instructions by which
 * the kernel sees that a call is always allowed; for those it does not run the filter at all. */
#ifndef RUN_FILTER_PROGRAM_H
#define RUN_FILTER_PROGRAM_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* What an argument has to be. */
struct filter_condition {
	unsigned arg;  /* 0 is the first; its lower 32 bits are looked at */
	uint32_t mask; /* the bits of it that count */
	const uint32_t *values;
	unsigned count;
	uint32_t otherwise;                  /* the answer where they are none of the values */
	const struct filter_condition *also; /* asked next where it is met; NULL: none */
};

struct filter_rule {
	uint32_t call;                            /* its number */
	uint32_t answer;                          /* SECCOMP_RET_... */
	const struct filter_condition *condition; /* NULL: whatever its arguments are */
};

/* Makes the program for the machine `arch` (AUDIT_ARCH_...): `otherwise` is the answer for numbers
 * without a rule. Sorts the rules, of which no two are about the same call. Calls in the manner of
 * another machine are answered with EPERM. Returns 0 and the program, malloc'ed, the caller's; -1
 * with errno ENOMEM, or E2BIG: it is longer than the kernel takes. */
int filter_program_make(struct filter_rule *rules, size_t count, uint32_t otherwise, uint32_t arch,
	struct sock_fprog *program);

#endif
