# Two commands do everything: `make demo` and `make test`. They need a JDK from 17 on, Maven and make.

MVN ?= mvn -B -ntp
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
# A server to test against instead of the embedded one, as a connection URI.
PGMANAGED_TEST_CONNINFO ?=
# Arguments of the demo: a connection URI, --seconds, --threads; see `make demo ARGS=--help`.
ARGS ?=

.PHONY: demo test format clean

demo:
	$(MVN) -q -DskipTests -Dspotless.check.skip=true -pl cli -am package
	$(JAVA) -jar cli/target/pgmanaged.jar demo $(ARGS)

test:
	$(MVN) verify '-Dpgmanaged.test.conninfo=$(PGMANAGED_TEST_CONNINFO)'

format:
	$(MVN) -q spotless:apply

clean:
	$(MVN) -q clean
