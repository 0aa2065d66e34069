/* test_config_memory: a load without memory, at every single place where it takes some. The arena
 * is one of this test: each piece is an allocation of its own, so that sanitizers see its ends. */
#include "config_unit.h"

#include <errno.h>
#include <limits.h>

struct arena_block {
	struct arena_block *next;
	_Alignas(max_align_t) char data[];
};

static unsigned long left; /* allocations until one fails */
static unsigned long taken;

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

bool arena_free_some(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	if (block)
		arena->blocks = block->next;
	free(block);
	return arena->blocks;
}

void arena_free(struct arena *arena)
{
	while (arena_free_some(arena))
		;
}

void arena_clear(struct arena *arena)
{
	arena_free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = NULL;

	taken++;
	if (left && --left)
		block = calloc(1, sizeof(*block) + size);
	if (!block) {
		left = 0;
		errno = ENOMEM;
		return NULL;
	}
	block->next = arena->blocks;
	arena->blocks = block;
	return block->data;
}

void *arena_calloc(struct arena *arena, size_t count, size_t size)
{
	return arena_alloc(arena, count * size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

/* Nothing is shared: what is wrong with one value is no other's. */
const void *arena_share(struct arena *arena, const void *value, size_t bytes)
{
	void *copy = arena_alloc(arena, bytes);

	return copy ? memcpy(copy, value, bytes) : NULL;
}

const char *arena_share_text(struct arena *arena, const char *text)
{
	return arena_strdup(arena, text);
}

void arena_share_end(struct arena *arena)
{
	(void)arena;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	char text[1000], *copy;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy = arena_strdup(arena, text);
	return copy;
}

static const char conf[] =
	"127.0.0.1:\n"
	"echo stream tcp nowait.5/1/2/3 root internal\n"
	"*:echo dgram udp wait root:daemon internal\n"
	"localhost,[::1]:80 stream,3:httpready tcp46,sndbuf=1k nowait root/x bin/sh a 'b\n"
	"localhost,[::1]:80 stream,3:httpready tcp46,sndbuf=1k nowait root/x bin/sh a 'b'\n"
	" -x\n"
	":root:daemon:600:/run/x stream unix nowait 1:1 /bin/sh\n"
	"tcpmux/+now stream tcp nowait root /bin/sh\n"
	"0 stream tcp nowait root internal echo\n"
	"0 stream tcp nowait nosuchuser internal echo\n"
	"time on protocol = tcp4, user = root; 81 off exec = /bin/sh, args = a b, user = root;\n"
	"82 on listen = 82-84 localhost:85 /run/y @z, exec = /bin/sh, user = root,\n"
	" server_args = a 'b c', env = A=b, banner = 'x\\\\', access_times = Mon, log = exit;\n";
static const char ini[] =
	"[echo/tcp]\ninstances = 5\n[9000]\nserver = /bin/sh\n"
	"server_args = a \"b c\"\n[x]\nport = 9000\nserver = /bin/sh\n"
	"[defaults]\nuser = root\nonly_from = 10.0.0.0/8\n"
	"[9001]\ninternal = echo\nonly_from += 10.0.0.1\n"
	"only_from += 10.1.0.0/24 10.1.1.0/24 10.1.2.0/24 10.1.3.0/24 10.1.4.0/24 "
	"10.1.5.0/24 10.1.6.0/24 10.1.7.0/24 10.1.8.0/24 10.1.9.0/24 10.1.10.0/"
	"24 10.1.11.0/24 10.1.12.0/24 10.1.13.0/24 10.1.14.0/24 10.1.15.0/24 10.1.16.0/24 "
	"10.1.17.0/24\n"
	"[9002]\nserver = /bin/sh\nbanner = a text that is longer than the lines of "
	"inih have room for, which is the reason why it is handed to it in pieces, "
	"and is then put together again, and takes some memory for that, twice.\n"
	"[80]\nserver_args += c\n[82]\nlisten += 86\n[8003]\ninternl = echo\n"
	"[mux]\nmux = x\nserver = /bin/sh\nwrapper = /usr/bin/env\npassenv = A\n";

static void add_text(struct load *load, const char *name, const char *text)
{
	struct input input = {.load = load, .text = text, .len = strlen(text)};

	input.source = load_source(load, name, NULL);
	if (input.source)
		syntax_read(&input);
}

static struct config *try(void)
{
	struct conf_options options = unit_options();
	struct load load;

	options.advise = true;
	if (load_begin(&load, &options) < 0)
		return NULL;
	add_text(&load, "a.conf", conf);
	add_text(&load, "b.ini", ini);
	errno = 0;
	return config_load_finish(&load);
}

static void test_every_allocation_may_fail(void **state)
{
	struct config *config;
	unsigned long total;
	size_t services;
	unsigned failed = 0;

	(void)state;
	left = ULONG_MAX;
	taken = 0;
	config = try();
	assert_non_null(config);
	services = config->service_count;
	total = taken;
	config_unref(config);
	assert_true(services > 5 && total > 100);
	for (unsigned long i = 1; i <= total; i++) {
		left = i;
		config = try();
		/* A diagnostic may get lost, a service may not. */
		if (config)
			assert_int_equal(config->service_count, services);
		else
			assert_int_equal(errno, ENOMEM);
		failed += !config;
		config_unref(config);
	}
	assert_true(failed > total / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
