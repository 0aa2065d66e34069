/* swarm: many clients at once. Each connects to one of the ports in turn, sends the text and its
 * end of file, and reads until the other side closes; the answer must be as expected.
 *
 * usage: swarm [-c AT_ONCE] [-n TOTAL] [-t SECONDS] [-a] [-H PID[:COUNT]] TEXT EXPECTED PORT...
 *   -t  gives up then; without, after a minute, or INETD_PATIENCE (environment) of them
 *   -a  each comes from another address of 127.0.0.0/8
 *   -H  meanwhile sends COUNT times SIGHUP to PID, evenly
 * Prints "answered N refused N reset N wrong N late N"; exit status 0 if all were answered. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE_MOST 4096
#define ANSWER_BYTES 512

enum outcome { ANSWERED, REFUSED, RESET, WRONG, LATE, OUTCOMES };

static const char *const outcome_names[] = {"answered", "refused", "reset", "wrong", "late"};

struct client {
	int fd; /* -1: none */
	bool sent;
	size_t len;
	char answer[ANSWER_BYTES];
};

static struct {
	unsigned at_once, total, seconds, hups;
	pid_t hup_pid;
	bool many_addresses;
	const char *text, *expected;
	char **ports;
	int port_count;
} options = {.at_once = 16, .total = 100};

static struct client clients[AT_ONCE_MOST];
static struct pollfd polls[AT_ONCE_MOST];
static unsigned begun, ended, hups_sent, counts[OUTCOMES];

static unsigned number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end)
		errx(2, "not a number: %s", text);
	return (unsigned)value;
}

static void client_end(struct client *client, enum outcome outcome)
{
	close(client->fd);
	client->fd = -1;
	counts[outcome]++;
	ended++;
	while (hups_sent < options.hups &&
		(uint64_t)hups_sent * options.total < (uint64_t)ended * options.hups) {
		kill(options.hup_pid, SIGHUP);
		hups_sent++;
	}
}

static void client_begin(struct client *client)
{
	struct sockaddr_in to = {.sin_family = AF_INET}, from = {.sin_family = AF_INET};
	unsigned port = number(options.ports[begun % (unsigned)options.port_count]);

	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	from.sin_addr.s_addr = htonl(0x7f000002 + begun % 60000);
	begun++;
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	client->sent = false;
	client->len = 0;
	if (client->fd == -1)
		err(2, "socket");
	if (options.many_addresses && bind(client->fd, (struct sockaddr *)&from, sizeof(from)))
		err(2, "bind");
	if (connect(client->fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		client_end(client, REFUSED);
}

static void client_read(struct client *client)
{
	ssize_t got = read(
		client->fd, client->answer + client->len, sizeof(client->answer) - client->len);

	if (got > 0) {
		client->len += (size_t)got;
		if (client->len == sizeof(client->answer))
			client_end(client, WRONG);
	} else if (got == 0) {
		bool right = client->len == strlen(options.expected) &&
			     !memcmp(client->answer, options.expected, client->len);

		client_end(client, right ? ANSWERED : WRONG);
	} else if (errno != EAGAIN) {
		client_end(client, RESET);
	}
}

static void client_ready(struct client *client)
{
	size_t len = strlen(options.text);
	socklen_t size = sizeof(int);
	int error = 0;

	if (client->sent) {
		client_read(client);
		return;
	}
	getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error)
		client_end(client, error == ECONNREFUSED ? REFUSED : RESET);
	else if (send(client->fd, options.text, len, MSG_NOSIGNAL) != (ssize_t)len)
		client_end(client, RESET);
	else if (shutdown(client->fd, SHUT_WR))
		client_end(client, RESET);
	else
		client->sent = true;
}

static void run(void)
{
	time_t end = time(NULL) + (time_t)options.seconds;

	while (ended < options.total && time(NULL) < end) {
		for (unsigned i = 0; i < options.at_once; i++) {
			struct client *client = &clients[i];

			if (client->fd == -1 && begun < options.total)
				client_begin(client);
			polls[i].fd = client->fd;
			polls[i].events = client->sent ? POLLIN : POLLOUT;
		}
		if (poll(polls, options.at_once, 500) == -1)
			err(2, "poll");
		for (unsigned i = 0; i < options.at_once; i++)
			if (polls[i].fd != -1 && polls[i].revents)
				client_ready(&clients[i]);
	}
	for (unsigned i = 0; i < options.at_once; i++)
		if (clients[i].fd != -1)
			client_end(&clients[i], LATE);
}

static void read_hup(char *text)
{
	char *count = strchr(text, ':');

	options.hups = 1;
	if (count) {
		*count++ = 0;
		options.hups = number(count);
	}
	options.hup_pid = (pid_t)number(text);
}

int main(int argc, char **argv)
{
	const char *patience = getenv("INETD_PATIENCE");
	int option;

	options.seconds = 60 * (patience ? number(patience) : 1);
	while ((option = getopt(argc, argv, "c:n:t:aH:")) != -1) {
		switch (option) {
		case 'c':
			options.at_once = number(optarg);
			break;
		case 'n':
			options.total = number(optarg);
			break;
		case 't':
			options.seconds = number(optarg);
			break;
		case 'a':
			options.many_addresses = true;
			break;
		case 'H':
			read_hup(optarg);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind < 3 || !options.at_once || options.at_once > AT_ONCE_MOST)
		errx(2, "see the head of swarm.c");
	options.text = argv[optind];
	options.expected = argv[optind + 1];
	options.ports = argv + optind + 2;
	options.port_count = argc - optind - 2;
	for (unsigned i = 0; i < AT_ONCE_MOST; i++)
		clients[i].fd = -1;
	run();
	for (int i = 0; i < OUTCOMES; i++)
		printf("%s %u%s", outcome_names[i], counts[i], i + 1 < OUTCOMES ? " " : "\n");
	return counts[ANSWERED] != options.total;
}
