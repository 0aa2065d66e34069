/* xinetd: the configuration of xinetd(8), attribute by attribute (xinetd.conf(5)). Private to
 * import/ but for xinetd_convert(). */
#ifndef IMPORT_XINETD_H
#define IMPORT_XINETD_H

#include "inetctl/import/xinetd_file.h"

/* One service, or the defaults, on its way. */
struct xinetd_service {
	struct conversion *conversion;
	struct section *section;
	const struct entry *entry,
		*defaults; /* defaults: NULL where there are none; for themselves */
	bool is_datagram, is_wait;
	bool is_builtin; /* also a sensor: xinetd answers by itself */
	bool is_sensor, is_redirect;
};

/* Does what an attribute says. */
typedef void xinetd_fn(struct xinetd_service *service, const struct attribute *attribute);

/* Sections for all entries. */
void xinetd_convert(struct conversion *conversion, const struct entries *entries);

/* xinetd_access.c: who may call, when, and what is logged of it. */
xinetd_fn xinetd_networks, xinetd_times, xinetd_log;

/* The lists of defaults for a service that can have no names, where they hold some. */
void xinetd_default_networks(struct xinetd_service *service);

/* xinetd_socket.c: what says where a service listens, and how. */
void xinetd_socket(struct xinetd_service *service);
xinetd_fn xinetd_type, xinetd_flags, xinetd_socket_type, xinetd_wait, xinetd_port, xinetd_bind,
	xinetd_protocol;

/* xinetd_program.c: what runs, and what it finds. */
xinetd_fn xinetd_groups, xinetd_server, xinetd_server_args, xinetd_redirect, xinetd_env,
	xinetd_passenv;

#define XINETD_NO_PROGRAM "built-in services run no program"

/* The name of the section: of the service, with what tells it from others of that name. */
const char *xinetd_section_name(
	struct conversion *conversion, const struct entry *entry, const struct entries *entries);

/* The words that hold in the end: those of the entry, or with `sign` set to '+' those that are
 * added to what defaults say. Ended by NULL. */
char **xinetd_set(struct xinetd_service *service, const char *name, char *sign);

#endif
