/* given_env: who is calling, for a program that was not started by inetd itself. */
#ifndef SERVICES_COMMON_GIVEN_ENV_H
#define SERVICES_COMMON_GIVEN_ENV_H

/* Sets in this process's environment what inetd(8), ENVIRONMENT says of a connection's two ends;
 * nothing where it has none. setenv(3) */
void given_set_environment(int connection);

#endif
