/* crowd: see crowd.h. */
#include "control/crowd.h"

#include <sys/param.h>

#include "base/fdutil.h"

#define PLACES       16
#define GUESTS_MOST  64
#define GUESTS_PART  16  /* but of all descriptors not more than one in so many */
#define ANSWERS_MOST 8   /* of guests, as they are in memory */
#define GRACE_MS     100 /* to send a request, before one has to make room for others */

void crowd_open(struct crowd *crowd)
{
	share_resize(
		&crowd->guests, (unsigned)MIN(fd_limit().rlim_cur / GUESTS_PART + 1, GUESTS_MOST));
	share_resize(&crowd->answers, ANSWERS_MOST);
}

/* The one that has not asked for longest, and is no guest. */
static struct client *find_silent(const struct crowd *crowd)
{
	struct client *client;

	TAILQ_FOREACH (client, &crowd->silent, in_list)
		if (!client->guest)
			break;
	return client;
}

uint64_t crowd_room_in_ms(const struct crowd *crowd)
{
	const struct client *oldest = find_silent(crowd);
	uint64_t age_ms;

	if (crowd->count < PLACES)
		return 0;
	if (!oldest)
		return ROOM_NEVER;
	age_ms = loop_now_ms() - oldest->since_ms;
	return GRACE_MS - MIN(age_ms, GRACE_MS);
}

static struct share_who who_is(const struct client *client)
{
	const struct sockaddr_len nowhere = {.len = 0};

	return (struct share_who){.source = client_key_of(&nowhere, client->uid, 0, 0)};
}

bool crowd_enter(struct crowd *crowd, struct client *client)
{
	const struct share_who who = who_is(client);

	if (client->guest)
		return share_take(&crowd->guests, &client->place, &who);
	crowd->count++;
	return true;
}

struct client *crowd_find_excess(const struct crowd *crowd)
{
	return crowd->count > PLACES ? find_silent(crowd) : NULL;
}

/* Before the guests, unless it is one. */
static void insert_waiting(struct crowd *crowd, struct client *client)
{
	struct client *other;

	TAILQ_FOREACH (other, &crowd->waiting, in_list)
		if (other->guest && !client->guest)
			break;
	if (other)
		TAILQ_INSERT_BEFORE(other, client, in_list);
	else
		TAILQ_INSERT_TAIL(&crowd->waiting, client, in_list);
}

void crowd_move(struct crowd *crowd, struct client *client, struct client_list *to)
{
	if (client->in)
		TAILQ_REMOVE(client->in, client, in_list);
	client->in = to;
	if (to == &crowd->waiting)
		insert_waiting(crowd, client);
	else
		TAILQ_INSERT_TAIL(to, client, in_list);
}

void crowd_leave(struct crowd *crowd, struct client *client)
{
	if (client->in)
		TAILQ_REMOVE(client->in, client, in_list);
	client->in = NULL;
	share_release(&client->place);
	share_release(&client->turn);
	crowd->count -= !client->guest;
}

/* A guest of another user than the last one, or any. */
static struct client *find_guest(struct crowd *crowd, bool other)
{
	struct client *client;

	TAILQ_FOREACH (client, &crowd->waiting, in_list) {
		const struct share_who who = who_is(client);

		if ((client->uid != crowd->last_guest) == other &&
			share_take(&crowd->answers, &client->turn, &who))
			break;
	}
	return client;
}

struct client *crowd_take_turn(struct crowd *crowd)
{
	struct client *client = TAILQ_FIRST(&crowd->waiting);

	if (!client || !client->guest)
		return client;
	client = find_guest(crowd, true);
	if (!client)
		client = find_guest(crowd, false);
	if (client)
		crowd->last_guest = client->uid;
	return client;
}
