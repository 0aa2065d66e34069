/* rawcall: system calls that touch no memory of ours but what they are given. The child of spawn
 * shares the daemon's memory while the daemon goes on, errno with it: libc's wrappers would write
 * there. Returns the result or -errno, as the kernel does (syscall(2), "Architecture calling
 * conventions"). RAWCALL is undefined where we do not know how, or with NO_RAWCALL (for who puts
 * something between us and libc); the daemon then waits for the child to exec and libc's wrappers
 * do no harm. */
#ifndef BASE_RAWCALL_H
#define BASE_RAWCALL_H

#include <errno.h>
#include <stdint.h>
#include <sys/resource.h>
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

/* clone3(2) with a stack of the child's own, on which it calls main(arg), which must not return. */
static inline long raw_clone3(void *args, unsigned long size, int (*main)(void *arg), void *arg)
{
	register int (*child_main)(void *) __asm__("r12") = main;
	register void *child_arg __asm__("r13") = arg;
	long result;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %[arg], %%rdi\n\t"
			 "call *%[main]\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(result)
			 : "a"(SYS_clone3), "D"(args),
			 "S"(size), [main] "r"(child_main), [arg] "r"(child_arg)
			 : "rcx", "r11", "cc", "memory");
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

static inline long raw_clone3(void *args, unsigned long size, int (*main)(void *arg), void *arg)
{
	register long x8 __asm__("x8") = SYS_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)size;
	register int (*child_main)(void *) __asm__("x20") = main;
	register void *child_arg __asm__("x21") = arg;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t"
			 "mov x0, %[arg]\n\t"
			 "blr %[main]\n\t"
			 "brk #0\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), [main] "r"(child_main), [arg] "r"(child_arg)
			 : "cc", "memory");
	return x0;
}
#elif defined(__i386__) && !defined(NO_RAWCALL)
#define RAWCALL 1
#define NO_RAWCLONE3
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return result;
}
#else
#define NO_RAWCLONE3
static inline long raw_call(long number, long a, long b, long c, long d, long e)
{
	long result = syscall(number, a, b, c, d, e);

	return result < 0 ? -errno : result;
}
#endif

#ifdef NO_RAWCLONE3
/* libc has no wrapper that could be given a function. */
static inline long raw_clone3(void *args, unsigned long size, int (*main)(void *arg), void *arg)
{
	(void)args;
	(void)size;
	(void)main;
	(void)arg;
	return -ENOSYS;
}
#endif

/* On i386 and arm the first calls of these names took ids of 16 bits. */
#ifdef SYS_setresuid32
#undef SYS_geteuid
#undef SYS_setgroups
#undef SYS_setresgid
#undef SYS_setresuid
#define SYS_geteuid   SYS_geteuid32
#define SYS_setgroups SYS_setgroups32
#define SYS_setresgid SYS_setresgid32
#define SYS_setresuid SYS_setresuid32
#endif

/* The call SYS_`name` with three, four or five arguments of any type that fits. */
#define CALL3(name, a, b, c)    raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), 0, 0)
#define CALL4(name, a, b, c, d) raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0)
#define CALL5(name, a, b, c, d, e)                                                                 \
	raw_call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

/* Whether they are made without libc's wrappers. */
#ifdef RAWCALL
#define RAW_CALLS true
#else
#define RAW_CALLS false
#endif

/* What prlimit64(2) takes, however wide rlim_t is. */
struct raw_limit {
	uint64_t soft, hard;
};

static inline struct raw_limit raw_limit(rlim_t soft, rlim_t hard)
{
	return (struct raw_limit){soft == RLIM_INFINITY ? UINT64_MAX : soft,
		hard == RLIM_INFINITY ? UINT64_MAX : hard};
}

#endif
