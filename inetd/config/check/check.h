/* check: a draft -> a service: everything looked up, defaults filled in, contradictions reported.
 * Private to config/. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "config/load.h"

/* One entry while it is checked. */
struct check {
	struct load *load;
	struct draft *draft;
	struct service *service;     /* in the config's arena */
	struct policy *policy;       /* that it will have; here alone it can be changed */
	int server_err, wrapper_err; /* why they cannot be executed, as of execve(2) */
};

/* Checks every draft and adds the services of the good ones to the configuration. */
void check_drafts(struct load *load);

/* Reports an error of the entry, at the place where a key was set. */
#define CHECK_ERROR(check, key, ...)                                                               \
	do {                                                                                       \
		diag_add((check)->load->diag, DIAG_ERROR, draft_where((check)->draft, key),        \
			__VA_ARGS__);                                                              \
		(check)->draft->failed = true;                                                     \
	} while (0)

/* The same for a warning. */
#define CHECK_WARNING(check, key, ...)                                                             \
	diag_add((check)->load->diag, DIAG_WARNING, draft_where((check)->draft, key), __VA_ARGS__)

/* listen.c: service->families, endpoints, names, bind and the mux fields. */
void check_endpoints(struct check *check);

/* check_commands.c: makes an entry of a program of one for a built-in that is one. First of all. */
void check_commands(struct check *check);

/* check_rpc.c: service->program. */
void check_rpc(struct check *check);

/* check_program.c: service->server and argv. */
void check_program(struct check *check);

/* check_runs.c: service->unusable. After it is known who its user is. */
void check_runs(struct check *check);

/* check_files.c, check_words.c: warn of what will not run, and of what may not be meant. */
void check_files(struct check *check);
void check_words(struct check *check);

/* check_limits.c: what the limits that are set mean for each other, and for built-ins. */
void check_limits(struct check *check);

/* check_cage.c: check->policy->cage, and the groups that are set. */
void check_cage(struct check *check);

/* check_spares.c: whether its program can be executed before its connection comes. */
void check_spares(struct check *check);

/* check_environment.c: reads the variables that are in files. */
void check_environment(struct check *check);

/* check_on_demand.c: what activation = proxy asks for. */
void check_on_demand(struct check *check);

/* check_messages.c: reads the texts that are in files. */
void check_messages(struct check *check);

/* Both for all services of the configuration at once. conflicts.c: refuses those whose endpoint
 * another has, and numbers those with port 0. naming.c: names everything that is left. */
void conflicts_endpoints(struct load *load);
void naming_services(struct load *load);

#endif
