/* check_limits: the limits of one service: what it says, else the command line, else the defaults.
 */
#include "config/check/check.h"

#define IDLE_MS       300000
#define REPLY_RATE    50
#define REPLY_BURST   100
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

static void check_rates(struct check *check)
{
	const struct draft *draft = check->draft;
	struct limits *limits = &check->service->limits;

	if (draft->set[KEY_RATE])
		limits->rate = draft->rate;
	if (draft->set[KEY_BURST])
		limits->rate.burst = draft->burst;
	if (draft->set[KEY_PER_SOURCE_RATE])
		limits->per_source_rate = draft->per_source_rate;
	if (draft->set[KEY_PER_SOURCE_BURST])
		limits->per_source_rate.burst = draft->per_source_burst;
	if (draft->set[KEY_PREFIX4])
		limits->prefix4 = (uint8_t)draft->prefix4;
	if (draft->set[KEY_PREFIX6])
		limits->prefix6 = (uint8_t)draft->prefix6;
}

static void check_counts(struct check *check)
{
	const struct draft *draft = check->draft;
	struct limits *limits = &check->service->limits;
	bool sessions = draft->internal && draft->socktype == SOCK_STREAM;

	if (draft->set[KEY_INSTANCES]) {
		limits->instances = draft->instances;
		limits->instances_default = false;
	} else if (limits->instances_default && sessions) {
		limits->instances = STREAM_MOST;
	}
	if (draft->set[KEY_PER_SOURCE]) {
		limits->per_source = draft->per_source;
		limits->per_source_default = false;
	} else if (limits->per_source_default && sessions) {
		limits->per_source = STREAM_SOURCE;
	}
}

void check_limits(struct check *check)
{
	const struct draft *draft = check->draft;
	struct service *service = check->service;

	service->limits = check->load->options->defaults;
	check_counts(check);
	check_rates(check);
	if (service->limits.instances == 0)
		diag_add(check->load->diag, DIAG_NOTE, draft_where(draft, KEY_INSTANCES),
			"a limit of 0 at once allows none, as on NetBSD");
	service->overload = (enum overload)draft->overload;
	service->max_load = draft->max_load;
	service->max_time_ms = draft->max_time_ms;
	service->kill_after_ms = draft->set[KEY_KILL_AFTER] ? draft->kill_after_ms : KILL_AFTER_MS;
	service->idle_ms = draft->set[KEY_IDLE_TIME] ? draft->idle_ms : IDLE_MS;
	service->reply_rate = draft->set[KEY_REPLY_RATE] ? draft->reply_rate : REPLY_RATE;
	if (!service->reply_rate)
		CHECK_ERROR(check, KEY_REPLY_RATE,
			"reply_rate: none would answer nobody: say disable = yes");
	if (service->reply_rate == LIMIT_NONE)
		service->reply_rate = 0; /* as the worker wants it said */
	service->reply_burst = draft->set[KEY_REPLY_BURST] ? draft->reply_burst : REPLY_BURST;
}
