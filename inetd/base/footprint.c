/* footprint: see footprint.h. */
#include "base/footprint.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/heap.h"
#include "base/loop.h"

#define DELAY_MS    2000
#define STACK_BYTES (256 << 10) /* of what a start may have used */
#define STACK_KEEP  4096        /* below the caller: what runs now */
#define PARTS_MOST  8

/* What is dropped: looking for more of it would bring some back. */
struct parts {
	struct {
		uintptr_t from, end;
	} each[PARTS_MOST];
	unsigned count;
};

static uintptr_t page_of(uintptr_t address)
{
	return address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
}

static void add(struct parts *parts, uintptr_t from, uintptr_t end)
{
	if (parts->count == PARTS_MOST)
		return;
	parts->each[parts->count].from = page_of(from);
	parts->each[parts->count++].end = end;
}

/* The program is the first object. What the loader has written is in segments that may be written:
 * it is linked with -z text. */
static int add_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W))
			add(arg, from, from + part->p_memsz);
	}
	return 1;
}

static bool shrinks;

static void shrink(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	struct parts parts = {.count = 0};

	add(&parts, here - STACK_BYTES, page_of(here - STACK_KEEP));
	dl_iterate_phdr(add_program, &parts);
	for (unsigned i = 0; i < parts.count; i++)
		madvise((void *)parts.each[i].from, parts.each[i].end - parts.each[i].from,
			MADV_DONTNEED);
}

static void is_over(struct timer *timer)
{
	(void)timer;
	shrinks = true;
	heap_trim();
	shrink();
}

void footprint_shrink_soon(void)
{
	static struct timer timer = {.fired = is_over};

	loop_timer(&timer, DELAY_MS);
}

void footprint_rest(void)
{
	if (shrinks)
		shrink();
}
