package io.github.pgmanaged.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Test classes, run as an application's would be, by JUnit's own engine. */
record Run(EngineExecutionResults results) {
    static Run of(Class<?>... classes) {
        return with(EngineTestKit.engine("junit-jupiter"), classes);
    }

    /** The tests of the classes at once. */
    static Run inParallel(Class<?>... classes) {
        return with(
                EngineTestKit.engine("junit-jupiter")
                        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                        .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                        .configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                        .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "8"),
                classes);
    }

    private static Run with(EngineTestKit.Builder kit, Class<?>... classes) {
        return new Run(
                kit.selectors(Stream.of(classes).map(type -> selectClass(type)).toList())
                        .execute());
    }

    /** Each test and class has passed. */
    void isInnocent() {
        assertThat(results.allEvents().failed().list()).isEmpty();
        assertThat(results.testEvents().succeeded().count()).isPositive();
    }

    /** What those tests failed of whose name has a text. */
    List<Throwable> failures(String name) {
        return results.allEvents().failed().stream()
                .filter(event ->
                        event.getTestDescriptor().getUniqueId().toString().contains(name))
                .map(Run::failure)
                .toList();
    }

    /** The report of the one test that failed, and of nothing but that. */
    String report() {
        List<Event> failed = results.allEvents().failed().list();
        assertThat(failed).hasSize(1);
        Throwable failure = failure(failed.get(0));
        assertThat(failure).isInstanceOf(OneConnectionError.class);
        return failure.getMessage();
    }

    private static Throwable failure(Event event) {
        return event.getRequiredPayload(TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }
}
