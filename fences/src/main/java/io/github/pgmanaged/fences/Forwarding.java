package io.github.pgmanaged.fences;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.util.ElementFilter;

/**
 * What one {@code @Forwards} annotation asks for.
 *
 * @param fence the class that carries the annotation
 * @param target the interface to forward
 * @param also pgjdbc's interface on the same object, forwarded too; or none
 * @param base the class to extend
 * @param wholeInterface whether what {@code target} inherits is forwarded, too; not if {@code base} does it already
 * @param local names of methods that only look at memory, unless the handle says otherwise: the fence is checked, but
 *     not held open during the call
 * @param harmless names of methods that do nothing, or answer false, once the lease is released
 * @param byHand names of methods that mean something here, and are written by hand
 */
record Forwarding(
        TypeElement fence,
        TypeElement target,
        List<TypeElement> also,
        TypeElement base,
        boolean wholeInterface,
        Set<String> local,
        Set<String> harmless,
        Set<String> byHand) {
    static final String HANDLE = "io.github.pgmanaged.internal.fence.Handle";

    static Forwarding of(TypeElement fence, ProcessingEnvironment env) {
        AnnotationMirror forwards = fence.getAnnotationMirrors().stream()
                .filter(a -> a.getAnnotationType().toString().equals(ForwardingProcessor.FORWARDS))
                .findFirst()
                .orElseThrow();
        Map<String, AnnotationValue> values =
                env.getElementUtils().getElementValuesWithDefaults(forwards).entrySet().stream()
                        .collect(Collectors.toMap(e -> name(e.getKey()), Map.Entry::getValue));
        TypeElement handle = env.getElementUtils().getTypeElement(HANDLE);
        TypeElement base = type(member(values, "onTopOf"));
        return new Forwarding(
                fence,
                type(member(values, "value")),
                list(member(values, "also")).stream().map(Forwarding::type).toList(),
                base,
                base.equals(handle),
                strings(member(values, "local")),
                strings(member(values, "harmless")),
                strings(member(values, "byHand")));
    }

    /** Whether the generated class has a field for the driver's object; not if {@code base} knows it. */
    boolean hasDelegate() {
        return wholeInterface;
    }

    /** Whether {@code base} says itself, and in the right type, what the driver's object is. */
    boolean isDelegateSaid() {
        return ElementFilter.methodsIn(base.getEnclosedElements()).stream()
                .anyMatch(method -> !hasDelegate() && method.getSimpleName().contentEquals("delegate"));
    }

    String packageName() {
        String name = fence.getQualifiedName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    String className() {
        return "Forwarding" + target.getSimpleName();
    }

    private static AnnotationValue member(Map<String, AnnotationValue> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    private static String name(ExecutableElement member) {
        return member.getSimpleName().toString();
    }

    private static TypeElement type(AnnotationValue value) {
        return (TypeElement) ((DeclaredType) value.getValue()).asElement();
    }

    @SuppressWarnings("unchecked")
    private static List<? extends AnnotationValue> list(AnnotationValue value) {
        return (List<? extends AnnotationValue>) value.getValue();
    }

    private static Set<String> strings(AnnotationValue value) {
        return list(value).stream().map(v -> (String) v.getValue()).collect(Collectors.toSet());
    }
}
