/* worker_socket: see worker_socket.h. */
#include "run/worker/worker_socket.h"

#include <sys/param.h>

#include "base/backoff.h"
#include "base/log.h"
#include "run/worker/worker_queue.h"

#define AGAIN_FIRST_MS 1000
#define AGAIN_MOST_MS  60000

static void sync_again(struct timer *timer);

static struct backoff again = {.timer = {.fired = sync_again}};

static void sync_again(struct timer *timer)
{
	struct listener *listener;

	(void)timer;
	RB_FOREACH (listener, listener_tree, &listeners)
		worker_sync_socket(listener);
}

static void sync_later(void)
{
	if (!loop_timer_running(&again.timer))
		backoff_start(&again, AGAIN_FIRST_MS, AGAIN_MOST_MS);
}

void worker_sync_all(void)
{
	backoff_reset(&again);
	sync_again(&again.timer);
}

void worker_sync_stop(void)
{
	loop_untimer(&again.timer);
}

void worker_socket_refused(const struct slot *slot)
{
	if (!again.delay_ms)
		log_errx("%s: the worker cannot take its socket (will retry)",
			slot->listener->state->service->name);
	slot->listener->worker_id = -1;
	sync_later();
}

void worker_drop_socket(struct listener *listener)
{
	struct worker_down message = {.verb = WORKER_DROP, .id = (uint32_t)listener->worker_id};
	struct slot *slot = listener->worker_id >= 0 ? slot_find(message.id, NULL) : NULL;

	if (slot) {
		queue_send(&message, -1);
		slot_free(slot);
	}
	listener->worker_id = -1;
}

static bool socket_is_as_told(const struct listener *listener, const struct service *service)
{
	struct slot *slot =
		listener->worker_id >= 0 ? slot_find((uint32_t)listener->worker_id, NULL) : NULL;

	if (!slot || slot->told->builtin != service->builtin ||
		slot->told->policy->reply_rate != service->policy->reply_rate ||
		slot->told->policy->reply_burst != service->policy->reply_burst ||
		!service_access_equal(slot->told, service))
		return false;
	slot_tell(slot, service); /* the generation before may go */
	return true;
}

static int send_networks(uint32_t id, enum worker_list list, const struct networks *networks)
{
	struct worker_down message = {.verb = WORKER_ACCESS, .id = id, .list = list};

	for (size_t at = 0; at < networks->count; at += message.count) {
		message.count = (uint32_t)MIN(networks->count - at, WORKER_NETWORKS);
		memcpy(message.networks, networks->list + at,
			message.count * sizeof(networks->list[0]));
		if (queue_send(&message, -1) < 0)
			return -1;
	}
	return 0;
}

static int send_times(uint32_t id, const struct week_spans *times)
{
	struct worker_down message = {.verb = WORKER_ACCESS, .id = id, .list = LIST_TIMES};

	for (size_t at = 0; at < times->count; at += message.count) {
		message.count = (uint32_t)MIN(times->count - at, WORKER_SPANS);
		memcpy(message.spans, times->list + at, message.count * sizeof(times->list[0]));
		if (queue_send(&message, -1) < 0)
			return -1;
	}
	return 0;
}

/* Whose datagrams are answered, before the socket itself: none is answered without. */
static int send_access(uint32_t id, const struct access *access)
{
	return send_networks(id, LIST_ONLY_FROM, &access->only_from) < 0 ||
			       send_networks(id, LIST_NO_ACCESS, &access->no_access) < 0 ||
			       send_networks(id, LIST_EXEMPT, &access->exempt) < 0 ||
			       send_times(id, &access->times) < 0
		       ? -1
		       : 0;
}

static void give_socket(struct listener *listener, const struct service *service)
{
	struct slot *slot = slot_new(SLOT_SOCKET, NULL);
	struct worker_down message = {.verb = WORKER_DGRAM,
		.id = slot ? slot->id : 0,
		.builtin = service->builtin,
		.reply_rate =
			service->policy->reply_rate == LIMIT_NONE ? 0 : service->policy->reply_rate,
		.reply_burst = service->policy->reply_burst};

	if (!slot || send_access(slot->id, &service->policy->access) < 0 ||
		queue_send(&message, listener->watch.fd) < 0) {
		if (slot)
			slot_free(slot);
		sync_later();
		return;
	}
	slot->listener = listener;
	slot_tell(slot, service);
	listener->worker_id = slot->id;
}

void worker_sync_socket(struct listener *listener)
{
	const struct service *service = listener->state->service;
	bool ours = service->builtin != BUILTIN_NONE && listener->endpoint.socktype == SOCK_DGRAM;

	if (!ours) {
		worker_drop_socket(listener);
		listener_release(listener, HOLD_WITH_WORKER);
		return;
	}
	listener_hold(listener, HOLD_WITH_WORKER);
	if (listener->watch.fd < 0 || !queue_is_open() || socket_is_as_told(listener, service))
		return;
	worker_drop_socket(listener);
	give_socket(listener, service);
}
