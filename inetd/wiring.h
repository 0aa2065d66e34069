/* wiring: what is lower tells what is higher through function pointers; here they are set. */
#ifndef WIRING_H
#define WIRING_H

/* Sets them, before there is a service. */
void wiring_connect(void);

/* A user that was not known is now; an address or network of this machine is there. */
void wiring_user_appeared(void);
void wiring_addresses_changed(void);

#endif
