/* proxyproto: stands between inetd and a program that is reached through a proxy. Reads the header
 * that the proxy puts in front of the connection (the PROXY protocol, versions 1 and 2), sets the
 * variables that tell who is calling from it, and becomes the program, which finds the connection
 * as if the caller had come by himself. Serves one stream connection (`nowait`).
 *
 * Shown here: believe only whom the administrator trusts; look at input before taking it, so that
 * not one byte too many is read (MSG_PEEK); one time limit for all of it; a way on by exec(3). */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "base/network.h"
#include "base/proxy.h"
#include "common/io.h"
#include "common/options.h"
#include "common/proxy_env.h"

#define TRUSTED_MOST 256

struct options {
	struct network trusted[TRUSTED_MOST];
	size_t trusted_count;
	bool trust_unix; /* "unix" in the list: whoever may connect to our unix socket */
	bool verbose;    /* standard error is not the connection: say why it ended */
	int limit_ms;
};

static const struct options_known known = {
	.usage = "proxyproto [-v] [-t seconds] -n network[,network...] program [argument...]",
	.letters = "n:t:v",
	.least = 1,
	.most = OPTIONS_PROGRAM};

/* Adds "192.0.2.1,2001:db8::/32,unix" to whom we trust. */
static void add_trusted(struct options *options, char *list)
{
	static const char *const wrong[] = {[NETWORK_NOT] = "is no address",
		[NETWORK_PREFIX] = "has no prefix length of its family",
		[NETWORK_STRAY] = "has bits after its prefix"};
	enum network_error error;

	for (char *word; (word = strsep(&list, ","));) {
		if (!strcmp(word, "unix")) {
			options->trust_unix = true;
			continue;
		}
		if (options->trusted_count == TRUSTED_MOST)
			options_wrong(&known, "more than %d networks", TRUSTED_MOST);
		error = network_parse(word, &options->trusted[options->trusted_count++]);
		if (error != NETWORK_OK)
			options_wrong(&known, "option -n: \"%s\" %s", word, wrong[error]);
	}
}

static void parse_options(int argc, char *argv[], struct options *options)
{
	int option;

	while ((option = options_next(&known, argc, argv)) != -1) {
		if (option == 'v')
			options->verbose = true;
		else if (option == 't')
			options->limit_ms = 1000 * options_number(&known, 1, 3600);
		else
			add_trusted(options, optarg);
	}
	if (!options->trusted_count && !options->trust_unix)
		options_wrong(&known, "no network is trusted: option -n is missing");
}

static bool is_trusted(const struct options *options, const struct sockaddr_len *peer)
{
	struct networks trusted = {options->trusted, options->trusted_count, NULL};

	if (peer->addr.sa.sa_family == AF_UNIX)
		return options->trust_unix;
	return networks_match(&trusted, peer) >= 0;
}

/* Takes bytes that have been seen in the queue. */
static bool read_bytes(size_t len)
{
	char seen[PROXY_MOST];

	return recv(STDIN_FILENO, seen, len, MSG_DONTWAIT) == (ssize_t)len;
}

/* Reads the header and nothing after it. Returns NULL, or what is wrong. */
static const char *read_header(struct proxy *proxy, int limit_ms)
{
	uint64_t now, end = monotonic_ms() + (uint64_t)limit_ms;
	char seen[PROXY_MOST];
	size_t taken = 0, size;
	enum proxy_result result;

	while ((now = monotonic_ms()) < end &&
		io_wait(STDIN_FILENO, POLLIN, (int)(end - now)) > 0) {
		ssize_t got = recv(
			STDIN_FILENO, seen + taken, sizeof(seen) - taken, MSG_PEEK | MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return proxy_wrong(PROXY_ENDED);
		result = proxy_scan(seen, taken + (size_t)got, proxy, &size);
		if (result != PROXY_PART && result != PROXY_WHOLE)
			return proxy_wrong(result);
		if (!read_bytes(result == PROXY_PART ? (size_t)got : size - taken))
			return "the connection ended";
		if (result == PROXY_WHOLE)
			return NULL;
		taken += (size_t)got;
	}
	return proxy_wrong(PROXY_LATE);
}

int main(int argc, char *argv[])
{
	struct options options = {.limit_ms = 5000};
	struct sockaddr_len peer = {.len = sizeof(peer.addr)};
	const char *wrong = "not from a trusted network";
	char text[128];
	struct proxy proxy;

	parse_options(argc, argv, &options);
	if (getpeername(STDIN_FILENO, &peer.addr.sa, &peer.len) < 0) {
		wrong = strerror(errno);
		peer.len = 0;
	} else if (is_trusted(&options, &peer)) {
		wrong = read_header(&proxy, options.limit_ms);
	}
	if (wrong) {
		if (options.verbose)
			fprintf(stderr, "proxyproto: %s: %s\n",
				sockaddr_text(&peer, text, sizeof(text)), wrong);
		return 1;
	}
	proxy_set_environment(&proxy);
	execvp(argv[optind], argv + optind);
	if (options.verbose)
		fprintf(stderr, "proxyproto: %s: %s\n", argv[optind], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
