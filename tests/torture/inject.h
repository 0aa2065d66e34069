/* inject: the calls of daemon and worker that inject.c makes fail, one a line, and how they fail.
 *
 *	CALL(type, what it returns then, name, parameters, arguments, error numbers)
 *
 * The error numbers are taken in turn, one a round; they are those of the call's manual page that
 * a full, broken or hostile machine gives. DO_CALL is for calls that take effect even so (close(2):
 * the descriptor is gone). STREAM is for stdio, which also marks the stream, so that one call of
 * each place to each stream is enough; VARIADIC for what is
 * written out in inject.c. torture.mk reads the names from here and gives them to the linker;
 * inject.sure names the functions that cannot fail. No include guard: it is read twice. */

/* memory */
CALL(void *, NULL, malloc, (size_t size), (size), ENOMEM)
CALL(void *, NULL, calloc, (size_t count, size_t size), (count, size), ENOMEM)
CALL(void *, NULL, realloc, (void *old, size_t size), (old, size), ENOMEM)
CALL(void *, NULL, reallocarray, (void *old, size_t count, size_t size), (old, count, size), ENOMEM)
CALL(char *, NULL, strdup, (const char *text), (text), ENOMEM)
CALL(int, -1, mprotect, (void *at, size_t size, int rights), (at, size, rights), ENOMEM)
CALL(FILE *, NULL, open_memstream, (char **text, size_t *len), (text, len), ENOMEM)

/* files and paths */
CALL(FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode), ENOMEM)
CALL(int, -1, flock, (int fd, int operation), (fd, operation), ENOLCK, EINTR)
CALL(int, -1, ftruncate, (int fd, off_t length), (fd, length), EIO, EPERM)
CALL(ssize_t, -1, pwrite, (int fd, const void *buf, size_t size, off_t at), (fd, buf, size, at),
	ENOSPC, EIO)
CALL(int, -1, execve, (const char *path, char *const argv[], char *const envp[]),
	(path, argv, envp), ENOEXEC, ENOMEM)
CALL(FILE *, NULL, fopen, (const char *path, const char *mode), (path, mode), EMFILE, ENOMEM,
	EACCES)
CALL(DIR *, NULL, opendir, (const char *path), (path), ENFILE, ENOMEM)
CALL(DIR *, NULL, fdopendir, (int fd), (fd), ENOMEM)
CALL(int, GLOB_NOSPACE, glob,
	(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found),
	(pattern, flags, failed, found), ENOMEM)
CALL(char *, NULL, getcwd, (char *buf, size_t size), (buf, size), ENOENT, ENOMEM)
CALL(char *, NULL, realpath, (const char *path, char *buf), (path, buf), EACCES, ENOMEM)
CALL(int, -1, access, (const char *path, int mode), (path, mode), EACCES, ENOMEM)
CALL(int, -1, chdir, (const char *path), (path), EACCES, ENOMEM)
CALL(int, -1, chroot, (const char *path), (path), EPERM)
CALL(int, -1, chmod, (const char *path, mode_t mode), (path, mode), EPERM, EROFS)
CALL(int, -1, fchmod, (int fd, mode_t mode), (fd, mode), EPERM, EROFS)
CALL(int, -1, fchmodat, (int fd, const char *path, mode_t mode, int flags), (fd, path, mode, flags),
	EPERM, EROFS)
CALL(int, -1, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), EPERM, EROFS)
CALL(int, -1, fchownat, (int fd, const char *path, uid_t uid, gid_t gid, int flags),
	(fd, path, uid, gid, flags), EPERM, EROFS)
CALL(int, -1, stat, (const char *path, struct stat *st), (path, st), EACCES, ENOMEM)
CALL(int, -1, lstat, (const char *path, struct stat *st), (path, st), EACCES, ENOMEM)
CALL(int, -1, fstat, (int fd, struct stat *st), (fd, st), EIO, ENOMEM)
CALL(int, -1, fstatat, (int fd, const char *path, struct stat *st, int flags),
	(fd, path, st, flags), EACCES, ENOMEM)
CALL(char *, NULL, mkdtemp, (char *path), (path), ENOSPC, EROFS)
CALL(int, -1, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, EROFS)
CALL(int, -1, rmdir, (const char *path), (path), EBUSY, EROFS)
CALL(int, -1, unlink, (const char *path), (path), EBUSY, EROFS)
CALL(int, -1, unlinkat, (int fd, const char *path, int flags), (fd, path, flags), EBUSY, EROFS)
CALL(int, -1, renameat, (int fd, const char *path, int to_fd, const char *to),
	(fd, path, to_fd, to), EXDEV, EROFS)
CALL(ssize_t, -1, readlink, (const char *path, char *buf, size_t size), (path, buf, size), EACCES,
	ENOMEM)
CALL(ssize_t, -1, readlinkat, (int fd, const char *path, char *buf, size_t size),
	(fd, path, buf, size), EACCES, ENOMEM)
CALL(char *, NULL, fgets, (char *buf, int size, FILE *from), (buf, size, from), EIO)

/* descriptors */
CALL(ssize_t, -1, read, (int fd, void *buf, size_t size), (fd, buf, size), EIO, EINTR, ENOMEM)
CALL(ssize_t, -1, pread, (int fd, void *buf, size_t size, off_t at), (fd, buf, size, at), EIO,
	EINTR)
CALL(ssize_t, -1, write, (int fd, const void *buf, size_t size), (fd, buf, size), ENOSPC, EINTR,
	EPIPE)
DO_CALL(int, -1, close, (int fd), (fd), EIO, EINTR)
CALL(int, -1, close_range, (unsigned first, unsigned last, int flags), (first, last, flags), ENOSYS,
	EPERM, ENOMEM)
CALL(int, -1, dup, (int fd), (fd), EMFILE)
CALL(int, -1, dup2, (int fd, int to), (fd, to), EBUSY, EINTR)
CALL(int, -1, pipe2, (int fds[2], int flags), (fds, flags), EMFILE, ENFILE)
CALL(int, -1, epoll_create1, (int flags), (flags), EMFILE, ENOMEM)
CALL(int, -1, epoll_wait, (int fd, struct epoll_event *events, int most, int timeout_ms),
	(fd, events, most, timeout_ms), EINTR)
CALL(int, -1, poll, (struct pollfd * fds, nfds_t count, int timeout_ms), (fds, count, timeout_ms),
	EINTR, ENOMEM)
CALL(int, -1, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), EMFILE, ENODEV)
CALL(ssize_t, -1, splice,
	(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags),
	(in, from, out, to, size, flags), ENOMEM, EINVAL)

/* sockets */
CALL(int, -1, socket, (int family, int type, int protocol), (family, type, protocol), EMFILE,
	EAFNOSUPPORT, ENOBUFS)
CALL(int, -1, socketpair, (int family, int type, int protocol, int fds[2]),
	(family, type, protocol, fds), EMFILE, ENOBUFS)
CALL(int, -1, bind, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len),
	EADDRINUSE, EADDRNOTAVAIL, EACCES)
CALL(int, -1, listen, (int fd, int backlog), (fd, backlog), EADDRINUSE)
CALL(int, -1, connect, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len),
	EAGAIN, ECONNREFUSED)
CALL(int, -1, accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags),
	(fd, addr, len, flags), EMFILE, ECONNABORTED, ENOBUFS, EPERM)
CALL(int, -1, shutdown, (int fd, int how), (fd, how), ENOTCONN)
CALL(int, -1, getpeername, (int fd, struct sockaddr *addr, socklen_t *len), (fd, addr, len),
	ENOTCONN, ENOBUFS)
CALL(int, -1, getsockname, (int fd, struct sockaddr *addr, socklen_t *len), (fd, addr, len),
	ENOBUFS)
CALL(int, -1, getsockopt, (int fd, int level, int name, void *value, socklen_t *len),
	(fd, level, name, value, len), ENOPROTOOPT, ENOBUFS)
CALL(int, -1, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
	(fd, level, name, value, len), ENOPROTOOPT, EPERM, ENOMEM)
CALL(ssize_t, -1, recv, (int fd, void *buf, size_t size, int flags), (fd, buf, size, flags),
	ECONNRESET, ENOMEM, EINTR)
CALL(ssize_t, -1, recvfrom,
	(int fd, void *buf, size_t size, int flags, struct sockaddr *addr, socklen_t *len),
	(fd, buf, size, flags, addr, len), ECONNREFUSED, ENOMEM)
CALL(ssize_t, -1, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),
	ECONNREFUSED, ENOMEM, EINTR)
CALL(int, -1, recvmmsg,
	(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout),
	(fd, messages, count, flags, timeout), ECONNREFUSED, ENOMEM)
CALL(ssize_t, -1, send, (int fd, const void *buf, size_t size, int flags), (fd, buf, size, flags),
	ECONNRESET, ENOBUFS, EINTR)
CALL(ssize_t, -1, sendto,
	(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr,
		socklen_t len),
	(fd, buf, size, flags, addr, len), ENOBUFS, EPERM)
CALL(ssize_t, -1, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
	ENOBUFS, ETOOMANYREFS, EINTR)
CALL(int, -1, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags),
	(fd, messages, count, flags), ENOBUFS, EPERM)

/* processes */
CALL(pid_t, -1, fork, (void), (), EAGAIN, ENOMEM)
CALL(int, -1, kill, (pid_t pid, int sig), (pid, sig), EPERM)
CALL(pid_t, -1, setsid, (void), (), EPERM)
CALL(int, -1, setgroups, (size_t count, const gid_t *groups), (count, groups), EPERM, ENOMEM)
CALL(int, -1, setresgid, (gid_t r, gid_t e, gid_t s), (r, e, s), EPERM, EAGAIN)
CALL(int, -1, setresuid, (uid_t r, uid_t e, uid_t s), (r, e, s), EAGAIN, EPERM)
CALL(int, -1, getgroups, (int count, gid_t *groups), (count, groups), EINVAL)
CALL(int, -1, sched_getaffinity, (pid_t pid, size_t size, cpu_set_t *set), (pid, size, set), EINVAL)
CALL(int, -1, getrlimit, (rlimit_resource_t what, struct rlimit *limit), (what, limit), EPERM)
CALL(int, -1, setrlimit, (rlimit_resource_t what, const struct rlimit *limit), (what, limit), EPERM)
CALL(int, -1, madvise, (void *at, size_t size, int advice), (at, size, advice), ENOMEM, EINVAL)
CALL(ssize_t, -1, getrandom, (void *buf, size_t size, unsigned flags), (buf, size, flags), ENOSYS,
	EINTR)
CALL(int, -1, getloadavg, (double *load, int count), (load, count), EMFILE)

/* names */
CALL(struct passwd *, NULL, getpwnam, (const char *name), (name), EMFILE, EIO)
CALL(struct passwd *, NULL, getpwuid, (uid_t uid), (uid), EMFILE, EIO)
CALL(struct group *, NULL, getgrnam, (const char *name), (name), EMFILE, EIO)
CALL(struct group *, NULL, getgrgid, (gid_t gid), (gid), EMFILE, EIO)
CALL(struct servent *, NULL, getservbyname, (const char *name, const char *protocol),
	(name, protocol), EMFILE)
CALL(struct rpcent *, NULL, getrpcbyname, (const char *name), (name), EMFILE)
CALL(int, EAI_AGAIN, getaddrinfo,
	(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **found),
	(node, service, hints, found), EAGAIN)
CALL(unsigned, 0, if_nametoindex, (const char *name), (name), EMFILE)
CALL(char *, NULL, if_indextoname, (unsigned index, char *name), (index, name), EMFILE)

/* libraries */
CALL(int, -2, ini_parse_stream, (ini_reader reader, void *stream, ini_handler handler, void *user),
	(reader, stream, handler, user), ENOMEM)
CALL(scmp_filter_ctx, NULL, seccomp_init, (uint32_t action), (action), ENOMEM)
CALL(int, -EINVAL, seccomp_load, (const scmp_filter_ctx filter), (filter), EINVAL)

/* stdio: of what open_memstream(3) has made it allocates */
STREAM(size_t, 0, fwrite, (const void *from, size_t size, size_t count, FILE *to),
	(from, size, count, to))
STREAM(int, EOF, fputs, (const char *text, FILE *to), (text, to))
STREAM(int, EOF, fputc, (int c, FILE *to), (c, to))
STREAM(int, EOF, putc, (int c, FILE *to), (c, to))
STREAM(int, -1, vfprintf, (FILE * to, const char *format, va_list list), (to, format, list))

VARIADIC(asprintf)
VARIADIC(clone)
VARIADIC(epoll_ctl)
VARIADIC(fclose)
VARIADIC(fcntl)
VARIADIC(fprintf)
VARIADIC(ioctl)
VARIADIC(open)
VARIADIC(openat)
VARIADIC(prctl)
VARIADIC(syscall)
