package io.github.pgmanaged.cli.timeline;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips a test class where there is no Chromium; with PGMANAGED_REQUIRE_PROGRAMS=1, as in CI, it fails. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsChromium.Condition.class)
@interface NeedsChromium {

    /** Looks for it. */
    final class Condition implements ExecutionCondition {
        private static final String MISSING = "Chromium is not installed (Debian: apt-get install chromium)";

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (Browser.program().isPresent()) {
                return ConditionEvaluationResult.enabled("Chromium is there");
            }
            if ("1".equals(System.getenv("PGMANAGED_REQUIRE_PROGRAMS"))) {
                throw new IllegalStateException(MISSING + ". PGMANAGED_REQUIRE_PROGRAMS=1 does not let it be skipped.");
            }
            System.out.println(context.getDisplayName() + " is skipped: " + MISSING);
            return ConditionEvaluationResult.disabled(MISSING);
        }
    }
}
