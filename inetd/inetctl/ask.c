/* ask: the client's side of the control protocol (control/control.h). */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "inetctl/ctl.h"
#include "inetctl/text.h"

#define PROTOCOL "inetd/2 " /* answers have their length */
#define CONTROL  "/run/inetd.sock"

#define PATIENCE_S 60 /* for each step; a reload may take its time */

const char *ctl_default_socket(void)
{
	static char own[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *path = getenv("INETD_CONTROL"), *dir = getenv("XDG_RUNTIME_DIR");

	if (path && *path)
		return path;
	if (geteuid() == 0 || !dir)
		return CONTROL;
	snprintf(own, sizeof(own), "%s/inetd.sock", dir);
	return own;
}

static int open_control(const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlcpy(addr.sun_path, path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
		!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
		connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	return -1;
}

static int complain_of_answer(FILE *complain)
{
	fputs("inetctl: the answer is not one of an inetd of this version\n", complain);
	return CTL_FAILED;
}

/* "inetd/2 STATUS LENGTH". False if the line is none. */
static bool parse_head(char *line, int *status, uint64_t *len)
{
	const char *err = NULL;
	char *blank;

	if (strncmp(line, PROTOCOL, strlen(PROTOCOL)) != 0)
		return false;
	line += strlen(PROTOCOL);
	blank = strchr(line, ' ');
	if (!blank || line[strlen(line) - 1] != '\n')
		return false;
	*blank = 0;
	blank[strcspn(blank + 1, "\n") + 1] = 0;
	*status = (int)strtonum(line, 0, 255, &err);
	if (!err)
		*len = (uint64_t)strtonum(blank + 1, 0, INT64_MAX, &err);
	return !err;
}

/* Copies what stands behind the head. Returns how many bytes that was; complains of what could not
 * be read or written, and returns UINT64_MAX then. */
static uint64_t copy(FILE *in, FILE *out, FILE *complain)
{
	char buf[8192];
	uint64_t all = 0;
	size_t len;

	while ((len = fread(buf, 1, sizeof(buf), in)) > 0) {
		fwrite(buf, 1, len, out);
		all += len;
	}
	if (!ferror(in) && fflush(out) != EOF)
		return all;
	fprintf(complain, "inetctl: %s\n", strerror(errno));
	return UINT64_MAX;
}

/* Copies the answer to out; returns its status, or CTL_FAILED when it is none or not all of one. */
static int read_answer(FILE *in, FILE *out, FILE *complain)
{
	char line[256] = "";
	uint64_t len, got;
	int status;

	errno = 0;
	if (!fgets(line, sizeof(line), in) && errno == EAGAIN) {
		fprintf(complain, "inetctl: no answer within %d s\n", PATIENCE_S);
		return CTL_FAILED;
	}
	if (!parse_head(line, &status, &len))
		return complain_of_answer(complain);
	/* Why nothing was done is no part of what was asked for. */
	got = copy(in, status == CTL_FAILED ? complain : out, complain);
	if (got == UINT64_MAX)
		return CTL_FAILED;
	if (got > len)
		return complain_of_answer(complain);
	if (got < len) {
		fprintf(complain,
			"inetctl: the answer was cut off after %" PRIu64 " of %" PRIu64 " bytes\n",
			got, len);
		return CTL_FAILED;
	}
	return status;
}

/* Nobody answers: what can be done about it. */
static void explain_silence(const struct ctl *ctl, int error)
{
	const struct group *group;
	struct stat st;

	fprintf(ctl->err, "inetctl: no inetd answers on %s: %s\n", ctl->socket, strerror(error));
	if (error != EACCES && error != EPERM) {
		fputs("inetctl: start it (systemctl start inetd, or inetd), or say where its "
		      "socket is: -s or INETD_CONTROL\n",
			ctl->err);
		return;
	}
	group = stat(ctl->socket, &st) ? NULL : getgrgid(st.st_gid);
	if (group && (st.st_mode & S_IWGRP))
		fprintf(ctl->err,
			"inetctl: root may use it, and members of the group %s: ask to become one, "
			"or use sudo\n",
			group->gr_name);
	else
		fputs("inetctl: only root and its owner may use it: use sudo, or set control_group "
		      "in [inetd] to let a group read\n",
			ctl->err);
}

static bool is_line(const char *arg)
{
	if (!*arg)
		return false;
	for (; *arg; arg++)
		if ((unsigned char)*arg < ' ' || *arg == 0x7f)
			return false;
	return true;
}

int ask_daemon(const struct ctl *ctl, FILE *out)
{
	const char *arg = ctl->arg;
	FILE *stream;
	int status, fd;

	if (arg && !is_line(arg)) {
		fprintf(ctl->err,
			"inetctl: %s: an argument is one line of text without control characters\n",
			ctl->verb);
		return CTL_USAGE;
	}
	fd = open_control(ctl->socket);
	stream = fd < 0 ? NULL : fdopen(fd, "r");
	if (!stream) {
		explain_silence(ctl, errno);
		return CTL_FAILED;
	}
	if (dprintf(fd, PROTOCOL "%s%s%s\n", ctl->verb, arg ? " " : "", arg ? arg : "") < 0) {
		fprintf(ctl->err, "inetctl: %s: %s\n", ctl->socket, strerror(errno));
		fclose(stream);
		return CTL_FAILED;
	}
	status = read_answer(stream, out, ctl->err);
	fclose(stream);
	return status;
}

/* The daemon must not wait for whoever reads what we print, such as a pager. */
int ask_whole(const struct ctl *ctl, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);
	int status;

	if (!out) {
		perror("inetctl");
		return CTL_FAILED;
	}
	status = ask_daemon(ctl, out);
	return fclose(out) == EOF ? CTL_FAILED : status;
}

int ctl_ask(const struct ctl *ctl)
{
	char *text = NULL;
	size_t len = 0;
	int status = ask_whole(ctl, &text, &len);

	if (status != CTL_FAILED)
		fwrite(text, 1, len, stdout);
	free(text);
	return status;
}

int ctl_text(const struct ctl *ctl)
{
	char *text = NULL;
	size_t len = 0;
	int status;

	if (!ctl->json)
		return ctl_ask(ctl);
	status = ask_whole(ctl, &text, &len);
	if (status != CTL_FAILED) {
		fputs("[{\"text\": ", stdout);
		json_string(stdout, text_mask_lines(text));
		fputs("}]\n", stdout);
	}
	free(text);
	return status;
}
