/* check_limits: the limits of one service, as far as they depend on each other or on its kind. */
#include "config/check/check.h"
#include "config/check/key_rules.h"
#include "config/keys/key.h"

#define STREAM_MOST   16384 /* sessions of a built-in stream service */
#define STREAM_SOURCE 8192

struct limits conf_default_limits(void)
{
	const struct rate none = {LIMIT_NONE, 60000, LIMIT_NONE};

	return (struct limits){
		.instances = 256,
		.per_source = 128,
		.rate = none,
		.per_source_rate = none,
		.prefix4 = 32,
		.prefix6 = 64,
		.instances_default = true,
		.per_source_default = true,
	};
}

/* Built-in streams cost so little that their defaults are other ones. */
static void check_counts(struct check *check)
{
	const struct draft *draft = check->draft;
	struct limits *limits = &check->policy->limits;
	bool sessions = draft->internal && check->service->socktype == SOCK_STREAM;

	limits->instances_default &= !draft->set[KEY_INSTANCES];
	limits->per_source_default &= !draft->set[KEY_PER_SOURCE];
	if (limits->instances_default && sessions)
		limits->instances = STREAM_MOST;
	if (limits->per_source_default && sessions)
		limits->per_source = STREAM_SOURCE;
}

/* What the command line limits by source is no limit where that means nothing, as with [defaults].
 */
static void drop_meaningless(struct check *check)
{
	const struct draft *draft = check->draft;
	const struct limits none = conf_default_limits();
	struct limits *limits = &check->policy->limits;

	if (!draft->set[KEY_PER_SOURCE] && !key_rules_default(draft, KEY_PER_SOURCE)) {
		limits->per_source = none.per_source;
		limits->per_source_default = true;
	}
	if (!draft->set[KEY_PER_SOURCE_RATE] && !key_rules_default(draft, KEY_PER_SOURCE_RATE))
		limits->per_source_rate = none.per_source_rate;
}

/* Who reads a socket by himself, or takes what comes without a connection, waits for no name. */
static void check_names(struct check *check)
{
	const struct service *service = check->service;
	const struct access *access = &check->policy->access;
	enum key_id id = access->only_from.names ? KEY_ONLY_FROM : KEY_NO_ACCESS;

	if ((!access->only_from.names && !access->no_access.names) ||
		(!service->wait && service->socktype != SOCK_DGRAM))
		return;
	CHECK_ERROR(check, id,
		"%s: names of hosts are looked up for connections that inetd accepts, not for "
		"datagrams or with wait: write addresses and networks",
		key_table[id].name);
}

/* A program with wait accepts by itself: what the kernel does not keep out reaches it. */
static void check_filtered(struct check *check)
{
	const struct access *access = &check->policy->access;

	bool vsock = check->draft->places & PLACE_VSOCK;

	if ((vsock || check->service->ip_protocol == IPPROTO_MPTCP) && check->service->wait &&
		(access->only_from.count || access->no_access.count))
		CHECK_ERROR(check, KEY_ONLY_FROM,
			"only_from, no_access: the kernel does not filter %s, and with wait the "
			"program itself accepts: set wait = no",
			vsock ? "vsock" : "mptcp");
}

void check_limits(struct check *check)
{
	check_filtered(check);
	const struct draft *draft = check->draft;
	struct limits *limits = &check->policy->limits;

	drop_meaningless(check);
	check_names(check);
	check_counts(check);
	if (draft->set[KEY_RATE] && !draft->set[KEY_BURST])
		limits->rate.burst = limits->rate.count;
	if (draft->set[KEY_PER_SOURCE_RATE] && !draft->set[KEY_PER_SOURCE_BURST])
		limits->per_source_rate.burst = limits->per_source_rate.count;
	if (limits->instances == 0)
		diag_add(check->load->diag, DIAG_NOTE, draft_where(draft, KEY_INSTANCES),
			"a limit of 0 at once allows no program, so that no connection is served, "
			"as on NetBSD");
	if (!check->policy->reply_rate)
		CHECK_ERROR(check, KEY_REPLY_RATE,
			"reply_rate: with none no request is answered: use disable = yes");
}
