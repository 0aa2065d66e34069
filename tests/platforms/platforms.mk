# `make check-platforms`: the build and the tests on other machines, in Debian roots below $(ROOTS), kept between runs.

PLATFORMS ?= i386 arm64 armhf s390x musl
ROOTS ?= $(CURDIR)/build/roots
PACKAGES_PLATFORMS := debootstrap

FOREIGN := $(filter-out i386 musl,$(PLATFORMS))
CROSS_arm64 := aarch64-linux-gnu
CROSS_armhf := arm-linux-gnueabihf
CROSS_s390x := s390x-linux-gnu
# Those that ask most of the C library; of the others some run programs of Debian with libraries of ours, as spares do.
MUSL_TESTS = $(UNIT) $(sort $(wildcard tests/worker/*.bats)) $(patsubst %,tests/%.bats,admit/access config/configuration \
	control/control inetctl/inetctl run/accepting run/cage run/listening run/reload run/spawning run/users run/waiting)
# Libraries of the machine, as the build of this one needs them.
CROSS_LIBS := libc6-dev libbsd-dev libinih-dev libseccomp-dev libwrap0-dev libcmocka-dev

.PHONY: packages-platforms check-platforms
packages-platforms:
	$(call install-packages,$(PACKAGES_PLATFORMS))

## check-platforms: builds and tests for i386, arm64, armhf, s390x and musl (PLATFORMS=...) in Debian roots; as root
check-platforms: packages-platforms $(PLATFORMS:%=check-platform-%)

.PHONY: $(PLATFORMS:%=check-platform-%)
check-platform-i386:
	@tests/platforms/root i386 $(ROOTS)/i386 $(PACKAGES_BUILD) $(PACKAGES_TEST) \
		$(filter-out chromium,$(PACKAGES_FAMILIES))
	@tests/platforms/check i386 $(ROOTS)/i386 $(TESTS)

check-platform-musl:
	@tests/platforms/root musl $(ROOTS)/musl musl-tools cmake gperf dpkg-dev $(PACKAGES_BUILD) $(PACKAGES_TEST) \
		$(filter-out chromium,$(PACKAGES_FAMILIES))
	@tests/platforms/musl $(ROOTS)/musl
	@tests/platforms/check musl $(ROOTS)/musl $(MUSL_TESTS)
	@printf 'platforms: left out on musl: %s: not one of MUSL_TESTS\n' \
		$(filter-out $(MUSL_TESTS),$(filter %.bats,$(TESTS)))

$(FOREIGN:%=check-platform-%): check-platform-%:
	@tests/platforms/root cross $(ROOTS)/cross make pkg-config perl netbase qemu-user-static \
		$(patsubst %,gcc-%,$(CROSS_arm64) $(CROSS_armhf) $(CROSS_s390x)) \
		$(foreach arch,arm64 armhf s390x,$(CROSS_LIBS:%=%:$(arch)))
	@tests/platforms/check $* $(ROOTS)/cross $(TESTS)
