package io.github.pgmanaged.fences;

import com.palantir.javapoet.AnnotationSpec;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.tools.Diagnostic;

/** Lays out one generated class: the delegate, the constructor, a method for each method of the interfaces. */
final class ForwardingClass {
    private static final ClassName FENCE = ClassName.get("io.github.pgmanaged.internal.fence", "Fence");
    private static final ClassName SQL_EXCEPTION = ClassName.get("java.sql", "SQLException");

    private final Forwarding forwarding;
    private final FencedTypes types;
    private final Leaks leaks;
    private final ProcessingEnvironment env;

    ForwardingClass(Forwarding forwarding, FencedTypes types, ProcessingEnvironment env) {
        this.forwarding = forwarding;
        this.types = types;
        this.leaks = new Leaks(types);
        this.env = env;
    }

    TypeSpec toTypeSpec() {
        ClassName target = ClassName.get(forwarding.target());
        TypeSpec.Builder type = TypeSpec.classBuilder(forwarding.className())
                .addOriginatingElement(forwarding.fence())
                .addJavadoc("Forwards {@link $T} to the driver while the lease lives.\n", target)
                .addAnnotation(AnnotationSpec.builder(ClassName.get("javax.annotation.processing", "Generated"))
                        .addMember("value", "$S", ForwardingProcessor.class.getName())
                        .build())
                .addAnnotation(AnnotationSpec.builder(SuppressWarnings.class)
                        .addMember("value", "{$S, $S}", "deprecation", "unchecked")
                        .build())
                .addModifiers(Modifier.ABSTRACT)
                .superclass(ClassName.get(forwarding.base()))
                .addSuperinterface(target)
                .addMethod(constructor(target));
        if (forwarding.hasDelegate()) {
            type.addField(FieldSpec.builder(target, "delegate", Modifier.FINAL).build());
        }
        if (!forwarding.isDelegateSaid()) {
            type.addMethod(delegate(target));
        }
        String driver = forwarding.hasDelegate() ? "delegate" : "delegate()";
        Set<String> written = new HashSet<>();
        for (ExecutableElement method : methods(forwarding.target(), forwarding.wholeInterface())) {
            if (written.add(method.toString())) {
                type.addMethod(forward(forwarding.target(), driver, method));
            }
        }
        for (TypeElement also : forwarding.also()) {
            String accessor = "as" + also.getSimpleName();
            type.addSuperinterface(ClassName.get(also)).addMethod(accessor(also, accessor));
            for (ExecutableElement method : methods(also, true)) {
                if (written.add(method.toString())) {
                    type.addMethod(forward(also, accessor + "()", method));
                }
            }
        }
        return type.build();
    }

    /** The base's constructor, with a delegate of the target's type; a {@code Handle} has no delegate to be given. */
    private MethodSpec constructor(ClassName target) {
        MethodSpec.Builder spec = MethodSpec.constructorBuilder();
        List<String> passedOn = new ArrayList<>();
        ExecutableElement inherited = ElementFilter.constructorsIn(
                        forwarding.base().getEnclosedElements())
                .get(0);
        for (VariableElement parameter : inherited.getParameters()) {
            String name = parameter.getSimpleName().toString();
            passedOn.add(name);
            spec.addParameter(name.equals("delegate") ? target : TypeName.get(parameter.asType()), name);
        }
        if (forwarding.hasDelegate()) {
            spec.addParameter(target, "delegate");
        }
        spec.addStatement("super($L)", String.join(", ", passedOn));
        if (forwarding.hasDelegate()) {
            spec.addStatement("this.delegate = delegate");
        }
        return spec.build();
    }

    /** What the driver's object is: one field for it is enough, though its type be more general than the target. */
    private MethodSpec delegate(ClassName target) {
        MethodSpec.Builder spec = MethodSpec.methodBuilder("delegate")
                .addAnnotation(Override.class)
                .returns(target);
        return forwarding.hasDelegate()
                ? spec.addStatement("return delegate").build()
                : spec.addStatement("return ($T) super.delegate()", target).build();
    }

    private MethodSpec accessor(TypeElement also, String name) {
        return MethodSpec.methodBuilder(name)
                .addModifiers(Modifier.PRIVATE)
                .returns(ClassName.get(also))
                .beginControlFlow("try")
                .addStatement("return delegate().unwrap($T.class)", ClassName.get(also))
                .nextControlFlow("catch ($T e)", SQL_EXCEPTION)
                .addStatement("throw $T.unchecked(fence.failed(e))", FENCE)
                .endControlFlow()
                .build();
    }

    private List<ExecutableElement> methods(TypeElement type, boolean inherited) {
        List<? extends Element> members =
                inherited ? env.getElementUtils().getAllMembers(type) : type.getEnclosedElements();
        List<ExecutableElement> methods = new ArrayList<>();
        for (ExecutableElement method : ElementFilter.methodsIn(members)) {
            String owner = String.valueOf(method.getEnclosingElement());
            if (!method.getModifiers().contains(Modifier.STATIC)
                    && !owner.equals("java.lang.Object")
                    && !owner.equals("java.sql.Wrapper")
                    && !forwarding.byHand().contains(method.getSimpleName().toString())) {
                methods.add(method);
            }
        }
        return methods;
    }

    private MethodSpec forward(TypeElement owner, String delegate, ExecutableElement method) {
        leaks.in(method).ifPresent(type -> reportLeak(owner, method, type));
        MethodSpec.Builder spec = MethodSpec.overriding(method, (DeclaredType) owner.asType(), env.getTypeUtils());
        return spec.addCode(new ForwardingBody(forwarding, owner, delegate, method, types).toCode())
                .build();
    }

    private void reportLeak(TypeElement owner, ExecutableElement method, TypeMirror leak) {
        String message = """
                %s: %s.%s gives out the driver's own %s, which would outlive the lease. Fence it by a method fenced(%s) of \
                Handle and a class with @Forwards; or write %s by hand and name it in byHand; or, if it holds nothing but \
                what was read already, list it in VALUES of the processor's Leaks.""";
        env.getMessager()
                .printMessage(
                        Diagnostic.Kind.ERROR,
                        message.formatted(
                                forwarding.fence().getSimpleName(),
                                owner.getSimpleName(),
                                method,
                                FencedTypes.plain(leak),
                                FencedTypes.plain(method.getReturnType()),
                                method.getSimpleName()),
                        forwarding.fence());
    }
}
