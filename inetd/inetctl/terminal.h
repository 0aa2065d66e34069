/* terminal: a screen that is drawn again and again (top). It owns the signals that end or stop a
 * program while it is open, so that the terminal is always left as it was found. */
#ifndef INETCTL_TERMINAL_H
#define INETCTL_TERMINAL_H

/* What terminal_wait() returns besides keys. */
enum { TERMINAL_TIMEOUT = 256, TERMINAL_RESIZED };

/* Takes over the terminal that is standard output: another screen, no cursor, no echo. Returns 0,
 * or -1 with errno. Left again by terminal_close(), exit(3), and signals. */
int terminal_open(void);
void terminal_close(void);

/* Its size in characters, as it is now. */
void terminal_size(int *columns, int *rows);

/* Draws lines of text, which is changed: each is cut to the width, those beyond the height are left
 * out, the rest of the screen is empty. `bold` is the number of the line, from 0, that stands out.
 */
void terminal_draw(char *text, int bold);

/* Waits so many ms for a key, which it returns, another size or a signal. One that ends a program
 * does so here; one that stops it does, and continues as if the size had changed. */
int terminal_wait(int ms);

#endif
