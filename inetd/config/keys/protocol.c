/* protocol: see protocol.h. */
#include "config/keys/protocol.h"

#include <netinet/in.h>

#include "config/service.h"

const struct protocol protocol_table[] = {
	{"tcp", "tcp", IPPROTO_TCP, 0},
	{"tcp4", "tcp", IPPROTO_TCP, FAMILY_INET},
	{"tcp6", "tcp", IPPROTO_TCP, FAMILY_INET6},
	{"tcp6only", "tcp", IPPROTO_TCP, FAMILY_INET6},
	{"tcp46", "tcp", IPPROTO_TCP, FAMILY_DUAL},
	{"udp", "udp", IPPROTO_UDP, 0},
	{"udp4", "udp", IPPROTO_UDP, FAMILY_INET},
	{"udp6", "udp", IPPROTO_UDP, FAMILY_INET6},
	{"udp6only", "udp", IPPROTO_UDP, FAMILY_INET6},
	{"udp46", "udp", IPPROTO_UDP, FAMILY_DUAL},
	{"unix", "unix", 0, FAMILY_UNIX},
	{NULL, NULL, 0, 0},
};

const struct protocol *protocol_find_part(const char *text, size_t len)
{
	for (const struct protocol *row = protocol_table; row->name; row++)
		if (!strncmp(row->name, text, len) && !row->name[len])
			return row;
	return NULL;
}

const struct protocol *protocol_find(const char *name)
{
	return protocol_find_part(name, strlen(name));
}

bool protocol_has_type(const struct protocol *protocol, int socktype)
{
	switch (protocol->number) {
	case IPPROTO_TCP:
		return socktype == SOCK_STREAM;
	case IPPROTO_UDP:
		return socktype == SOCK_DGRAM;
	default:
		return socktype == SOCK_STREAM || socktype == SOCK_DGRAM ||
		       socktype == SOCK_SEQPACKET;
	}
}

const char *protocol_types(const struct protocol *protocol)
{
	switch (protocol->number) {
	case IPPROTO_TCP:
		return "stream";
	case IPPROTO_UDP:
		return "dgram";
	default:
		return "stream, dgram or seqpacket";
	}
}
