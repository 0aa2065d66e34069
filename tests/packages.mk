# Debian packages: what a build needs, what the tests need besides, and how they are had.

PACKAGES_BUILD := gcc libc6-dev make pkg-config libbsd-dev libinih-dev libseccomp-dev \
	libwrap0-dev
PACKAGES_TEST := bats libcmocka-dev perl socat netcat-openbsd iproute2 psmisc procps python3 \
	mandoc valgrind clang libclang-rt-14-dev clang-tidy clang-format cppcheck shellcheck \
	strace netbase util-linux curl zsh chromium git

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

.PHONY: packages-build packages-test
packages-build:
	$(call install-packages,$(PACKAGES_BUILD))
packages-test: packages-build
	$(call install-packages,$(PACKAGES_TEST))
