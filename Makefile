# claviger: see README.md. Everything that is built lands under build/.
#   make          build/claviger            make run    build and open the console on the sandbox
#   make check    build and run every test  make bench  timings, as ratios within one run
#   make asan     sanitizer build and tests make tsan   the same for threads
#   make bench-console  what of make bench concerns the console
#   make check-clients  Microsoft's own SDKs and azure-cli against the sandbox
#   make truth    1,000 revokes and restores (TRUTH_RUNS) among delays and faults
#   make interleave  many programs at work on one vault at the same time, INTERLEAVINGS (1000) runs
#   make sweep    kill every plan at every boundary of its journal, go on, take back
#   make fuzz     the sandbox's requests under libFuzzer, for SECONDS (600)
#   make monkey   random keys at the console under ASan, for SECONDS (300), from SEED
#   make lint     format, static checks     make install PREFIX=/usr/local DESTDIR=
#   make papers   manual pages, completions, catalogues (make and make install make them too)
#   make words    bring views/po up to date with the texts of the console
#   make screenshots  the README's pictures   make golden  the golden screens anew: read them
#   make deb      a Debian package, under build/deb
# Variables: V=1 shows commands; VECTORS, SPECS, RECORDINGS name folders of test material.

MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

PREFIX ?= /usr/local
DESTDIR ?=
VARIANT ?= release
JOBS ?= $(shell nproc)
VECTORS ?= $(wildcard ../shared/vectors)
SPECS ?= $(wildcard ../shared/specs)
RECORDINGS ?= $(wildcard ../shared/recordings)
export VECTORS SPECS RECORDINGS

PACKAGES_BUILD := gcc binutils libc6-dev libncurses-dev libcurl4-openssl-dev libjansson-dev libssl-dev \
	libmicrohttpd-dev libsqlite3-dev libinih-dev libsmartcols-dev uuid-dev ncurses-base gettext
PACKAGES_CHECK := libcmocka-dev libvterm-dev procps groff-base
PACKAGES_LINT := clang-format cppcheck
PACKAGES_BENCH := openssl python3
PACKAGES_PICTURES := python3-pil fonts-dejavu-core
PACKAGES_FUZZ := clang libclang-rt-dev
PACKAGES_DEB := dpkg-dev debhelper fakeroot lintian

VERSION := 0.1.0
CC := gcc
comma := ,
LIBS := -lncursesw -ltinfo -lcurl -ljansson -lssl -lcrypto -lmicrohttpd -lsqlite3 -linih -lsmartcols \
	-luuid -lpthread
TEST_LIBS := -lcmocka -lvterm -lutil

B_release := build
B_asan := build/asan
B_tsan := build/tsan
B_fuzz := build/fuzz
B := $(B_$(VARIANT))

WARN := -Wall -Wextra -Werror -Wformat=2 -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
	-ftrivial-auto-var-init=zero -fno-strict-overflow -fno-delete-null-pointer-checks
LINK_HARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed
FLAGS_release := -O2 -D_FORTIFY_SOURCE=3
# Nearly all time of the tests goes into libraries: what compiles fast is fast.
FLAGS_asan := -O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FLAGS_tsan := -O0 -g1 -fsanitize=thread -fno-omit-frame-pointer
ifeq ($(VARIANT),fuzz)
# what gcc is for: clang 14 does not know all of it
WARN :=
HARDEN := -fPIE
endif
ALL_CFLAGS := -std=c17 -g -D_GNU_SOURCE -I. -MMD -MP $(WARN) $(HARDEN) $(FLAGS_$(VARIANT)) \
	-DCLAVIGER_VERSION='"$(VERSION)"' -DCLAVIGER_DATADIR='"$(PREFIX)/share/claviger"' $(CFLAGS)
ALL_LDFLAGS := $(LINK_HARDEN) $(FLAGS_$(VARIANT)) $(LDFLAGS)

SRC := $(filter-out views/man/% views/po/%,$(wildcard crypto/*.c tui/*.c views/*.c views/*/*.c backend/*/*.c backend/*/*/*.c))
TEST_HELP := $(wildcard tests/fixtures/*.c tests/screen/*.c tests/pty/*.c tests/spec/*.c tests/fuzz/*.c tests/sweep/[!s]*.c)
ifeq ($(VARIANT),tsan)
# no more than its few programs use
SRC := $(filter-out views/% tui/% backend/plans/%,$(SRC))
TEST_HELP := $(filter tests/fixtures/%,$(TEST_HELP))
endif
ALL_SRC = $(shell find backend crypto tui views tests -name "*.[ch]")
OBJ := $(SRC:%.c=$(B)/obj/%.o)
LIB_OBJ := $(filter-out $(B)/obj/views/main.o,$(OBJ))
TEST_SRC := $(wildcard tests/unit/test_*.c tests/flow/test_*.c tests/screen/test_*.c tests/pty/test_*.c tests/spec/test_*.c tests/fuzz/test_*.c)
TEST_HELP := $(filter-out $(TEST_SRC),$(TEST_HELP))
TEST_BIN := $(TEST_SRC:%.c=$(B)/%)
# Where threads meet: the workers, the session over the sandbox, the sandbox under a crowd.
TSAN_BIN := $(patsubst %,build/tsan/tests/unit/test_%,loop beside session session_sandbox sandbox_crowd \
	sandbox_keys sandbox_start sandbox_peer sandbox_core)
# Manual pages and completions are made by the program's own tables.
PAGES := claviger.1 claviger-config.5 claviger-tutorial.7
SHELLS := bash zsh fish
# Debian's own packages have a folder of their own there.
ZSH_FUNCTIONS := $(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
PAPERS := $(PAGES:%=$(B)/man/%) $(SHELLS:%=$(B)/completion/%)
# What the console says in other languages; the program finds it beside itself.
CATALOGUES := $(patsubst views/po/%.po,$(B)/locale/%/LC_MESSAGES/claviger.mo,$(wildcard views/po/*.po))
BENCH_BIN := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))

Q := $(if $(V),,@)
say = @printf '  %-5s %s\n' $(1) $(2)

.PHONY: all run screenshots golden check truth interleave sweep check-clients asan tsan fuzz monkey lint bench bench-console install clean deps papers words deb tests-bin format rules
.DELETE_ON_ERROR:
.SECONDARY:

all: deps
	@$(MAKE) --no-print-directory -j$(JOBS) $(B)/claviger papers

# Missing packages are installed when that is possible, named exactly when it is not.
deps:
	@sh tests/packages.sh $(PACKAGES_BUILD)

run: all
	@if [ -t 0 ] && [ -t 1 ]; then exec $(B)/claviger --sandbox; else sh tests/flow/first-run.sh $(B)/claviger; fi

$(B)/claviger: $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/libclaviger.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/manual: $(B)/obj/views/man/manual.o $(B)/libclaviger.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/man/%: views/man/% $(B)/manual
	@mkdir -p $(@D)
	$(call say,MAN,$@)
	$(Q)$(B)/manual $< >$@

$(B)/completion/%: $(B)/claviger
	@mkdir -p $(@D)
	$(call say,SHELL,$@)
	$(Q)$(B)/claviger completion $(@F) >$@

$(B)/po/tables: $(B)/obj/views/po/tables.o $(B)/libclaviger.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/po/claviger.pot: $(B)/po/tables views/po/template.sh $(SRC)
	$(call say,POT,$@)
	$(Q)sh views/po/template.sh $(B)/po/tables >$@

$(B)/locale/%/LC_MESSAGES/claviger.mo: views/po/%.po
	@mkdir -p $(@D)
	$(call say,MO,$@)
	$(Q)msgfmt --check -o $@ $<

# For whoever translates: the catalogues get the texts of today, those that are new empty.
words: $(B)/po/claviger.pot
	@for po in views/po/*.po; do msgmerge --update --backup=none --no-fuzzy-matching --no-wrap $$po $< && \
		msgattrib --no-obsolete --no-wrap --output-file=$$po $$po || exit 1; done

papers: $(PAPERS) $(CATALOGUES)

$(B)/libtests.a: $(TEST_HELP:%.c=$(B)/obj/%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/tests/%: $(B)/obj/tests/%.o $(B)/libtests.a $(B)/libclaviger.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(TEST_LIBS) $(LIBS)

# Keys are made once for each size (tests/fuzz/estate.c): 4096 bits cost seconds.
WRAP_RSA := -Wl,--wrap=rsa_make

$(B)/tests/fuzz/%: ALL_LDFLAGS += $(WRAP_RSA)

# Where whole screens are compared no time passes (tests/screen/no_time.c).
GOLDEN_BIN := $(patsubst %,$(B)/tests/screen/test_%,golden palette wizards words)
$(GOLDEN_BIN): ALL_LDFLAGS += -Wl,--wrap=clock_mono_us -Wl,-u,__wrap_clock_mono_us

# Clocks and dice stand still for pictures (tests/pictures/still.h).
STILL := $(patsubst %,-Wl$(comma)--wrap=%,clock_gettime clock_mono_us getrandom uuid_generate_random estate_age run_wait \
	script_next)

$(B)/pictures: $(B)/obj/tests/pictures/pictures.o $(B)/obj/tests/pictures/still.o $(B)/libtests.a $(B)/libclaviger.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(STILL) -o $@ $^ $(TEST_LIBS) $(LIBS)

$(B)/fuzz_router: $(B)/libtests.a $(B)/libclaviger.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $(WRAP_RSA) -o $@ $^ $(LIBS)

tests-bin: $(B)/claviger $(CATALOGUES) $(TEST_BIN)

check:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory rules
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release build/claviger papers build/po/claviger.pot
	@sh tests/papers.sh build
	@sh tests/words.sh build/po/claviger.pot
	@if [ -r /proc/self/maps ]; then \
		$(MAKE) --no-print-directory -j$(JOBS) VARIANT=asan tests-bin && \
		$(MAKE) --no-print-directory -j$(JOBS) VARIANT=tsan $(TSAN_BIN) && \
		sh tests/run.sh build/asan $(TSAN_BIN); \
	else \
		echo 'skipped: the sanitizers (they need /proc, which is not mounted here)'; \
		$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release tests-bin && sh tests/run.sh build; \
	fi

# Nothing is called dark or restored without evidence: the long sweep, whose short one is in check.
truth:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release build/claviger build/tests/flow/test_truth
	@TRUTH_RUNS=$${TRUTH_RUNS:-1000} CLAVIGER=build/claviger build/tests/flow/test_truth

# Eight processes and another team's program at work on one vault: no entry lost. As truth.
interleave:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release build/claviger build/tests/flow/test_interleave
	@INTERLEAVINGS=$${INTERLEAVINGS:-1000} CLAVIGER=build/claviger build/tests/flow/test_interleave

# Opt-in: npm and azure-cli are fetched, about a gigabyte. Needs node 20 or newer (77 without).
check-clients:
	@sh tests/packages.sh $(PACKAGES_BUILD)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release build/claviger
	@sh tests/clients/run.sh build/claviger

asan:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=asan tests-bin
	@ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1 \
		sh tests/run.sh build/asan

tsan:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=tsan $(TSAN_BIN)
	@sh tests/run.sh - $(TSAN_BIN)

# Minutes. PLANS="onboard grant" sweeps only the rows of tests/sweep/rows.c that hold one of these.
sweep:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release $(B_release)/claviger $(B_release)/tests/sweep/sweep
	@CLAVIGER="$(abspath $(B_release))/claviger" $(B_release)/tests/sweep/sweep $(PLANS)

# The corpus comes from the catalogue of calls; what the fuzzer finds is kept in build/fuzz.
fuzz: SECONDS ?= 600
fuzz:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK) $(PACKAGES_FUZZ)
	@echo 'int LLVMFuzzerTestOneInput(const char *p, long n) { return p && n < 0; }' | \
		clang -fsanitize=fuzzer -x c -o /dev/null - || \
		{ echo 'fuzz: clang has no libFuzzer here; it comes with $(PACKAGES_FUZZ)'; exit 1; }
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=asan $(B_asan)/tests/fuzz/test_replay
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=fuzz CC=clang $(B_fuzz)/fuzz_router
	@sh tests/fuzz/run.sh $(B_fuzz) $(B_asan)/tests/fuzz/test_replay $(SECONDS)

# Half of the time by one that never says yes, and changes nothing; half by one that may. What it
# pressed last is told when something breaks; the same SEED presses the same keys.
monkey: SECONDS ?= 300
monkey:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=asan $(B_asan)/claviger $(B_asan)/tests/pty/test_monkey
	@seed=$${SEED:-$$(date +%s)}; echo "monkey: SECONDS=$(SECONDS) SEED=$$seed"; \
		MONKEY_SECONDS=$(SECONDS) MONKEY_SEED=$$seed CLAVIGER="$(abspath $(B_asan))/claviger" \
		LC_ALL=C.UTF-8 TERM=xterm-256color $(B_asan)/tests/pty/test_monkey

# The rules of the house that a script can hold: layers, lengths, calls that have no place here.
rules:
	@sh tests/layers.sh
	@sh tests/length.sh
	@sh tests/banned.sh
	@sh tests/facts.sh

lint: rules
	@sh tests/packages.sh $(PACKAGES_LINT)
	@clang-format --dry-run -Werror $(ALL_SRC)
	@cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --enable=warning,performance,portability \
		--suppress=missingIncludeSystem -I. -D_GNU_SOURCE $(SRC) views/man/manual.c
	@echo 'lint: clean'

# The README's pictures, from the sandbox; the same screens make the same files.
screenshots:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK) $(PACKAGES_PICTURES)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release $(B_release)/pictures
	@mkdir -p views/pictures
	@THEMES=themes LC_ALL=C.UTF-8 $(B_release)/pictures >$(B_release)/pictures.json
	@/usr/bin/python3 tests/pictures/draw.py views/pictures <$(B_release)/pictures.json

golden:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK)
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release $(GOLDEN_BIN) papers
	@for program in $(GOLDEN_BIN); do CLAVIGER=$(B_release)/claviger GOLDEN_UPDATE=1 GOLDEN=tests/screen/golden \
		THEMES=themes LC_ALL=C.UTF-8 $$program || exit 1; done

format:
	@clang-format -i $(ALL_SRC)

bench:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_CHECK) $(PACKAGES_BENCH)
	@$(MAKE) --no-print-directory -j$(JOBS) $(B)/claviger $(BENCH_BIN)
	@sh tests/bench/run.sh $(B)

# The console alone; STATE=DIR: a sandbox of fleet:100000 that serves already, which takes long to make.
bench-console:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_BENCH)
	@$(MAKE) --no-print-directory -j$(JOBS) $(B)/claviger $(B)/tests/bench/ncfloor
	@sh tests/bench/console.sh $(B) $(STATE)

install: all
	install -D -m 755 $(B)/claviger '$(DESTDIR)$(PREFIX)/bin/claviger'
	install -d '$(DESTDIR)$(PREFIX)/share/claviger/themes'
	install -m 644 themes/*.theme '$(DESTDIR)$(PREFIX)/share/claviger/themes/'
	for page in $(PAGES); do \
		install -D -m 644 $(B)/man/$$page \
			'$(DESTDIR)$(PREFIX)/share/man/man'$${page##*.}/$$page || exit 1; \
	done
	for mo in $(CATALOGUES:$(B)/locale/%=%); do \
		install -D -m 644 $(B)/locale/$$mo '$(DESTDIR)$(PREFIX)/share/locale/'$$mo || exit 1; \
	done
	install -D -m 644 $(B)/completion/bash '$(DESTDIR)$(PREFIX)/share/bash-completion/completions/claviger'
	install -D -m 644 $(B)/completion/zsh '$(DESTDIR)$(PREFIX)/share/zsh/$(ZSH_FUNCTIONS)/_claviger'
	install -D -m 644 $(B)/completion/fish '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/claviger.fish'

deb:
	@sh tests/packages.sh $(PACKAGES_BUILD) $(PACKAGES_DEB)
	@sh .packaging/deb.sh $(VERSION) build/deb $(PACKAGES_BUILD)

clean:
	rm -rf build

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
