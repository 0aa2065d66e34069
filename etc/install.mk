# install, uninstall, demo. PREFIX, SBINDIR, LIBEXECDIR, MANDIR, SYSCONFDIR, UNITDIR: the Makefile.

DATADIR ?= $(PREFIX)/share
BATSDIR ?= $(DATADIR)/inetd/bats
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR ?= $(DATADIR)/zsh/site-functions
# The script that becomes /etc/init.d/inetd: `init` (System V, LSB) or `openrc`.
INIT ?= init

INSTALLED_SERVICES := $(notdir $(SERVICES))
# As bats_load_library looks for them: NAME/load.bash below a directory of BATS_LIB_PATH.
BATS_LIBRARIES := $(basename $(notdir $(wildcard tests/lib/*.bash)))
# The same without an installation.
all: $(BATS_LIBRARIES:%=$(B)/bats/%/load.bash)
$(B)/bats/%/load.bash: tests/lib/%.bash
	@install -D -m 644 $< $@

# Not read by inetd, which wants .ini at the end.
EXAMPLES := $(notdir $(wildcard etc/inetd.d/*.ini.example))
MANUALS := $(notdir $(wildcard man/*.[578]))

# Files that name a path are written for where they go.
SUBSTITUTE = sed -e 's|@SBINDIR@|$(SBINDIR)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' \
	-e 's|/usr/local/libexec/inetd|$(LIBEXECDIR)|g' -e 's|/usr/local/share|$(DATADIR)|g'

# substituted SOURCE DESTINATION MODE
substituted = $(SUBSTITUTE) $(1) >$(2).new && chmod $(3) $(2).new && mv -f $(2).new $(2)

.PHONY: install uninstall demo demo-config

# inetd holds the path of its worker: it is built anew when that changes.
$(B)/libexecdir: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR)' | cmp -s - $@ || echo '$(LIBEXECDIR)' >$@
$(B)/obj/inetd/main.o: $(B)/libexecdir
.PHONY: FORCE
FORCE:

## install: installs below PREFIX=/usr/local, into DESTDIR if that is set
install: all
	install -d $(addprefix $(DESTDIR),$(SBINDIR) $(LIBEXECDIR)/services $(MANDIR)/man5 \
		$(MANDIR)/man7 $(MANDIR)/man8 $(SYSCONFDIR)/init.d $(SYSCONFDIR)/inetd.d $(UNITDIR))
	install -m 755 $(B)/inetd $(B)/inetctl $(DESTDIR)$(SBINDIR)
	install -m 755 $(B)/inetd-worker $(B)/inetd-wrap $(DESTDIR)$(LIBEXECDIR)
	install -m 755 $(SERVICES) $(DESTDIR)$(LIBEXECDIR)/services
	set -e; for page in $(MANUALS); do \
		to=$(DESTDIR)$(MANDIR)/man$${page##*.}/$$page; \
		$(call substituted,man/$$page,$$to,644); \
	done
	$(call substituted,etc/inetd.service,$(DESTDIR)$(UNITDIR)/inetd.service,644)
	$(call substituted,etc/inetd.$(INIT),$(DESTDIR)$(SYSCONFDIR)/init.d/inetd,755)
	for name in $(BATS_LIBRARIES); do \
		install -D -m 644 tests/lib/$$name.bash $(DESTDIR)$(BATSDIR)/$$name/load.bash || exit; \
	done
	install -D -m 644 etc/completion.bash $(DESTDIR)$(COMPLETIONDIR)/inetd
	ln -sf inetd $(DESTDIR)$(COMPLETIONDIR)/inetctl
	install -D -m 644 etc/completion.zsh $(DESTDIR)$(ZSHDIR)/_inetctl
	set -e; for example in $(EXAMPLES); do \
		to=$(DESTDIR)$(SYSCONFDIR)/inetd.d/$$example; \
		$(call substituted,etc/inetd.d/$$example,$$to,644); \
	done
	[ -e $(DESTDIR)$(SYSCONFDIR)/inetd.conf ] || \
		install -m 644 etc/inetd.conf $(DESTDIR)$(SYSCONFDIR)

# A configuration that somebody has changed stays.
## uninstall: removes what install put there
uninstall:
	rm -f $(addprefix $(DESTDIR),$(SBINDIR)/inetd $(SBINDIR)/inetctl $(LIBEXECDIR)/inetd-worker \
		$(LIBEXECDIR)/inetd-wrap \
		$(addprefix $(LIBEXECDIR)/services/,$(INSTALLED_SERVICES)) \
		$(addprefix $(MANDIR)/man5/,$(filter %.5,$(MANUALS))) \
		$(addprefix $(MANDIR)/man7/,$(filter %.7,$(MANUALS))) \
		$(addprefix $(MANDIR)/man8/,$(filter %.8,$(MANUALS))) \
		$(COMPLETIONDIR)/inetd $(COMPLETIONDIR)/inetctl $(ZSHDIR)/_inetctl \
		$(UNITDIR)/inetd.service $(SYSCONFDIR)/init.d/inetd \
		$(addprefix $(SYSCONFDIR)/inetd.d/,$(EXAMPLES)) \
		$(patsubst %,$(BATSDIR)/%/load.bash,$(BATS_LIBRARIES)))
	! cmp -s etc/inetd.conf $(DESTDIR)$(SYSCONFDIR)/inetd.conf || \
		rm -f $(DESTDIR)$(SYSCONFDIR)/inetd.conf
	for dir in $(LIBEXECDIR)/services $(LIBEXECDIR) $(addprefix $(BATSDIR)/,$(BATS_LIBRARIES)) \
		$(BATSDIR) $(DATADIR)/inetd $(SYSCONFDIR)/inetd.d; do \
		rmdir $(DESTDIR)$$dir 2>/dev/null || true; \
	done

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
