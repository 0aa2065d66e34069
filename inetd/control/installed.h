/* installed: where this program is, and the others of ours. */
#ifndef CONTROL_INSTALLED_H
#define CONTROL_INSTALLED_H

/* The path at which this program was executed: what stands there now is the next one. Static; empty
 * where it is not known. */
const char *installed_self(void);

/* The path of a program of ours: the one beside us, as built; else the installed one. Static;
 * called at most INSTALLED_MOST times. */
#define INSTALLED_MOST 6
char *installed_find(const char *name);

/* The directory of our service programs. Static. */
const char *installed_services(void);

#endif
