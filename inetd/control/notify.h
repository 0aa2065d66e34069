/* notify: tells the service manager what we are doing, by the datagram protocol of sd_notify(3),
 * without libsystemd. Nothing happens when NOTIFY_SOCKET is not set. */
#ifndef CONTROL_NOTIFY_H
#define CONTROL_NOTIFY_H

/* Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment (programs must not see
 * them). Call once, early. */
void notify_init(void);

/* Puts back what notify_init() took, for a program that is executed in our place. Returns 0, or -1
 * without memory. */
int notify_export(void);

/* READY=1 with our pid, and from then on WATCHDOG=1 as often as sd_watchdog_enabled(3) wants it;
 * how many services there are, and errors in the configuration, for the status line. */
void notify_ready(unsigned services, unsigned config_errors);
void notify_reloading(void); /* RELOADING=1 with the monotonic time; notify_ready() ends it */
void notify_stopping(void);  /* STOPPING=1 */

/* WATCHDOG=1 where the manager wants it, from who is not in the loop yet and does get on. */
void notify_alive(void);

/* Still stopping, and nothing is wrong: asks the manager, every few seconds at most, to be patient
 * for another while. */
void notify_draining(void);

#endif
