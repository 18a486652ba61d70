# pdlc: `make demo` shows it, `make check` tests it, `make install` installs it.
#
#   all      build/pdlc                     asan    check, under ASan, UBSan and LeakSanitizer
#   demo     the worked example, start to end   cov     check, then the line coverage of src/
#   check    everything that tests          fuzz    each fuzzer for FUZZ_SECONDS
#   unit     the unit tests alone           bench   time it against others
#   check-live  the tests that start a Postgres server
#   bless    take the present output as golden
#   install uninstall deps clean

VERSION = 0.1.0
PREFIX  = /usr/local
BUILD   = build
FUZZ_SECONDS = 60

CC     = cc
CFLAGS = -O2 -g
PKGS   = libpq jansson libprotobuf-c libcrypto

# Nothing of a test may touch a database that it did not start.
unexport DATABASE_URL PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE \
  PGSERVICEFILE PGOPTIONS PGAPPNAME PGSSLMODE PGTZ PGDATESTYLE PGCLIENTENCODING

GEN      = $(BUILD)/gen
OBJ      = $(BUILD)/obj
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
# Headers of others are system headers: our warnings are not for them.
INCLUDES := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
# Where it is installed, the archive: a shared library takes its time at every start.
archive   = $(or $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a)),-l$(1))
LIBS     := $(shell pkg-config --libs-only-L $(PKGS) 2>/dev/null) -lpq $(call archive,pg_query) \
  $(call archive,jansson) $(call archive,protobuf-c) -lcrypto
COMPILE  = $(CC) -std=c11 -D_XOPEN_SOURCE=700 -DPDLC_VERSION='"$(VERSION)"' $(WARNINGS) -Isrc -I$(GEN) \
  $(INCLUDES) $(CPPFLAGS) $(CFLAGS) -pthread
LINK     = $(CC) $(CFLAGS) $(LDFLAGS) -pthread
TEST_LIBS = -lcmocka

GRAMMAR   := $(wildcard grammar/pdl.y)
TEMPLATES := $(shell find templates -type f ! -name '.*' ! -name '*~' 2>/dev/null)
SOURCES   := $(wildcard src/*/*.c)
GEN_C     := $(GEN)/templates.c $(if $(GRAMMAR),$(GEN)/pdl.tab.c $(GEN)/pdl.lex.c)
GEN_H     := $(if $(GRAMMAR),$(GEN)/pdl.tab.h $(GEN)/pdl.lex.h)
OBJECTS   := $(SOURCES:src/%.c=$(OBJ)/%.o) $(GEN_C:$(GEN)/%.c=$(OBJ)/gen/%.o)
MAIN      := $(patsubst src/%.c,$(OBJ)/%.o,$(wildcard src/main.c))
UNIT      := $(patsubst tests/unit/%_test.c,$(BUILD)/unit/%,$(wildcard tests/unit/*_test.c))
FUZZERS   := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/*_fuzz.c))
# The order in which the suites run; any other follows.
SUITES    := $(wildcard $(patsubst %,tests/%/run,arrows golden errors cli live))
SUITES    += $(filter-out $(SUITES),$(wildcard tests/*/run))

# What the tests run. Set for them alone.
TEST_ENV = PDLC='$(abspath $(BUILD))/pdlc' BUILD='$(abspath $(BUILD))' CC='$(CC)'

.PHONY: all demo check check-live unit bench fuzz run-fuzzers asan cov install uninstall deps clean bless FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(if $(MAIN),$(BUILD)/pdlc,$(OBJECTS))

$(BUILD)/pdlc: $(MAIN) $(OBJECTS)
	$(LINK) -o $@ $^ $(LIBS)

# Another compiler or other flags rebuild everything.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK) $(LIBS))' | cmp -s - $@ || \
	  printf '%s\n' '$(subst ','\'',$(COMPILE) $(LINK) $(LIBS))' > $@

$(OBJ)/%.o: src/%.c $(BUILD)/flags | $(GEN_H)
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -MT $@ -c -o $@ $<

# What flex and bison write is not ours to tidy.
$(OBJ)/gen/pdl.%.o: WARNINGS += -Wno-conversion -Wno-sign-conversion -Wno-sign-compare -Wno-unused-function \
  -Wno-unused-but-set-variable -Wno-shadow -Wno-overlength-strings
$(OBJ)/gen/%.o: $(GEN)/%.c $(BUILD)/flags | $(GEN_H)
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -MT $@ -c -o $@ $<

$(GEN)/pdl.tab.c: grammar/pdl.y
	@mkdir -p $(@D)
	bison -Wall -Werror --defines=$(GEN)/pdl.tab.h -o $@ $<
$(GEN)/pdl.lex.c: grammar/pdl.l
	@mkdir -p $(@D)
	flex --header-file=$(GEN)/pdl.lex.h -o $@ $<
$(GEN)/pdl.tab.h: $(GEN)/pdl.tab.c ;
$(GEN)/pdl.lex.h: $(GEN)/pdl.lex.c ;

# The folders are named too, so that a removed template is noticed.
$(GEN)/templates.c: tools/embed $(TEMPLATES) $(sort $(dir $(TEMPLATES)))
	@mkdir -p $(@D)
	tools/embed templates > $@

# ── Tests ──────────────────────────────────────────────────────────────────────

check:
	@tools/deps build
	@tools/deps run
	@tools/deps test
	@tools/deps more
	@tools/peers
	@$(MAKE) all unit
	@failed=; for suite in $(SUITES); do \
	  echo "== $$suite"; $(TEST_ENV) $$suite || failed="$$failed $$suite"; \
	done; \
	if [ "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

# More kills, races and rows than check has time for.
check-live: all
	$(TEST_ENV) PDLC_KILLS=$${PDLC_KILLS:-220} PDLC_RACES=$${PDLC_RACES:-100} PDLC_LOAD_ROWS=$${PDLC_LOAD_ROWS:-1000000} \
	  PDLC_PAIRS=$${PDLC_PAIRS:-2000} PDLC_STEPS=$${PDLC_STEPS:-1000} tests/live/run

# A test takes from the archive only the rooms that it calls.
$(BUILD)/libpdlc.a: $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/unit/%: tests/unit/%_test.c $(BUILD)/libpdlc.a $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -MMD -MP -MT $@ -MF $@.d -o $@ $< $(BUILD)/libpdlc.a $(LIBS) $(TEST_LIBS)

unit: $(UNIT) $(if $(MAIN),$(BUILD)/pdlc)
	@failed=; for test in $(UNIT); do \
	  echo "== $$test"; $(TEST_ENV) $$test || failed="$$failed $$test"; \
	done; \
	if [ "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

asan:
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 $(MAKE) check BUILD=build/asan \
	  CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'

cov:
	@rm -rf build/cov
	$(MAKE) check BUILD=build/cov CC=gcc CFLAGS='-O0 -g --coverage'
	@find build/cov/obj -name '*.gcda' ! -path '*/gen/*' -exec gcov -n {} + | awk ' \
	  /^File / { file = substr($$2, 2, length($$2) - 2) } \
	  /^Lines executed:/ && file ~ /^src\/.*\.c$$/ { \
	    split($$2, part, /[:%]/); n = $$NF; hit += part[2] * n / 100; all += n; \
	    printf "%7.2f%% of %5d  %s\n", part[2], n, file } \
	  { if (/^Lines/) file = "" } \
	  END { printf "%7.2f%% of %5d  src/\n", all ? 100 * hit / all : 0, all }' | sort -k4

$(BUILD)/fuzzers/%: tests/fuzz/%_fuzz.c $(BUILD)/libpdlc.a $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) $(LDFLAGS) -fsanitize=fuzzer -MMD -MP -MT $@ -MF $@.d -o $@ $< $(BUILD)/libpdlc.a $(LIBS)

# What a fuzzer finds stays in build/fuzz; tests/fuzz/corpus/NAME only seeds it.
run-fuzzers: $(FUZZERS)
	@for fuzzer in $(FUZZERS); do \
	  name=$${fuzzer##*/}; found=$(BUILD)/corpus/$$name; seeds=tests/fuzz/corpus/$$name; \
	  mkdir -p $$found; [ -d $$seeds ] || seeds=; echo "== $$name"; \
	  $$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=$(BUILD)/$$name- \
	    $$found $$seeds || exit 1; \
	done

fuzz:
	$(MAKE) run-fuzzers BUILD=build/fuzz CC=clang \
	  CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all'

bench: all
	@tools/peers
	$(TEST_ENV) bench/run
	$(TEST_ENV) bench/c/run

bless: all
	$(TEST_ENV) tests/golden/run --bless

# ── For people ─────────────────────────────────────────────────────────────────

deps:
	@tools/deps build

demo:
	@tools/deps build
	@tools/deps run
	@$(MAKE) all
	@PDLC='$(abspath $(BUILD))/pdlc' tools/demo

install: all
	install -d '$(DESTDIR)$(PREFIX)/share/pdlc/swift/Plugin' '$(DESTDIR)$(PREFIX)/share/pdlc/swift/BuildPlugin' '$(DESTDIR)$(PREFIX)/lib/cmake/pdlc' '$(DESTDIR)$(PREFIX)/lib/pkgconfig'
	install -m 644 integrations/pdlc.mk '$(DESTDIR)$(PREFIX)/share/pdlc/'
	install -m 644 integrations/swift/Package.swift '$(DESTDIR)$(PREFIX)/share/pdlc/swift/'
	install -m 644 integrations/swift/Plugin/PDLC.swift '$(DESTDIR)$(PREFIX)/share/pdlc/swift/Plugin/'
	install -m 644 integrations/swift/BuildPlugin/PDLCBuild.swift '$(DESTDIR)$(PREFIX)/share/pdlc/swift/BuildPlugin/'
	install -m 644 integrations/pdlcConfig.cmake '$(DESTDIR)$(PREFIX)/lib/cmake/pdlc/'
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' integrations/pdlc.pc.in > '$(DESTDIR)$(PREFIX)/lib/pkgconfig/pdlc.pc'
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/doc/pdlc' '$(DESTDIR)$(PREFIX)/share/man/man1'
	install -m 755 $(BUILD)/pdlc '$(DESTDIR)$(PREFIX)/bin/pdlc'
	for file in $(wildcard README.md LICENSE docs/*.md); do \
	  install -m 644 $$file '$(DESTDIR)$(PREFIX)/share/doc/pdlc/' || exit 1; done
	for page in $(wildcard docs/*.1); do \
	  install -m 644 $$page '$(DESTDIR)$(PREFIX)/share/man/man1/' || exit 1; done

uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/pdlc'
	rm -rf '$(DESTDIR)$(PREFIX)/share/doc/pdlc' '$(DESTDIR)$(PREFIX)/share/pdlc' '$(DESTDIR)$(PREFIX)/lib/cmake/pdlc'
	rm -f '$(DESTDIR)$(PREFIX)/lib/pkgconfig/pdlc.pc'
	for page in $(notdir $(wildcard docs/*.1)); do rm -f '$(DESTDIR)$(PREFIX)/share/man/man1/'$$page; done

clean:
	rm -rf build

-include $(OBJECTS:.o=.d) $(MAIN:.o=.d) $(UNIT:=.d) $(FUZZERS:=.d)
