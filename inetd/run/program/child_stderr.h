/* errors: where the standard error of a program goes (the key stderr). */
#ifndef RUN_ERRORS_H
#define RUN_ERRORS_H

#include "run/program/stderr_log.h"
#include "run/service/service_state.h"

/* What a program gets as descriptor 2. */
struct errors {
	int fd;             /* -1: the connection */
	bool own;           /* made for this program, the caller's to close; else shared */
	struct errlog *log; /* NULL unless it is read by us; goes by itself */
};

/* Opens what is shared. For the start; the log says if that fails. */
void errors_open(void);
void errors_close(void);

/* The standard error of a program of this service, called by `peer`. Returns 0; what cannot be had
 * is logged, limited, and replaced by /dev/null. -1 with errno if that is not there either. */
int errors_for(struct gate *gate, const struct sockaddr_len *peer, struct errors *errors);

#endif
