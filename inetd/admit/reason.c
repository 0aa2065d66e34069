/* reason: see reason.h. */
#include "admit/reason.h"

#include <stddef.h>

/* Of several holds the first is shown. */
static const struct reason reasons[] = {
	{.hold = HOLD_DRAIN,
		.state = "draining",
		.held = "the daemon ends when the last program has ended (drain)"},
	{.hold = HOLD_DISABLED,
		.state = "disabled",
		.held = "disabled by hand; enable or a reload opens it"},
	{.hold = HOLD_LOCKED,
		.state = "locked",
		.held = "a process of its programs keeps its socket locked; stop ends that"},
	{.hold = HOLD_SOCKET, .state = "bind", .held = "its socket cannot be opened; will retry"},
	{.hold = HOLD_LENT, .state = "lent", .held = "a program has its socket"},
	{.hold = HOLD_WORKER,
		.state = "worker",
		.held = "the process of the built-in services is not ready"},
	{.hold = HOLD_CAGE,
		.state = "cage",
		.held = "what confines its programs is not prepared yet; will retry"},
	{.hold = HOLD_USER,
		.state = "user",
		.held = "its user is not known any more; will look again"},
	{.hold = HOLD_BACKOFF,
		.state = "backoff",
		.held = "its program cannot be started or leaves its input; will retry after a "
			"pause"},
	{.hold = HOLD_START | HOLD_SPLIT,
		.state = "starting",
		.held = "its last program has not been executed yet; further connections wait"},
	{.hold = HOLD_NEVER,
		.verdict = ADMIT_NEVER,
		.state = "never",
		.held = "its limits allow nothing",
		.key = "never",
		.refused = "its limits allow nothing"},
	{.hold = HOLD_FULL,
		.verdict = ADMIT_FULL,
		.state = "full",
		.held = "as many run as instances allows; further connections wait",
		.key = "instances",
		.refused = "as many run as instances allows",
		.raise = "'instances' or -c"},
	{.hold = HOLD_RATE,
		.verdict = ADMIT_RATE,
		.state = "rate",
		.held = "over its rate; further connections wait",
		.key = "rate",
		.refused = "the service is over its rate"},
	{.hold = HOLD_LOAD,
		.verdict = ADMIT_LOAD,
		.state = "load",
		.held = "the load of the machine is above max_load",
		.key = "max_load",
		.refused = "the load of the machine is above max_load"},
	{.hold = HOLD_TOTAL,
		.verdict = ADMIT_TOTAL,
		.state = "children",
		.held = "as many programs run as [inetd] allows (children)",
		.key = "children",
		.refused = "as many programs run as [inetd] allows (children)"},
	{.hold = HOLD_FDS,
		.state = "descriptors",
		.held = "the system is out of descriptors, buffers or processes"},
	{.verdict = ADMIT_SOURCE_FULL,
		.key = "per_source",
		.refused = "as many of its source run as per_source allows",
		.raise = "'per_source' or -s"},
	{.verdict = ADMIT_SOURCE_RATE,
		.key = "per_source_rate",
		.refused = "its source is over per_source_rate"},
	{.verdict = ADMIT_DENIED,
		.key = "access",
		.refused = "its address may not use the service"},
	{.verdict = ADMIT_TIMES,
		.key = "access_times",
		.refused = "the service may not be used at this time"},
	{.verdict = ADMIT_IGNORED,
		.key = "deny_time",
		.refused = "its source was refused too often"},
	{.verdict = ADMIT_NO_PROXY,
		.key = "proxy_others",
		.refused = "it does not come by a proxy of proxy_protocol"},
	{.verdict = ADMIT_HEADER,
		.key = "proxy_protocol",
		.refused = "too many connections of its proxy wait for their headers"},
	{.verdict = ADMIT_SHARE,
		.key = "descriptors",
		.refused = "its service and source have their share of the descriptors"},
	{.verdict = ADMIT_MEMORY, .key = "memory", .refused = "out of memory"},
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

const struct reason *reason_of_hold(unsigned holds)
{
	for (size_t i = 0; i < REASONS; i++)
		if (holds & reasons[i].hold)
			return &reasons[i];
	return NULL;
}

const struct reason *reason_of_verdict(enum verdict verdict)
{
	for (size_t i = 0; i < REASONS; i++)
		if (verdict != ADMIT_OK && reasons[i].verdict == verdict)
			return &reasons[i];
	return NULL;
}

const char *hold_name(unsigned holds)
{
	const struct reason *reason = reason_of_hold(holds);

	return reason ? reason->state : "ready";
}

const char *verdict_key(enum verdict verdict)
{
	const struct reason *reason = reason_of_verdict(verdict);

	return reason ? reason->key : "-";
}
