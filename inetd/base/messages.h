/* messages: several datagrams by one system call, or by one each where a filter of system calls,
 * such as an old seccomp profile of a container, refuses sendmmsg(2) or recvmmsg(2). */
#ifndef BASE_MESSAGES_H
#define BASE_MESSAGES_H

#include <sys/socket.h>

/* As sendmmsg(2): sends up to `count` messages (flags of send(2)) and sets the msg_len of each that
 * was sent. Returns how many; -1 with errno where the first could not be. */
int messages_send(int fd, struct mmsghdr *messages, unsigned count, int flags);

/* As recvmmsg(2) without a time limit: receives up to `count` (flags of recv(2), with
 * MSG_DONTWAIT). Returns how many; -1 with errno where there was none. */
int messages_receive(int fd, struct mmsghdr *messages, unsigned count, int flags);

#endif
