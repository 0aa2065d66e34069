/* figures: what is counted of a service, of the daemon and of the machine: a row each, which names
 * the figure in records (inetctl(8)), in metrics and in the statistics of SIGUSR1. Reads, changes
 * nothing. */
#ifndef CONTROL_FIGURES_H
#define CONTROL_FIGURES_H

#include <stdbool.h>

#include "run/service/service_state.h"

#define FIGURE_UNLIMITED UINT64_MAX /* a limit that is none: 0 in records, +Inf in metrics */

struct figure {
	const char *name;   /* of the field */
	const char *metric; /* without "inetd_" and "_total"; NULL: no metric of its own */
	const char *help;   /* of the metric, a sentence */
	bool counter;       /* only grows; else a gauge */
	bool logged;        /* in the statistics */
	enum { FIGURE_PLAIN, FIGURE_KIB, FIGURE_US } unit; /* metrics have bytes and seconds */
	union {
		uint64_t (*of_service)(const struct service_state *state);
		uint64_t (*of_daemon)(void);
	};
};

/* Each ended by a NULL name. */
extern const struct figure figures_of_service[];
extern const struct figure figures_of_daemon[];
extern const struct figure figures_of_machine[];

#endif
