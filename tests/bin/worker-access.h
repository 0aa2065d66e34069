/* worker-access.h: lists of networks and times for the next datagram socket of worker-driver.c, as
 * a supervisor sends them. */
#ifndef TESTS_WORKER_ACCESS_H
#define TESTS_WORKER_ACCESS_H

#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "worker/message.h"

#define ACCESSES 512

static struct worker_down accesses[ACCESSES];
static int access_count;

static struct worker_down *access_message(enum worker_list list, uint32_t room)
{
	struct worker_down *msg = access_count ? &accesses[access_count - 1] : NULL;

	if (msg && msg->list == list && msg->count < room)
		return msg;
	if (access_count == ACCESSES)
		errx(1, "too many networks");
	msg = &accesses[access_count++];
	*msg = (struct worker_down){.verb = WORKER_ACCESS, .list = list};
	return msg;
}

/* The first `bits` of 128, in network byte order. */
static void access_mask(uint64_t mask[2], unsigned bits)
{
	uint8_t bytes[16] = {0};

	for (unsigned i = 0; i < bits; i++)
		bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	memcpy(mask, bytes, sizeof(bytes));
}

/* "192.0.2.0/24", "2001:db8::/32": as written, without checks. */
static void access_network(enum worker_list list, char *text)
{
	struct worker_down *msg = access_message(list, WORKER_NETWORKS);
	struct network *network = &msg->networks[msg->count++];
	char *bits = strchr(text, '/');
	uint8_t six[16] = {[10] = 0xff, [11] = 0xff};

	if (!bits)
		errx(1, "%s: no prefix", text);
	*bits++ = 0;
	network->v4 = !strchr(text, ':');
	inet_pton(network->v4 ? AF_INET : AF_INET6, text, six + (network->v4 ? 12 : 0));
	network->bits = (uint8_t)strtoul(bits, NULL, 10);
	memcpy(network->addr, six, sizeof(six));
	access_mask(network->mask, network->bits + (network->v4 ? 96u : 0));
}

/* "FROM MINUTES" */
static void access_span(const char *text)
{
	struct worker_down *msg = access_message(LIST_TIMES, WORKER_SPANS);
	unsigned from = 0, minutes = 0;

	sscanf(text, "%u %u", &from, &minutes);
	msg->spans[msg->count++] = (struct week_span){(uint16_t)from, (uint16_t)minutes};
}

/* "only|no|exempt NETWORK", "times FROM MINUTES" */
static void access_command(char *at)
{
	static const char *const names[] = {"only", "no", "exempt", "times"};
	const char *name = strsep(&at, " ");

	for (int list = 0; list < WORKER_LISTS; list++)
		if (strcmp(names[list], name) != 0)
			continue;
		else if (list == LIST_TIMES)
			access_span(at);
		else
			access_network((enum worker_list)list, at);
}

#endif
