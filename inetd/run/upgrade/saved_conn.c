/* saved_conn: see saved_conn.h. */
#include "run/upgrade/saved_conn.h"

#include "base/handover_field.h"

static const struct handover_field rows[] = {
	HANDOVER_ROW(FD, conn, fd, "fd"),
	HANDOVER_ROW(ADDRESS, conn, peer, "peer"),
	HANDOVER_ROW(ADDRESS, conn, local, "local"),
	HANDOVER_ROW(FLAG, conn, unix_socket, "unix"),
	HANDOVER_ROW(FLAG, conn, named, "named"),
	HANDOVER_ROW(FLAG, conn, headed, "headed"),
	HANDOVER_ROW(FLAG, conn, again, "again"),
	HANDOVER_ROW_ID(conn, peer_uid, "uid"),
	HANDOVER_ROW_ID(conn, peer_gid, "gid"),
	HANDOVER_ROW(NUMBER, conn, accepted_us, "accepted_us"),
};

void saved_conn_put(FILE *out, const struct conn *conn)
{
	handover_put_rows(out, HANDOVER_ROWS(rows), conn);
}

bool saved_conn_get(const struct record *record, struct conn *conn)
{
	*conn = (struct conn){0};
	handover_get_rows(record, HANDOVER_ROWS(rows), conn);
	return conn->fd >= 0;
}
