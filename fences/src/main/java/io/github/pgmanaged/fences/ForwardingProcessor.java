package io.github.pgmanaged.fences;

import com.palantir.javapoet.JavaFile;
import java.io.IOException;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;

/**
 * For each class that carries {@code @Forwards(X.class)}, writes the abstract class {@code ForwardingX} that it
 * extends. The result is plain source that an editor shows and a debugger steps through.
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
        for (TypeElement annotation : annotations) {
            for (Element fence : round.getElementsAnnotatedWith(annotation)) {
                try {
                    write(Forwarding.of((TypeElement) fence, processingEnv));
                } catch (IOException e) {
                    processingEnv
                            .getMessager()
                            .printMessage(Diagnostic.Kind.ERROR, "cannot write the forwarding class: " + e, fence);
                }
            }
        }
        return false;
    }

    private void write(Forwarding forwarding) throws IOException {
        JavaFile.builder(forwarding.packageName(), new ForwardingClass(forwarding, processingEnv).toTypeSpec())
                .skipJavaLangImports(true)
                .indent("    ")
                .build()
                .writeTo(processingEnv.getFiler());
    }
}
