/* mux_names: the services that are passed on by tcpmux (RFC 1078), by their names, without regard
 * to case. There may be very many. */
#ifndef RUN_MUX_NAMES_H
#define RUN_MUX_NAMES_H

#include "run/service/service_state.h"

/* For service_state.c: a state that is served, and has not been added, or is not any more or gets
 * another definition. Nothing for services of other kinds. A name that somebody else has is his no
 * more. */
void mux_names_add(struct service_state *state);
void mux_names_remove(struct service_state *state);

/* True if there was no memory for one: it is in the list of states alone. And tries again,
 * with all that are served. */
bool mux_names_are_incomplete(void);
void mux_names_complete(const struct service_state_list *states);

/* The state of that name, NULL: none. And the one with the next name in order, of which there need
 * not be one itself; "" is before all. */
struct service_state *mux_names_find(const char *name);
struct service_state *mux_names_after(const char *name);

#endif
