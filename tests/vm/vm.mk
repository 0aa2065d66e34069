# `make check-vm`: chosen families on Debian's own kernel, in a virtual machine without hardware support, so that what
# this machine's kernel may lack is there: controllers of control groups, a bad network (netem), protocols, an older
# Landlock. No case may be skipped there. A process takes sixty times as long to start as on the machine itself.

# Of cages what this kernel does otherwise. The last is a family like any other.
VM_CAGE := paths|landlock|ports|scoped|strict|ordinary|control.group|max_time|daemons|stop
VM_TESTS ?= tests/system/bad_network.bats 'tests/run/cage.bats:$(VM_CAGE)' \
	$(patsubst %,tests/run/%.bats,cage_shares cage_steps protocols accepting)
VM_PATIENCE ?= 6

## check-vm: boots Debian's kernel in qemu, runs VM_TESTS there, none of which may be skipped; 25 minutes; as root
.PHONY: check-vm
check-vm: packages-platforms
	tests/platforms/root qemu $(ROOTS)/qemu qemu-system-x86
	tests/platforms/root guest $(ROOTS)/guest $(PACKAGES_BUILD) $(PACKAGES_TEST) kmod linux-image-cloud-amd64 \
		$(filter $(PACKAGES_FAMILIES),$(shell tests/needs $(filter %.bats,$(subst :, ,$(subst ',,$(VM_TESTS))))))
	tests/platforms/check native $(ROOTS)/guest
	tests/vm/run $(ROOTS)/qemu $(ROOTS)/guest $(VM_PATIENCE) $(VM_TESTS)
