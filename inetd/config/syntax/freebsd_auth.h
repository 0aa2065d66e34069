/* freebsd_auth: the options of the built-in auth of FreeBSD's inetd(8) as those of identd
 * (inetd-services(7)), which answers in its place. */
#ifndef CONFIG_FREEBSD_AUTH_H
#define CONFIG_FREEBSD_AUTH_H

#include "config/load.h"
#include "config/text/lexer.h"

/* Sets server_args of a draft from the words behind "internal auth", from `first` on. Reports what
 * is no option there, and what is done otherwise here. */
void freebsd_auth_options(
	struct input *input, struct draft *draft, const struct words *words, size_t first);

#endif
