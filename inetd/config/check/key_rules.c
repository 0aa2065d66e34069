/* key_rules: see key_rules.h. */
#include "config/check/key_rules.h"

#include "config/keys/key.h"
#include "config/keys/protocol.h"

#define NO_PROGRAM  "a built-in service runs no program"
#define NO_SOCKET   "what tcpmux passes on has no socket of its own"
#define NO_CONNECT  "only connections can be told something, and only before a program has them"
#define NO_PATH     "is for the path of a unix socket"
#define NO_NETWORK  "is for peers with an address, not for unix sockets"
#define NO_FAMILY   "does nothing: the protocol has no peers of that family"
#define LENT        "with wait, the program itself accepts: nobody else sees the peer"
#define NO_SOURCE   "a unix datagram names no source that could be limited"
#define NO_EFFECT   "does nothing with wait: the program itself accepts"
#define NO_SESSION  "built-in datagram services have no sessions; reply_rate limits them"
#define LENT_STREAM (TRAIT_STREAM | TRAIT_WAIT)
#define LENT_DGRAM  (TRAIT_PROGRAM | TRAIT_DGRAM)
#define LOCAL_DGRAM (TRAIT_LOCAL | TRAIT_DGRAM)
#define ANSWERS     (TRAIT_BUILTIN | TRAIT_DGRAM)
#define PEERS       (TRAIT_INET | TRAIT_MUX)

#define RULE(key, any, not_all, why)                                                               \
	{                                                                                          \
		KEY_##key, any, not_all, DIAG_ERROR, why                                           \
	}
#define DOUBTFUL(key, any, not_all, why)                                                           \
	{                                                                                          \
		KEY_##key, any, not_all, DIAG_WARNING, why                                         \
	}

/* Limits that FreeBSD's wait field has may stand in lines of any kind: warnings. */
#define BY_SOURCE(key)                                                                             \
	RULE(key, 0, LOCAL_DGRAM, NO_SOURCE), DOUBTFUL(key, 0, LENT_STREAM, NO_EFFECT),            \
		DOUBTFUL(key, 0, LENT_DGRAM, NO_EFFECT), DOUBTFUL(key, 0, ANSWERS, NO_SESSION)

#define BY_ADDRESS(key) RULE(key, PEERS, 0, NO_NETWORK), RULE(key, 0, LENT_STREAM, LENT)

#define TEXT(key) RULE(key, TRAIT_STREAM, 0, NO_CONNECT), RULE(key, 0, LENT_STREAM, NO_CONNECT)

const struct key_rule key_rules[] = {
	RULE(BIND, TRAIT_INET | TRAIT_MUX, 0, NO_NETWORK),
	RULE(SERVER_ARGS, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(ARGV0, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(WRAPPER, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(ACTIVATION, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(ACTIVATION, TRAIT_WAIT, 0, "systemd is for wait: without it no socket is lent"),
	BY_SOURCE(PER_SOURCE),
	BY_SOURCE(PER_SOURCE_RATE),
	BY_SOURCE(PER_SOURCE_BURST),
	RULE(PREFIX4, PEERS, 0, NO_NETWORK),
	DOUBTFUL(PREFIX4, TRAIT_FOUR, 0, NO_FAMILY),
	RULE(PREFIX6, PEERS, 0, NO_NETWORK),
	DOUBTFUL(PREFIX6, TRAIT_SIX, 0, NO_FAMILY),
	BY_ADDRESS(EXEMPT),
	RULE(OVERLOAD, TRAIT_STREAM, 0, "only connections can be refused"),
	RULE(OVERLOAD, 0, LENT_STREAM, LENT),
	TEXT(BUSY_MESSAGE),
	RULE(MAX_TIME, 0, ANSWERS, NO_SESSION),
	RULE(KILL_AFTER, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(MAX_LOAD, 0, ANSWERS, NO_SESSION),
	BY_ADDRESS(ONLY_FROM),
	BY_ADDRESS(NO_ACCESS),
	RULE(DENY_TIME, 0, LOCAL_DGRAM, NO_SOURCE),
	RULE(DENY_TIME, 0, LENT_STREAM, LENT),
	RULE(DENY_TIME, 0, ANSWERS, NO_SESSION),
	RULE(DENY_AFTER, 0, LOCAL_DGRAM, NO_SOURCE),
	RULE(DENY_AFTER, 0, LENT_STREAM, LENT),
	RULE(DENY_AFTER, 0, ANSWERS, NO_SESSION),
	RULE(ENV, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(PASSENV, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(CLEAN_ENV, TRAIT_PROGRAM, 0, NO_PROGRAM),
	RULE(STDERR, TRAIT_PROGRAM, 0, NO_PROGRAM),
	TEXT(BANNER),
	TEXT(BANNER_FAIL),
	RULE(SNDBUF, 0, TRAIT_MUX, NO_SOCKET),
	RULE(RCVBUF, 0, TRAIT_MUX, NO_SOCKET),
	RULE(BACKLOG, 0, TRAIT_MUX, NO_SOCKET),
	RULE(BACKLOG, TRAIT_STREAM, 0, "datagrams do not queue as connections do; see rcvbuf"),
	RULE(DEFER_ACCEPT, 0, TRAIT_MUX, NO_SOCKET),
	RULE(DEFER_ACCEPT, TRAIT_TCP, 0, "accept filters are for tcp"),
	RULE(SOCKET_MODE, TRAIT_PATH, 0, NO_PATH),
	RULE(SOCKET_USER, TRAIT_PATH, 0, NO_PATH),
	RULE(SOCKET_GROUP, TRAIT_PATH, 0, NO_PATH),
	RULE(IDLE_TIME, TRAIT_BUILTIN, 0, "is for built-in services"),
	RULE(IDLE_TIME, TRAIT_STREAM, 0, "is for sessions of streams"),
	RULE(REPLY_RATE, TRAIT_BUILTIN, 0, "is for built-in services"),
	RULE(REPLY_RATE, TRAIT_DGRAM, 0, "is for answers to datagrams"),
	RULE(REPLY_BURST, TRAIT_BUILTIN, 0, "is for built-in services"),
	RULE(REPLY_BURST, TRAIT_DGRAM, 0, "is for answers to datagrams"),
	{0, 0, 0, 0, NULL},
};

/* A key that changes only how another one works. */
static const struct {
	enum key_id id, needs;
} helpers[] = {
	{KEY_BURST, KEY_RATE},
	{KEY_PER_SOURCE_BURST, KEY_PER_SOURCE_RATE},
	{KEY_KILL_AFTER, KEY_MAX_TIME},
	{KEY_DENY_AFTER, KEY_DENY_TIME},
};

unsigned key_rules_families(const struct protocol *protocol, bool mux)
{
	unsigned families = protocol && !mux ? protocol->families : 0, traits = 0;

	if (!families || families & (FAMILY_INET | FAMILY_DUAL))
		traits |= TRAIT_FOUR;
	if (!families || families & (FAMILY_INET6 | FAMILY_DUAL))
		traits |= TRAIT_SIX;
	return traits;
}

static unsigned traits_of(const struct draft *draft)
{
	unsigned traits = draft->internal ? TRAIT_BUILTIN : TRAIT_PROGRAM;
	bool dgram = draft->socktype == SOCK_DGRAM;

	traits |= dgram ? TRAIT_DGRAM : TRAIT_STREAM;
	if (dgram || (draft->wait && !draft->internal))
		traits |= TRAIT_WAIT;
	if (draft->places & PLACE_INET)
		traits |= TRAIT_INET;
	if (draft->places & PLACE_PATH)
		traits |= TRAIT_PATH;
	if (!(draft->places & (PLACE_INET | PLACE_MUX)))
		traits |= TRAIT_LOCAL;
	if (draft->places & PLACE_MUX)
		traits |= TRAIT_MUX;
	if (draft->protocol && !strcmp(draft->protocol->base, "tcp"))
		traits |= TRAIT_TCP;
	return traits | key_rules_families(draft->protocol, draft->places & PLACE_MUX);
}

static bool rule_holds(const struct key_rule *rule, unsigned traits)
{
	return (!rule->any || traits & rule->any) &&
	       (!rule->not_all || (traits & rule->not_all) != rule->not_all);
}

/* False for a value that says what holds anyway. */
static bool asks_for_something(const struct draft *draft, enum key_id id)
{
	switch (id) {
	case KEY_ACTIVATION:
		return draft->activation != ACTIVATION_INETD;
	case KEY_OVERLOAD:
		return draft->overload != OVERLOAD_QUEUE;
	case KEY_DEFER_ACCEPT:
		return draft->defer_accept;
	case KEY_BIND:
		return strcmp(draft->bind, "*") != 0;
	default:
		return true;
	}
}

const struct key_rule *key_rules_against(unsigned traits, enum key_id id)
{
	for (const struct key_rule *rule = key_rules; rule->why; rule++)
		if (rule->id == id && !rule_holds(rule, traits))
			return rule;
	return NULL;
}

bool key_rules_default(const struct draft *draft, enum key_id id)
{
	unsigned traits = traits_of(draft);

	if (id == KEY_BIND && !draft_needs_bind(draft))
		return false;
	return !key_rules_against(traits, id);
}

/* A limit without what it is a limit of: -R may have given that. */
static bool is_needed(const struct check *check, enum key_id id)
{
	const struct limits *limits = &check->service->limits;

	return (id == KEY_BURST && limits->rate.count != LIMIT_NONE) ||
	       (id == KEY_PER_SOURCE_BURST && limits->per_source_rate.count != LIMIT_NONE);
}

void check_key_rules(struct check *check)
{
	const struct draft *draft = check->draft;
	unsigned traits = traits_of(draft);

	if (!draft->inferred || !draft->places)
		return;
	for (const struct key_rule *rule = key_rules; rule->why; rule++) {
		if (!draft->set[rule->id] || rule_holds(rule, traits) ||
			!asks_for_something(draft, rule->id))
			continue;
		diag_add(check->load->diag, rule->severity, draft_where(draft, rule->id), "%s: %s",
			key_table[rule->id].name, rule->why);
		check->draft->failed |= rule->severity == DIAG_ERROR;
		while (rule[1].why && rule[1].id == rule->id) /* one reason is enough */
			rule++;
	}
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (draft->set[helpers[i].id] && !draft->set[helpers[i].needs] &&
			!draft->by_default[helpers[i].id] && !is_needed(check, helpers[i].id))
			CHECK_WARNING(check, helpers[i].id, "%s: does nothing without %s",
				key_table[helpers[i].id].name, key_table[helpers[i].needs].name);
}
