/* addrwatch: tells when this machine gets an address (rtnetlink(7)), so that a bind that failed
 * because the address was missing can be tried again at once. */
#ifndef RUN_ADDRWATCH_H
#define RUN_ADDRWATCH_H

/* Starts to watch; `appeared` is called once for each burst of news. Without netlink there is just
 * no news. */
void addrwatch_open(void (*appeared)(void));
void addrwatch_close(void);

#endif
