package io.github.pgmanaged.fences;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;

/**
 * One forwarding method's body.
 *
 * <p>A call passes the fence's gate, so that a release waits for it or finds it refused; a <em>local</em> one, which
 * cannot reach the server unless the handle says otherwise, only looks whether the lease still lives; a
 * <em>harmless</em> one is no error afterwards. What the driver returns is fenced in turn, and fenced arguments reach
 * the driver as it made them.
 */
final class ForwardingBody {
    private static final ClassName SQL_EXCEPTION = ClassName.get("java.sql", "SQLException");
    /** Change the database, and commit by themselves under autocommit. */
    private static final Set<String> WRITES = Set.of("deleteRow", "insertRow", "updateRow");

    private static final Set<String> TAKE_SQL = Set.of(
            "addBatch",
            "execute",
            "executeLargeUpdate",
            "executeQuery",
            "executeUpdate",
            "nativeSQL",
            "prepareCall",
            "prepareStatement");

    private static final ClassName STATE = ClassName.get("org.postgresql.core", "TransactionState");

    private final TypeElement owner;
    private final String delegate;
    private final ExecutableElement method;
    private final boolean local;
    private final boolean harmless;
    private final FencedTypes types;

    ForwardingBody(
            Forwarding forwarding, TypeElement owner, String delegate, ExecutableElement method, FencedTypes types) {
        this.owner = owner;
        this.delegate = delegate;
        this.method = method;
        this.local = forwarding.local().contains(method.getSimpleName().toString());
        this.harmless = forwarding.harmless().contains(method.getSimpleName().toString());
        this.types = types;
    }

    CodeBlock toCode() {
        if (!local || harmless) {
            return gated();
        }
        CodeBlock.Builder code = CodeBlock.builder().beginControlFlow("if (isLocal())");
        code.add(checked());
        if (method.getReturnType().getKind() == TypeKind.VOID) {
            code.addStatement("return");
        }
        return code.endControlFlow().add(gated()).build();
    }

    /** Looks whether the lease still lives, and calls. */
    private CodeBlock checked() {
        CodeBlock.Builder code = CodeBlock.builder();
        if (!isThrowing()) {
            return code.addStatement("fence.checkUnchecked()").add(call()).build();
        }
        return code.addStatement("fence.check()")
                .beginControlFlow("try")
                .add(call())
                .nextControlFlow("catch ($T e)", SQL_EXCEPTION)
                .addStatement("throw fence.failed(e)")
                .endControlFlow()
                .build();
    }

    /** Calls in the gate. */
    private CodeBlock gated() {
        CodeBlock.Builder code = CodeBlock.builder();
        boolean executes = name().startsWith("execute");
        if (executes && isSqlGiven()) { // before the gate: what is long may break off, and would leave a call under way
            code.addStatement("fence.sends($L)", description());
        }
        if (harmless) {
            code.beginControlFlow("if (!fence.gate().tryEnter())")
                    .addStatement(method.getReturnType().getKind() == TypeKind.VOID ? "return" : "return false")
                    .endControlFlow();
        } else {
            code.addStatement("fence.enter" + (isThrowing() ? "" : "Unchecked") + "()");
        }
        if (executes) {
            code.addStatement("fence.running($L)", description());
        }
        boolean judged = executes || WRITES.contains(name());
        if (judged) {
            code.addStatement("$T before = fence.transactionState()", STATE);
        }
        code.beginControlFlow("try");
        if (executes) {
            code.addStatement("$T result = " + invocation(), method.getReturnType())
                    .addStatement("fence.executed(before, $L)", description())
                    .addStatement("return " + fenced("result"));
        } else {
            code.add(call());
        }
        if (isThrowing()) {
            code.nextControlFlow("catch ($T e)", SQL_EXCEPTION);
            if (judged) {
                code.addStatement(
                        name().contains("Batch")
                                ? CodeBlock.of("throw fence.failedBatch(before, this, e)")
                                : CodeBlock.of("throw fence.failed(before, this, $L, e)", given()));
            } else {
                code.addStatement("throw fence.failed(e)");
            }
        }
        // A checked one that is not declared, too; but a value that cannot be read breaks off no message.
        code.nextControlFlow("catch ($T e)", local ? Error.class : Throwable.class);
        if (judged) {
            code.addStatement("fence.brokeOff(before, this, $L, e)", given());
        } else {
            code.addStatement("fence.brokeOff(e)");
        }
        code.addStatement("throw e").nextControlFlow("finally").addStatement("fence.exit($L)", description());
        return code.endControlFlow().build();
    }

    private boolean isThrowing() {
        return method.getThrownTypes().stream().anyMatch(t -> t.toString().equals(SQL_EXCEPTION.toString()));
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
        return isSqlGiven()
                ? CodeBlock.of(
                        "$N", method.getParameters().get(0).getSimpleName().toString())
                : CodeBlock.of("sql()");
    }

    private boolean isSqlGiven() {
        return !method.getParameters().isEmpty()
                && method.getParameters().get(0).asType().toString().equals("java.lang.String");
    }

    /** The text of what ran; null for a script that was prepared, and is put together where that may fail. */
    private CodeBlock given() {
        return name().startsWith("execute") && !isSqlGiven() ? CodeBlock.of("null") : description();
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
        String argument = types.isUnfenced(parameter.asType()) ? "unfenced(" + name + ")" : name;
        return isNeeded(parameter) ? "java.util.Objects.requireNonNull(" + argument + ")" : argument;
    }

    /**
     * Whether the driver looks into an argument without asking whether it is there. The JVM gives the exception that it
     * raises for this no stack once it has raised many, and an exception without a stack may come from the middle of an
     * exchange with the server.
     */
    private boolean isNeeded(VariableElement parameter) {
        return parameter.asType().toString().equals("java.sql.Savepoint")
                || (isSqlGiven()
                        && TAKE_SQL.contains(name())
                        && parameter.equals(method.getParameters().get(0)));
    }

    private String fenced(String value) {
        if (method.getReturnType().getKind() == TypeKind.TYPEVAR) {
            return classParameter(method)
                    .map(type -> "fenced(" + type + ", " + value + ")")
                    .orElse(value);
        }
        String fencing = types.fencing(method);
        if (fencing.isEmpty()) {
            return value;
        }
        return name().startsWith("prepare")
                ? fencing + "(" + value + ", " + method.getParameters().get(0).getSimpleName() + ")"
                : fencing + "(" + value + ")";
    }

    /** The parameter that says of what type the result is to be, as that of {@code getObject(..., type)}. */
    static Optional<String> classParameter(ExecutableElement method) {
        return method.getParameters().stream()
                .filter(p -> FencedTypes.plain(p.asType()).equals("java.lang.Class"))
                .map(p -> p.getSimpleName().toString())
                .findFirst();
    }
}
