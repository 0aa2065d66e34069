/* Programs of the kernel's filter language, run by an interpreter here: every number has the answer
 * of its rule, however many rules there are and wherever they lie. */
#include "unit.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "run/cage/filter_program.h"

#define ARCH    0xc000003e
#define ALLOW   SECCOMP_RET_ALLOW
#define REFUSE  (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)
#define FOREIGN 0x40000000
#define NUMBERS 3000
#define ROUNDS  400

static const uint32_t two_values[] = {2, 10}, zero[] = {0};
static const struct filter_condition high_bits = {1, 0x7c020000, zero, 1, UNKNOWN, NULL};
static const struct filter_condition conditions[] = {
	{0, UINT32_MAX, two_values, 2, REFUSE, NULL},
	{1, 0x7c020000, zero, 1, UNKNOWN, NULL},
	{0, UINT32_MAX, two_values, 2, REFUSE, &high_bits},
};

static bool holds(struct sock_filter op, uint32_t a)
{
	switch (BPF_OP(op.code)) {
	case BPF_JEQ:
		return a == op.k;
	case BPF_JGE:
		return a >= op.k;
	default:
		fail_msg("jump %#x", op.code);
		return false;
	}
}

/* The answer; it fails at what the kernel would not take. */
static uint32_t run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (unsigned at = 0; at < program->len; at++) {
		struct sock_filter op = program->filter[at];

		if (op.code == (BPF_RET | BPF_K))
			return op.k;
		if (op.code == (BPF_LD | BPF_W | BPF_ABS)) {
			assert_true(op.k % 4 == 0 && op.k + 4 <= sizeof(*data));
			memcpy(&a, (const char *)data + op.k, sizeof(a));
		} else if (op.code == (BPF_ALU | BPF_AND | BPF_K)) {
			a &= op.k;
		} else if (op.code == (BPF_JMP | BPF_JA)) {
			at += op.k;
		} else {
			assert_int_equal(BPF_CLASS(op.code), BPF_JMP);
			at += holds(op, a) ? op.jt : op.jf;
		}
	}
	fail_msg("it runs beyond its end");
	return 0;
}

static bool is_met(const struct filter_condition *condition, const struct seccomp_data *data)
{
	for (unsigned i = 0; i < condition->count; i++)
		if (((uint32_t)data->args[condition->arg] & condition->mask) ==
			condition->values[i])
			return true;
	return false;
}

static uint32_t expected(const struct filter_rule *rules, size_t count, uint32_t otherwise,
	struct seccomp_data *data)
{
	for (size_t i = 0; i < count; i++) {
		const struct filter_condition *condition = rules[i].condition;

		if (rules[i].call != (uint32_t)data->nr)
			continue;
		while (condition && is_met(condition, data))
			condition = condition->also;
		return condition ? condition->otherwise : rules[i].answer;
	}
	return otherwise;
}

static void compare_all(const struct sock_fprog *program, const struct filter_rule *rules,
	size_t count, uint32_t otherwise)
{
	static const uint64_t args[] = {0, 2, 11, 0x20000, UINT64_C(0x10000000a)};

	for (int number = 0; number < NUMBERS + 2; number++) {
		for (size_t i = 0; i < 2 * COUNT(args); i++) {
			struct seccomp_data data = {.nr = number,
				.arch = ARCH,
				.args = {args[i % COUNT(args)],
					args[(i + i / COUNT(args)) % COUNT(args)]}};
			uint32_t want = expected(rules, count, otherwise, &data);

			if (run(program, &data) != want)
				fail_msg("%zu rules, call %d, arguments %llx %llx: %#x, not %#x",
					count, number, (unsigned long long)data.args[0],
					(unsigned long long)data.args[1], run(program, &data),
					want);
		}
	}
}

/* Few or many, in bands that are dense or sparse, in any order. */
static size_t random_rules(struct filter_rule *rules, uint64_t *seed)
{
	static const uint32_t answers[] = {ALLOW, ALLOW, ALLOW, REFUSE, UNKNOWN};
	unsigned one_in = 1 + unit_random(seed) % 20, most = unit_random(seed) % NUMBERS;
	size_t count = 0;

	for (uint32_t i = 0; i < most; i++) {
		uint32_t condition = unit_random(seed) % 100;

		if (unit_random(seed) % one_in != 0 || count >= NUMBERS / 2)
			continue;
		rules[count++] = (struct filter_rule){(i * 7) % NUMBERS,
			answers[unit_random(seed) % COUNT(answers)],
			condition < COUNT(conditions) ? &conditions[condition] : NULL};
	}
	return count;
}

static void every_number_has_the_answer_of_its_rule(void **state)
{
	static struct filter_rule rules[NUMBERS];
	unsigned rounds = unit_rounds(ROUNDS), longest = 0;
	uint64_t seed = 20261130;

	(void)state;
	for (unsigned round = 0; round < rounds; round++) {
		uint32_t otherwise = round % 4 ? REFUSE : ALLOW;
		size_t count = round ? random_rules(rules, &seed) : 0;
		struct sock_fprog program;

		assert_int_equal(filter_program_make(rules, count, otherwise, ARCH, &program), 0);
		compare_all(&program, rules, count, otherwise);
		longest = program.len > longest ? program.len : longest;
		free(program.filter);
	}
	/* Some jumps were longer than those of conditions can be. */
	assert_true(longest > 1000 || rounds < ROUNDS);
}

static void calls_of_other_machines_are_refused(void **state)
{
	struct filter_rule rules[] = {{1, ALLOW, NULL}};
	struct sock_fprog program;

	(void)state;
	assert_int_equal(filter_program_make(rules, 1, ALLOW, ARCH, &program), 0);
	assert_int_equal(run(&program, &(struct seccomp_data){.nr = 1, .arch = ARCH}), ALLOW);
	assert_int_equal(run(&program, &(struct seccomp_data){.nr = 1, .arch = ARCH + 1}), REFUSE);
	assert_int_equal(
		run(&program, &(struct seccomp_data){.nr = FOREIGN + 1, .arch = ARCH}), REFUSE);
	free(program.filter);
}

/* Each start compiles it: a range costs an instruction, its answer none. */
static void a_range_costs_one_instruction(void **state)
{
	struct filter_rule rules[100];
	struct sock_fprog program;

	(void)state;
	for (uint32_t i = 0; i < COUNT(rules); i++)
		rules[i] = (struct filter_rule){i * 3, ALLOW, NULL};
	assert_int_equal(filter_program_make(rules, COUNT(rules), REFUSE, ARCH, &program), 0);
	assert_in_range(program.len, 200, 206);
	free(program.filter);
}

static void what_the_kernel_would_not_take_is_an_error(void **state)
{
	static struct filter_rule rules[5000];
	struct sock_fprog program;

	(void)state;
	for (uint32_t i = 0; i < COUNT(rules); i++)
		rules[i] = (struct filter_rule){i * 2, ALLOW, NULL};
	errno = 0;
	assert_int_equal(filter_program_make(rules, COUNT(rules), REFUSE, ARCH, &program), -1);
	assert_int_equal(errno, E2BIG);
	assert_null(program.filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_the_answer_of_its_rule),
		cmocka_unit_test(calls_of_other_machines_are_refused),
		cmocka_unit_test(a_range_costs_one_instruction),
		cmocka_unit_test(what_the_kernel_would_not_take_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
