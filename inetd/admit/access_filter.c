/* access_filter: see access_filter.h. The networks of both lists are tried one after another, the
 * most specific first and of two alike the one in no_access, so that the first that holds the
 * address decides. The address of the packet is loaded from its network header, wherever the data
 * of the packet begins (SKF_NET_OFF). */
#include "admit/access_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define PASS        UINT32_MAX /* bytes of the packet that are kept: all */
#define DROP        0
#define VERSION_AT  ((uint32_t)SKF_NET_OFF)
#define SOURCE4_AT  ((uint32_t)SKF_NET_OFF + 12)
#define SOURCE6_AT  ((uint32_t)SKF_NET_OFF + 8)
#define WORD_BYTES  4
#define WORDS6      4
#define MAPPED_WORD 0xffff /* the third word of an IPv6 address that holds an IPv4 one */

struct rule {
	const struct network *network;
	bool pass;
};

struct writer {
	struct sock_filter *code; /* borrowed */
	size_t room, count;       /* count > room: it does not fit */
};

static void write_jump(struct writer *out, uint16_t op, uint32_t value, size_t yes, size_t no)
{
	if (out->count < out->room)
		out->code[out->count] = (struct sock_filter)BPF_JUMP(op, value, yes, no);
	out->count++;
}

static void write_op(struct writer *out, uint16_t op, uint32_t value)
{
	write_jump(out, op, value, 0, 0);
}

static void write_verdict(struct writer *out, bool pass)
{
	write_op(out, BPF_RET | BPF_K, pass ? PASS : DROP);
}

/* The most specific first, of two alike no_access. */
static int by_precedence(const void *left, const void *right)
{
	const struct rule *a = left, *b = right;

	if (a->network->bits != b->network->bits)
		return a->network->bits > b->network->bits ? -1 : 1;
	return a->pass - b->pass;
}

/* A word of the prefix and of its mask, in host order; those of IPv4 are the last of four. */
static void word_of(const struct network *network, unsigned at, uint32_t *value, uint32_t *mask)
{
	uint32_t words[WORDS6];

	memcpy(words, network->addr, sizeof(words));
	*value = ntohl(words[at]);
	memcpy(words, network->mask, sizeof(words));
	*mask = ntohl(words[at]);
}

/* The source address is in register X. */
static void write_rule4(struct writer *out, const struct rule *rule)
{
	uint32_t value, mask;

	word_of(rule->network, WORDS6 - 1, &value, &mask);
	if (mask) {
		write_op(out, BPF_MISC | BPF_TXA, 0);
		write_op(out, BPF_ALU | BPF_AND | BPF_K, mask);
		write_jump(out, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	}
	write_verdict(out, rule->pass);
}

static void write_rule6(struct writer *out, const struct rule *rule)
{
	unsigned words = howmany(rule->network->bits, 32U);

	for (unsigned at = 0; at < words; at++) {
		/* Load, mask, compare for each word that follows, then the verdict. */
		size_t skipped = (size_t)3 * (words - 1 - at) + 1;
		uint32_t value, mask;

		word_of(rule->network, at, &value, &mask);
		write_op(out, BPF_LD | BPF_W | BPF_ABS, SOURCE6_AT + at * WORD_BYTES);
		write_op(out, BPF_ALU | BPF_AND | BPF_K, mask);
		write_jump(out, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped);
	}
	write_verdict(out, rule->pass);
}

/* An IPv6 source that holds an IPv4 address is judged as that address, from *jump on, with its last
 * word in A; for any other one the program goes on after this. */
static void write_mapped(struct writer *out, size_t *jump)
{
	write_op(out, BPF_LD | BPF_W | BPF_ABS, SOURCE6_AT);
	write_jump(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 6);
	write_op(out, BPF_LD | BPF_W | BPF_ABS, SOURCE6_AT + WORD_BYTES);
	write_jump(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4);
	write_op(out, BPF_LD | BPF_W | BPF_ABS, SOURCE6_AT + 2 * WORD_BYTES);
	write_jump(out, BPF_JMP | BPF_JEQ | BPF_K, MAPPED_WORD, 0, 2);
	write_op(out, BPF_LD | BPF_W | BPF_ABS, SOURCE6_AT + 3 * WORD_BYTES);
	*jump = out->count;
	write_op(out, BPF_JMP | BPF_JA, 0);
}

/* Has a jump that was written at `from` lead to what is written next. */
static void land(struct writer *out, size_t from)
{
	if (from < out->room)
		out->code[from].k = (uint32_t)(out->count - from - 1);
}

static void write_rules(struct writer *out, const struct rule *rules, size_t count, bool otherwise)
{
	size_t to4, mapped;

	write_op(out, BPF_LD | BPF_B | BPF_ABS, VERSION_AT);
	write_op(out, BPF_ALU | BPF_RSH | BPF_K, 4);
	write_jump(out, BPF_JMP | BPF_JEQ | BPF_K, 6, 2, 0);
	write_op(out, BPF_LD | BPF_W | BPF_ABS, SOURCE4_AT);
	to4 = out->count;
	write_op(out, BPF_JMP | BPF_JA, 0);
	write_mapped(out, &mapped);
	for (size_t i = 0; i < count; i++)
		if (!rules[i].network->v4 && !rules[i].network->vsock)
			write_rule6(out, &rules[i]);
	write_verdict(out, otherwise);
	land(out, to4);
	land(out, mapped);
	write_op(out, BPF_MISC | BPF_TAX, 0);
	for (size_t i = 0; i < count; i++)
		if (rules[i].network->v4)
			write_rule4(out, &rules[i]);
	write_verdict(out, otherwise);
}

int access_filter(const struct access *access, struct sock_filter *code, size_t room)
{
	size_t only = access->only_from.count, count = only + access->no_access.count;
	struct writer out = {.code = code, .room = room};
	struct rule *rules;

	if (!count)
		return 0;
	rules = calloc(count, sizeof(*rules));
	if (!rules)
		return -1;
	for (size_t i = 0; i < count; i++)
		rules[i] = (struct rule){
			i < only ? &access->only_from.list[i] : &access->no_access.list[i - only],
			i < only};
	qsort(rules, count, sizeof(*rules), by_precedence);
	write_rules(&out, rules, count, !only);
	free(rules);
	if (out.count > room) {
		errno = E2BIG;
		return -1;
	}
	return (int)out.count;
}
