/* outcomes: many clients of several services, of which each service makes what it is set up for:
 * served, refused for a reason, failed. Counts what they see, so that it can be compared with what
 * the daemon says.
 *
 * usage: outcomes [-n TOTAL] [-c AT_ONCE] [-t SECONDS] [-d PID [-H HUPS] [-K KILLS]] SERVICE...
 *   SERVICE  NAME:KIND:PORT:SOURCE[:COUNT]
 *     KIND   serve  sends a byte and its end of file, wants an answer before the other side's end
 *            shut   sends nothing, wants the other side's end, with a text or without
 *            leave  resets the connection as soon as it stands
 *     SOURCE the address it comes from; with a + behind, each time the next one
 *     COUNT  so many of it; without, all such services have the same part of TOTAL
 *   -d       the daemon, which gets SIGHUP HUPS times, and its worker SIGKILL KILLS times, evenly
 * Connections are closed so that nothing of them stays in the system. Prints for each service
 * "NAME served N shut N reset N refused N late N": an answer, an end without, a reset, no
 * connection, nothing in time. Exit status 0 if none was refused or late. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVICES_MOST 32
#define AT_ONCE_MOST  1024
#define SPREAD        0x3fffff /* addresses that a + goes round */

enum kind { SERVE, SHUT, LEAVE, KINDS };
enum outcome { SERVED, ENDED, RESET, REFUSED, LATE, OUTCOMES };

static const char *const kinds[] = {"serve", "shut", "leave"};
static const char *const outcomes[] = {"served", "shut", "reset", "refused", "late"};

struct service {
	const char *name;
	enum kind kind;
	struct sockaddr_in to, from;
	bool spread;
	uint64_t quota, begun, counts[OUTCOMES];
	unsigned open;
};

struct client {
	int fd; /* -1: none */
	struct service *service;
	bool sent, answered;
};

static struct {
	uint64_t total, hups, kills;
	unsigned at_once, seconds;
	pid_t daemon;
} options = {.total = 1000, .at_once = 64, .seconds = 60};

static struct service services[SERVICES_MOST];
static unsigned service_count, open_count;
static struct client clients[AT_ONCE_MOST];
static uint64_t planned, ended, hups_sent, kills_sent;
static int epoll_fd;

static uint64_t number(const char *text)
{
	const char *error;
	long long value = strtonum(text, 0, INT64_MAX, &error);

	if (error)
		errx(2, "%s: %s", text, error);
	return (uint64_t)value;
}

/* The child of the daemon that bears the name of the worker; 0: none. */
static pid_t find_worker(void)
{
	char path[64], name[32];
	pid_t pid, found = 0;
	FILE *children, *comm;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", options.daemon, options.daemon);
	children = fopen(path, "re");
	while (children && fscanf(children, "%d", &pid) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		comm = fopen(path, "re");
		if (comm && fgets(name, sizeof(name), comm) && !strcmp(name, "inetd-worker\n"))
			found = pid;
		if (comm)
			fclose(comm);
	}
	if (children)
		fclose(children);
	return found;
}

/* True if the next of `all` is due. */
static bool is_due(uint64_t done, uint64_t all)
{
	return done < all && (done + 1) * planned <= ended * (all + 1);
}

static void disturb(void)
{
	pid_t worker;

	if (is_due(hups_sent, options.hups)) {
		kill(options.daemon, SIGHUP);
		hups_sent++;
	}
	if (is_due(kills_sent, options.kills) && (worker = find_worker())) {
		kill(worker, SIGKILL);
		kills_sent++;
	}
}

static void client_end(struct client *client, enum outcome outcome)
{
	const struct linger none = {.l_onoff = 1};

	setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(client->fd);
	client->fd = -1;
	client->service->counts[outcome]++;
	client->service->open--;
	open_count--;
	ended++;
	disturb();
}

static void client_begin(struct client *client, struct service *service)
{
	struct sockaddr_in from = service->from;
	const int on = 1;
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};

	if (service->spread)
		from.sin_addr.s_addr =
			htonl(ntohl(from.sin_addr.s_addr) + (uint32_t)(service->begun & SPREAD));
	*client = (struct client){
		.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .service = service};
	if (client->fd == -1)
		err(2, "socket");
	setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(client->fd, (struct sockaddr *)&from, sizeof(from)))
		err(2, "bind");
	service->begun++;
	service->open++;
	open_count++;
	if (connect(client->fd, (struct sockaddr *)&service->to, sizeof(service->to)) &&
		errno != EINPROGRESS)
		client_end(client, REFUSED);
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event))
		err(2, "epoll_ctl");
}

static void client_connected(struct client *client)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
	socklen_t size = sizeof(int);
	int error = 0;

	getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	client->sent = true;
	if (error)
		client_end(client, error == ECONNRESET ? RESET : REFUSED);
	else if (client->service->kind == LEAVE)
		client_end(client, ENDED);
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, client->fd, &event))
		err(2, "epoll_ctl");
	else if (client->service->kind == SERVE &&
		 (send(client->fd, "x", 1, MSG_NOSIGNAL) != 1 || shutdown(client->fd, SHUT_WR)))
		client_end(client, RESET);
}

static void client_read(struct client *client)
{
	char text[4096];
	ssize_t got = read(client->fd, text, sizeof(text));

	if (got > 0)
		client->answered = true;
	else if (got == 0)
		client_end(client,
			client->answered && client->service->kind == SERVE ? SERVED : ENDED);
	else if (errno != EAGAIN)
		client_end(client, RESET);
}

/* The next in turn that has not had its part and not too many open; NULL: none now. */
static struct service *next_service(void)
{
	static unsigned turn;

	for (unsigned i = 0; i < service_count; i++) {
		struct service *service = &services[turn++ % service_count];

		if (service->begun < service->quota &&
			service->open < MAX(1, options.at_once / service_count))
			return service;
	}
	return NULL;
}

static void begin_some(void)
{
	struct service *service;

	for (unsigned i = 0; i < options.at_once; i++) {
		if (clients[i].fd != -1)
			continue;
		service = next_service();
		if (!service)
			return;
		client_begin(&clients[i], service);
	}
}

static void run(void)
{
	time_t end = time(NULL) + (time_t)options.seconds;
	struct epoll_event events[AT_ONCE_MOST];

	while (ended < planned && time(NULL) < end) {
		int count;

		begin_some();
		count = epoll_wait(epoll_fd, events, AT_ONCE_MOST, 500);
		for (int i = 0; i < count; i++) {
			struct client *client = events[i].data.ptr;

			if (client->sent)
				client_read(client);
			else
				client_connected(client);
		}
	}
	for (unsigned i = 0; i < options.at_once; i++)
		if (clients[i].fd != -1)
			client_end(&clients[i], LATE);
}

static void service_parse(char *text)
{
	struct service *service = &services[service_count++];
	char *word[5] = {0}, *plus;

	for (size_t i = 0; i < 5; i++)
		word[i] = strsep(&text, ":");
	if (!word[3] || text)
		errx(2, "a service is NAME:KIND:PORT:SOURCE[:COUNT]");
	service->name = word[0];
	while (service->kind < KINDS && strcmp(kinds[service->kind], word[1]))
		service->kind++;
	if (service->kind == KINDS)
		errx(2, "no kind of client: %s", word[1]);
	service->to.sin_family = service->from.sin_family = AF_INET;
	service->to.sin_port = htons((uint16_t)number(word[2]));
	service->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	plus = strchr(word[3], '+');
	service->spread = plus != NULL;
	if (plus)
		*plus = 0;
	if (inet_pton(AF_INET, word[3], &service->from.sin_addr) != 1)
		errx(2, "no address: %s", word[3]);
	service->quota = word[4] ? number(word[4]) : UINT64_MAX;
}

/* What is left of the total is for those that have no count of their own. */
static void plan(void)
{
	uint64_t left = options.total;
	unsigned sharing = 0;

	for (unsigned i = 0; i < service_count; i++)
		if (services[i].quota == UINT64_MAX)
			sharing++;
		else
			left -= MIN(left, services[i].quota);
	for (unsigned i = 0; i < service_count; i++) {
		if (services[i].quota == UINT64_MAX)
			services[i].quota = left / sharing;
		planned += services[i].quota;
	}
}

static void parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "n:c:t:d:H:K:")) != -1) {
		switch (option) {
		case 'n':
			options.total = number(optarg);
			break;
		case 'c':
			options.at_once = (unsigned)MIN(number(optarg), AT_ONCE_MOST);
			break;
		case 't':
			options.seconds = (unsigned)number(optarg);
			break;
		case 'd':
			options.daemon = (pid_t)number(optarg);
			break;
		case 'H':
			options.hups = number(optarg);
			break;
		case 'K':
			options.kills = number(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (optind == argc || argc - optind > SERVICES_MOST)
		errx(2, "no services, or too many");
	for (int i = optind; i < argc; i++)
		service_parse(argv[i]);
}

int main(int argc, char **argv)
{
	uint64_t bad = 0;

	parse(argc, argv);
	plan();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd == -1)
		err(2, "epoll_create1");
	for (size_t i = 0; i < AT_ONCE_MOST; i++)
		clients[i].fd = -1;
	run();
	for (unsigned i = 0; i < service_count; i++) {
		printf("%s", services[i].name);
		for (int outcome = 0; outcome < OUTCOMES; outcome++)
			printf(" %s %llu", outcomes[outcome],
				(unsigned long long)services[i].counts[outcome]);
		printf("\n");
		bad += services[i].counts[REFUSED] + services[i].counts[LATE];
	}
	return bad ? 1 : 0;
}
