# inetd: `make demo` and `make test` do all the set-up on a fresh Debian machine; `make help` lists the rest.
# A line of `##` before a target is what `make help` says of it.

CC ?= cc
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec/inetd
MANDIR ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc
DESTDIR ?=
B ?= build
# One name for one folder: dependencies of objects have it in them.
override B := $(patsubst $(CURDIR)/%,%,$(B))
# The only place of it; NEWS.md begins with its release notes.
VERSION := 1.0

# `make V=1` shows whole commands.
SAY = $(if $(V),,@echo '  $(1)  $@';)

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wvla -Wwrite-strings -Wformat=2
HARDEN ?= -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_LD ?= -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,text
# Asked once, and only when something is built: what it tells of may just have been installed.
PKG = $(eval PKG := $$(shell pkg-config --cflags --libs libbsd-overlay inih libseccomp || echo missing))$(PKG_FOUND)
PKG_FOUND = $(if $(filter missing,$(PKG)),$(error packages are missing: 'make packages-build' installs them as root, else names them))$(PKG)
CFLAGS ?= -g
# Sizes of files and limits (setrlimit(2)) have 64 bits on 32-bit machines too. Where they have them anyway this gives
# libc's functions other names, which the injector of tests/torture does not know.
OFFSET_BITS ?= -D_FILE_OFFSET_BITS=64
CPPFLAGS += -D_GNU_SOURCE $(OFFSET_BITS) -Iinetd -Iservices -include base/banned.h $(filter-out -l% -L%,$(PKG)) \
	-DINETD_VERSION='"$(VERSION)"' -DINETD_LIBEXECDIR='"$(LIBEXECDIR)"'
# tcp wrappers (inetd -w and -W) where their library is; `make LIBWRAP=no` does without.
ifndef LIBWRAP
LIBWRAP := $(shell echo 'int main(void) { return hosts_access(0); }' | \
	$(CC) -include tcpd.h -x c - -o /dev/null -lwrap 2>/dev/null && echo yes || echo no)
endif
CPPFLAGS += $(if $(filter yes,$(LIBWRAP)),-DHAVE_LIBWRAP)
# RPC services where libtirpc is, which talks to rpcbind; `make LIBTIRPC=no` does without.
ifndef LIBTIRPC
LIBTIRPC := $(shell printf '\043if !__has_include(<tirpc/rpc/rpc.h>)\n\043error\n\043endif\n' | \
	$(CC) -E -x c - -o /dev/null 2>/dev/null && echo yes || echo no)
endif
CPPFLAGS += $(if $(filter yes,$(LIBTIRPC)),-DHAVE_LIBTIRPC)
TIRPC = $(eval TIRPC := $$(shell pkg-config --cflags --libs libtirpc))$(TIRPC)
# OWN_FLAGS are those of some objects.
ALL_CFLAGS = -std=gnu11 $(WARNINGS) $(HARDEN) $(CFLAGS) $(CPPFLAGS) $(OWN_FLAGS) -MMD -MP
# A program is linked to what it uses of them.
LDLIBS = -Wl,--as-needed $(filter -l% -L%,$(PKG)) -pthread

SRC_base := $(wildcard inetd/base/*.c)
SRC_config := $(wildcard inetd/config/*.c inetd/config/*/*.c)
SRC_admit := $(wildcard inetd/admit/*.c)
SRC_protocol := $(wildcard inetd/protocol/*.c)
SRC_run := $(wildcard inetd/run/*/*.c)
SRC_control := $(wildcard inetd/control/*.c)
SRC_rpc := $(wildcard inetd/rpc/*.c)
SRC_worker := $(wildcard inetd/worker/*.c)
SRC_inetctl := $(wildcard inetd/inetctl/*.c inetd/inetctl/*/*.c)
OBJ = $(patsubst %.c,$(B)/obj/%.o,$(1))

# What tests, fuzzers and the benchmark link: everything pure.
PURE := $(B)/libpure.a

SERVICES := $(patsubst services/%.c,$(B)/services/%,$(wildcard services/*.c)) \
	$(patsubst services/%,$(B)/services/%,$(wildcard services/*.sh services/*.py))
# What they may take along: modules beside them, and a header.
READY := $(B)/services/inetd_ready.py $(B)/services/InetdReady.pm
PROGRAMS := $(B)/inetd $(B)/inetctl $(B)/inetd-worker $(B)/inetd-wrap \
	$(if $(filter yes,$(LIBTIRPC)),$(B)/inetd-rpc) $(B)/inetd-warm.so $(SERVICES) $(READY)

.PHONY: all clean help
## all: builds the programs into build/ (B=DIR for another place)
all: $(PROGRAMS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call SAY,CC  )$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(PURE): $(call OBJ,$(SRC_base) $(SRC_config) $(SRC_admit) $(SRC_protocol))
	$(call SAY,AR  )rm -f $@ && $(AR) rcs $@ $^

# What waits for events stands together, then what serves connections, apart from what reads files, so that
# little of it is in memory; sections are sorted for base/large.h.
SRC_waits := $(addprefix inetd/,main.c wiring.c base/loop.c base/footprint.c base/log_sink.c base/log_queue.c \
	run/process/spawn.c run/process/child.c)
$(B)/inetd: $(call OBJ,$(SRC_waits) inetd/options.c $(SRC_base) $(SRC_admit) $(SRC_run) \
	$(SRC_control)) $(PURE)
	$(call SAY,LINK)$(CC) $(HARDEN_LD) -Wl,--sort-section=name $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/inetctl: $(call OBJ,$(SRC_inetctl)) $(PURE)
	$(call SAY,LINK)$(CC) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/inetd-wrap: $(call OBJ,inetd/wrap.c) $(PURE)
	$(call SAY,LINK)$(CC) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LDLIBS) \
		$(if $(filter yes,$(LIBWRAP)),-lwrap)

# Built anew when the library has come or gone.
$(call OBJ,inetd/main.c inetd/wrap.c): $(B)/obj/libwrap-$(LIBWRAP)
$(call OBJ,inetd/main.c): $(B)/obj/libtirpc-$(LIBTIRPC)
$(B)/obj/libwrap-%:
	@mkdir -p $(@D) && rm -f $(@D)/libwrap-* && touch $@
$(B)/obj/libtirpc-%:
	@mkdir -p $(@D) && rm -f $(@D)/libtirpc-* && touch $@

# Children on the daemon's memory but a stack of their own: a sanitizer would write there what it thinks, and end them
# with its locks held.
$(call OBJ,inetd/run/process/spawn_child.c): private OWN_FLAGS = -fno-sanitize=all

$(call OBJ,$(SRC_rpc)): private OWN_FLAGS = $(filter-out -l% -L%,$(TIRPC))
$(B)/inetd-rpc: $(call OBJ,$(SRC_rpc)) $(PURE)
	$(call SAY,LINK)$(CC) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(filter -l% -L%,$(TIRPC))

$(B)/inetd-worker: $(call OBJ,$(SRC_worker)) $(PURE)
	$(call SAY,LINK)$(CC) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Preloaded into programs: it takes nothing but libc along.
$(B)/inetd-warm.so: inetd/warm/warm.c
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) $(filter-out -fPIE -fsanitize%,$(ALL_CFLAGS)) -fPIC -shared $(filter-out -pie,$(HARDEN_LD)) \
		$(LDFLAGS) -MF $(B)/obj/inetd-warm.d -o $@ $<

# What service programs share; each takes from it, and from $(PURE), what it uses.
SERVICE_LIB := $(B)/libservice.a
$(SERVICE_LIB): $(call OBJ,$(wildcard services/common/*.c services/page/*.c)) \
	$(B)/obj/services/page/text.o
	$(call SAY,AR  )rm -f $@ && $(AR) rcs $@ $^

# The style and the script of the status page, as the strings page_css and page_js.
PAGE_CSS := services/page/page.css services/page/services.css
PAGE_JS := services/page/page.js
C_STRING = { echo 'const char $(1)[] =' && sed 's/[\\"]/\\&/g;s/.*/"&\\n"/' $(2) && echo ';'; }
$(B)/obj/services/page/text.c: $(PAGE_CSS) $(PAGE_JS)
	@mkdir -p $(@D)
	$(call SAY,TEXT){ echo '#include "page/page.h"' && $(call C_STRING,page_css,$(PAGE_CSS)) && \
		$(call C_STRING,page_js,$(PAGE_JS)); } >$@.new && mv $@.new $@

$(B)/obj/services/page/text.o: $(B)/obj/services/page/text.c
	$(call SAY,CC  )$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/services/%: services/%.c $(SERVICE_LIB) $(PURE)
	@mkdir -p $(@D)
	$(call SAY,LINK)$(CC) $(ALL_CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $< $(SERVICE_LIB) $(PURE) \
		$(LDLIBS)

$(READY): $(B)/services/%: services/ready/%
	@mkdir -p $(@D)
	install -m 644 $< $@

$(B)/services/%: services/%
	@mkdir -p $(@D)
	install -m 755 $< $@

## clean: removes build/
clean:
	rm -rf build

## help: prints this list
help:
	@sed -nE 's/^## ([^:]*): (.*)/\1\t\2/p' $(filter-out %.d,$(MAKEFILE_LIST)) | \
		awk -F '\t' '{ printf "make %-22s %s\n", $$1, $$2 }'

include tests/packages.mk tests/tests.mk
include tests/bench/bench.mk
include etc/install.mk
include etc/package.mk

-include $(shell find $(B)/obj $(B)/services -name '*.d' 2>/dev/null)
