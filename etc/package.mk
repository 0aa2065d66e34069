# Packages: `make deb`. The recipe is etc/debian, which dpkg wants as debian/ in a copy of the sources.

DEB := $(B)/deb
DEB_SOURCE := $(DEB)/inetd-$(VERSION)
# What a release consists of.
DEB_FILES := LICENSE Makefile README.md etc inetd man services tests

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
check-package: packages-machines
	+@$(MAKE) --no-print-directory test-build
	tests/machines/build "$(MACHINES)"
	tests/machines/packages "$(MACHINES)/debs" "$(MACHINES)"
	$(PROVE) $(wildcard tests/system/package*.bats)
