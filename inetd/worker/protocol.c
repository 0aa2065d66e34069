/* protocol: see protocol.h. */
#include "worker/protocol.h"

static const struct protocol *const protocols[BUILTIN_COUNT] = {
	[BUILTIN_ECHO] = &echo_protocol,
	[BUILTIN_DISCARD] = &discard_protocol,
	[BUILTIN_CHARGEN] = &chargen_protocol,
	[BUILTIN_DAYTIME] = &daytime_protocol,
	[BUILTIN_TIME] = &time_protocol,
	[BUILTIN_TCPMUX] = &tcpmux_protocol,
};

const struct protocol *protocol_of(enum builtin builtin)
{
	return (unsigned)builtin < BUILTIN_COUNT ? protocols[builtin] : NULL;
}
