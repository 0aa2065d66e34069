/* dialect: what the words of inetd.conf mean to other inetds, where they disagree. Without a
 * dialect they mean what suits most files (see inetd.conf(5), DIALECTS). */
#ifndef CONFIG_DIALECT_H
#define CONFIG_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

struct dialect {
	const char *name;
	bool plain_is_ipv4;    /* tcp and udp are IPv4 alone */
	bool six_takes_ipv4;   /* tcp6 and udp6 take IPv4 clients too */
	bool searches_path;    /* a program without '/' is looked for in PATH */
	bool runs_bare_files;  /* a file of text without #! is run by /bin/sh */
	const char *unix_mode; /* of unix sockets, where none is written; NULL: the usual one */
	bool indented_entries; /* a whole entry may begin with a blank */
	bool every_file;       /* all files of a directory are read, whatever their names */
	bool pidfile_alone;    /* -p takes a path only where it is a part of the same word */
	bool root_keeps_group; /* the group that is written for root is passed over */
	bool last_counts;      /* of two entries for one socket the later is served */
};

/* That of no name given, in which everything is false. */
extern const struct dialect dialect_auto;

/* The row of that name, "auto" among them, or NULL. */
const struct dialect *dialect_find(const char *name);

/* "auto, debian...", for messages. */
#define DIALECT_NAMES "auto, debian, freebsd, netbsd, openbsd, gnu, busybox"

#endif
