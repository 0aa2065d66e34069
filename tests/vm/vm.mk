# `make check-vm`: chosen families on Debian's own kernel, in a virtual machine without hardware support, so that what
# this machine's kernel may lack is there: controllers of control groups, a bad network (netem), an older Landlock. No
# case may be skipped there. A process takes sixty times as long to start as on the machine itself.

VM_TESTS ?= tests/system/bad_network.bats $(patsubst %,tests/run/%.bats,cage cage_shares cage_steps accepting protocols)
VM_PATIENCE ?= 6

## check-vm: boots Debian's kernel in qemu and runs VM_TESTS there, of which none may be skipped; as root
.PHONY: check-vm
check-vm: packages-platforms
	tests/platforms/root qemu $(ROOTS)/qemu qemu-system-x86
	tests/platforms/root guest $(ROOTS)/guest $(PACKAGES_BUILD) $(PACKAGES_TEST) kmod linux-image-cloud-amd64 \
		$(filter $(PACKAGES_FAMILIES),$(shell tests/needs $(VM_TESTS)))
	tests/platforms/check native $(ROOTS)/guest
	tests/vm/run $(ROOTS)/qemu $(ROOTS)/guest $(VM_PATIENCE) $(VM_TESTS)
