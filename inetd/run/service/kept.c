/* kept: see kept.h. */
#include "run/service/kept.h"

#include <limits.h>
#include <sys/param.h>

#include "base/fdutil.h"
#include "base/log.h"

#define PART 4 /* of all descriptors, one in so many */

static struct share kept;

struct share_who kept_who(
	const struct service_state *state, const struct sockaddr_len *peer, uid_t uid)
{
	const struct limits *limits = state->admit.limits;

	return (struct share_who){
		state, client_key_of(peer, uid, limits->prefix4, limits->prefix6)};
}

void kept_open(void)
{
	share_resize(&kept, (unsigned)MIN(fd_limit().rlim_cur / PART, (rlim_t)INT_MAX));
}

bool kept_take(struct share_hold *hold, const struct share_who *who)
{
	return share_take(&kept, hold, who);
}

bool kept_yield(void)
{
	return share_yield(&kept);
}

void kept_log(struct service_state *state, const char *what, bool refused)
{
	const char *name = state->service->name;
	char more[LOG_LIMIT_TEXT];
	uint32_t omitted;

	if (service_state_shows(state, LOG_NOTICE) &&
		service_state_may_log(state, LOG_CROWDED, &omitted))
		log_event(LOG_NOTICE, LOG_FIELDS({"service", name, false}),
			"%s: %s %s: there is no room for more, and others have fewer; see Shares "
			"in inetd(8)%s",
			name, refused ? "cannot have" : "gives up", what,
			log_limit_text(omitted, more, sizeof(more)));
}
