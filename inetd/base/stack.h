/* stack: a second stack for a process of one thread, for work that is left and gone on with. By
 * makecontext(3); where libc declares that and does not have it (musl), by a signal that is handled
 * on the second stack, and longjmp(3). One at a time. Not under valgrind, which knows one stack. */
#ifndef BASE_STACK_H
#define BASE_STACK_H

/* Makes it: stack_enter() will call work() there. Its memory is 8 MiB of addresses with a guard
 * below; only what is used of it is taken. Returns 0, or -1 with errno: ENOMEM. */
int stack_open(void (*work)(void));

/* On the first stack: goes on with the work, until it calls stack_leave() or has returned. Not
 * after it has returned. */
void stack_enter(void);

/* In the work: goes on on the first stack, until stack_enter(). */
void stack_leave(void);

/* Gives back its memory, whether the work has returned or not. */
void stack_close(void);

#endif
