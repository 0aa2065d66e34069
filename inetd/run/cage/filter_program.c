/* filter_program: see filter_program.h. Jumps lead forward only, so the program is written from its
 * end: where a jump leads is known when it is written. */
#include "run/cage/filter_program.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define REFUSE  (SECCOMP_RET_ERRNO | EPERM)
#define FOREIGN 0x40000000 /* numbers from here on are not of this machine (x32 on amd64) */
#define NEAR    254        /* a conditional jump goes 255 far; one more may come before it */

/* The numbers from `first` to that of the next range. */
struct range {
	uint32_t first, answer;
	const struct filter_condition *condition;
};

struct code {
	struct sock_filter ops[BPF_MAXINSNS];
	unsigned start; /* the first that is written */
	bool full;
};

/* Each function returns where what it has written begins. `yes` and `no`: where it goes on. */
static unsigned put_jump(struct code *code, uint16_t op, uint32_t k, unsigned yes, unsigned no)
{
	unsigned from = code->start;

	if (!from) {
		code->full = true;
		return 0;
	}
	code->ops[--code->start] =
		(struct sock_filter)BPF_JUMP(op, k, (uint8_t)(yes - from), (uint8_t)(no - from));
	return code->start;
}

static unsigned put(struct code *code, uint16_t op, uint32_t k)
{
	return put_jump(code, op, k, code->start, code->start);
}

static unsigned put_near(struct code *code, unsigned target)
{
	return target - code->start <= NEAR ? target
					    : put(code, BPF_JMP | BPF_JA, target - code->start);
}

/* The same answer may be near already. */
static unsigned put_answer(struct code *code, uint32_t answer)
{
	for (unsigned at = code->start; at < BPF_MAXINSNS && at - code->start <= NEAR; at++)
		if (code->ops[at].code == (BPF_RET | BPF_K) && code->ops[at].k == answer)
			return at;
	return put(code, BPF_RET | BPF_K, answer);
}

static unsigned lower_half_of(unsigned arg)
{
	unsigned at = offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);

	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? at + sizeof(uint32_t) : at;
}

/* `yes`: where it goes on when the condition is met. */
static unsigned put_condition(
	struct code *code, const struct filter_condition *condition, unsigned yes)
{
	unsigned no;

	if (condition->also)
		yes = put_condition(code, condition->also, yes);
	no = put(code, BPF_RET | BPF_K, condition->otherwise);
	for (unsigned i = condition->count; i-- > 0;)
		no = put_jump(code, BPF_JMP | BPF_JEQ | BPF_K, condition->values[i], yes, no);
	if (condition->mask != UINT32_MAX)
		put(code, BPF_ALU | BPF_AND | BPF_K, condition->mask);
	return put(code, BPF_LD | BPF_W | BPF_ABS, lower_half_of(condition->arg));
}

static unsigned put_search(struct code *code, const struct range *ranges, size_t count)
{
	size_t half = count / 2;
	unsigned above, below;

	if (count == 1)
		return ranges->condition ? put_condition(code, ranges->condition,
						   put(code, BPF_RET | BPF_K, ranges->answer))
					 : put_answer(code, ranges->answer);
	above = put_search(code, ranges + half, count - half);
	below = put_search(code, ranges, half);
	above = put_near(code, above);
	below = put_near(code, below);
	return put_jump(code, BPF_JMP | BPF_JGE | BPF_K, ranges[half].first, above, below);
}

static size_t add_range(struct range *ranges, size_t count, const struct range *range)
{
	const struct range *last;

	if (count && ranges[count - 1].first == range->first)
		count--;
	last = ranges + count - 1;
	if (count && !last->condition && !range->condition && last->answer == range->answer)
		return count;
	ranges[count] = *range;
	return count + 1;
}

static size_t make_ranges(struct range *ranges, const struct filter_rule *rules, size_t rule_count,
	uint32_t otherwise)
{
	size_t count = add_range(ranges, 0, &(struct range){0, otherwise, NULL});

	for (size_t i = 0; i < rule_count; i++) {
		const struct filter_rule *rule = &rules[i];

		count = add_range(
			ranges, count, &(struct range){rule->call, rule->answer, rule->condition});
		count = add_range(ranges, count, &(struct range){rule->call + 1, otherwise, NULL});
	}
	return add_range(ranges, count, &(struct range){FOREIGN, REFUSE, NULL});
}

static int compare_rules(const void *a, const void *b)
{
	uint32_t left = ((const struct filter_rule *)a)->call;
	uint32_t right = ((const struct filter_rule *)b)->call;

	return (left > right) - (left < right);
}

static void put_program(struct code *code, const struct range *ranges, size_t count, uint32_t arch)
{
	unsigned refuse, search;

	code->start = BPF_MAXINSNS;
	put_search(code, ranges, count);
	search = put(code, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	refuse = put_answer(code, REFUSE);
	put_jump(code, BPF_JMP | BPF_JEQ | BPF_K, arch, search, refuse);
	put(code, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
}

int filter_program_make(struct filter_rule *rules, size_t count, uint32_t otherwise, uint32_t arch,
	struct sock_fprog *program)
{
	struct code *code = calloc(1, sizeof(*code));
	struct range *ranges = calloc(2 * count + 2, sizeof(*ranges));
	int err = code && ranges ? 0 : ENOMEM;

	program->filter = NULL;
	if (!err) {
		qsort(rules, count, sizeof(*rules), compare_rules);
		put_program(code, ranges, make_ranges(ranges, rules, count, otherwise), arch);
		program->len = (unsigned short)(BPF_MAXINSNS - code->start);
		program->filter = code->full ? NULL : malloc(program->len * sizeof(*code->ops));
		err = code->full ? E2BIG : program->filter ? 0 : ENOMEM;
	}
	if (!err)
		memcpy(program->filter, code->ops + code->start, program->len * sizeof(*code->ops));
	free(code);
	free(ranges);
	errno = err;
	return err ? -1 : 0;
}
