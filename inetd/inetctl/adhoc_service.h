/* wish: one program that somebody wants served, as configuration text in both syntaxes. */
#ifndef CTL_WISH_H
#define CTL_WISH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct wish {
	const char *name;    /* of the section; "try" if nothing else is put there */
	const char *address; /* to listen on */
	uint16_t port;       /* 0 = any free one */
	bool datagram;       /* udp, and lent */
	bool wait;           /* lent */
	const char *user;
	char *path;  /* of the program, absolute; owned */
	char **argv; /* argv[0] first; borrowed */
};

/* The last part of a path. */
const char *wish_base_name(const char *path);

/* The program's name where it can be that of a section, else "service". */
const char *wish_section_name(const struct wish *wish);

/* From the arguments behind the verb (argv[-1] is that one): [-p port] [-u] [-w] program [argument
 * ...] and finds the program as a shell does. Returns 0; 1 or 2, the exit code, after a message.
 * wish_free() it. */
int wish_parse(struct wish *wish, int argc, char **argv);
void wish_free(struct wish *wish);

/* The line of inetd.conf(5). */
void wish_classic(const struct wish *wish, FILE *out);

/* The section of inetd.ini(5); `more` is put behind it. */
void wish_ini(const struct wish *wish, FILE *out, const char *more);

#endif
