# Debian packages: what a build needs, what the tests need besides, and how they are had.

PACKAGES_BUILD := gcc libc6-dev make pkg-config libbsd-dev libinih-dev libseccomp-dev \
	libwrap0-dev libtirpc-dev
PACKAGES_TEST := bats libcmocka-dev perl socat netcat-openbsd iproute2 psmisc procps python3 netbase \
	util-linux
# For some families; tests/needs tells for which.
PACKAGES_FAMILIES := strace curl zsh mandoc chromium git umoci crun shellcheck
PACKAGES_LINT := clang clang-tidy clang-format cppcheck shellcheck mandoc git
PACKAGES_FUZZ := clang libclang-rt-14-dev
PACKAGES_VALGRIND := valgrind
PACKAGES_CONTAINER := umoci netbase
PACKAGES_DEB := dpkg-dev debhelper lintian
PACKAGES_MACHINES := debootstrap dpkg-dev

# Installs what is missing of $(1); quiet and offline when nothing is.
define install-packages
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | \
		grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" != 0 ]; then \
			echo "missing packages: $$missing (install them, or run this as root)" >&2; exit 1; \
		fi; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get install -y --no-install-recommends $$missing || \
		{ apt-get update && apt-get install -y --no-install-recommends $$missing; }; \
	fi
endef

.PHONY: packages-build packages-test packages-lint packages-fuzz packages-valgrind packages-deb packages-machines packages-container
packages-build:
	$(call install-packages,$(PACKAGES_BUILD))
packages-test: packages-build
	$(call install-packages,$(PACKAGES_TEST) $(filter $(PACKAGES_FAMILIES),$(NEEDS)))
packages-lint: packages-test
	$(call install-packages,$(PACKAGES_LINT))
packages-fuzz: packages-build
	$(call install-packages,$(PACKAGES_FUZZ))
packages-valgrind: packages-test
	$(call install-packages,$(PACKAGES_VALGRIND))
packages-deb: packages-build
	$(call install-packages,$(PACKAGES_DEB))
packages-container: packages-build
	$(call install-packages,$(PACKAGES_CONTAINER))
packages-machines: packages-test
	$(call install-packages,$(PACKAGES_MACHINES))
