/* stderr_link: how inetd-stderr tells the daemon what it has read (stderr_keeper.h). Under the lock
 * of its threads (stderr_pool.h), which is let go while there is no room. */
#ifndef RUN_STDERR_LINK_H
#define RUN_STDERR_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "run/program/stderr_keeper.h"

/* Sends that, with answer->text of `len` bytes; or without any. Nothing, when the daemon has gone.
 */
void stderr_link_send(struct stderr_answer *answer, uint32_t verb, uint64_t inode, size_t len);
void stderr_link_tell(uint32_t verb, uint64_t inode);

/* The daemon has gone. */
void stderr_link_close(void);

#endif
