/* message: what daemon and inetd-rpc send each other, one struct a message of a SOCK_SEQPACKET
 * socket, with at most one descriptor. */
#ifndef RPC_MESSAGE_H
#define RPC_MESSAGE_H

#include <stdint.h>

/* Of these messages, and of the list: what a program of another version runs is not spoken to. */
#define RPC_VERSION 1

enum rpc_verb {
	RPC_LIST = 1, /* to the program, with a file that holds all that is to be registered: lines
			 of RPC_LINE */
	RPC_CONNECTION, /* to it, with a connection to rpcbind; or `error` says why there is none */
	RPC_CONNECT,    /* from it: it wants one */
	RPC_RESULT, /* from it, of the service `number`: it is registered, or `text` says why not */
};

#define RPC_TEXT 100

struct rpc_message {
	uint32_t verb;
	uint32_t number;
	int32_t error; /* errno */
	char text[RPC_TEXT];
};

/* A line of the list: the number of the service, program, first and last version, network
 * identifier ("udp6", netconfig(5)) and universal address ("::.3.4", RFC 5665). */
#define RPC_LINE  "%u %u %u %u %s %s\n"
#define RPC_NETID 8
#define RPC_UADDR 64

#endif
