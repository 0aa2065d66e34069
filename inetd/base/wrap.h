/* wrap: what inetd-wrap and the daemon have agreed on. */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

/* Exit status of `inetd-wrap -c` that lets a connection in. An uncommon one, because a command of
 * hosts.allow may end in the helper's place (twist), and that is a refusal. */
#define WRAP_ALLOWED 113

#endif
