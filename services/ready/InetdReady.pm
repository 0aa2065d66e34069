# InetdReady: for programs of inetd(8) that start before their connection comes (spare_ready = yes).
# inetd_ready() returns when it is there: on descriptors 0, 1 and 2, with its variables in %ENV; at
# once where there is nothing to wait for. inetd-services(7) has the protocol.
package InetdReady;
use strict;
use warnings;
use Exporter 'import';
use POSIX ();

our @EXPORT = ('inetd_ready');

sub inetd_ready {
	my $link = delete $ENV{INETD_READY};
	return if !defined $link;
	require 'syscall.ph';    # of the package perl
	my ($text, $control) = ("\0" x 65536, "\0" x 64);
	my $iov = pack 'P L!', $text, length $text;
	my $msg = pack 'L! L! P L! P L! L!', 0, 0, $iov, 1, $control, length $control, 0;
	POSIX::write($link, "\0", 1);
	my $len = syscall SYS_recvmsg(), $link + 0, $msg, 0x40000000;    # MSG_CMSG_CLOEXEC
	POSIX::_exit(0) if $len <= 0;                                     # there will be none
	my ($size, undef, undef, @fds) = unpack 'L! i i i2', $control;
	$#fds = ($size - length pack 'L! i i', 0, 0, 0) / 4 - 1;
	POSIX::dup2($fds[0], 0);
	POSIX::dup2($fds[$_], $_ + 1) for 0 .. $#fds;
	POSIX::close($_) for @fds, $link;
	%ENV = map { split /=/, $_, 2 } split /\0/, substr $text, 0, $len;
	return;
}

1;
