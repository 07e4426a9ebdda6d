package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.junit.OneConnectionError;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A test or a class in JUnit's store, which is closed after all callbacks of other extensions, too: Spring's ends its
 * transaction in one of these.
 */
@SuppressWarnings("deprecation") // what JUnit 5.12 closes; later ones warn of what is not AutoCloseable, too
public final class JUnitScope implements ExtensionContext.Store.CloseableResource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.github.pgmanaged.junit.OneConnection");

    private final Detector detector;
    private final ExtensionContext context;
    private final Scope scope;

    private JUnitScope(Detector detector, ExtensionContext context, Scope scope) {
        this.detector = detector;
        this.context = context;
        this.scope = scope;
    }

    /** A test or class begins. It ends when JUnit closes its store. */
    public static void begin(Detector detector, Object extension, ExtensionContext context, boolean test) {
        String name = test
                ? context.getRequiredTestClass().getSimpleName() + "." + name(context)
                : context.getRequiredTestClass().getSimpleName();
        context.getStore(ExtensionContext.Namespace.create(JUnitScope.class, extension))
                .put(test, new JUnitScope(detector, context, detector.begin(name, test)));
    }

    private static String name(ExtensionContext context) {
        String method = context.getRequiredTestMethod().getName();
        String shown = context.getDisplayName().replaceFirst("\\(\\)$", ""); // as JUnit 5 has it
        return shown.startsWith(method) ? method : method + " " + shown;
    }

    @Override
    public void close() {
        Optional<OneConnectionError> report = detector.end(scope);
        if (report.isEmpty()) {
            return;
        }
        if (!detector.isReportOnly()) {
            throw report.get();
        }
        String text = String.valueOf(report.get().getMessage());
        LOG.warn("{}", text);
        context.publishReportEntry("pgmanaged", text);
    }
}
