/* admit: see admit.h. */
#include "admit/admit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/patience.h"

/* Idle sources looked at per change: more than one, so that the table shrinks faster than it
 * grows. */
#define EXPIRE_STEP 2

/* Of a service that has refused nobody: most of them. Never written to. */
static uint64_t none_refused[ADMIT_VERDICTS];

void admit_init(struct admit *admit, const struct limits *limits, uint64_t now_ms)
{
	*admit = (struct admit){.limits = limits, .stats.refused = none_refused};
	bucket_init(&admit->bucket, &limits->rate, now_ms);
}

void admit_close(struct admit *admit)
{
	if (admit->sources)
		clients_free(admit->sources);
	free(admit->sources);
	admit->sources = NULL;
	deny_free(&admit->deny);
	if (admit->stats.refused != none_refused)
		free(admit->stats.refused);
	admit->stats.refused = none_refused;
}

static bool rate_equal(const struct rate *a, const struct rate *b)
{
	return a->count == b->count && a->period_ms == b->period_ms && a->burst == b->burst;
}

void admit_update(struct admit *admit, const struct limits *limits, uint64_t now_ms)
{
	const struct limits *old = admit->limits;

	if (!rate_equal(&old->rate, &limits->rate))
		bucket_rescale(&admit->bucket, &old->rate, &limits->rate, now_ms);
	if (admit->sources && !rate_equal(&old->per_source_rate, &limits->per_source_rate))
		clients_rescale(
			admit->sources, &old->per_source_rate, &limits->per_source_rate, now_ms);
	admit->limits = limits;
}

/* True if the limits of one source let nobody in; an exempt network is not limited. */
static bool allows_no_source(const struct admit *admit)
{
	const struct limits *limits = admit->limits;

	return (!limits->per_source || !limits->per_source_rate.count) &&
	       !(admit->access && admit->access->exempt.count);
}

enum verdict admit_ready(struct admit *admit, uint64_t now_ms, uint64_t *wait_ms)
{
	const struct limits *limits = admit->limits;

	*wait_ms = 0;
	if (!limits->instances || !limits->rate.count || allows_no_source(admit))
		return ADMIT_NEVER;
	if (admit->stats.running >= limits->instances)
		return ADMIT_FULL;
	*wait_ms = bucket_wait_ms(&admit->bucket, &limits->rate, now_ms);
	return *wait_ms ? ADMIT_RATE : ADMIT_OK;
}

void admit_set_access(struct admit *admit, const struct access *access)
{
	admit->access = access;
	if (!access || !access->deny_ms)
		deny_free(&admit->deny);
}

/* Marks the key of an exempt peer, so that it takes nothing from others of its prefix. */
#define KEY_EXEMPT_BIT 0x80

/* What is known of an arrival's source. */
struct who {
	struct client_key key; /* where there is a peer */
	bool limited;          /* by the limits of one source, and by deny_time */
};

static struct who who_of(const struct admit *admit, const struct arrival *arrival)
{
	const struct access *access = admit->access;
	struct who who = {.limited = false};

	if (!arrival->peer)
		return who;
	who.key = client_key_of(
		arrival->peer, arrival->uid, admit->limits->prefix4, admit->limits->prefix6);
	who.limited = !access || networks_match(&access->exempt, arrival->peer) < 0;
	if (!who.limited)
		who.key.bytes[0] |= KEY_EXEMPT_BIT;
	return who;
}

static struct deny_rule rule_of(const struct admit *admit)
{
	const struct access *access = admit->access;

	return access ? (struct deny_rule){access->deny_ms, access->deny_after}
		      : (struct deny_rule){0};
}

bool admit_exempts(const struct admit *admit, const struct arrival *arrival)
{
	return arrival->peer && !who_of(admit, arrival).limited;
}

bool admit_ignores(const struct admit *admit, const struct arrival *arrival)
{
	struct who who = who_of(admit, arrival);
	struct deny_rule rule = rule_of(admit);

	return who.limited && deny_holds(&admit->deny, &rule, &who.key, arrival->now_ms);
}

static enum networks_verdict judge(const struct access *access, const struct arrival *arrival)
{
	return networks_judge(&access->only_from, &access->no_access, arrival->peer, arrival->name);
}

bool admit_needs_name(const struct admit *admit, const struct arrival *arrival)
{
	return admit->access && arrival->peer && judge(admit->access, arrival) == NETWORKS_ASK;
}

/* What does not depend on what runs. */
static enum verdict check_access(
	const struct admit *admit, const struct who *who, const struct arrival *arrival)
{
	const struct access *access = admit->access;
	struct deny_rule rule = rule_of(admit);

	if (!access)
		return ADMIT_OK;
	if (who->limited && deny_holds(&admit->deny, &rule, &who->key, arrival->now_ms))
		return ADMIT_IGNORED;
	if (arrival->peer && judge(access, arrival) == NETWORKS_OUT)
		return ADMIT_DENIED;
	if (access->times.count && !week_contains(&access->times, arrival->week_minute))
		return ADMIT_TIMES;
	return ADMIT_OK;
}

void admit_refused(struct admit *admit, enum verdict verdict)
{
	admit_refused_elsewhere(admit, verdict, 1);
}

void admit_refused_elsewhere(struct admit *admit, enum verdict verdict, uint64_t count)
{
	uint64_t *refused = admit->stats.refused;

	if (!count)
		return;
	if (refused == none_refused)
		refused = patience_calloc(ADMIT_VERDICTS, sizeof(*refused));
	if (!refused)
		return;
	refused[verdict] += count;
	admit->stats.refused = refused;
}

/* Counts what was found. What a source is to blame for itself counts against it. */
static enum verdict decide(struct admit *admit, const struct who *who,
	const struct arrival *arrival, enum verdict verdict)
{
	struct deny_rule rule = rule_of(admit);

	if (verdict == ADMIT_OK)
		return verdict;
	admit_refused(admit, verdict);
	if (who->limited && (verdict == ADMIT_DENIED || verdict == ADMIT_SOURCE_FULL ||
				    verdict == ADMIT_SOURCE_RATE))
		deny_count(&admit->deny, &rule, &who->key, arrival->now_ms);
	return verdict;
}

enum verdict admit_access(struct admit *admit, const struct arrival *arrival)
{
	struct who who = who_of(admit, arrival);

	return decide(admit, &who, arrival, check_access(admit, &who, arrival));
}

void admit_denied(struct admit *admit, const struct arrival *arrival)
{
	struct who who = who_of(admit, arrival);

	decide(admit, &who, arrival, ADMIT_DENIED);
}

/* The part of one source. A source without an entry has nothing running and a full bucket. */
static enum verdict check_source(
	struct admit *admit, const struct client_key *key, uint64_t now_ms, uint64_t *wait_ms)
{
	struct client_entry *source = admit->sources ? clients_find(admit->sources, key) : NULL;
	struct bucket full = {0}, *bucket = source ? &source->bucket : &full;

	if ((source ? source->running : 0) >= admit->limits->per_source)
		return ADMIT_SOURCE_FULL;
	*wait_ms = bucket_wait_ms(bucket, &admit->limits->per_source_rate, now_ms);
	return *wait_ms ? ADMIT_SOURCE_RATE : ADMIT_OK;
}

enum verdict admit_check(struct admit *admit, const struct arrival *arrival, uint64_t *wait_ms)
{
	struct who who = who_of(admit, arrival);
	enum verdict verdict = check_access(admit, &who, arrival);

	*wait_ms = 0;
	if (verdict == ADMIT_OK)
		verdict = admit_ready(admit, arrival->now_ms, wait_ms);
	if (verdict == ADMIT_OK && who.limited)
		verdict = check_source(admit, &who.key, arrival->now_ms, wait_ms);
	return decide(admit, &who, arrival, verdict);
}

struct client_entry *admit_source(
	struct admit *admit, const struct client_key *key, uint64_t now_ms)
{
	const struct rate *rate = &admit->limits->per_source_rate;

	if (!admit->sources) {
		admit->sources = patience_calloc(1, sizeof(*admit->sources));
		if (!admit->sources)
			return NULL;
		clients_init(admit->sources);
	}
	clients_expire(admit->sources, rate, now_ms, EXPIRE_STEP);
	return clients_get(admit->sources, key, rate, now_ms);
}

enum verdict admit_commit(
	struct admit *admit, const struct arrival *arrival, struct admit_ticket *ticket)
{
	const struct rate *rate = &admit->limits->per_source_rate;
	struct client_entry *source = NULL;
	uint64_t now_ms = arrival->now_ms;

	*ticket = (struct admit_ticket){0};
	if (arrival->peer) {
		struct who who = who_of(admit, arrival);

		source = admit_source(admit, &who.key, now_ms);
		if (!source) {
			admit_refused(admit, ADMIT_MEMORY);
			return ADMIT_MEMORY;
		}
		clients_start(admit->sources, source);
		bucket_take(&source->bucket, rate);
	}
	bucket_take(&admit->bucket, &admit->limits->rate);
	admit->stats.started++;
	admit->stats.running++;
	*ticket = (struct admit_ticket){.source = source, .held = true};
	if (admit->stats.running > admit->stats.peak) {
		admit->stats.peak = admit->stats.running;
		ticket->raised_peak = true;
	}
	return ADMIT_OK;
}

static void slot_free(struct admit *admit, struct admit_ticket *ticket)
{
	admit->stats.running--;
	if (ticket->source) {
		clients_end(admit->sources, ticket->source);
		/* Time 0 = no time has passed: only what has nothing missing goes. */
		clients_expire(admit->sources, &admit->limits->per_source_rate, 0, EXPIRE_STEP);
	}
	*ticket = (struct admit_ticket){0};
}

void admit_undo(struct admit *admit, struct admit_ticket *ticket)
{
	if (!ticket->held)
		return;
	bucket_give(&admit->bucket, &admit->limits->rate);
	if (ticket->source)
		bucket_give(&ticket->source->bucket, &admit->limits->per_source_rate);
	admit->stats.undone++;
	admit->stats.peak -= ticket->raised_peak;
	slot_free(admit, ticket);
}

void admit_release(struct admit *admit, struct admit_ticket *ticket)
{
	if (!ticket->held)
		return;
	admit->stats.ended++;
	slot_free(admit, ticket);
}

enum verdict admit_resume(struct admit *admit, const struct client_key *key, uint64_t now_ms,
	struct admit_ticket *ticket)
{
	struct client_entry *source = NULL;

	if (key)
		source = admit_source(admit, key, now_ms);
	if (source)
		clients_start(admit->sources, source);
	admit->stats.running++;
	admit->stats.peak = MAX(admit->stats.peak, admit->stats.running);
	*ticket = (struct admit_ticket){.source = source, .held = true};
	return key && !source ? ADMIT_MEMORY : ADMIT_OK;
}

void admit_deny_again(
	struct admit *admit, const struct client_key *key, uint32_t refusals, uint64_t since_ms)
{
	const struct deny_rule rule = rule_of(admit);

	deny_restore(&admit->deny, &rule, key, refusals, since_ms);
}

unsigned admit_unblock(struct admit *admit, const struct network *network)
{
	return deny_forget(&admit->deny, network, admit->limits->prefix4, admit->limits->prefix6);
}

uint32_t admit_running_of(const struct admit_ticket *ticket)
{
	return ticket->source ? ticket->source->running : 0;
}
