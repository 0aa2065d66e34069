/* proxy_env: see proxy_env.h. */
#include "common/proxy_env.h"

#include <stdio.h>
#include <stdlib.h>

static void set_number(const char *name, unsigned value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	setenv(name, text, 1);
}

static void set_end(const char *protocol, const char *which, const struct proxy_end *end)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%sIP", protocol, which);
	setenv(name, end->host, 1);
	snprintf(name, sizeof(name), "%s%sPORT", protocol, which);
	set_number(name, end->port);
}

void proxy_set_environment(const struct proxy *proxy)
{
	static const char *const old[] = {"TCPLOCALIP", "TCPLOCALPORT", "TCPLOCALHOST",
		"TCPREMOTEIP", "TCPREMOTEPORT", "TCPREMOTEHOST", "TCPREMOTEINFO", "TCPCONNNUM",
		"IPCREMOTEPATH", "IPCREMOTEEUID", "IPCREMOTEEGID", "IPCLOCALPATH", "IPCCONNNUM",
		"REMOTE_HOST", "REMOTE_ADDR", "REMOTE_PORT", "SERVER_ADDR", "SERVER_PORT"};
	const char *protocol = proxy->kind == PROXY_UDP ? "UDP" : "TCP";

	if (proxy->kind == PROXY_OWN)
		return; /* the proxy itself is calling: what inetd has set is right */
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		unsetenv(old[i]);
	if (proxy->kind == PROXY_UNIX) {
		setenv("PROTO", "IPC", 1);
		setenv("IPCREMOTEPATH", proxy->source.host, 1);
		return;
	}
	setenv("PROTO", protocol, 1);
	set_end(protocol, "REMOTE", &proxy->source);
	set_end(protocol, "LOCAL", &proxy->target);
	setenv("REMOTE_HOST", proxy->source.host, 1);
	setenv("REMOTE_ADDR", proxy->source.host, 1);
	set_number("REMOTE_PORT", proxy->source.port);
	setenv("SERVER_ADDR", proxy->target.host, 1);
	set_number("SERVER_PORT", proxy->target.port);
}
