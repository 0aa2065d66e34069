/* saved_program: the programs that run, the sockets that they were lent, and their standard errors
 * that are logged, from one daemon to the next: they stay its children. */
#ifndef RUN_SAVED_PROGRAM_H
#define RUN_SAVED_PROGRAM_H

#include <stdio.h>

/* Records `program`, each followed by its `lent`; then `stderr`. */
void saved_program_put_all(FILE *out);

/* After the states of services (saved_service.h). Returns 0, or -1 without memory: then some are
 * not known any more. */
int saved_program_get_all(void);

#endif
