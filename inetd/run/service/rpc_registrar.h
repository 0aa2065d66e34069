/* rpc_registrar: the process inetd-rpc, which tells rpcbind(8) the ports of RPC services: it runs
 * while there are any, and is started again when it is lost. It gets a new list whenever something
 * has changed. The daemon connects to rpcbind for it, as rpcbind goes by whose connection it is
 * (SO_PEERCRED); nothing is ever read from that here. */
#ifndef RUN_RPC_REGISTRAR_H
#define RUN_RPC_REGISTRAR_H

#include <stdio.h>

/* Whether this build has the process: libtirpc was there. */
#ifdef HAVE_LIBTIRPC
#define RPC_BUILT_IN true
#else
#define RPC_BUILT_IN false
#endif

/* Where the program is (borrowed); NULL: this build has none, and every RPC service is told so. */
void rpc_registrar_init(const char *path);

/* For rpc_service_changed: soon, all changes of a moment together. */
void rpc_registrar_changed(void);

/* Has everything taken away that is registered, and waits for that: a second at most. The end of
 * the daemon. */
void rpc_registrar_stop(void);

/* For an upgrade: writes the process down, and takes it over, so that nothing is registered anew.
 */
void rpc_registrar_put(FILE *out);
void rpc_registrar_resume(void);

#endif
