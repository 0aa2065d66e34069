/* executable: whether a user can execute a program, as far as owners and modes tell. Reads the file
 * system: who must not wait asks path_is_own() first. */
#ifndef CONFIG_EXECUTABLE_H
#define CONFIG_EXECUTABLE_H

#include <limits.h>

#include "config/service.h"

/* What the mode of a file lets somebody do. */
enum { MAY_EXECUTE = 1, MAY_READ = 4 };

/* True if the user may do that to the file, whose directories are not looked at. Access lists
 * (acl(5)) are not read: where there is one, he may. */
bool executable_user_may(const struct identity *identity, const char *path, unsigned what);

/* 0 if it is a program that the user can execute, else the errno that execve(2) would give him. Of
 * EACCES for a directory that he may not enter that directory is left in `directory`, of PATH_MAX
 * bytes; else an empty text. Symbolic links are followed. With `identity` NULL he may all that
 * anybody may. */
int executable_look(const struct identity *identity, const char *path, char *directory);

/* Looks again for what kept a service from being started when the configuration was read, and never
 * waits. True if it is still so, or is nobody else's no longer, so that it cannot be looked for. */
bool executable_is_missing(const struct service *service);

#endif
