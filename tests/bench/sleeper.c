/* sleeper: takes a second before it answers, as cheaply as tiny, so that thousands of it can run
 * at once and what is measured is who starts them. */
#include "nolibc.h"

_Noreturn void _start(void);

void _start(void)
{
	nolibc_sleep(1);
	nolibc_write(1, "ok\n", 3);
	nolibc_exit();
}
