/* test_config_near: which key may have been meant by a name that is none. */
#include "unit.h"

#include "config/keys/key.h"

struct near_case {
	const char *word, *near; /* NULL: none */
	unsigned flags;
};

static const struct near_case nears[] = {
	{"instnces", "instances", KEY_IN_SERVICE},
	{"instance", "instances", KEY_IN_SERVICE},
	{"servre", "server", KEY_IN_SERVICE},
	{"Server", "server", KEY_IN_SERVICE},
	{"persource", "per_source", KEY_IN_SERVICE},
	{"childern", "children", KEY_IN_DAEMON},
	{"childern", NULL, KEY_IN_SERVICE},
	{"colour", NULL, KEY_IN_SERVICE},
	{"", NULL, KEY_IN_SERVICE},
	{"a_name_that_is_longer_than_any_key_of_it", NULL, KEY_IN_SERVICE},
	{"acept_max", "accept_max", KEY_IN_SERVICE},
};

static void test_nearest(void **state)
{
	char label[1001];
	const char *const others[] = {label, "accept_max", NULL};

	(void)state;
	memset(label, 'a', sizeof(label) - 1); /* of a section: they may be as long as a line */
	label[sizeof(label) - 1] = 0;
	for (size_t i = 0; i < COUNT(nears); i++) {
		const char *near = key_near(nears[i].word, nears[i].flags, others);

		if (!near || !nears[i].near)
			assert_ptr_equal(near, nears[i].near);
		else
			assert_string_equal(near, nears[i].near);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
