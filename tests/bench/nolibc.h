/* nolibc: three system calls without a C library, so that what is measured is the daemon and the
 * kernel and not the start-up of the program served. x86-64 and arm64; elsewhere it does not
 * assemble. */
#ifndef BENCH_NOLIBC_H
#define BENCH_NOLIBC_H

#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>

/* One system call with up to four arguments. Returns what the kernel does: -errno on failure. */
static inline long nolibc_call(long number, long a, long b, long c, long d)
{
#if defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
#else
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
#endif
}

static inline void nolibc_write(int fd, const char *data, size_t len)
{
	nolibc_call(SYS_write, fd, (long)data, (long)len, 0);
}

static inline void nolibc_sleep(time_t seconds)
{
	struct timespec duration = {.tv_sec = seconds};

	nolibc_call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&duration, 0);
}

_Noreturn static inline void nolibc_exit(void)
{
	for (;;)
		nolibc_call(SYS_exit_group, 0, 0, 0, 0);
}

#endif
