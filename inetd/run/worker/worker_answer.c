/* worker_answer: see worker_answer.h. */
#include "run/worker/worker_answer.h"

#include <errno.h>
#include <sys/param.h>

#include "base/fdutil.h"
#include "base/proxy.h"
#include "run/worker/tcp_unread.h"
#include "run/worker/worker_note.h"
#include "run/worker/worker_socket.h"

#define MESSAGES_A_TURN 64

static const struct worker_calls *told;

void worker_answer_init(const struct worker_calls *calls)
{
	told = calls;
}

static void on_wants(const struct worker_up *up, const struct slot_owner *owner)
{
	struct slot *slot = slot_find(up->id, owner);
	struct conn conn;

	if (!slot || slot->kind != SLOT_SESSION)
		return;
	slot_take_back(slot, &conn);
	slot_free(slot);
	if (conn.fd >= 0)
		told->wants(up->text, &conn);
}

/* The worker may be in other hands. */
static bool is_address(const struct sockaddr_len *addr)
{
	switch (addr->addr.sa.sa_family) {
	case AF_INET:
		return addr->len == sizeof(addr->addr.in);
	case AF_INET6:
		return addr->len == sizeof(addr->addr.in6);
	case AF_UNIX:
		return addr->len >= sizeof(sa_family_t) && addr->len <= sizeof(addr->addr.un);
	default:
		return false;
	}
}

static void put_client(struct conn *conn, const struct worker_up *up)
{
	conn->headed = true;
	if (!is_address(&up->peer) || !is_address(&up->local))
		return; /* the proxy itself */
	conn->peer = up->peer;
	conn->local = up->local;
	conn->named = true;
	conn->peer_uid = (uid_t)-1;
	conn->peer_gid = (gid_t)-1;
}

static void on_client(const struct worker_up *up, const struct slot_owner *owner)
{
	const char *wrong = proxy_wrong((enum proxy_result)up->err);
	struct slot *slot = slot_find(up->id, owner);
	struct service_state *state;
	struct conn conn;

	if (!slot || slot->kind != SLOT_HEADER || (!wrong && up->err != PROXY_WHOLE))
		return;
	state = service_state_ref(slot->state);
	slot_take_back(slot, &conn);
	slot_free(slot);
	if (!wrong)
		put_client(&conn, up);
	if (conn.fd >= 0)
		told->headed(state, &conn, wrong);
	service_state_unref(state);
}

/* Only where it is certain, as what follows the header may look like one. A connection that has
 * seen two workers end may be why they did. */
void worker_answer_lost(struct slot *slot)
{
	struct service_state *state;
	struct conn conn;

	if (slot->kind != SLOT_HEADER || !slot->state || !slot->conn || slot->conn->again ||
		!tcp_is_unread(slot->conn->fd)) {
		if (slot->state)
			slot->state->worker_lost++;
		slot_free(slot);
		return;
	}
	state = service_state_ref(slot->state);
	slot_take_back(slot, &conn);
	slot_free(slot);
	conn.again = true;
	told->unread(state, &conn);
	service_state_unref(state);
}

static void on_done(const struct worker_up *up, const struct slot_owner *owner)
{
	for (uint32_t i = 0; i < MIN(up->count, WORKER_IDS); i++) {
		struct slot *slot = slot_find(up->ids[i], owner);

		if (!slot)
			continue;
		if (slot->kind == SLOT_SOCKET && slot->listener)
			worker_socket_refused(slot);
		slot_free(slot);
	}
}

/* Of another version: what never changes (worker/message.h). What a client of tcpmux
 * wants, or a proxy says, is lost: they are let go. */
static void handle_foreign(const struct worker_up *up, const struct slot_owner *owner)
{
	bool ends = up->verb == WORKER_WANTS || up->verb == WORKER_CLIENT;
	struct slot *slot = ends ? slot_find(up->id, owner) : NULL;

	if (slot)
		slot_free(slot);
}

static void handle(struct worker_up *up, size_t len, const struct slot_owner *owner)
{
	if (up->verb == WORKER_DONE) {
		up->count = len >= offsetof(struct worker_up, ids)
				    ? MIN(up->count, (len - offsetof(struct worker_up, ids)) /
							     sizeof(uint32_t))
				    : 0;
		on_done(up, owner);
	} else if (owner && owner->foreign) {
		handle_foreign(up, owner);
	} else if (len == sizeof(*up)) {
		if (up->verb != WORKER_CLIENT)
			up->text[WORKER_NAME - 1] = 0;
		if (up->verb == WORKER_WANTS)
			on_wants(up, owner);
		else if (up->verb == WORKER_CLIENT)
			on_client(up, owner);
		else if (up->verb == WORKER_NOTE)
			worker_note(up, owner);
	}
}

bool worker_answer_read(
	int link_fd, struct slot_owner *owner, const struct worker_listener *listener)
{
	struct worker_up up;
	ssize_t len = 0;
	int fd;

	for (int i = 0; i < MESSAGES_A_TURN && listener->is_open(listener->arg); i++) {
		len = fd_recv(link_fd, &up, sizeof(up), &fd);
		fd_close(&fd); /* none ever travels up */
		if (len <= 0)
			break;
		if ((size_t)len < offsetof(struct worker_up, ids))
			continue;
		listener->heard(listener->arg, up.verb);
		handle(&up, (size_t)len, owner);
	}
	return len > 0 || (len < 0 && (errno == EAGAIN || errno == EMSGSIZE));
}
