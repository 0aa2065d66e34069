/* rpcname: the numbers of RPC programs by their names in rpc(5). */
#ifndef BASE_RPCNAME_H
#define BASE_RPCNAME_H

#include <stdbool.h>
#include <stdint.h>

/* getrpcbyname(3), which asks whatever nsswitch.conf(5) names; where libc has no such call (musl),
 * rpcname_in_file() of /etc/rpc. False, and 0, for a name that is not known. */
bool rpcname_number(const char *name, uint32_t *number);

/* The same by a file in the format of rpc(5): the name is one of a program's, or of its aliases.
 * Lines without a number are passed over. False, and 0, where the file cannot be read too. */
bool rpcname_in_file(const char *path, const char *name, uint32_t *number);

#endif
