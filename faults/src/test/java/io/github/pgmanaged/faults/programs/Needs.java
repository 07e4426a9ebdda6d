package io.github.pgmanaged.faults.programs;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Which programs a test class runs. Where one is missing the class is skipped, since a JDK, Maven and make are to be
 * enough for everything else; with PGMANAGED_REQUIRE_PROGRAMS=1, as in CI, it fails.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(Needs.Condition.class)
public @interface Needs {
    Program[] value();

    /** Looks for them. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            List<String> missing = AnnotationSupport.findAnnotation(context.getElement(), Needs.class).stream()
                    .flatMap(needs -> Arrays.stream(needs.value()))
                    .filter(program -> program.find().isEmpty())
                    .map(Program::missing)
                    .toList();
            if (missing.isEmpty()) {
                return ConditionEvaluationResult.enabled("all programs are there");
            }
            if ("1".equals(System.getenv("PGMANAGED_REQUIRE_PROGRAMS"))) {
                throw new IllegalStateException(
                        String.join("; ", missing) + ". PGMANAGED_REQUIRE_PROGRAMS=1 does not let it be skipped.");
            }
            String reason = String.join("; ", missing);
            System.out.println(context.getDisplayName() + " is skipped: " + reason);
            return ConditionEvaluationResult.disabled(reason);
        }
    }
}
