package io.github.pgmanaged.fences;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.WildcardType;

/**
 * Finds what would leave a lease as the driver made it. Such an object outlives the lease and reaches the next holder's
 * transaction, and nothing shows it, so that it is the build that fails.
 */
final class Leaks {
    /**
     * Interfaces that hold nothing but what was read already. Classes of java.sql, such as Date and SQLWarning, and
     * enums are values, too; they need no mention.
     */
    private static final Set<String> VALUES = Set.of(
            "java.sql.RowId", // the bytes of a row's address
            "org.postgresql.PGNotification"); // a channel, a text and a backend's PID

    private final FencedTypes fenced;

    Leaks(FencedTypes fenced) {
        this.fenced = fenced;
    }

    /** The type that would leak from the generated method, or that cannot be known not to. */
    Optional<TypeMirror> in(ExecutableElement method) {
        TypeMirror type = method.getReturnType();
        boolean safe = type.getKind() == TypeKind.TYPEVAR
                ? ForwardingBody.classParameter(method).isPresent()
                : !fenced.fencing(method).isEmpty();
        return safe ? Optional.empty() : in(type);
    }

    private static Optional<TypeMirror> in(TypeMirror type) {
        return switch (type.getKind()) {
            case ARRAY -> in(((ArrayType) type).getComponentType());
            case WILDCARD -> in((WildcardType) type);
            case TYPEVAR -> Optional.of(type);
            case DECLARED -> in((DeclaredType) type);
            default -> Optional.empty();
        };
    }

    private static Optional<TypeMirror> in(WildcardType type) {
        return type.getExtendsBound() == null ? Optional.of(type) : in(type.getExtendsBound());
    }

    /** What the object is, and what is in it: a collection is not fenced, so nothing in it is. */
    private static Optional<TypeMirror> in(DeclaredType type) {
        String name = FencedTypes.plain(type);
        if (name.equals("java.lang.Class")) {
            return Optional.empty(); // names a type, and holds nothing of it
        }
        if (name.equals("java.lang.Object") || leadsToTheSession((TypeElement) type.asElement())) {
            return Optional.of(type);
        }
        Stream<? extends TypeMirror> arguments = type.getTypeArguments().stream();
        return arguments.flatMap(argument -> in(argument).stream()).findFirst();
    }

    private static boolean leadsToTheSession(TypeElement type) {
        String name = type.getQualifiedName().toString();
        ElementKind kind = type.getKind();
        if (VALUES.contains(name) || kind == ElementKind.ENUM) {
            return false;
        }
        boolean jdbc = name.startsWith("java.sql.") || name.startsWith("javax.sql.");
        return name.startsWith("org.postgresql.") || (jdbc && kind == ElementKind.INTERFACE);
    }
}
