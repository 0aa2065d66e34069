/* type_counted: the types of lists that are counted: networks, with names of hosts or a word for
 * unix sockets among them or not, and spans of time. */
#include <arpa/inet.h>
#include <endian.h>
#include <strings.h>

#include "base/host_name.h"
#include "config/keys/key.h"
#include "config/text/ini_text.h"
#include "config/text/list.h"

#define LOCAL_SENDERS "unix"

/* Zeros at the end of an IPv4 address, which make a network of it in xinetd: its bits, 32 for none.
 */
static unsigned zeros_of(const struct network *network)
{
	uint32_t address = (uint32_t)be64toh(network->addr[1]);

	if (!network->v4 || network->bits != 32 || address & 0xff)
		return 32;
	return !address ? 0 : !(address & 0xffffff) ? 8 : !(address & 0xffff) ? 16 : 24;
}

/* Warns of one address where a network is likely meant. */
static void warn_zeros(const struct setting *set, const char *piece, const struct network *network)
{
	unsigned bits = zeros_of(network);

	if (bits == 32 || strchr(piece, '/'))
		return;
	if (!bits)
		diag_add(set->diag, DIAG_WARNING, set->where,
			"%s: %s is one address, which no client has: everybody is 0.0.0.0/0 ::/0",
			set->name, piece);
	else
		diag_add(set->diag, DIAG_WARNING, set->where,
			"%s: %s is one address: for the network write %s/%u, else %s/32", set->name,
			piece, piece, bits, piece);
}

/* Words that stand for everybody elsewhere. */
static bool means_everybody(const char *piece)
{
	return !strcasecmp(piece, "ALL") || !strcasecmp(piece, "any") || !strcmp(piece, "*");
}

/* ADDRESS-ADDRESS */
static bool is_range(const char *piece)
{
	const char *dash = strchr(piece, '-');
	struct in6_addr last;

	return dash && (inet_pton(AF_INET, dash + 1, &last) == 1 ||
			       inet_pton(AF_INET6, dash + 1, &last) == 1);
}

/* Reports what is no network. */
static void no_network(const struct setting *set, const char *piece)
{
	const char *name = set->name, *slash = strchr(piece, '/');
	struct in_addr mask;

	if (means_everybody(piece)) {
		TYPE_FAIL(set,
			"%s: '%s' is not an address: for everybody write 0.0.0.0/0 ::/0, or leave "
			"%s out",
			name, piece, name);
		return;
	}
	if (*piece == '!') {
		TYPE_FAIL(set, "%s: '%s': who is kept out is listed in no_access, without '!'",
			name, piece);
		return;
	}
	if (is_range(piece)) {
		TYPE_FAIL(set, "%s: '%s' is a range: write networks, as in 192.0.2.0/24", name,
			piece);
		return;
	}
	if (slash && strchr(slash, '.') && inet_pton(AF_INET, slash + 1, &mask) == 1)
		TYPE_FAIL(set, "%s: '%s' has a netmask: write the length of the prefix, %.*s/%d",
			name, piece, (int)(slash - piece), piece, __builtin_popcount(mask.s_addr));
	else
		TYPE_FAIL(set, "%s: '%s' is not an address or network, as in 192.0.2.0/24%s", name,
			piece,
			set->key->type == &type_clients
				? ", nor the name of a host or, with a dot in front, a domain"
				: "");
}

static bool parse_network(const struct setting *set, const char *piece, struct network *network)
{
	const char *name = set->name;
	char text[NETWORK_TEXT];

	switch (network_parse(piece, network)) {
	case NETWORK_NOT:
		no_network(set, piece);
		return false;
	case NETWORK_PREFIX:
		if (strchr(strchr(piece, '/'), '.'))
			no_network(set, piece);
		else
			TYPE_FAIL(set,
				"%s: '%s': after the slash comes the length of the prefix, 0 to %d",
				name, piece, network->v4 ? 32 : 128);
		return false;
	case NETWORK_STRAY:
		diag_add(set->diag, DIAG_WARNING, set->where, "%s: '%s' is taken as %s", name,
			piece, network_text(network, text, sizeof(text)));
		return true;
	default:
		warn_zeros(set, piece, network);
		return true;
	}
}

/* One piece of a list that may hold names. Returns false after a diagnostic. */
static bool parse_client(
	const struct setting *set, const char *piece, struct network *network, char **name)
{
	if (set->key->type != &type_clients || !host_name_valid(piece) || means_everybody(piece))
		return parse_network(set, piece, network);
	*name = arena_strdup(set->arena, piece);
	return *name || type_no_memory(set) == 0;
}

/* With `local` the word for unix sockets may be among them. */
static int parse_list(const struct setting *set, struct networks *networks, bool *local)
{
	const char *rest = set->value;
	char piece[LIST_PIECE];
	size_t most = list_count(set->value, LIST_BOTH), count = 0, named = 0, pieces = 0;
	struct network *list = arena_calloc(set->arena, most, sizeof(*list));
	char **names = arena_calloc(set->arena, most + 1, sizeof(*names));
	bool good = true;

	if (!list || !names)
		return type_no_memory(set);
	for (; list_next(&rest, LIST_BOTH, piece, sizeof(piece)); pieces++) {
		if (local && !strcmp(piece, LOCAL_SENDERS)) {
			*local = true;
			continue;
		}
		good &= parse_client(set, piece, &list[count], &names[named]);
		if (names[named])
			named++;
		else
			count++;
	}
	if (!pieces)
		TYPE_FAIL(set, "%s: is empty", set->name);
	*networks = (struct networks){list, count, named ? names : NULL};
	return good && pieces ? 0 : -1;
}

static int parse_networks(const struct setting *set)
{
	return parse_list(set, set->out, NULL);
}

static void add_networks(struct ini_list *list, const struct networks *networks)
{
	char text[NETWORK_TEXT];

	for (size_t i = 0; i < networks->count; i++) {
		network_text(&networks->list[i], text, sizeof(text));
		if (zeros_of(&networks->list[i]) != 32) /* or it would look like a network */
			strlcat(text, "/32", sizeof(text));
		ini_list_add(list, "", text);
	}
	for (char *const *name = networks->names; name && *name; name++)
		ini_list_add(list, "", *name);
}

static bool print_networks(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};

	add_networks(&list, value);
	return ini_list_end(&list);
}

static bool equal_names(char *const *a, char *const *b)
{
	if (!a || !b)
		return a == b;
	for (; *a && *b; a++, b++)
		if (strcasecmp(*a, *b) != 0)
			return false;
	return *a == *b;
}

static bool equal_networks(const void *a, const void *b)
{
	const struct networks *x = a, *y = b;

	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (network_compare(&x->list[i], &y->list[i]) != 0)
			return false;
	return equal_names(x->names, y->names);
}

static size_t count_names(char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

static int join_networks(void *out, const void *first, const void *second, struct arena *arena)
{
	const struct networks *one = first, *two = second;
	size_t ones = count_names(one->names), twos = count_names(two->names);
	struct network *list = arena_calloc(arena, one->count + two->count, sizeof(struct network));
	char **names = arena_calloc(arena, ones + twos + 1, sizeof(*names));

	if (!list || !names)
		return -1;
	memcpy(list, one->list, one->count * sizeof(*list));
	memcpy(list + one->count, two->list, two->count * sizeof(*list));
	for (size_t i = 0; i < ones + twos; i++)
		names[i] = i < ones ? one->names[i] : two->names[i - ones];
	*(struct networks *)out =
		(struct networks){list, one->count + two->count, ones + twos ? names : NULL};
	return 0;
}

#define NETWORKS_TYPE(calls, helps)                                                                \
	{                                                                                          \
		.name = calls, .help = helps, .bytes = sizeof(struct networks),                    \
		.separators = LIST_BOTH, .parse = parse_networks, .print = print_networks,         \
		.equal = equal_networks, .join = join_networks,                                    \
	}

const struct key_type type_networks = NETWORKS_TYPE("networks",
	"addresses and networks (192.0.2.0/24, 2001:db8::/32) with blanks or commas between; += "
	"adds more");

const struct key_type type_clients = NETWORKS_TYPE("clients",
	"addresses, networks (192.0.2.0/24, 2001:db8::/32), names of hosts and domains "
	"(.example.com) with blanks or commas between; += adds more");

static int parse_senders(const struct setting *set)
{
	struct proxy_senders *senders = set->out;

	*senders = (struct proxy_senders){.local = false};
	return parse_list(set, &senders->networks, &senders->local);
}

static bool print_senders(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	const struct proxy_senders *senders = value;

	add_networks(&list, &senders->networks);
	if (senders->local)
		ini_list_add(&list, "", LOCAL_SENDERS);
	return ini_list_end(&list);
}

static bool equal_senders(const void *a, const void *b)
{
	const struct proxy_senders *x = a, *y = b;

	return x->local == y->local && equal_networks(&x->networks, &y->networks);
}

static int join_senders(void *out, const void *first, const void *second, struct arena *arena)
{
	const struct proxy_senders *one = first, *two = second;
	struct proxy_senders *both = out;

	both->local = one->local || two->local;
	return join_networks(&both->networks, &one->networks, &two->networks, arena);
}

const struct key_type type_senders = {
	.name = "networks",
	.help = "addresses and networks (192.0.2.0/24, 2001:db8::/32), or unix, with blanks or "
		"commas between; += adds more",
	.bytes = sizeof(struct proxy_senders),
	.separators = LIST_BOTH,
	.parse = parse_senders,
	.print = print_senders,
	.equal = equal_senders,
	.join = join_senders,
};

static void no_time(const struct setting *set, const char *piece)
{
	const char *name = set->name;

	if (strstr(piece, "\xe2\x80\x93") || strstr(piece, "\xe2\x80\x94"))
		TYPE_FAIL(set, "%s: '%s' holds a long dash (U+2013): write plain hyphens", name,
			piece);
	else
		TYPE_FAIL(set,
			"%s: '%s' is no time of a week, as in Mon-Fri 08:00-18:00; spans are "
			"separated by "
			"commas",
			name, piece);
}

/* Of spans one of which was meant to end with its last minute, as in xinetd. */
static void warn_end(const struct setting *set, const struct week_span *spans, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned end = (spans[i].from + spans[i].minutes) % (24 * 60);

		if (end % 60 != 59)
			continue;
		diag_add(set->diag, DIAG_WARNING, set->where,
			"%s: a span that ends at %u:59 does not hold that minute, as it does in "
			"xinetd: write %u:00 to include it",
			set->name, end / 60, end / 60 + 1);
		return;
	}
}

static int parse_times(const struct setting *set)
{
	struct week_spans *spans = set->out;
	struct week_span *list = arena_calloc(
		set->arena, list_count(set->value, LIST_COMMAS) * WEEK_PIECE, sizeof(*spans->list));
	const char *rest = set->value;
	char piece[LIST_PIECE];
	size_t count = 0, pieces = 0;
	bool good = true;

	if (!list)
		return type_no_memory(set);
	for (; list_next(&rest, LIST_COMMAS, piece, sizeof(piece)); pieces++) {
		size_t found = week_parse(piece, list + count);

		if (!found)
			no_time(set, piece);
		warn_end(set, list + count, found);
		good &= found > 0;
		count += found;
	}
	if (!pieces)
		TYPE_FAIL(set, "%s: is empty", set->name);
	*spans = (struct week_spans){list, count};
	return good && pieces ? 0 : -1;
}

static bool print_times(const struct key *key, const void *value, FILE *out)
{
	struct ini_list list = {.out = out, .name = key->name};
	const struct week_spans *spans = value;
	char text[WEEK_TEXT];

	for (size_t i = 0; i < spans->count; i++)
		ini_list_add(&list, ",", week_text(&spans->list[i], text, sizeof(text)));
	return ini_list_end(&list);
}

static bool equal_times(const void *a, const void *b)
{
	const struct week_spans *x = a, *y = b;

	if (x->count != y->count)
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (x->list[i].from != y->list[i].from || x->list[i].minutes != y->list[i].minutes)
			return false;
	return true;
}

static int join_times(void *out, const void *first, const void *second, struct arena *arena)
{
	const struct week_spans *one = first, *two = second;
	struct week_span *list =
		arena_calloc(arena, one->count + two->count, sizeof(struct week_span));

	if (!list)
		return -1;
	memcpy(list, one->list, one->count * sizeof(*list));
	memcpy(list + one->count, two->list, two->count * sizeof(*list));
	*(struct week_spans *)out = (struct week_spans){list, one->count + two->count};
	return 0;
}

const struct key_type type_times = {
	.name = "times",
	.help = "spans of a week with commas between; += adds more",
	.bytes = sizeof(struct week_spans),
	.separators = LIST_COMMAS,
	.parse = parse_times,
	.print = print_times,
	.equal = equal_times,
	.join = join_times,
};
