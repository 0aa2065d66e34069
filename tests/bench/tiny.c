/* tiny: the cheapest program that can be served: static, no C library, answers "ok" and ends. */
#include "nolibc.h"

_Noreturn void _start(void);

void _start(void)
{
	nolibc_write(1, "ok\n", 3);
	nolibc_exit();
}
