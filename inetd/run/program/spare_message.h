/* spare_message: the message by which a program that is running already gets its connection:
 * inetd-services(7) describes it for programs. */
#ifndef RUN_SPARE_MESSAGE_H
#define RUN_SPARE_MESSAGE_H

#define SPARE_VARIABLE "INETD_READY" /* whose value is the descriptor to wait on */

/* Sends the environment, and one or two descriptors (the caller's) to become 0 and 1, and 2.
 * Without waiting. Returns 0, or -1 with errno (sendmsg(2), unix(7)); E2BIG for an environment that
 * no message takes. */
int spare_message_send(
	int link, char *const *envp, unsigned count, const int *fds, unsigned fd_count);

#endif
