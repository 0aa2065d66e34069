/* rawcall: system calls that touch no memory of ours but what they are given. The child of spawn
 * shares the daemon's memory while the daemon goes on, errno with it: libc's wrappers would write
 * there. Returns the result or -errno, as the kernel does (syscall(2), "Architecture calling
 * conventions"). RAWCALL is undefined where we do not know how, or with NO_RAWCALL (for who puts
 * something between us and libc); the daemon then waits for the child to exec and libc's wrappers
 * do no harm. */
#ifndef BASE_RAWCALL_H
#define BASE_RAWCALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && !defined(__ILP32__) && !defined(NO_RAWCALL)
#define RAWCALL 1
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__) && !defined(NO_RAWCALL)
#define RAWCALL 1
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
}
#else
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
	long result = syscall(number, a, b, c, d, e);

	return result < 0 ? -errno : result;
}
#endif

/* The call SYS_`name` with three, four or five arguments of any type that fits. */
#define CALL3(name, a, b, c)    raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), 0, 0)
#define CALL4(name, a, b, c, d) raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0)
#define CALL5(name, a, b, c, d, e)                                                                 \
	raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

#endif
