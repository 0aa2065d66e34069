/* saved_conn: see saved_conn.h. */
#include "run/upgrade/saved_conn.h"

#include "base/handover.h"

void saved_conn_put(FILE *out, const struct conn *conn)
{
	handover_put_fd(out, "fd", conn->fd);
	handover_put_address(out, "peer", &conn->peer);
	handover_put_address(out, "local", &conn->local);
	record_number(out, "unix", conn->unix_socket);
	record_number(out, "named", conn->named);
	record_number(out, "headed", conn->headed);
	record_number(out, "again", conn->again);
	record_number(out, "uid", conn->peer_uid);
	record_number(out, "gid", conn->peer_gid);
	record_number(out, "accepted_us", conn->accepted_us);
}

/* An id that is not known, where there is none. */
static uint32_t get_id(const struct record *record, const char *name)
{
	return record_get(record, name) ? (uint32_t)record_get_number(record, name) : UINT32_MAX;
}

bool saved_conn_get(const struct record *record, struct conn *conn)
{
	*conn = (struct conn){
		.fd = handover_take_fd(record, "fd"),
		.unix_socket = record_get_number(record, "unix"),
		.named = record_get_number(record, "named"),
		.headed = record_get_number(record, "headed"),
		.again = record_get_number(record, "again"),
		.peer_uid = get_id(record, "uid"),
		.peer_gid = get_id(record, "gid"),
		.accepted_us = record_get_number(record, "accepted_us"),
	};
	handover_get_address(record, "peer", &conn->peer);
	handover_get_address(record, "local", &conn->local);
	return conn->fd >= 0;
}
