/* builtin: the names of the built-in services, known to the configuration and to the worker. */
#ifndef BASE_BUILTIN_H
#define BASE_BUILTIN_H

enum builtin {
	BUILTIN_NONE,
	BUILTIN_ECHO,    /* RFC 862 */
	BUILTIN_DISCARD, /* RFC 863 */
	BUILTIN_CHARGEN, /* RFC 864 */
	BUILTIN_DAYTIME, /* RFC 867 */
	BUILTIN_TIME,    /* RFC 868 */
	BUILTIN_TCPMUX,  /* RFC 1078; stream only */
	BUILTIN_COUNT,
	/* Of the configuration alone: programs come of them. */
	BUILTIN_AUTH,   /* RFC 1413 */
	BUILTIN_SYSTAT, /* RFC 866 */
	BUILTIN_NETSTAT,
};

/* "echo"...; "-" for BUILTIN_NONE. */
const char *builtin_name(enum builtin builtin);

/* The built-in of that name or BUILTIN_NONE; knows the aliases of /etc/services (sink, null,
 * ttytst, source, timserver). */
enum builtin builtin_find(const char *name);

#endif
