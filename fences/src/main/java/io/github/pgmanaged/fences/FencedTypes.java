package io.github.pgmanaged.fences;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;

/**
 * Which types are fenced. Nobody lists them: what can come back from a caller is what the {@code @Forwards} annotations
 * name, and what goes out fenced is what {@code Handle} has a method {@code fenced(X)} for.
 */
final class FencedTypes {
    private static final String OBJECT = "java.lang.Object";
    private static final String OBJECTS = "java.lang.Object[]";

    private final Set<String> forwarded;
    private final Set<String> returned;

    private FencedTypes(Set<String> forwarded, Set<String> returned) {
        this.forwarded = forwarded;
        this.returned = returned;
    }

    static FencedTypes of(Collection<Forwarding> all, ProcessingEnvironment env) {
        Set<String> forwarded = all.stream()
                .flatMap(forwarding -> Stream.concat(Stream.of(forwarding.target()), forwarding.also().stream()))
                .map(TypeElement::toString)
                .collect(Collectors.toSet());
        TypeElement handle = env.getElementUtils().getTypeElement(Forwarding.HANDLE);
        // The generic one is for getObject(..., type), and fences nothing that the others do not.
        Set<String> returned = ElementFilter.methodsIn(handle.getEnclosedElements()).stream()
                .filter(method -> method.getSimpleName().contentEquals("fenced")
                        && method.getTypeParameters().isEmpty())
                .map(method -> plain(method.getParameters().get(0).asType()))
                .collect(Collectors.toSet());
        return new FencedTypes(forwarded, returned);
    }

    /** Whether an argument may be a fenced object, or an array of some. */
    boolean isUnfenced(TypeMirror argument) {
        String type = plain(argument);
        return forwarded.contains(type) || type.equals(OBJECT) || type.equals(OBJECTS);
    }

    /** How {@code Handle} fences what a method returns, or "" if it does not. */
    String fencing(ExecutableElement method) {
        String type = plain(method.getReturnType());
        if (type.equals(OBJECT)) {
            return "fencedObject";
        }
        if (type.equals(OBJECTS)) {
            return "fencedObjects";
        }
        return returned.contains(type) ? "fenced" : "";
    }

    /** The type's name without its annotations: pgjdbc's carry {@code @Nullable}. */
    static String plain(TypeMirror type) {
        return switch (type.getKind()) {
            case DECLARED -> ((DeclaredType) type).asElement().toString();
            case ARRAY -> plain(((ArrayType) type).getComponentType()) + "[]";
            default -> type.toString();
        };
    }
}
