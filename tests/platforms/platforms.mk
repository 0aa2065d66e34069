# `make check-platforms`: the build and the tests on other machines, in Debian roots below $(ROOTS), kept between runs.

PLATFORMS ?= i386 arm64 armhf s390x musl
ROOTS ?= $(CURDIR)/build/roots
PACKAGES_PLATFORMS := debootstrap

FOREIGN := $(filter-out i386 musl,$(PLATFORMS))
CROSS_arm64 := aarch64-linux-gnu
CROSS_armhf := arm-linux-gnueabihf
CROSS_s390x := s390x-linux-gnu
# Without what is about the second stack that musl has not, and about an error of glob(3) that it does not tell.
MUSL_TESTS = $(filter-out %/test_base_slice %/test_config_golden,$(UNIT)) $(addprefix tests/,run/spawning.bats \
	run/reload.bats run/waiting.bats worker/worker.bats control/control.bats inetctl/inetctl.bats run/cage.bats)
# Libraries of the machine, as the build of this one needs them.
CROSS_LIBS := libc6-dev libbsd-dev libinih-dev libseccomp-dev libwrap0-dev libcmocka-dev

.PHONY: packages-platforms check-platforms
packages-platforms:
	$(call install-packages,$(PACKAGES_PLATFORMS))

## check-platforms: builds and tests for i386, arm64, armhf, s390x and musl (PLATFORMS=...) in Debian roots; as root
check-platforms: packages-platforms $(PLATFORMS:%=check-platform-%)

.PHONY: $(PLATFORMS:%=check-platform-%)
check-platform-i386:
	tests/platforms/root i386 $(ROOTS)/i386 $(PACKAGES_BUILD) $(PACKAGES_TEST) \
		$(filter-out chromium,$(PACKAGES_FAMILIES))
	tests/platforms/check i386 $(ROOTS)/i386 $(TESTS)

# What our own libraries are preloaded into there are programs of the other C library too.
check-platform-musl:
	tests/platforms/root musl $(ROOTS)/musl musl-tools cmake gperf dpkg-dev $(PACKAGES_BUILD) $(PACKAGES_TEST)
	tests/platforms/musl $(ROOTS)/musl
	tests/platforms/check musl $(ROOTS)/musl $(MUSL_TESTS)

$(FOREIGN:%=check-platform-%): check-platform-%:
	tests/platforms/root cross $(ROOTS)/cross make pkg-config perl netbase qemu-user-static \
		$(patsubst %,gcc-%,$(CROSS_arm64) $(CROSS_armhf) $(CROSS_s390x)) \
		$(foreach arch,arm64 armhf s390x,$(CROSS_LIBS:%=%:$(arch)))
	tests/platforms/check $* $(ROOTS)/cross $(TESTS)
