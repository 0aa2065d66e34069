/* given_socket: see given_socket.h. */
#include "run/service/given_socket.h"

#include <stdlib.h>
#include <sys/tree.h>

#include "base/fdutil.h"
#include "base/handover.h"
#include "base/handover_field.h"
#include "base/patience.h"
#include "run/process/closer.h"
#include "run/service/socket.h"
#include "run/service/socket_path.h"

struct entry {
	struct endpoint endpoint;
	struct sockaddr_len addr; /* of the endpoint */
	struct given_socket given;
	RB_ENTRY(entry) by_endpoint;
};

static int entry_compare(struct entry *a, struct entry *b)
{
	return endpoint_compare(&a->endpoint, &b->endpoint);
}

static RB_HEAD(given_tree, entry) tree = RB_INITIALIZER(&tree);

RB_PROTOTYPE(given_tree, entry, by_endpoint, entry_compare)
RB_GENERATE(given_tree, entry, by_endpoint, entry_compare)

void given_socket_add(const struct endpoint *endpoint, const struct given_socket *given)
{
	struct entry *entry = patience_calloc(1, sizeof(*entry));
	int fd = given->fd;

	if (entry) {
		entry->endpoint = *endpoint;
		entry->addr = sockaddr_copy(&endpoint->addr);
		entry->endpoint.addr = sockaddr_keep(&entry->addr);
		entry->given = *given;
	}
	if (!entry || RB_INSERT(given_tree, &tree, entry)) {
		closer_close_lent(&fd);
		free(entry);
	}
}

bool given_socket_take(const struct endpoint *endpoint, struct given_socket *given)
{
	struct entry key = {.endpoint = *endpoint};
	struct entry *entry = RB_EMPTY(&tree) ? NULL : RB_FIND(given_tree, &tree, &key);

	if (!entry)
		return false;
	*given = entry->given;
	RB_REMOVE(given_tree, &tree, entry);
	free(entry);
	return true;
}

unsigned given_socket_keep_rest(void)
{
	struct entry *entry;
	unsigned count = 0;

	RB_FOREACH (entry, given_tree, &tree) {
		entry->given.kept = true;
		count++;
	}
	return count;
}

unsigned given_socket_close_rest(bool kept_too)
{
	struct entry *entry, *next;
	unsigned count = 0;

	RB_FOREACH_SAFE (entry, given_tree, &tree, next) {
		if (entry->given.kept && !kept_too)
			continue;
		RB_REMOVE(given_tree, &tree, entry);
		socket_path_unlink(&entry->endpoint, entry->given.dev, entry->given.ino);
		closer_close_lent(&entry->given.fd);
		free(entry);
		count++;
	}
	return count;
}

/* --- from one program to the next --- */

/* 0 is what a field that is missing stands for. */
static void put(FILE *out, const char *name, uint64_t number)
{
	if (number)
		record_number(out, name, number);
}

void given_socket_put_endpoint(FILE *out, const struct endpoint *endpoint)
{
	struct sockaddr_len room;

	handover_put_address(out, "address", sockaddr_whole(&endpoint->addr, &room));
	put(out, "type", (uint64_t)endpoint->socktype);
	put(out, "protocol", (uint64_t)endpoint->protocol);
	put(out, "dual", endpoint->dual);
	put(out, "ordinal", endpoint->ordinal);
}

bool given_socket_get_endpoint(
	const struct record *record, struct endpoint *endpoint, struct sockaddr_len *addr)
{
	*endpoint = (struct endpoint){
		.socktype = (int)record_get_number(record, "type"),
		.protocol = (int)record_get_number(record, "protocol"),
		.dual = record_get_number(record, "dual"),
		.ordinal = (uint32_t)record_get_number(record, "ordinal"),
	};
	if (!handover_get_address(record, "address", addr))
		return false;
	endpoint->addr = sockaddr_keep(addr);
	return true;
}

static const struct handover_field rows[] = {
	HANDOVER_ROW(FD, given_socket, fd, "fd"),
	HANDOVER_ROW(ADDRESS, given_socket, bound, "bound"),
	HANDOVER_ROW(NUMBER, given_socket, since_ms, "since"),
	HANDOVER_ROW(NUMBER, given_socket, dev, "dev"),
	HANDOVER_ROW(NUMBER, given_socket, ino, "ino"),
	HANDOVER_ROW(NUMBER, given_socket, filter.hash, "filter"),
	HANDOVER_ROW(FLAG, given_socket, filter.locked, "filter_locked"),
	HANDOVER_ROW(FLAG, given_socket, was_lent, "was_lent"),
	HANDOVER_ROW(FLAG, given_socket, stale, "stale"),
	HANDOVER_ROW(FLAG, given_socket, unsettled, "unsettled"),
	HANDOVER_ROW(FLAG, given_socket, lent, "lent"),
	HANDOVER_ROW(FLAG, given_socket, kept, "kept"),
	HANDOVER_ROW(NUMBER, given_socket, note, "options"),
};

static void put_one(FILE *out, const struct endpoint *endpoint, const struct given_socket *given)
{
	record_begin(out, "socket");
	given_socket_put_endpoint(out, endpoint);
	handover_put_rows(out, HANDOVER_ROWS(rows), given);
	record_end(out);
}

static void put_listener(FILE *out, const struct listener *listener)
{
	const struct given_socket given = {
		.fd = listener->watch.fd,
		.bound = listener_bound(listener),
		.dev = listener->dev,
		.ino = listener->ino,
		.filter = listener->filter,
		.since_ms = listener->since_ms,
		.was_lent = listener->was_lent,
		.stale = listener->stale,
		.unsettled = listener->unsettled,
		.lent = listener->lent,
		.note = socket_note(listener->state->service, &listener->endpoint),
	};

	if (given.fd >= 0)
		put_one(out, &listener->endpoint, &given);
}

void given_socket_put_all(FILE *out)
{
	struct listener *listener;
	struct entry *entry;

	RB_FOREACH (listener, listener_tree, &listeners)
		put_listener(out, listener);
	RB_FOREACH (entry, given_tree, &tree)
		put_one(out, &entry->endpoint, &entry->given);
}

static void get_one(const struct record *record)
{
	struct endpoint endpoint;
	struct sockaddr_len addr;
	struct given_socket given = {0};

	handover_get_rows(record, HANDOVER_ROWS(rows), &given);
	if (given.fd < 0)
		return;
	if (!given_socket_get_endpoint(record, &endpoint, &addr)) {
		fd_close(&given.fd);
		return;
	}
	if (!given.bound.len)
		given.bound = addr;
	given_socket_add(&endpoint, &given);
}

void given_socket_get_all(void)
{
	handover_each("socket", get_one);
}
