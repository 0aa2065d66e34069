/* protocol: see protocol.h. */
#include "config/keys/protocol.h"

#include <netinet/in.h>

#include "config/service.h"

const struct protocol protocol_table[] = {
	{"tcp", "tcp", "tcp", IPPROTO_TCP, 0},
	{"tcp4", "tcp", "tcp", IPPROTO_TCP, FAMILY_INET},
	{"tcp6", "tcp", "tcp", IPPROTO_TCP, FAMILY_INET6},
	{"tcp6only", "tcp", "tcp", IPPROTO_TCP, FAMILY_INET6},
	{"tcp46", "tcp", "tcp", IPPROTO_TCP, FAMILY_DUAL},
	{"udp", "udp", "udp", IPPROTO_UDP, 0},
	{"udp4", "udp", "udp", IPPROTO_UDP, FAMILY_INET},
	{"udp6", "udp", "udp", IPPROTO_UDP, FAMILY_INET6},
	{"udp6only", "udp", "udp", IPPROTO_UDP, FAMILY_INET6},
	{"udp46", "udp", "udp", IPPROTO_UDP, FAMILY_DUAL},
	{"unix", "unix", "tcp", 0, FAMILY_UNIX},
	{"mptcp", "mptcp", "tcp", IPPROTO_MPTCP, 0},
	{"mptcp4", "mptcp", "tcp", IPPROTO_MPTCP, FAMILY_INET},
	{"mptcp6", "mptcp", "tcp", IPPROTO_MPTCP, FAMILY_INET6},
	{"mptcp46", "mptcp", "tcp", IPPROTO_MPTCP, FAMILY_DUAL},
	{"sctp", "sctp", "sctp", IPPROTO_SCTP, 0},
	{"sctp4", "sctp", "sctp", IPPROTO_SCTP, FAMILY_INET},
	{"sctp6", "sctp", "sctp", IPPROTO_SCTP, FAMILY_INET6},
	{"sctp46", "sctp", "sctp", IPPROTO_SCTP, FAMILY_DUAL},
	{"udplite", "udplite", "udp", IPPROTO_UDPLITE, 0},
	{"udplite4", "udplite", "udp", IPPROTO_UDPLITE, FAMILY_INET},
	{"udplite6", "udplite", "udp", IPPROTO_UDPLITE, FAMILY_INET6},
	{"udplite46", "udplite", "udp", IPPROTO_UDPLITE, FAMILY_DUAL},
	{"vsock", "vsock", "tcp", 0, FAMILY_VSOCK},
	{NULL, NULL, NULL, 0, 0},
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
	case IPPROTO_MPTCP:
	case IPPROTO_SCTP:
		return socktype == SOCK_STREAM;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return socktype == SOCK_DGRAM;
	default:
		return socktype == SOCK_STREAM || socktype == SOCK_SEQPACKET ||
		       (socktype == SOCK_DGRAM && protocol->families == FAMILY_UNIX);
	}
}

const char *protocol_types(const struct protocol *protocol)
{
	if (protocol->families == FAMILY_UNIX)
		return "stream, dgram or seqpacket";
	if (protocol->families == FAMILY_VSOCK)
		return "stream or seqpacket";
	return protocol_has_type(protocol, SOCK_STREAM) ? "stream" : "dgram";
}
