/* adhoc_service: a program to be served, as configuration text in both syntaxes. */
#ifndef INETCTL_ADHOC_SERVICE_H
#define INETCTL_ADHOC_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct adhoc_service {
	const char *name;    /* of the section; "try" if nothing else is put there */
	const char *address; /* to listen on */
	uint16_t port;       /* 0 = any free one */
	bool datagram;       /* udp, and lent */
	bool wait;           /* lent */
	const char *user;
	char *path;  /* of the program, absolute; owned */
	char **argv; /* argv[0] first; borrowed, but for names of files that were made absolute */
};

/* The last part of a path. */
const char *adhoc_base_name(const char *path);

/* The program's name where it can be that of a section, else "service". */
const char *adhoc_section_name(const struct adhoc_service *service);

/* From the arguments after the verb (argv[-1] is that one): [-p port] [-u] [-w] program [argument
 * ...] and finds the program as a shell does. Returns 0; 1 or 2, the exit code, after a message.
 * adhoc_free() it. */
int adhoc_parse(struct adhoc_service *service, int argc, char **argv);
void adhoc_free(struct adhoc_service *service);

/* The line of inetd.conf(5). */
void adhoc_classic(const struct adhoc_service *service, FILE *out);

/* The section of inetd.ini(5); `more` follows it. */
void adhoc_ini(const struct adhoc_service *service, FILE *out, const char *more);

#endif
