/* unit: what every cmocka program of this folder starts from. The runner asks for TAP. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Rounds of a random test: `normal`, or what UNIT_ROUNDS says where it is less (valgrind). */
static inline unsigned unit_rounds(unsigned normal)
{
	const char *text = getenv("UNIT_ROUNDS");
	unsigned wanted = text ? (unsigned)strtoul(text, NULL, 10) : normal;

	return wanted && wanted < normal ? wanted : normal;
}

/* A small repeatable generator (xorshift, Marsaglia 2003); the state must not be 0. */
static inline uint32_t unit_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

/* Ends the test as skipped; the runner tells the reason. */
#define unit_skip(reason)                                                                          \
	do {                                                                                       \
		printf("# skipped: %s\n", reason);                                                 \
		fflush(stdout);                                                                    \
		skip();                                                                            \
	} while (0)

/* Bytes that are allocated. Where the C library does not tell, the test that asks is skipped. */
static inline size_t unit_heap_bytes(void)
{
#ifdef __GLIBC__
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	unit_skip("this C library does not tell what is allocated");
	return 0;
#endif
}

#endif
