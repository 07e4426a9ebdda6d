# Two commands do everything: `make demo` and `make test`. They need a JDK from 17 on, Maven from 3.6.3 on, and make.

MVN ?= mvn -B -ntp
# No jars of sources and Javadoc, which `mvn install` makes.
PLAIN := -Dmaven.source.skip=true -Dmaven.javadoc.skip=true
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
# A server to test against instead of the embedded one, as a connection URI.
PGMANAGED_TEST_CONNINFO ?=
# Tests that share a server take turns: some look at all of its backends.
ONE_SERVER := $(if $(PGMANAGED_TEST_CONNINFO),-DforkCount=1)
# Arguments of the demo: a connection URI, --seconds, --threads; see `make demo ARGS=--help`.
ARGS ?=

# Where the demo draws who held the connection when.
TIMELINE ?= cli/target/demo-timeline.html

# The newest Spring Boot.
BOOT ?= 4.1.2

# How long the fuzzer looks.
SECONDS ?= 60

# How long the soak lasts, and which one, if it is to be repeated.
MINUTES ?= 10
SEED ?=

# How many schedules of the turnstile and the fence `make stress` tries of each test, and how long it stresses each.
SCHEDULES ?= 1000
MILLIS ?= 20000

# How many different Errors strike each step.
ERRORS ?= 1

# 3 strikes each third step of the code, 1 each.
EACH ?= 1

# Of JMH's benchmarks only these, with JMH's options: make bench BENCH='ParseBenchmark -p shape=HOSTS'.
BENCH ?=

# How many seconds each step of `make bench-profile` takes: warm-up (twice as long), samples, system calls, times.
PROFILE ?= 3

# How the JVMs of `make bench` treat their memory: a heap that does not grow, and a collector without threads of its own
# beside the program's.
BENCH_JVM ?= -Xms1g -Xmx1g -XX:+UseParallelGC

.PHONY: demo picture test long older boot consumer reproducible cluster fuzz tls soak stress sabotage matrix bench bench-quick bench-page bench-profile bench-classes format clean

demo:
	$(MVN) -q $(PLAIN) -DskipTests -Dspotless.check.skip=true -pl cli -am package
	$(JAVA) -jar cli/target/pgmanaged.jar demo --timeline $(TIMELINE) $(ARGS)

# A demo, and docs/timeline.png of it. Needs Debian's chromium.
picture:
	$(MAKE) demo ARGS="--threads 14 --seconds 4 --compare-seconds 0"
	$(MVN) -q -Dspotless.check.skip=true -pl cli -am test-compile dependency:build-classpath \
	  -Dmdep.includeScope=test -Dmdep.outputFile=target/picture-classpath
	$(JAVA) -cp cli/target/test-classes:cli/target/classes:$$(cat cli/target/picture-classpath) \
	  io.github.pgmanaged.cli.timeline.Picture $(TIMELINE) docs/timeline.png

test:
	$(MVN) $(PLAIN) verify $(ONE_SERVER) '-Dpgmanaged.test.conninfo=$(PGMANAGED_TEST_CONNINFO)'

# The tests that are tagged as long, which `make test` leaves out: all cells of the tables and matrices, of which
# `make test` plays some, and the core with the oldest pgjdbc.
long:
	$(MVN) $(PLAIN) verify $(ONE_SERVER) -Plong -Dspotless.check.skip=true '-Dpgmanaged.test.conninfo=$(PGMANAGED_TEST_CONNINFO)'

# What a lease is, once more on an embedded PostgreSQL 15. (`make test` takes an embedded 18.)
older:
	$(MVN) -q -Dspotless.check.skip=true -pl connection -am test -Dembedded-postgres-binaries.version=15.15.0 \
	  -Dtest='!SabotageTest,!ErrorBurstTest,!NoThreadTest,!StackOverflowTest,!Foreign*Test,!*SchedulesTest,!*StressTest,!*WakeUpTest,!io.github.pgmanaged.conninfo.**' \
	  -Dsurefire.failIfNoSpecifiedTests=false -Dpgmanaged.tests.excluded=long

# The tests of the auto-configuration once more, with the newest Boot. (`make test` takes the oldest 4, and 3.5.) What is
# tested are the classes that were compiled against the oldest, so that no user has to have the Boot that we have.
boot:
	rm -rf spring-boot/target/classes
	$(MVN) -q -Dspotless.check.skip=true -pl spring-boot -am test-compile
	$(MVN) -q -Dspotless.check.skip=true -pl spring-boot -am test -Dspring-boot.version=$(BOOT) -Dpgmanaged.main.skip=true \
	  -Dtest='io.github.pgmanaged.spring.**' -Dsurefire.failIfNoSpecifiedTests=false -Dpgmanaged.tests.excluded=long

# What users' first builds do, who have the artifacts from a repository: as modules, and with Spring Boot's starter. They
# begin with an empty local repository, and take from Central what was never downloaded.
consumer:
	rm -rf target/consumer
	$(MVN) -q $(PLAIN) -Dmaven.test.skip=true -Dmaven.install.skip=true -Dspotless.check.skip=true -pl bom,junit,spring-boot-starter -am deploy \
	  -DaltDeploymentRepository=pgmanaged::default::file://$(CURDIR)/target/consumer/repository
	version=$$(sed -n 's:^  <version>\(.*\)</version>:\1:p' bom/pom.xml) && \
	cp -r bom/src/consumer target/consumer/projects && \
	$(MVN) -q -f target/consumer/projects/pom.xml -s bom/src/consumer/settings.xml -Dpgmanaged.version=$$version \
	  -Dpgmanaged.repository=file://$(CURDIR)/target/consumer/repository -Dmaven.repo.local=$(CURDIR)/target/consumer/m2 \
	  test

# Builds the artifacts twice, in two folders, and compares them byte for byte.
reproducible:
	MVN='$(MVN)' .ci/reproducible

# Fails a pair over that Patroni runs, and writes docs/cluster.md. Needs Debian's postgresql-15, patroni, etcd-server.
cluster:
	PGMANAGED_REQUIRE_PROGRAMS=1 $(MVN) -q -Dspotless.check.skip=true -pl faults -am test \
	  -Dtest=ClusterTest -Dsurefire.failIfNoSpecifiedTests=false -Dpgmanaged.faults.excluded=

# Looks for strings and files that break the parsers, led by coverage. What it finds is left in conninfo/target/fuzz.
fuzz:
	$(MVN) -q -Dspotless.check.skip=true -pl conninfo -am test-compile dependency:build-classpath \
	  -Dmdep.includeScope=test -Dmdep.outputFile=target/fuzz-classpath
	mkdir -p conninfo/target/fuzz
	$(JAVA) -cp conninfo/target/classes:conninfo/target/test-classes:$$(cat conninfo/target/fuzz-classpath) \
	  com.code_intelligence.jazzer.Jazzer --target_class=io.github.pgmanaged.conninfo.ParserFuzz \
	  --instrumentation_includes='io.github.pgmanaged.**' --reproducer_path=conninfo/target/fuzz \
	  -artifact_prefix=conninfo/target/fuzz/ -max_total_time=$(SECONDS) -max_len=4096 -timeout=5 \
	  -dict=conninfo/src/test/fuzz.dict conninfo/target/fuzz conninfo/src/test/fuzz

# Asks the real libpqs and us to connect to servers with good and odd certificates: all cells, of which `make test` asks
# a part. Debian's package libpq5 is the second libpq.
tls:
	$(MVN) -q -Dspotless.check.skip=true -pl conninfo -am test -Dtest=TlsOracleTest \
	  -Dsurefire.failIfNoSpecifiedTests=false -Dpgmanaged.tls.each=1

# Many threads, good and bad, on a server that suffers every fault, and listeners; at the end the books are checked.
# Then a minute of as many messages as the machine gives, up to 10,000 a second.
soak:
	$(MVN) -q -Dspotless.check.skip=true -pl faults -am test-compile dependency:build-classpath \
	  -Dmdep.includeScope=test -Dmdep.outputFile=target/soak-classpath
	$(JAVA) -Xmx1g -cp faults/target/test-classes:connection/target/classes:conninfo/target/classes:testing/target/classes:$$(cat faults/target/soak-classpath) \
	  $(if $(SEED),-Dpgmanaged.seed=$(SEED)) io.github.pgmanaged.faults.ledger.Soak $(MINUTES)
	$(JAVA) -Xmx1g -cp faults/target/test-classes:connection/target/classes:conninfo/target/classes:testing/target/classes:$$(cat faults/target/soak-classpath) \
	  io.github.pgmanaged.faults.listen.Torrent 60

# The turnstile and the fence under more schedules, and for longer, than `make test` has time for.
stress:
	$(MVN) -q -Dspotless.check.skip=true -pl connection -am test -Dtest='*SchedulesTest,*StressTest,*WakeUpTest' \
	  -Dsurefire.failIfNoSpecifiedTests=false -DforkCount=1 -Dpgmanaged.schedules=$(SCHEDULES) -Dpgmanaged.stress.millis=$(MILLIS)

# An Error at each step of the code, one after the other; `make test` strikes some of them. ERRORS=3 strikes each three
# times, with different ones; EACH=3 strikes each third step.
sabotage:
	$(MVN) -q -Dspotless.check.skip=true -pl connection -am test -Dtest=SabotageTest,ErrorBurstTest \
	  -Dsurefire.failIfNoSpecifiedTests=false -Dpgmanaged.sabotage.each=$(EACH) -Dpgmanaged.sabotage.errors=$(ERRORS)

# Ourselves and nine others in the same scenarios, side by side: prints the matrix, writes docs/guarantee-matrix.*.
matrix:
	$(MVN) -q -Dspotless.check.skip=true -pl peers -am compile dependency:build-classpath \
	  -Dmdep.outputFile=target/matrix-classpath
	$(JAVA) -Xmx1g -cp peers/target/classes:$$(cat peers/target/matrix-classpath) \
	  io.github.pgmanaged.peers.MatrixMain docs peers/target $$(test -t 1 && echo colour) $(ARGS)

# All benchmarks, pgmanaged and other pools side by side: writes docs/benchmarks.md and its plots, in less than half an
# hour; the raw results stay in benchmarks/target/bench. With BENCH= it only runs JMH, and writes nothing.
bench: bench-classes
	$(BENCHMARKS) $(if $(BENCH),org.openjdk.jmh.Main $(BENCH),io.github.pgmanaged.benchmarks.Bench whole docs benchmarks/target/bench)

# A first look in less than five minutes; its page goes to benchmarks/target/quick.
bench-quick: bench-classes
	$(BENCHMARKS) io.github.pgmanaged.benchmarks.Bench quick benchmarks/target/quick benchmarks/target/quick

# The page once more, of the raw results of the last `make bench`.
bench-page: bench-classes
	$(BENCHMARKS) io.github.pgmanaged.benchmarks.Bench --render docs benchmarks/target/bench

# Where the time of a lease goes: samples and counts, whose tables go into docs/nanoseconds.md. Linux only; system calls
# are counted if there is strace.
bench-profile: bench-classes
	$(BENCHMARKS) io.github.pgmanaged.benchmarks.BenchProfile docs/nanoseconds.md $(PROFILE)

BENCHMARKS = $(JAVA) $(BENCH_JVM) -Djava.awt.headless=true \
  -cp benchmarks/target/classes:$$(cat benchmarks/target/bench-classpath)

bench-classes:
	$(MVN) -q $(PLAIN) -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package dependency:build-classpath \
	  -Dmdep.outputFile=target/bench-classpath

format:
	$(MVN) -q -pl '!bom' spotless:apply

clean:
	$(MVN) -q clean
