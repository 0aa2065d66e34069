/* saved_ticket: see saved_ticket.h. */
#include "run/upgrade/saved_ticket.h"

#include "base/handover.h"

void saved_ticket_put(FILE *out, const struct admit_ticket *ticket)
{
	record_number(out, "held", ticket->held);
	if (ticket->source)
		handover_put_bytes(out, "source", ticket->source->key.bytes,
			sizeof(ticket->source->key.bytes));
}

void saved_ticket_get(
	const struct record *record, struct service_state *state, struct admit_ticket *ticket)
{
	struct client_key key;
	bool by_source = handover_get_bytes(record, "source", key.bytes, sizeof(key.bytes)) ==
			 sizeof(key.bytes);

	*ticket = (struct admit_ticket){0};
	if (record_get_number(record, "held"))
		(void)admit_resume(&state->admit, by_source ? &key : NULL, loop_now_ms(), ticket);
}
