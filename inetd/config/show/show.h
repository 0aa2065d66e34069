/* show: a service as an INI section. Pasted into a file it gives the same service, or, where the
 * service is defined already, changes nothing of it. Pure: writes to a stream, looks nothing up. */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "config/conf.h"

/* Writes the section: its head, then every key that means something for this kind of service with
 * the value in force, one a line, in the order of the key table; long lists go on with "+=". What
 * holds without a key for it, or cannot be written in an INI file, is a comment. Whether writing
 * worked is for the caller to ask of the stream. */
void show_service(const struct service *service, FILE *out);

/* The same for what [inetd] sets. */
void show_daemon(const struct config *config, FILE *out);

/* True if the service may be called that: NAME, ADDR:NAME, with or without /protocol, or its label
 * in listings. */
bool show_is_called(const struct service *service, const char *name);

#endif
