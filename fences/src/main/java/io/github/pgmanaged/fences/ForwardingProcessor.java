package io.github.pgmanaged.fences;

import com.palantir.javapoet.JavaFile;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;

/**
 * For each class that carries {@code @Forwards(X.class)}, writes the abstract class {@code ForwardingX} that it
 * extends. The result is plain source that an editor shows and a debugger steps through. A method that would let the
 * driver's own object out fails the build.
 */
@SupportedAnnotationTypes(ForwardingProcessor.FORWARDS)
public final class ForwardingProcessor extends AbstractProcessor {
    static final String FORWARDS = "io.github.pgmanaged.internal.fence.Forwards";

    @Override
    public SourceVersion getSupportedSourceVersion() {
        return SourceVersion.latestSupported();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        List<Forwarding> all = annotations.stream()
                .flatMap(annotation -> round.getElementsAnnotatedWith(annotation).stream())
                .map(fence -> Forwarding.of((TypeElement) fence, processingEnv))
                .toList();
        if (all.isEmpty()) {
            return false;
        }
        FencedTypes types = FencedTypes.of(all, processingEnv);
        for (Forwarding forwarding : all) {
            try {
                write(forwarding, types);
            } catch (IOException e) {
                processingEnv
                        .getMessager()
                        .printMessage(
                                Diagnostic.Kind.ERROR, "cannot write the forwarding class: " + e, forwarding.fence());
            }
        }
        return false;
    }

    private void write(Forwarding forwarding, FencedTypes types) throws IOException {
        JavaFile.builder(forwarding.packageName(), new ForwardingClass(forwarding, types, processingEnv).toTypeSpec())
                .skipJavaLangImports(true)
                .indent("    ")
                .build()
                .writeTo(processingEnv.getFiler());
    }
}
