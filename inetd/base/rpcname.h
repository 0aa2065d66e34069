/* rpcname: the numbers of RPC programs by their names in rpc(5). */
#ifndef BASE_RPCNAME_H
#define BASE_RPCNAME_H

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

/* getrpcbyname(3). False for a name that is not known, and where libc has no such call (musl):
 * there a program has a number only. */
static inline bool rpcname_number(const char *name, uint32_t *number)
{
#ifdef __GLIBC__
	const struct rpcent *program = getrpcbyname(name);

	*number = program ? (uint32_t)program->r_number : 0;
	return program;
#else
	(void)name;
	*number = 0;
	return false;
#endif
}

#endif
