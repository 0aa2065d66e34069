/* saved_client: what is counted for and against each client, from one daemon to the next. */
#ifndef RUN_SAVED_CLIENT_H
#define RUN_SAVED_CLIENT_H

#include <stdio.h>

/* Records `source` and `denied`, of every service. */
void saved_client_put_all(FILE *out);

/* After the states of services (saved_service.h). Without memory a client is not known. */
void saved_client_get_all(void);

#endif
