# install, uninstall, demo. PREFIX, SBINDIR, LIBEXECDIR, MANDIR, SYSCONFDIR: the Makefile.

# What is outside PREFIX belongs to packages and to the administrator.
DATADIR ?= $(PREFIX)/share
INCLUDEDIR ?= $(PREFIX)/include
BATSDIR ?= $(DATADIR)/inetd/bats
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/site-functions
EXAMPLEDIR ?= $(DATADIR)/doc/inetd/examples
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
# Scripts that become a service by a link in /etc/init.d. Not in one directory: OpenRC would take the one that is named
# as the link.
INITDIR ?= $(DATADIR)/inetd/init.d
OPENRCDIR ?= $(DATADIR)/inetd/openrc
MANIFEST ?= $(DATADIR)/inetd/manifest

# As bats_load_library looks for them: NAME/load.bash below a directory of BATS_LIB_PATH.
BATS_LIBRARIES := $(basename $(notdir $(wildcard tests/lib/*.bash)))
# The same without an installation.
all: $(BATS_LIBRARIES:%=$(B)/bats/%/load.bash)
$(B)/bats/%/load.bash: tests/lib/%.bash
	@install -D -m 644 $< $@

EXAMPLES := etc/inetd.conf etc/hardened.conf etc/inetd.socket $(wildcard etc/inetd.d/*.ini.example)
MANUALS := $(notdir $(wildcard man/*.[578]))

# Files that name a path are written for where they go.
SUBSTITUTE = sed -e 's|@SBINDIR@|$(SBINDIR)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' \
	-e 's|/usr/local/libexec/inetd|$(LIBEXECDIR)|g' -e 's|/usr/local/share/inetd/bats|$(BATSDIR)|g' \
	-e 's|/usr/local/share/doc/inetd/examples|$(EXAMPLEDIR)|g' \
	-e 's|/usr/local/share/inetd/init.d|$(INITDIR)|g' \
	-e 's|/usr/local/share/inetd/openrc|$(OPENRCDIR)|g' -e 's|/usr/local/include|$(INCLUDEDIR)|g'

# substituted SOURCE DESTINATION MODE
substituted = $(SUBSTITUTE) $(1) >$(2).new && chmod $(3) $(2).new && mv -f $(2).new $(2)

.PHONY: install install-files uninstall demo demo-config

# Files that hold the path of the worker, or the version, are built anew when that changes.
$(B)/settings: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR) $(VERSION)' | cmp -s - $@ || echo '$(LIBEXECDIR) $(VERSION)' >$@
$(call OBJ,$(shell grep -rlE --include='*.c' 'INETD_(VERSION|LIBEXECDIR)' inetd)): $(B)/settings
.PHONY: FORCE
FORCE:

# The same bytes from the same commit.
.PHONY: dist
## dist: makes a tarball of the last commit, which builds without git
dist:
	@mkdir -p $(B)
	git -c tar.umask=022 archive --format=tar --prefix=inetd-$(VERSION)/ HEAD | gzip -n9 >$(B)/inetd-$(VERSION).tar.gz

## install: installs below PREFIX=/usr/local, into DESTDIR if that is set
install: all
	+@$(MAKE) --no-print-directory install-files DESTDIR=$(abspath $(B))/stage.$$PPID
	@stage=$(abspath $(B))/stage.$$PPID; trap 'rm -rf "$$stage"' EXIT; \
	etc/install put "$$stage" "$(DESTDIR)" $(MANIFEST) $(SYSCONFDIR)
	@[ -n "$(DESTDIR)" ] || etc/install start $(UNITDIR) $(INITDIR) $(OPENRCDIR)

## uninstall: stops the service and removes what install put there
uninstall:
	@etc/install remove "$(DESTDIR)" $(MANIFEST)

# All files below DESTDIR, for the two above and for the builders of packages.
install-files: all
	install -d $(addprefix $(DESTDIR),$(SBINDIR) $(LIBEXECDIR)/services $(MANDIR)/man5 \
		$(MANDIR)/man7 $(MANDIR)/man8 $(SYSCONFDIR)/inetd.d $(UNITDIR) $(INITDIR) $(OPENRCDIR) \
		$(DATADIR)/inetd $(EXAMPLEDIR))
	install -m 755 $(B)/inetd $(B)/inetctl $(DESTDIR)$(SBINDIR)
	install -m 755 $(B)/inetd-worker $(B)/inetd-wrap $(if $(filter yes,$(LIBTIRPC)),$(B)/inetd-rpc) \
		$(DESTDIR)$(LIBEXECDIR)
	install -m 644 $(B)/inetd-warm.so $(DESTDIR)$(LIBEXECDIR)
	install -m 755 $(SERVICES) $(DESTDIR)$(LIBEXECDIR)/services
	install -m 644 $(READY) $(DESTDIR)$(LIBEXECDIR)/services
	install -D -m 644 services/ready/inetd_ready.h $(DESTDIR)$(INCLUDEDIR)/inetd_ready.h
	set -e; for page in $(MANUALS); do \
		to=$(DESTDIR)$(MANDIR)/man$${page##*.}/$$page; \
		$(call substituted,man/$$page,$$to,644); \
	done
	$(call substituted,etc/inetd.service,$(DESTDIR)$(UNITDIR)/inetd.service,644)
	$(call substituted,etc/inetd.init,$(DESTDIR)$(INITDIR)/inetd,755)
	$(call substituted,etc/inetd.openrc,$(DESTDIR)$(OPENRCDIR)/inetd,755)
	install -D -m 644 etc/sysusers.conf $(DESTDIR)$(SYSUSERSDIR)/inetd.conf
	install -D -m 644 etc/tmpfiles.conf $(DESTDIR)$(TMPFILESDIR)/inetd.conf
	for name in $(BATS_LIBRARIES); do \
		install -D -m 644 tests/lib/$$name.bash $(DESTDIR)$(BATSDIR)/$$name/load.bash || exit; \
	done
	install -D -m 644 etc/completion.bash $(DESTDIR)$(COMPLETIONDIR)/inetd
	ln -sf inetd $(DESTDIR)$(COMPLETIONDIR)/inetctl
	install -D -m 644 etc/completion.zsh $(DESTDIR)$(ZSHDIR)/_inetctl
	set -e; for example in $(EXAMPLES); do \
		to=$(DESTDIR)$(EXAMPLEDIR)/$${example##*/}; \
		$(call substituted,$$example,$$to,644); \
	done
	install -m 644 etc/inetd.conf $(DESTDIR)$(SYSCONFDIR)

# What it is to serve. Started by root, programs run as nobody if nobody can reach them.
demo-config:
	@caller=$$(id -un); user=$$caller; build=$$(realpath $(B)); \
	if [ "$$user" = root ] && setpriv --reuid=nobody --clear-groups \
		test -x "$$build/services/rot13"; then user=nobody; fi; \
	sed -e "s|@BUILD@|$$build|g" -e "s|@USER@|$$user|g" -e "s|@CALLER@|$$caller|g" etc/demo.conf \
		>$(B)/demo.conf; \
	sed -e "s|@GROUP@|$$(id -gn "$$user")|g" etc/demo.ini >$(B)/demo.ini

# The daemon in the foreground on ports that anybody may open; Ctrl-C ends it.
## demo: builds, serves examples on 127.0.0.1, tells how to try them
demo: packages-build all demo-config
	@sed -e 's|@BUILD@|$(B)|g' etc/demo.txt
	@$(B)/inetd -f -e --control $(abspath $(B))/demo.sock $(abspath $(B))/demo.conf \
		$(abspath $(B))/demo.ini
