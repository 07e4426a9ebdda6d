package io.github.pgmanaged.junit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs a test with a fault, and one without, and prints what came of each. */
final class OldestJUnitProgram {
    private OldestJUnitProgram() {}

    static class Faulty {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.to(() -> System.getProperty("conninfo"));

        @Test
        void faulty() {
            new Shop(ONE.dataSource()).forgetToCommit();
        }

        @Test
        void faultless() throws Exception {
            new Shop(ONE.dataSource()).order("oldest JUnit");
        }
    }

    public static void main(String[] args) {
        Launcher launcher = LauncherFactory.create();
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(Faulty.class))
                        .build(),
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (test.isTest()) {
                            System.out.println(test.getDisplayName() + " " + result.getStatus() + " "
                                    + result.getThrowable().orElse(null));
                        }
                    }
                });
        System.out.println(
                "JUnit of " + Test.class.getProtectionDomain().getCodeSource().getLocation());
    }
}
