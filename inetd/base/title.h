/* title: what ps(1) shows of a process in place of its arguments. */
#ifndef BASE_TITLE_H
#define BASE_TITLE_H

/* First in main(), before anybody keeps a pointer to an argument or to the environment: the titles
 * stand in their place. setproctitle_init(3bsd) */
void title_init(int argc, char **argv);

/* "NAME: title", printf-like. */
void title_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
