/* addrwatch: tells when this machine gets or loses an address (rtnetlink(7)), so that a bind that
 * failed because the address was missing can be tried again at once, and an interface be looked at.
 */
#ifndef RUN_ADDRWATCH_H
#define RUN_ADDRWATCH_H

/* Starts to watch; `changed` is called once for each burst of news. Without netlink there is just
 * no news. */
void addrwatch_open(void (*changed)(void));
void addrwatch_close(void);

#endif
