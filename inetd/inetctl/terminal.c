/* terminal: see terminal.h. */
#include "inetctl/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "inetctl/text.h"

/* xterm(1) and everything that came after: console_codes(4). */
#define SCREEN_ENTER "\033[?1049h\033[?25l\033[H\033[2J"
#define SCREEN_LEAVE "\033[?25h\033[?1049l"
#define HOME         "\033[H"
#define CLEAR_LINE   "\033[K"
#define CLEAR_BELOW  "\033[J"
#define BOLD         "\033[7m"
#define PLAIN        "\033[0m"

static struct {
	bool is_open;
	bool has_keys; /* standard input is a terminal too */
	int signal_fd;
	struct termios before;
} terminal = {.signal_fd = -1};

static void screen_enter(void)
{
	struct termios raw = terminal.before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (terminal.has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs(SCREEN_ENTER, stdout);
	fflush(stdout);
	terminal.is_open = true;
}

void terminal_close(void)
{
	if (!terminal.is_open)
		return;
	terminal.is_open = false;
	fputs(SCREEN_LEAVE, stdout);
	fflush(stdout);
	if (terminal.has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
}

int terminal_open(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	terminal.signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (terminal.signal_fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	terminal.has_keys = !tcgetattr(STDIN_FILENO, &terminal.before);
	if (atexit(terminal_close) != 0) {
		errno = ENOMEM;
		return -1;
	}
	screen_enter();
	return 0;
}

void terminal_size(int *columns, int *rows)
{
	struct winsize size = {0};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*columns = size.ws_col ? size.ws_col : 80;
	*rows = size.ws_row ? size.ws_row : 24;
}

/* What was there is written over, never cleared first: nothing flickers. */
void terminal_draw(char *text, int bold)
{
	int columns, rows;
	char *line;

	terminal_size(&columns, &rows);
	fputs(HOME, stdout);
	for (int row = 0; row < rows && (line = strsep(&text, "\n")); row++) {
		if (!text && !*line)
			break;
		text_cut(line, columns);
		fprintf(stdout, "%s%s%s%s" CLEAR_LINE, row ? "\n" : "", row == bold ? BOLD : "",
			line, row == bold ? PLAIN : "");
	}
	fputs(CLEAR_BELOW, stdout);
	fflush(stdout);
}

__attribute__((noreturn)) static void end_by(int sig)
{
	sigset_t set;

	terminal_close();
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + sig); /* of a first process of a namespace */
}

static void take_signal(void)
{
	struct signalfd_siginfo info;

	if (read(terminal.signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGTSTP) {
		terminal_close();
		raise(SIGSTOP);
		screen_enter();
	} else if (info.ssi_signo != SIGWINCH) {
		end_by((int)info.ssi_signo);
	}
}

int terminal_wait(int ms)
{
	struct pollfd fds[] = {{.fd = terminal.signal_fd, .events = POLLIN},
		{.fd = terminal.has_keys ? STDIN_FILENO : -1, .events = POLLIN}};
	unsigned char key;

	if (poll(fds, 2, ms) <= 0)
		return TERMINAL_TIMEOUT;
	if (fds[0].revents) {
		take_signal();
		return TERMINAL_RESIZED;
	}
	if (read(STDIN_FILENO, &key, 1) == 1)
		return key;
	terminal.has_keys = false;
	return TERMINAL_TIMEOUT;
}
