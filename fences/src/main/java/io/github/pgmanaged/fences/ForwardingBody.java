package io.github.pgmanaged.fences;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;

/**
 * One forwarding method's body.
 *
 * <p>A call passes the fence's gate, so that a release waits for it or finds it refused; a <em>local</em> one, which
 * cannot reach the server, only looks whether the lease still lives. What the driver returns is fenced in turn, and
 * fenced arguments reach the driver as it made them.
 */
final class ForwardingBody {
    private static final ClassName SQL_EXCEPTION = ClassName.get("java.sql", "SQLException");
    private static final ClassName STATE = ClassName.get("org.postgresql.core", "TransactionState");

    /** What leads back to the session, so that it is fenced when the driver returns it. */
    private static final Set<String> FENCED = Set.of(
            "java.sql.Array",
            "java.sql.Blob",
            "java.sql.CallableStatement",
            "java.sql.Clob",
            "java.sql.DatabaseMetaData",
            "java.sql.ParameterMetaData",
            "java.sql.PreparedStatement",
            "java.sql.ResultSet",
            "java.sql.ResultSetMetaData",
            "java.sql.SQLXML",
            "java.sql.Savepoint",
            "java.sql.Statement",
            "java.io.InputStream",
            "java.io.OutputStream",
            "java.io.Reader",
            "java.io.Writer");

    /** What a caller may hand back to the driver fenced. */
    private static final Set<String> UNFENCED = Set.of(
            "java.lang.Object",
            "java.sql.Array",
            "java.sql.Blob",
            "java.sql.Clob",
            "java.sql.SQLXML",
            "java.sql.Savepoint");

    private final TypeElement owner;
    private final String delegate;
    private final ExecutableElement method;
    private final boolean local;

    ForwardingBody(TypeElement owner, String delegate, ExecutableElement method, boolean local) {
        this.owner = owner;
        this.delegate = delegate;
        this.method = method;
        this.local = local;
    }

    CodeBlock toCode() {
        CodeBlock.Builder code = CodeBlock.builder();
        boolean executes = name().startsWith("execute");
        boolean throwing =
                method.getThrownTypes().stream().anyMatch(t -> t.toString().equals(SQL_EXCEPTION.toString()));
        String suffix = throwing ? "" : "Unchecked";
        code.addStatement("fence." + (local ? "check" : "enter") + suffix + "()");
        if (executes) {
            code.addStatement("fence.running($L)", description());
            code.addStatement("$T before = fence.transactionState()", STATE);
        }
        if (local && !throwing) {
            return code.add(call()).build();
        }
        code.beginControlFlow("try");
        if (executes) {
            code.addStatement("$T result = " + invocation(), method.getReturnType())
                    .addStatement("fence.executed(before, $L)", description())
                    .addStatement("return " + fenced("result"));
        } else {
            code.add(call());
        }
        if (throwing) {
            code.nextControlFlow("catch ($T e)", SQL_EXCEPTION)
                    .addStatement(
                            executes ? "throw fence.failed(before, $L, e)" : "throw fence.failed(e)",
                            executes ? new Object[] {description()} : new Object[0]);
        }
        if (!local) {
            code.nextControlFlow("catch ($T | $T e)", RuntimeException.class, Error.class)
                    .addStatement("fence.failedMidMessage(e)")
                    .addStatement("throw e");
            code.nextControlFlow("finally").addStatement("fence.exit($L)", description());
        }
        return code.endControlFlow().build();
    }

    private String name() {
        return method.getSimpleName().toString();
    }

    /**
     * What an {@code OpenTransactionException} says of this call, should it turn out to have opened the transaction.
     */
    private CodeBlock description() {
        if (!name().startsWith("execute")) {
            return CodeBlock.of("$S", owner.getSimpleName() + "." + name());
        }
        boolean sqlGiven = !method.getParameters().isEmpty()
                && method.getParameters().get(0).asType().toString().equals("java.lang.String");
        return sqlGiven
                ? CodeBlock.of(
                        "$N", method.getParameters().get(0).getSimpleName().toString())
                : CodeBlock.of("sql()");
    }

    private CodeBlock call() {
        return method.getReturnType().getKind() == TypeKind.VOID
                ? CodeBlock.of(invocation() + ";\n")
                : CodeBlock.of("return " + fenced(invocation()) + ";\n");
    }

    private String invocation() {
        return delegate + "." + name()
                + method.getParameters().stream().map(this::argument).collect(Collectors.joining(", ", "(", ")"));
    }

    private String argument(VariableElement parameter) {
        String name = parameter.getSimpleName().toString();
        return UNFENCED.contains(plain(parameter.asType())) ? "unfenced(" + name + ")" : name;
    }

    private String fenced(String value) {
        TypeMirror type = method.getReturnType();
        if (type.getKind() == TypeKind.TYPEVAR) {
            String classParameter = method.getParameters().stream()
                    .filter(p -> plain(p.asType()).startsWith("java.lang.Class"))
                    .map(p -> p.getSimpleName().toString())
                    .findFirst()
                    .orElseThrow();
            return "fenced(" + classParameter + ", " + value + ")";
        }
        String plain = plain(type);
        if (plain.equals("java.lang.Object")) {
            return "fencedObject(" + value + ")";
        }
        if (name().startsWith("prepare")) {
            return "fenced(" + value + ", " + method.getParameters().get(0).getSimpleName() + ")";
        }
        return FENCED.contains(plain) ? "fenced(" + value + ")" : value;
    }

    /** The type's name without its annotations: pgjdbc's carry {@code @Nullable}. */
    private static String plain(TypeMirror type) {
        return type.getKind() == TypeKind.DECLARED
                ? ((DeclaredType) type).asElement().toString()
                : type.toString();
    }
}
