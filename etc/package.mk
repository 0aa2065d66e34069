# Packages: `make deb`. The recipe is etc/debian, which dpkg wants as debian/ in a copy of the sources.

DEB := $(B)/deb
DEB_SOURCE := $(DEB)/inetd-$(VERSION)
# What a release consists of.
DEB_FILES := LICENSE Makefile NEWS.md README.md etc inetd man services tests

.PHONY: deb deb-files
## deb: builds Debian packages into build/deb
deb: packages-deb deb-files
	cd $(DEB_SOURCE) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u B -u CC dpkg-buildpackage -us -uc $(DEB_FLAGS)
	lintian --fail-on error,warning $(DEB)/inetd_$(VERSION)_*.changes
	@ls $(DEB)/*.deb

deb-files:
	rm -rf "$(DEB)" && mkdir -p "$(DEB_SOURCE)"
	cp -a $(DEB_FILES) $(DEB_SOURCE)
	mv $(DEB_SOURCE)/etc/debian $(DEB_SOURCE)/debian
	sed -i 's/@VERSION@/$(VERSION)/' $(DEB_SOURCE)/debian/changelog

# The roots are kept between runs.
export MACHINES ?= $(CURDIR)/build/machines
.PHONY: check-package
## check-package: builds the packages and tests them in Debians of their own, under systemd, sysvinit and OpenRC
check-package: export INETD_PATIENCE = 4
check-package: packages-machines
	+@$(MAKE) --no-print-directory test-build
	tests/machines/build "$(MACHINES)"
	tests/machines/packages "$(MACHINES)/debs" "$(MACHINES)"
	$(PROVE) $(wildcard tests/system/package*.bats)

# An OCI layout, as the Containerfile beside makes it, but without an image of somebody else's to begin with.
OCI := $(B)/oci
.PHONY: container
## container: builds a container image as an OCI layout, build/oci:inetd
container: packages-container
	+@$(MAKE) --no-print-directory $(OCI)/index.json
$(OCI)/index.json: all etc/container/root
	rm -rf $(OCI) $(OCI).*
	@$(MAKE) --no-print-directory install-files DESTDIR=$(abspath $(OCI)).stage >$(OCI).log
	umoci init --layout $(OCI)
	umoci new --image $(OCI):inetd
	umoci unpack --image $(OCI):inetd $(OCI).bundle
	etc/container/root $(OCI).stage $(OCI).bundle/rootfs
	umoci repack --image $(OCI):inetd $(OCI).bundle
	umoci config --image $(OCI):inetd --config.user 65534:65534 --config.entrypoint /usr/local/sbin/inetd \
		--config.entrypoint -f --config.entrypoint -e --clear config.env \
		--config.env PATH=/usr/local/sbin:/usr/sbin:/usr/bin \
		--config.env XDG_RUNTIME_DIR=/run --no-history
	rm -rf $(OCI).*
